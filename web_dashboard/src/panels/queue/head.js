/** How a queue stands: what waits and runs, the last minute and the last hour, who is there, and what is wrong. */

import { html } from "../../../vendor/ui.js";
import { Chart } from "../../parts/chart.js";
import { Figure } from "../../parts/figure.js";
import { Line } from "../../parts/text.js";
import { Since } from "../../parts/time.js";
import { ofType } from "../../words.js";

/** @import { StatsHistory, TypeCounts } from "/sdk/colonies.js" */

/** type: empty for all together. @param {{ type: string, counts: TypeCounts | null, history: StatsHistory | null, now: number }} props */
export function Head({ type, counts, history, now }) {
  const wrong = counts && type ? ofType(counts, now) : [];
  const { successful, failed } = lastHour(history, type);
  return html`<section class="card queue-head" aria-label=${type ? `How ${type} stands` : "How all types stand"}>
    <p class="what">${type ? html`Executor type <strong><${Line} value=${type} /></strong>` : "All executor types together"}</p>
    ${wrong.map(({ text, urgency }) => html`<p key=${text} class=${`wrong urgency-${urgency}`} role="status"><bdi>${text}</bdi></p>`)}
    <div class="figures">
      <${Figure} label="waiting now" value=${counts?.waiting} />
      <${Figure} label="longest waiting" value=${counts ? html`<${Since} at=${counts.oldest} />` : undefined} />
      <${Figure} label="running now" value=${counts?.running} />
      <${Figure} label="successful in the last minute" value=${counts?.successfulminute} />
      <${Figure} label="failed in the last minute" value=${counts?.failedminute} tone=${counts?.failedminute ? "bad" : ""} />
      <${Figure} label="executors connected" value=${counts ? `${counts.online} of ${counts.executors}` : undefined} />
      <${Figure} label="executors busy" value=${counts?.busy} />
    </div>
    ${history && html`<${Chart} successful=${successful} failed=${failed} time=${history.time} label="What became successful and failed, minute by minute, in the last hour" />`}
  </section>`;
}

const HOUR = 60;

/** @param {StatsHistory | null} history @param {string} type */
function lastHour(history, type) {
  const its = (history?.types ?? []).filter(({ executortype }) => !type || executortype === type);
  const sum = (/** @type {"successful" | "failed"} */ name) =>
    Array.from({ length: HOUR }, (_, minute) => its.reduce((all, one) => all + (one[name][minute] ?? 0), 0));
  return { successful: sum("successful"), failed: sum("failed") };
}
