/** The colony in five figures, each with what it counts. */

import { html } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { compact, grouped } from "../../format.js";

/** @import { Stats, TypeCounts } from "/sdk/colonies.js" */

/** @param {{ stats: Stats }} props */
export function Totals({ stats }) {
  const all = (
    /** @type {"waiting" | "running" | "successfulminute" | "failedminute" | "online" | "executors" | "busy"} */ name,
  ) => stats.types.reduce((sum, /** @type {TypeCounts} */ counts) => sum + counts[name], 0);
  return html`<section class="totals" aria-label="The whole colony">
    <${Total} number=${all("waiting")} name="Waiting" what="now" to=${format({ panel: "queue", filter: { state: "waiting" } })} />
    <${Total} number=${all("running")} name="Running" what="now" to=${format({ panel: "queue", filter: { state: "running" } })} />
    <${Total} number=${all("successfulminute")} name="Done" what="in the last minute" />
    <${Total} number=${all("failedminute")} name="Failed" what="in the last minute" bad to=${format({ panel: "failures" })} />
    <${Total} number=${all("online")} name="Executors" what=${`connected of ${grouped(all("executors"))}, ${grouped(all("busy"))} busy`} to=${format({ panel: "executors" })} />
  </section>`;
}

/** @param {{ number: number, name: string, what: string, to?: string, bad?: boolean }} props */
function Total({ number, name, what, to, bad = false }) {
  const text = html`<span class="name">${name}</span>
    <span class="number" title=${grouped(number)}>${compact(number)}</span>
    <span class="what">${what}</span>`;
  const classes = `total ${bad && number ? "bad" : ""}`;
  return to ? html`<a class=${classes} href=${to}>${text}</a>` : html`<div class=${classes}>${text}</div>`;
}
