/** The sign of the project: three cells of a comb. */

import { html } from "../../vendor/ui.js";

export function Mark() {
  return html`<svg class="mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
    <path d="M9 3l6 3.5v7L9 17l-6-3.5v-7z" /><path d="M23 3l6 3.5v7L23 17l-6-3.5v-7z" /><path d="M16 15l6 3.5v7L16 29l-6-3.5v-7z" />
  </svg>`;
}
