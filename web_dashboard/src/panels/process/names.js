/** An executor by its name where that is known, else by the first letters of its id; it leads to what else is known of it. */

import { html } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { Id, Line } from "../../parts/text.js";

/** @import { Executor } from "/sdk/colonies.js" */

/** @param {{ id: string, executors: Executor[] }} props */
export function ExecutorName({ id, executors }) {
  if (!id) return html`<span class="quiet">nobody</span>`;
  const known = executors.find(({ executorid }) => executorid === id);
  const to = format({ panel: "executors", filter: { text: id } });
  return html`<span class="executor-name">
    ${known && html`<a href=${to}><${Line} value=${known.executorname} /></a>`}<${Id} value=${id} label="the executor’s id" />
  </span>`;
}
