/** What a query gave: its value, that it is not there yet, or why it is not; old answers stay and say that they are old. */

import { html } from "../../vendor/ui.js";
import { Ago } from "./time.js";

/** @import { Query } from "../state.js" */

/** children: what is shown of the value. @param {{ query: Query | undefined, what: string, children: (value: any) => any }} props */
export function Answer({ query, what, children }) {
  if (!query || (!query.at && !query.error)) return html`<p class="empty" aria-busy="true">Looking for ${what}…</p>`;
  const trouble =
    query.error &&
    html`<p class="trouble" role="status">
    ${query.error}${query.at ? html` <span class="quiet">This is from <${Ago} at=${query.at} />.</span>` : ""}
  </p>`;
  return html`${trouble}${query.at ? html`<div class=${query.error ? "answer stale" : "answer"}>${children(query.value)}</div>` : ""}`;
}

/** @param {{ children: any }} props */
export function Empty({ children }) {
  return html`<p class="empty">${children}</p>`;
}
