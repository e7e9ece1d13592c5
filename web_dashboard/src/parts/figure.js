/** A number with what it counts. One that is not known is a dash and never a zero. */

import { html } from "../../vendor/ui.js";
import { compact, grouped } from "../format.js";

/** @param {{ label: string, value: any, tone?: string }} props */
export function Figure({ label, value, tone = "" }) {
  const isNumber = typeof value === "number";
  const shown = value === undefined || value === null ? "–" : isNumber ? compact(value) : value;
  return html`<div class=${`figure ${tone}`}>
    <span class="value" title=${isNumber ? grouped(value) : undefined}>${shown}</span>
    <span class="what">${label}</span>
  </div>`;
}
