/** The log as it grows. It follows its end for as long as the reader is there, and stays where they scrolled to. */

import { html, useEffect, useRef, useState } from "../../../vendor/ui.js";
import { clock, counted, exact, grouped } from "../../format.js";
import { Copy } from "../../parts/text.js";
import { isFinal } from "../../states.js";

/** @import { Log, Process } from "/sdk/colonies.js" */
/** @import { LogLines } from "../../state.js" */

const SHOWN = 500;
const NEAR_PX = 24;

/** @param {{ log: LogLines, process: Process }} props */
export function LogView({ log, process }) {
  const [most, setMost] = useState(SHOWN);
  const [follows, setFollows] = useState(true);
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const lines = log.processid === process.processid ? log.lines : [];
  const shown = lines.slice(-most);
  useEffect(() => {
    if (follows && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [follows, lines.at(-1)?.seq]);
  /** @param {Event} event */
  function scrolled({ currentTarget }) {
    const { scrollTop, scrollHeight, clientHeight } = /** @type {HTMLElement} */ (currentTarget);
    setFollows(scrollHeight - scrollTop - clientHeight < NEAR_PX);
  }
  return html`<section class="card log" aria-labelledby="log-title">
    <div class="headline">
      <h2 id="log-title">Log</h2>
      <span class="quiet">${standing(lines, log, process)}</span>
      ${lines.length > 0 && html`<${Copy} value=${asText(lines)} label="the log" />`}
    </div>
    ${log.error && html`<p class="trouble" role="status">${log.error}</p>`}
    ${
      lines.length > shown.length &&
      html`<button type="button" class="button small" onClick=${() => setMost(most + SHOWN)}>
      Show ${grouped(Math.min(SHOWN, lines.length - shown.length))} earlier lines
    </button>`
    }
    ${
      shown.length > 0 &&
      html`<ol class="lines" ref=${list} onScroll=${scrolled} tabindex="0" role="log" aria-label="Log lines" aria-live="off">
      ${shown.map((line) => html`<${LogLine} key=${line.seq} line=${line} />`)}
    </ol>`
    }
    ${!follows && shown.length > 0 && html`<button type="button" class="button small" onClick=${() => setFollows(true)}>Go to the end and follow</button>`}
  </section>`;
}

/** @param {{ line: Log }} props */
function LogLine({ line }) {
  return html`<li>
    <time dateTime=${new Date(line.time).toISOString()} title=${exact(line.time)}>${clock(line.time)}</time>
    <span class="attempt" title=${`attempt ${line.attempt}`}>${line.attempt}</span>
    <span class="message" dir="auto">${line.message}</span>
  </li>`;
}

/** @param {Log[]} lines @param {LogLines} log @param {Process} process */
function standing(lines, log, process) {
  if (lines.length) return `${counted(lines.length, "line")}${log.isWhole ? "" : ", more are coming"}`;
  if (!log.isWhole) return "looking for lines…";
  return isFinal(process.state) ? "nothing was written" : "nothing was written yet";
}

/** @param {Log[]} lines */
function asText(lines) {
  return lines.map(({ time, attempt, message }) => `${new Date(time).toISOString()} ${attempt} ${message}`).join("\n");
}
