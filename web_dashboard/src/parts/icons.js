/** Small drawings. They stand beside words or a label, and are for eyes alone. */

import { html } from "../../vendor/ui.js";

const PATHS = Object.freeze(
  /** @type {Record<string, string>} */ ({
    overview: "M3 12l4-4 3 3 7-7M3 17h14",
    queue: "M3 5h14M3 10h14M3 15h8",
    failures: "M10 3l8 14H2zM10 8v4M10 14.500v.1",
    executors: "M4 4h12v5H4zM4 11h12v5H4zM7 6.500h.1M7 13.500h.1",
    copy: "M7 7h9v9H7zM4 13V4h9",
    done: "M4 10.500l4 4 8-9",
    activity: "M2 10h4l2-6 4 12 2-6h4",
    close: "M5 5l10 10M15 5L5 15",
  }),
);

/** size: px. @param {{ name: string, size?: number }} props */
export function Icon({ name, size = 18 }) {
  return html`<svg class="icon" viewBox="0 0 20 20" width=${size} height=${size} aria-hidden="true"><path d=${PATHS[name] ?? ""} /></svg>`;
}
