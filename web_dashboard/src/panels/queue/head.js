/** How a queue stands: what waits and runs, the last minute and the last hour, who is there, and what is wrong. */

import { html, useMemo } from "../../../vendor/ui.js";
import { NO_TYPE } from "../../filters.js";
import { counted } from "../../format.js";
import { Chart } from "../../parts/chart.js";
import { Figure } from "../../parts/figure.js";
import { Since } from "../../parts/time.js";
import { name, ofType } from "../../words.js";

/** @import { StatsHistory, TypeCounts } from "/sdk/colonies.js" */

/** type: empty for all together. left: how many types the figures leave out. @param {{ type: string, counts: TypeCounts | null, history: StatsHistory | null, now: number, left: number }} props */
export function Head({ type, counts, history, now, left }) {
  const wrong = counts && type ? ofType(counts, now) : [];
  const { successful, failed } = useMemo(() => lastHour(history, type), [history, type]);
  return html`<section class="card queue-head" aria-label=${type ? `How ${name(type)} stands` : "How all types stand"}>
    ${wrong.map(({ text, urgency }) => html`<p key=${urgency} class=${`wrong urgency-${urgency}`}><bdi>${text}</bdi></p>`)}
    ${left > 0 && html`<p class="wrong">Without ${counted(left, "type")} of the least to do: there are more than can be counted here.</p>`}
    <div class="figures">
      <${Figure} label="waiting now" value=${counts?.waiting} />
      <${Figure} label="longest wait of them" value=${counts ? html`<${Since} at=${counts.oldest} />` : undefined} />
      <${Figure} label="running now" value=${counts?.running} />
      <${Figure} label="successful in the last minute" value=${counts?.successfulminute} />
      <${Figure} label="failed in the last minute" value=${counts?.failedminute} tone=${counts?.failedminute ? "bad" : ""} />
      <${Figure} label="executors connected" value=${counts ? `${counts.online} of ${counts.executors}` : undefined} />
      <${Figure} label="executors busy" value=${counts?.busy} />
    </div>
    ${history && html`<div class="hour"><${Chart} successful=${successful} failed=${failed} time=${history.time} label="What became successful and failed, minute by minute, in the last hour" /></div>`}
  </section>`;
}

const HOUR = 60;

/** @param {StatsHistory | null} history @param {string} type */
function lastHour(history, type) {
  const wanted = type === NO_TYPE ? "" : type;
  const its = (history?.types ?? []).filter(({ executortype }) => !type || executortype === wanted);
  const sum = (/** @type {"successful" | "failed"} */ name) =>
    Array.from({ length: HOUR }, (_, minute) => its.reduce((all, one) => all + (one[name][minute] ?? 0), 0));
  return { successful: sum("successful"), failed: sum("failed") };
}
