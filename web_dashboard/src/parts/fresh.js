/** Figures that are those of now, or are grey and say how old they are. Without any it says so, and never zero. */

import { html } from "../../vendor/ui.js";
import { span } from "../format.js";
import { isCurrent } from "../state.js";
import { useNow } from "./time.js";

/** @import { State } from "../state.js" */

/** children: what is made of the statistics. @param {{ state: State, children: any }} props */
export function Fresh({ state, children }) {
  useNow();
  const now = Date.now();
  if (!state.stats) return html`<p class="empty" aria-busy="true">No figures yet.</p>`;
  const isOld = !isCurrent(state, now);
  return html`<div class=${isOld ? "fresh stale" : "fresh"} data-stale=${isOld}>
    ${isOld && html`<p class="age">These figures are ${span(Math.max(1000, Math.floor((now - state.statsAt) / 1000) * 1000))} old.</p>`}
    ${children}
  </div>`;
}
