/**
 * Text that came from anywhere: always text, never markup, of any length and in any direction.
 *
 * A long one is cut and says how long it is; what turns the direction of writing does so inside its own element alone.
 */

import { html, useState } from "../../vendor/ui.js";
import { cut, size } from "../format.js";
import { Icon } from "./icons.js";

const CUT = 2000;
const LINE = 500;
const COPIED_MS = 1500;

/** One line, as it is in a table: cut by its column, whole on hover as far as that helps. @param {{ value: string, mono?: boolean }} props */
export function Line({ value, mono = false }) {
  return html`<bdi class=${mono ? "line mono" : "line"} title=${cut(value, LINE)}>${cut(value, LINE)}</bdi>`;
}

/** A block with its line breaks. @param {{ value: string, label: string }} props */
export function Block({ value, label }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = value.length > CUT;
  const shown = isWhole ? value : cut(value, CUT);
  return html`<div class="block">
    <pre class="text" dir="auto" tabindex="0" role="group" aria-label=${label}>${shown}</pre>
    <div class="tools">
      ${isLong && html`<button type="button" class="button small" onClick=${() => setWhole(!isWhole)}>${isWhole ? "Show less" : `Show all (${size(value.length)})`}</button>`}
      <${Copy} value=${value} label=${label} />
    </div>
  </div>`;
}

/** An id: the beginning of a key's, or what is shown of another; and the whole of it to copy. @param {{ value: string, label: string, href?: string, shown?: string }} props */
export function Id({ value, label, href, shown = `${value.slice(0, 8)}…` }) {
  const text = html`<code title=${value}>${shown}</code>`;
  return html`<span class="id">${href ? html`<a href=${href}>${text}</a>` : text}<${Copy} value=${value} label=${label} small /></span>`;
}

/** value: or what makes it, where that costs something. @param {{ value: string | (() => string), label: string, small?: boolean, word?: string }} props */
export function Copy({ value, label, small = false, word = "Copy" }) {
  const [said, setSaid] = useState("");
  async function copy() {
    setSaid((await copied(typeof value === "function" ? value() : value)) ? "Copied" : "Could not copy");
    setTimeout(() => setSaid(""), COPIED_MS);
  }
  const classes = small ? "copy" : "button small";
  return html`<button type="button" class=${classes} aria-label=${`Copy ${label}`} title=${`Copy ${label}`} onClick=${copy}>
    ${small ? html`<${Icon} name=${said === "Copied" ? "done" : "copy"} size=${14} />` : said || word}
    <span class="unseen" role="status">${said}</span>
  </button>`;
}

/** @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text); // plain http has no clipboard of its own
  }
}

/** @param {string} text */
function copiedByHand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const worked = document.execCommand("copy");
  field.remove();
  return worked;
}
