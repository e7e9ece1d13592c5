/**
 * One process: what it is, how it stands and why, every attempt, what went in and what came out, its log as it grows.
 */

import { html } from "../../vendor/ui.js";
import { format } from "../address.js";
import { Answer } from "../parts/answer.js";
import { Block } from "../parts/text.js";
import { isFinal } from "../states.js";
import { mayAct } from "../state.js";
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
  // The figures are pushed whenever something changed, and a process that is over changes no more.
  const found = /** @type {Process | null} */ (queries.process?.value ?? null);
  const isOver = found?.processid === id && isFinal(found.state);
  const on = isOver ? "over" : (stats?.time ?? 0);
  const waits = found?.processid === id && found.state === 0;
  return [
    { name: "process", ask: "getProcess", params: [id], on },
    { name: "executors", ask: "getExecutors", params: [{}], on: "once" },
    ...(waits ? [{ name: "why", ask: "explain", params: [id], on }] : []),
    { log: id },
  ];
}

/** @param {View} props */
function view({ state, moves }) {
  const { id } = state.address;
  if (!id) return html`<${Find} />`;
  return html`<${Answer} query=${state.queries.process} what=${`process ${id.slice(0, 8)}…`}>
    ${(/** @type {Process} */ process) => html`<${One} process=${process} state=${state} moves=${moves} />`}
  <//>`;
}

/** @param {{ process: Process, state: State, moves: View["moves"] }} props */
function One({ process, state, moves }) {
  const executors = state.queries.executors?.value ?? [];
  return html`
    <${Head} process=${process} executors=${executors} may=${mayAct(state)} moves=${moves} />
    ${process.state === 0 && html`<${Why} query=${state.queries.why} />`}
    ${process.errors.length > 0 && html`<${Errors} errors=${process.errors} />`}
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

function Find() {
  /** @param {SubmitEvent} event */
  function go(event) {
    event.preventDefault();
    const id = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("id")).trim();
    if (id) location.hash = format({ panel: "process", id });
  }
  return html`<form class="card find" onSubmit=${go}>
    <label for="find-id">Id of a process</label>
    <div class="row"><input id="find-id" name="id" required autocomplete="off" spellcheck=${false} /><button class="button primary">Show it</button></div>
  </form>`;
}

export const process = { id: "process", title: "Process", needs, view };
