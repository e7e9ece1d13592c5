/** One row a type: what waits and for how long, what runs, what ended in the last minute and hour, who is there for it. */

import { html, memo } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { NO_TYPE } from "../../filters.js";
import { compact, counted, grouped } from "../../format.js";
import { Field } from "../../parts/fields.js";
import { Spark } from "../../parts/spark.js";
import { Line } from "../../parts/text.js";
import { Since } from "../../parts/time.js";
import { name, ofType } from "../../words.js";

/** @import { Filter } from "../../filters.js" */
/** @import { Go } from "../../parts/fields.js" */
/** @import { Stats, StatsHistory, TypeCounts } from "/sdk/colonies.js" */

/** @type {number[]} */
const NOTHING = [];

// As many as one finds at a glance.
const FEW = 8;

/** @param {{ stats: Stats, history: StatsHistory | null, filter: Filter, go: Go }} props */
export function Types({ stats, history, filter, go }) {
  if (!stats.types.length) {
    return html`<section class="card"><h2>No types yet</h2>
      <p class="empty">A type is here once an executor of it was added or a process was submitted for it.</p>
    </section>`;
  }
  const types = stats.types
    .filter(({ executortype }) => executortype.toLowerCase().includes((filter.type ?? "").toLowerCase()))
    .sort((one, other) => one.executortype.localeCompare(other.executortype));
  return html`<section aria-labelledby="types-title">
    <div class="headline">
      <h2 id="types-title">Types</h2>
      ${(filter.type || stats.types.length > FEW) && html`<div class="filters"><${Field} name="type" label="Find a type" filter=${filter} go=${go} isSearch /></div>`}
    </div>
    <table class="types">
      <thead><tr>
        <th scope="col">Type</th>
        <th scope="col" class="number" title="waiting now, and how long the oldest has">Waiting</th>
        <th scope="col" class="number" title="running now">Running</th>
        <th scope="col" class="number" title="successful in the last minute">Done<small> a minute</small></th>
        <th scope="col" class="number" title="failed in the last minute">Failed<small> a minute</small></th>
        <th scope="col" class="number" title="failed processes that are stored">Failed<small> stored</small></th>
        <th scope="col" title="executors that are connected, of all; busy: with a process, connected or not">Executors</th>
        <th scope="col" title="what was done and what failed, minute by minute">Last hour</th>
      </tr></thead>
      <tbody>
        ${types.map((counts) => {
          const { successful = NOTHING, failed = NOTHING } =
            history?.types.find(({ executortype }) => executortype === counts.executortype) ?? {};
          return html`<${Row} key=${counts.executortype} ...${counts} urgency=${urgencyOf(counts, stats.time)} hourDone=${successful} hourFailed=${failed} />`;
        })}
      </tbody>
    </table>
    ${!types.length && html`<p class="empty">No type is called so.</p>`}
  </section>`;
}

/** @typedef {TypeCounts & { urgency: number, hourDone: number[], hourFailed: number[] }} RowProps */

const Row = memo(function Row(/** @type {RowProps} */ counts) {
  const { executortype: type, urgency, waiting, oldest, running, successfulminute, failedminute, failed } = counts;
  return html`<tr class=${`urgency-${urgency}`}>
    <th scope="row"><a class="whole-row" href=${format({ panel: "queue", id: type || NO_TYPE })}><${Line} value=${name(type)} /></a></th>
    <td class="number" data-label="waiting"><${Amount} value=${waiting} strong />${waiting > 0 && oldest > 0 && html` <span class="oldest">oldest <${Since} at=${oldest} /></span>`}</td>
    <td class="number" data-label="running"><${Amount} value=${running} /></td>
    <td class="number" data-label="done a minute"><${Amount} value=${successfulminute} /></td>
    <td class=${failedminute ? "number bad" : "number"} data-label="failed a minute"><${Amount} value=${failedminute} /></td>
    <td class="number" data-label="failed, stored">${failed ? html`<a class="over" href=${format({ panel: "failures", filter: { type: type || NO_TYPE } })}><${Amount} value=${failed} /></a>` : html`<${Amount} value=${0} />`}</td>
    <td data-label="executors"><${Executors} counts=${counts} /></td>
    <td class="hour" data-label="last hour"><${Spark} successful=${counts.hourDone} failed=${counts.hourFailed} label=${hour(counts)} /></td>
  </tr>`;
});

/** @param {TypeCounts} counts @param {number} now */
function urgencyOf(counts, now) {
  return Math.max(0, ...ofType(counts, now).map(({ urgency }) => urgency));
}

/** @param {{ value: number, strong?: boolean }} props */
function Amount({ value, strong = false }) {
  return html`<span class=${value ? (strong ? "strong" : "") : "nil"} title=${grouped(value)}>${compact(value)}</span>`;
}

/** @param {{ counts: TypeCounts }} props */
function Executors({ counts: { executors, online, busy } }) {
  if (!executors) return html`<span class="nil">none</span>`;
  return html`<span class=${online ? "" : "nil"}><b>${grouped(online)}</b> of ${grouped(executors)} connected${atWork(online, busy)}</span>`;
}

/** One that is gone may be busy as well: what it took is still its. @param {number} online @param {number} busy */
function atWork(online, busy) {
  if (!busy) return "";
  const gone = busy > online ? `, ${online ? "at least " : ""}${grouped(busy - online)} of them gone` : "";
  return `, ${grouped(busy)} busy${gone}`;
}

/** @param {RowProps} props */
function hour({ hourDone, hourFailed }) {
  const sum = (/** @type {number[]} */ numbers) => numbers.reduce((all, number) => all + number, 0);
  return `In the last hour: ${counted(sum(hourDone), "process", "processes")} successful, ${grouped(sum(hourFailed))} failed`;
}
