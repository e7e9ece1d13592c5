/** An executor by its name where that is known, else by the first letters of its id. */

import { html } from "../../../vendor/ui.js";
import { Id, Line } from "../../parts/text.js";

/** @import { Executor } from "/sdk/colonies.js" */

/** @param {{ id: string, executors: Executor[] }} props */
export function ExecutorName({ id, executors }) {
  if (!id) return html`<span class="quiet">nobody</span>`;
  const known = executors.find(({ executorid }) => executorid === id);
  return html`<span class="executor-name">
    ${known && html`<${Line} value=${known.executorname} />`}<${Id} value=${id} label="the executor’s id" />
  </span>`;
}
