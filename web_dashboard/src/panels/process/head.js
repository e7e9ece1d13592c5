/** What a process is and how it stands, with what may be done about it. */

import { html, useRef } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { ending, grouped } from "../../format.js";
import { Badge } from "../../parts/badge.js";
import { useFocusKept } from "../../parts/focus.js";
import { Moves } from "../../parts/moves.js";
import { Id, Line } from "../../parts/text.js";
import { Ago, Since, Until } from "../../parts/time.js";
import { Chain } from "./chain.js";
import { ExecutorName } from "./names.js";

/** @import { Executor, Process } from "/sdk/colonies.js" */
/** @import { Move } from "../../matching.js" */
/** @import { Mover } from "../../moves.js" */

/** @param {{ process: Process, executors: Executor[], may: boolean, moves: Mover, onRemoved: () => void }} props */
export function Head({ process, executors, may, moves, onRemoved }) {
  const { spec, processid } = process;
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useFocusKept(place);
  const type = spec.conditions.executortype ?? "";
  /** @param {Move} move @param {Process | null} made */
  function done(move, made) {
    if (move === "retry" && made) location.hash = format({ panel: "process", id: made.processid });
    if (move === "remove") onRemoved();
  }
  return html`<section class="card process-head" aria-label="What it is" tabindex="-1" ref=${place}>
    <div class="headline">
      <h2><${Line} value=${spec.func} mono /></h2>
      <${Badge} state=${process.state} />
      ${may && html`<${Moves} process=${process} moves=${moves} onDone=${done} />`}
    </div>
    <dl class="facts">
      <div><dt>Id</dt><dd><${Id} value=${processid} shown=${ending(processid)} label="the id" /></dd></div>
      <div><dt>Type</dt><dd>${type ? html`<a href=${format({ panel: "queue", id: type })}><${Line} value=${type} /></a>` : "none, for named executors"}</dd></div>
      ${spec.label && html`<div><dt>Label</dt><dd><${Line} value=${spec.label} /></dd></div>`}
      <div><dt>Submitted</dt><dd><${Ago} at=${process.submissiontime} /> by <${Id} value=${process.submitterid} label="the submitter’s id" /></dd></div>
      <${Standing} process=${process} executors=${executors} />
      <div><dt>Attempts</dt><dd>${grouped(process.attempt)}${retries(process)}</dd></div>
      ${spec.priority !== 0 && html`<div><dt>Priority</dt><dd>${spec.priority}</dd></div>`}
      ${spec.latestkey && html`<div><dt>Latest key</dt><dd><${Line} value=${spec.latestkey} /></dd></div>`}
      <${Chain} process=${process} moves=${moves} />
    </dl>
  </section>`;
}

/** Since when it stands so, and what comes when that lasts too long. @param {{ process: Process, executors: Executor[] }} props */
function Standing({ process, executors }) {
  const { state, starttime, endtime, submissiontime, waitdeadline, execdeadline } = process;
  if (state === 0) {
    const limit = html`fails <${Until} at=${waitdeadline} /> unless it is taken`;
    return html`<div><dt>Waiting</dt><dd>for <${Since} at=${submissiontime} /></dd></div>
      <div><dt>Limit</dt><dd class=${waitdeadline ? "limit" : ""}>${waitdeadline ? limit : "none: it waits for as long as it takes"}</dd></div>`;
  }
  const who = html`<${ExecutorName} id=${process.assigneeid} executors=${executors} />`;
  if (state === 1) {
    const limit = html`${mayRunAgain(process) ? "goes back to the queue" : "fails"} <${Until} at=${execdeadline} /> unless it is closed`;
    return html`<div><dt>Running</dt><dd>for <${Since} at=${starttime} /> on ${who}</dd></div>
      <div><dt>Limit</dt><dd class=${execdeadline ? "limit" : ""}>${execdeadline ? limit : "none: it runs for as long as it takes"}</dd></div>`;
  }
  const ran = starttime ? html` after <${Since} at=${starttime} until=${endtime} /> on ${who}` : "";
  return html`<div><dt>Ended</dt><dd><${Ago} at=${endtime} />${ran}</dd></div>`;
}

/** @param {Process} process */
function mayRunAgain({ retries: used, spec: { maxretries = 0 } }) {
  return maxretries === -1 || used < maxretries;
}

/** @param {Process} process */
function retries({ retries: used, spec }) {
  if (spec.maxretries === -1) return `, ${grouped(used)} retries used, without end`;
  return spec.maxretries || used
    ? `, ${grouped(used)} of ${grouped(spec.maxretries ?? 0)} retries used`
    : ", no retries";
}
