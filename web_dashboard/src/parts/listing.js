/**
 * A page of processes, one a row, whatever they are called; the same on every panel that lists some.
 *
 * Rows keep their place in the document while they are the same process, so that nothing jumps under whoever reads. On a
 * narrow screen a row is a small card.
 */

import { html } from "../../vendor/ui.js";
import { format } from "../address.js";
import { counted, grouped } from "../format.js";
import { Answer, Empty } from "./answer.js";
import { Badge } from "./badge.js";
import { brief } from "./json.js";
import { Moves } from "./moves.js";
import { Block, Id, Line } from "./text.js";
import { Ago, Since } from "./time.js";

/** @import { Page, Process } from "/sdk/colonies.js" */
/** @import { Address } from "../address.js" */
/** @import { Mover } from "../moves.js" */
/** @import { Query } from "../state.js" */

/** nothing: what is said where nothing matches. @param {{ query: Query | undefined, address: Address, may: boolean, moves: Mover, nothing: string, showErrors?: boolean }} props */
export function Listing({ query, address, may, moves, nothing, showErrors = false }) {
  return html`<${Answer} query=${query} what="processes">
    ${(/** @type {Page} */ page) => html`
      ${page.processes.length === 0 && html`<${Empty}>${nothing}<//>`}
      ${
        page.processes.length > 0 &&
        html`<ul class="rows processes">
        ${page.processes.map((process) => html`<${Row} key=${process.processid} process=${process} may=${may} moves=${moves} showErrors=${showErrors} />`)}
      </ul>`
      }
      <${Pager} page=${page} address=${address} />
    `}
  <//>`;
}

/** @param {{ process: Process, may: boolean, moves: Mover, showErrors: boolean }} props */
function Row({ process, may, moves, showErrors }) {
  const { processid, spec, state, errors, attempt } = process;
  return html`<li class="card process">
    <div class="headline">
      <${Badge} state=${state} />
      <a class="func" href=${format({ panel: "process", id: processid })}><${Line} value=${`${spec.func}(${inBrief(process)})`} mono /></a>
      ${spec.label && html`<span class="label"><${Line} value=${spec.label} /></span>`}
      <${Id} value=${processid} label="the id" />
      ${may && html`<${Moves} process=${process} moves=${moves} small />`}
    </div>
    <p class="quiet">
      <${When} process=${process} />${attempt > 1 && html`, attempt ${grouped(attempt)}`}${spec.conditions.executortype && html`, <${Line} value=${spec.conditions.executortype} />`}
    </p>
    ${errors.length > 0 && (showErrors ? html`<${Block} value=${errors.join("\n")} label="the errors" />` : html`<p class="error"><${Line} value=${errors[0]} /></p>`)}
  </li>`;
}

/** @param {{ process: Process }} props */
function When({ process: { state, submissiontime, starttime, endtime } }) {
  if (state === 0) return html`waiting for <${Since} at=${submissiontime} />`;
  if (state === 1) return html`running for <${Since} at=${starttime} />, submitted <${Ago} at=${submissiontime} />`;
  const ran = starttime ? html` after <${Since} at=${starttime} until=${endtime} />` : "";
  return html`ended <${Ago} at=${endtime} />${ran}, submitted <${Ago} at=${submissiontime} />`;
}

/** The arguments as far as a row has room. @param {Process} process */
function inBrief({ spec }) {
  const args = (spec.args ?? []).slice(0, 8).map((value) => brief(value, 40));
  const kwargs = Object.entries(spec.kwargs ?? {})
    .slice(0, 4)
    .map(([key, value]) => `${key.slice(0, 20)}=${brief(value, 40)}`);
  return [...args, ...kwargs].join(", ").slice(0, 160);
}

/** @param {{ page: Page, address: Address }} props */
function Pager({ page, address }) {
  const { processes, total, cursor } = page;
  const isFirst = address.cursor === "";
  return html`<nav class="pager" aria-label="Pages">
    <span class="quiet">${counted(processes.length, "process", "processes")} of ${grouped(total)}${isFirst ? "" : ", further on"}</span>
    ${!isFirst && html`<a class="button small" href=${format({ ...address, cursor: "" })}>To the first page</a>`}
    ${cursor && html`<a class="button small" href=${format({ ...address, cursor })}>Next page</a>`}
  </nav>`;
}
