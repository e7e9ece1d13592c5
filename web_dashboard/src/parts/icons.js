/** Small drawings for the ways to the panels. They are beside words, and for eyes alone. */

import { html } from "../../vendor/ui.js";

const PATHS = Object.freeze(
  /** @type {Record<string, string>} */ ({
    overview: "M3 12l4-4 3 3 7-7M3 17h14",
    queue: "M3 5h14M3 10h14M3 15h8",
    failures: "M10 3l8 14H2zM10 8v4M10 14.500v.1",
    executors: "M4 4h12v5H4zM4 11h12v5H4zM7 6.500h.1M7 13.500h.1",
    activity: "M2 10h4l2-6 4 12 2-6h4",
  }),
);

/** @param {{ name: string }} props */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d=${PATHS[name] ?? ""} /></svg>`;
}
