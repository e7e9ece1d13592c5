/**
 * The log as it grows. It follows its end for as long as the reader is there, and stays where they scrolled to.
 *
 * However long a log is, so many lines are drawn as are asked for; what comes while somebody reads further up is counted
 * and not drawn, so that nothing moves under them.
 */

import { html, memo, useLayoutEffect, useRef, useState } from "../../../vendor/ui.js";
import { clock, counted, exact, grouped } from "../../format.js";
import { visible } from "../../log_window.js";
import { Copy } from "../../parts/text.js";
import { isFinal } from "../../states.js";

/** @import { Log, Process } from "/sdk/colonies.js" */
/** @import { LogLines } from "../../state.js" */

const SHOWN = 500;
const FULL = 10_000;
const NEAR_PX = 24;

/** @param {{ log: LogLines, process: Process }} props */
export function LogView({ log, process }) {
  const [most, setMost] = useState(SHOWN);
  // The last line that was there when the reader left the end; 0 while they are at it.
  const [until, setUntil] = useState(0);
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const lines = log.processid === process.processid ? log.lines : [];
  const { shown, earlier, later } = visible(lines, { most, until });
  const last = lines.at(-1)?.seq ?? 0;
  useLayoutEffect(() => {
    if (!until && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [until, last]);
  /** @param {Event} event */
  function scrolled({ currentTarget }) {
    const { scrollTop, scrollHeight, clientHeight } = /** @type {HTMLElement} */ (currentTarget);
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (!isAtEnd && !until) setUntil(last);
    if (isAtEnd && !later) setUntil(0);
  }
  function showEarlier() {
    setUntil(until || last);
    setMost(most + SHOWN);
  }
  return html`<section class="card log" aria-labelledby="log-title">
    <div class="headline">
      <h2 id="log-title">Log</h2>
      <span class="quiet">${standing(lines, log, process)}</span>
      ${lines.length > 0 && html`<${Copy} value=${() => asText(lines)} label="the log" />`}
    </div>
    ${log.error && html`<p class="trouble" role="status">${log.error}</p>`}
    ${
      earlier > 0 &&
      html`<button type="button" class="button small" onClick=${showEarlier}>
      Show ${grouped(Math.min(SHOWN, earlier))} earlier lines
    </button>`
    }
    ${
      shown.length > 0 &&
      html`<ol class="lines" ref=${list} onScroll=${scrolled} tabindex="0" role="log" aria-label="Log lines" aria-live="off">
      ${shown.map((line) => html`<${LogLine} key=${line.seq} line=${line} />`)}
    </ol>`
    }
    ${until > 0 && html`<button type="button" class="button small" onClick=${() => setUntil(0)}>Follow the end${later ? `, ${counted(later, "new line")}` : ""}</button>`}
  </section>`;
}

const LogLine = memo(function LogLine(/** @type {{ line: Log }} */ { line }) {
  return html`<li>
    <time dateTime=${new Date(line.time).toISOString()} title=${exact(line.time)}>${clock(line.time)}</time>
    <span class="attempt" title=${`attempt ${line.attempt}`}>${line.attempt}</span>
    <span class="message" dir="auto">${line.message}</span>
  </li>`;
});

/** @param {Log[]} lines @param {LogLines} log @param {Process} process */
function standing(lines, log, process) {
  if (lines.length >= FULL) return `${counted(lines.length, "line")}, as many as a log holds`;
  if (lines.length) return `${counted(lines.length, "line")}${log.isWhole ? "" : ", more are coming"}`;
  if (!log.isWhole) return "looking for lines…";
  return isFinal(process.state) ? "nothing was written" : "nothing was written yet";
}

/** @param {Log[]} lines */
function asText(lines) {
  return lines.map(({ time, attempt, message }) => `${new Date(time).toISOString()} ${attempt} ${message}`).join("\n");
}
