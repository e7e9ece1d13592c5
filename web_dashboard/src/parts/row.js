/** One process as a row of a list: what, who, how long, and what may be done. Errors in brief, or in full. */

import { html } from "../../vendor/ui.js";
import { format } from "../address.js";
import { cut, ending, grouped } from "../format.js";
import { Badge } from "./badge.js";
import { brief } from "./json.js";
import { Moves } from "./moves.js";
import { Block, Line } from "./text.js";
import { Ago, Since } from "./time.js";

/** @import { Process } from "/sdk/colonies.js" */
/** @import { Mover } from "../moves.js" */

/**
 * hasState, hasType: whether to say them, where not all rows have the same. names: of executors, by their ids. moves:
 * for whoever may do something. isWhole: errors in full.
 * @typedef {{ hasState?: boolean, hasType?: boolean, names: Map<string, string>, moves: Mover | null, isWhole?: boolean }} Manner
 */

/** @param {{ process: Process, manner: Manner }} props */
export function Row({ process, manner }) {
  const { processid, spec, state, errors } = process;
  const { hasState, moves, isWhole } = manner;
  return html`<li class="card process" data-id=${processid}>
    <div class="what">
      ${hasState && html`<${Badge} state=${state} />`}
      <a class="func" href=${format({ panel: "process", id: processid })}><${Line} value=${spec.func} mono /><span class="args">(<${Line} value=${inBrief(process)} mono />)</span></a>
      ${spec.label && html`<span class="label" title="label"><${Line} value=${spec.label} /></span>`}
    </div>
    <div class="who"><${Who} process=${process} manner=${manner} /></div>
    <div class="when"><${When} process=${process} /></div>
    <code class="short" title=${processid}>${ending(processid)}</code>
    ${moves && html`<${Moves} process=${process} moves=${moves} small />`}
    ${errors.length > 0 && (isWhole ? html`<${Block} value=${errors.join("\n")} label="the errors" />` : html`<p class="error"><${Line} value=${firstLine(errors[0])} /></p>`)}
  </li>`;
}

/** @param {{ process: Process, manner: Manner }} props */
function Who({ process: { attempt, assigneeid, spec }, manner: { hasType, names } }) {
  const type = spec.conditions.executortype;
  const parts = [
    hasType && html`<${Line} value=${type || "named executors"} />`,
    assigneeid && html`<span>on <${Line} value=${names.get(assigneeid) ?? `${assigneeid.slice(0, 8)}…`} /></span>`,
    attempt > 1 && html`<span>attempt ${grouped(attempt)}</span>`,
  ];
  return html`${parts.filter(Boolean)}`;
}

/** @param {{ process: Process }} props */
function When({ process: { state, submissiontime, starttime, endtime } }) {
  if (state === 0) return html`waiting for <${Since} at=${submissiontime} />`;
  if (state === 1) return html`running for <${Since} at=${starttime} />`;
  const ran = starttime ? html`, ran <${Since} at=${starttime} until=${endtime} />` : ", never ran";
  return html`<${Ago} at=${endtime} />${ran}`;
}

/** What there is before a first break; errors may begin with one. @param {string} error */
function firstLine(error) {
  return error.trimStart().slice(0, 500).split("\n", 1)[0];
}

/** The arguments as far as a row has room. @param {Process} process */
function inBrief({ spec }) {
  const args = (spec.args ?? []).slice(0, 8).map((value) => brief(value, 40));
  const kwargs = Object.entries(spec.kwargs ?? {})
    .slice(0, 4)
    .map(([key, value]) => `${cut(key, 20)}=${brief(value, 40)}`);
  return cut([...args, ...kwargs].join(", "), 160);
}
