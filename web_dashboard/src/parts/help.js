/** The keys that the page knows, and what its words mean. */

import { html } from "../../vendor/ui.js";
import { KEYS } from "../keyboard.js";
import { Dialog } from "./dialog.js";

/** @param {{ onClose: () => void }} props */
export function Help({ onClose }) {
  return html`<${Dialog} title="Keys" onClose=${onClose}>
    <dl class="keys">
      ${KEYS.map(
        ([key, meaning]) => html`<div key=${key}>
        <dt>${key.split(" ").map((part) => html`<kbd>${part}</kbd> `)}</dt>
        <dd>${meaning}</dd>
      </div>`,
      )}
    </dl>
    <p class="quiet">Times are relative; the exact one is shown where the pointer rests on it. Figures that are not those of now are grey.</p>
    <form method="dialog"><div class="choices"><button class="button primary">Close</button></div></form>
  <//>`;
}
