/**
 * One process: what it is, how it stands and why, every attempt, what went in and what came out, its log as it grows.
 */

import { html, useState } from "../../vendor/ui.js";
import { ending } from "../format.js";
import { Answer } from "../parts/answer.js";
import { Block } from "../parts/text.js";
import { mayAct } from "../state.js";
import { isFinal } from "../states.js";
import { supersededBy } from "./process/chain.js";
import { Find, NotFound, Removed } from "./process/find.js";
import { Head } from "./process/head.js";
import { LogView } from "./process/log.js";
import { Timeline } from "./process/timeline.js";
import { Values } from "./process/values.js";
import { Why } from "./process/why.js";

/** @import { Process } from "/sdk/colonies.js" */
/** @import { State } from "../state.js" */
/** @import { Need } from "../queries.js" */
/** @import { View } from "./index.js" */

const MOST_ERRORS = 20;

/** @param {State} state @returns {Need[]} */
function needs({ address, stats, queries }) {
  const { id } = address;
  if (!id) return [];
  const query = queries.process;
  const found = /** @type {Process | null} */ (query?.value?.processid === id ? query.value : null);
  // The figures are pushed whenever something changed, and a process that is over changes no more.
  const on = found && isFinal(found.state) ? "over" : (stats?.time ?? 0);
  return [
    { name: "process", ask: "getProcess", params: [id], on },
    // Another attempt may be that of an executor that was added since.
    ...(found ? [{ name: "executors", ask: "getExecutors", params: [{}], on: found.attempt }] : []),
    ...(found?.state === 0 ? [{ name: "why", ask: "explain", params: [id], on }] : []),
    ...(query?.code === "not_found" ? [] : [{ log: id }]),
  ];
}

/** @param {View} props */
function view({ state, moves }) {
  const { id } = state.address;
  const query = state.queries.process;
  if (!id) return html`<${Find} />`;
  if (query?.code === "not_found" && !query.at) return html`<${NotFound} id=${id} />`;
  return html`<${Answer} query=${query} what=${`process ${ending(id)}`}>
    ${(/** @type {Process} */ process) => html`<${One} key=${process.processid} process=${process} state=${state} moves=${moves} />`}
  <//>`;
}

/** @param {{ process: Process, state: State, moves: View["moves"] }} props */
function One({ process, state, moves }) {
  const [isRemoved, setRemoved] = useState(false);
  const executors = state.queries.executors?.value ?? [];
  if (isRemoved) return html`<${Removed} id=${process.processid} type=${process.spec.conditions.executortype ?? ""} />`;
  return html`
    <${Head} process=${process} executors=${executors} may=${mayAct(state)} moves=${moves} onRemoved=${() => setRemoved(true)} />
    ${process.state === 0 && html`<${Why} query=${state.queries.why} />`}
    ${process.errors.length > 0 && !supersededBy(process) && html`<${Errors} errors=${process.errors} />`}
    <${Timeline} process=${process} executors=${executors} />
    <${LogView} log=${state.log} process=${process} />
    <${Values} process=${process} />
  `;
}

/** @param {{ errors: string[] }} props */
function Errors({ errors }) {
  return html`<section class="card errors" aria-labelledby="errors-title">
    <h2 id="errors-title">${errors.length === 1 ? "Error" : `${errors.length} errors`}</h2>
    ${errors.slice(0, MOST_ERRORS).map((error, index) => html`<${Block} key=${index} value=${error} label=${`error ${index + 1}`} />`)}
    ${errors.length > MOST_ERRORS && html`<p class="quiet">and ${errors.length - MOST_ERRORS} more, which the copied JSON of the process has</p>`}
  </section>`;
}

export const process = { id: "process", title: "Process", needs, view };
