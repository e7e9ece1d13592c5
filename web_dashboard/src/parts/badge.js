/** The state of a process: a word, a shape and a colour, so that no one of them has to be seen. */

import { html } from "../../vendor/ui.js";
import { STATE_NAMES } from "../states.js";

const SHAPES = Object.freeze(["◷", "▶", "✓", "✕", "⊘"]);

/** @param {{ state: number }} props */
export function Badge({ state }) {
  const name = STATE_NAMES[state] ?? "unknown";
  return html`<span class=${`badge ${name}`}><span aria-hidden="true">${SHAPES[state] ?? "?"}</span> ${name}</span>`;
}
