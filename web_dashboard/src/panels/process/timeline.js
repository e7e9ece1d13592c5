/** Every attempt that is kept: who, when, how long, how it ended, and where it lies between submission and the end. */

import { html, useEffect, useRef } from "../../../vendor/ui.js";
import { clock, grouped } from "../../format.js";
import { Since, useNow } from "../../parts/time.js";
import { isFinal } from "../../states.js";
import { timeline } from "../../timeline.js";
import { ExecutorName } from "./names.js";

/** @import { Executor, Process } from "/sdk/colonies.js" */
/** @import { Row } from "../../timeline.js" */

/** @param {{ process: Process, executors: Executor[] }} props */
export function Timeline({ process, executors }) {
  const { rows, missing, from, to } = timeline(process, useNow());
  const end = isFinal(process.state) ? `ended ${clock(to)}` : "now";
  return html`<section class="card" aria-labelledby="timeline-title">
    <h2 id="timeline-title">Attempts</h2>
    ${missing > 0 && html`<p class="quiet">The last ${rows.length} are kept; ${grouped(missing)} before them are not.</p>`}
    ${rows.length === 0 && html`<p class="empty">${isFinal(process.state) ? "Nobody took it." : "Nobody has taken it yet."}</p>`}
    <ol class="attempts">
      ${rows.map(
        (row) => html`<li key=${row.attempt} class=${row.kind}>
        <span class="number" title=${`attempt ${row.attempt}`}>${grouped(row.attempt)}</span>
        <span class="taker"><${ExecutorName} id=${row.executorid} executors=${executors} /></span>
        <span class="lasted"><time dateTime=${new Date(row.start).toISOString()}>${clock(row.start)}</time> for <${Since} at=${row.start} until=${row.end || undefined} /></span>
        <span class="how">${row.ended}</span>
        <${Bar} row=${row} />
      </li>`,
      )}
    </ol>
    ${rows.length > 0 && html`<p class="axis quiet" aria-hidden="true"><span>submitted ${clock(from)}</span><span>${end}</span></p>`}
  </section>`;
}

/** Said in words beside it, so for eyes alone. @param {{ row: Row }} props */
function Bar({ row: { from, width } }) {
  const bar = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    // By the style's own door: what is written into the markup is closed by the content security policy.
    bar.current?.style.setProperty("--from", `${(from * 100).toFixed(2)}%`);
    bar.current?.style.setProperty("--width", `${(width * 100).toFixed(2)}%`);
  }, [from, width]);
  return html`<span class="lane" aria-hidden="true"><span ref=${bar}></span></span>`;
}
