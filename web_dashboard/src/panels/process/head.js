/** What a process is and how it stands, with what may be done about it. */

import { html } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { grouped } from "../../format.js";
import { Badge } from "../../parts/badge.js";
import { Moves } from "../../parts/moves.js";
import { Id, Line } from "../../parts/text.js";
import { Ago, Since, Until } from "../../parts/time.js";
import { ExecutorName } from "./names.js";

/** @import { Executor, Process } from "/sdk/colonies.js" */
/** @import { Mover } from "../../moves.js" */

/** @param {{ process: Process, executors: Executor[], may: boolean, moves: Mover }} props */
export function Head({ process, executors, may, moves }) {
  const { spec, processid } = process;
  const type = spec.conditions.executortype ?? "";
  return html`<section class="card process-head" aria-label="What it is">
    <div class="headline">
      <h2><${Line} value=${spec.func} mono /></h2>
      <${Badge} state=${process.state} />
      ${may && html`<${Moves} process=${process} moves=${moves} />`}
    </div>
    <dl class="facts">
      <div><dt>Id</dt><dd><${Id} value=${processid} label="the id" length=${12} /></dd></div>
      <div><dt>Type</dt><dd>${type ? html`<a href=${format({ panel: "queue", id: type })}><${Line} value=${type} /></a>` : "named executors"}</dd></div>
      ${spec.label && html`<div><dt>Label</dt><dd><${Line} value=${spec.label} /></dd></div>`}
      <div><dt>Submitted</dt><dd><${Ago} at=${process.submissiontime} /> by <${Id} value=${process.submitterid} label="the submitter’s id" /></dd></div>
      <${Standing} process=${process} executors=${executors} />
      <div><dt>Attempts</dt><dd>${grouped(process.attempt)}${retries(process)}</dd></div>
      ${spec.priority !== 0 && html`<div><dt>Priority</dt><dd>${spec.priority}</dd></div>`}
      ${spec.latestkey && html`<div><dt>Latest key</dt><dd><${Line} value=${spec.latestkey} /></dd></div>`}
      ${process.retryof && html`<div><dt>Retry of</dt><dd><${Id} value=${process.retryof} label="the id of the first one" href=${link(process.retryof)} /></dd></div>`}
      <${Newer} errors=${process.errors} />
    </dl>
  </section>`;
}

/** Since when it stands so, and when that ends. @param {{ process: Process, executors: Executor[] }} props */
function Standing({ process, executors }) {
  if (process.state === 0) {
    return html`<div><dt>Waiting</dt><dd>${process.waitdeadline ? html`fails <${Until} at=${process.waitdeadline} /> unless it is taken` : "for as long as it takes"}</dd></div>`;
  }
  const who = html`<${ExecutorName} id=${process.assigneeid} executors=${executors} />`;
  if (process.state === 1) {
    const limit = process.execdeadline ? html`, has to be closed <${Until} at=${process.execdeadline} />` : "";
    return html`<div><dt>Running</dt><dd>for <${Since} at=${process.starttime} /> on ${who}${limit}</dd></div>`;
  }
  const ran = process.starttime
    ? html` after <${Since} at=${process.starttime} until=${process.endtime} /> on ${who}`
    : "";
  return html`<div><dt>Ended</dt><dd><${Ago} at=${process.endtime} />${ran}</dd></div>`;
}

/** @param {{ errors: string[] }} props */
function Newer({ errors }) {
  const by = /^superseded by ([\w-]{8,64})$/.exec(errors[0] ?? "")?.[1];
  if (!by) return null;
  return html`<div><dt>Superseded by</dt><dd><${Id} value=${by} label="the id of the newer one" href=${link(by)} /></dd></div>`;
}

/** @param {Process} process */
function retries({ retries: used, spec }) {
  if (spec.maxretries === -1) return `, ${grouped(used)} retries used, without end`;
  return spec.maxretries || used
    ? `, ${grouped(used)} of ${grouped(spec.maxretries ?? 0)} retries used`
    : ", no retries";
}

/** @param {string} id */
function link(id) {
  return format({ panel: "process", id });
}
