/**
 * A value as JSON that can be folded, whatever it is made of.
 *
 * Only what is unfolded is drawn, a hundred members at a time and long texts cut, so that a quarter of a megabyte costs
 * no more than what is looked at.
 */

import { html, useState } from "../../vendor/ui.js";
import { counted, cut, size } from "../format.js";
import { brief, spoken } from "./json.js";

const PAGE = 100;
const LONG = 600;
// What is deeper is unfolded by whoever wants to see it.
const UNFOLDED = 3;

/** name: of the member, none at the top. @param {{ value: unknown, name?: string, depth?: number }} props */
export function Tree({ value, name, depth = 0 }) {
  const said = spoken("", value);
  if (typeof said !== "object" || said === null) return html`<${Leaf} value=${said} name=${name} />`;
  const members = Object.entries(said);
  return members.length
    ? html`<${Branch} members=${members} isList=${Array.isArray(said)} name=${name} depth=${depth} />`
    : html`<div class="leaf"><${Name} name=${name} />${Array.isArray(said) ? "[]" : "{}"}</div>`;
}

/** @param {{ members: [string, unknown][], isList: boolean, name?: string, depth: number }} props */
function Branch({ members, isList, name, depth }) {
  const [isOpen, setOpen] = useState(depth < UNFOLDED && members.length <= PAGE);
  const [most, setMost] = useState(PAGE);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  return html`<details class="branch" open=${isOpen} onToggle=${(/** @type {any} */ event) => setOpen(event.currentTarget.open)}>
    <summary><${Name} name=${name} />${isOpen ? open : html`${open} <span class="quiet">${inside(members, isList)}</span> ${close}`}</summary>
    ${
      isOpen &&
      html`<div class="members">
        ${members.slice(0, most).map(([key, value]) => html`<${Tree} key=${key} value=${value} name=${isList ? undefined : key} depth=${depth + 1} />`)}
        ${members.length > most && html`<button type="button" class="button small" onClick=${() => setMost(most + PAGE)}>Show ${Math.min(PAGE, members.length - most)} more of ${counted(members.length, "member")}</button>`}
      </div><div class="end">${close}</div>`
    }
  </details>`;
}

/** @param {{ value: unknown, name?: string }} props */
function Leaf({ value, name }) {
  const [isWhole, setWhole] = useState(false);
  const text = JSON.stringify(value) ?? String(value);
  return html`<div class="leaf"><${Name} name=${name} /><bdi class=${value === null ? "null" : typeof value}>${isWhole ? text : cut(text, LONG)}</bdi>${
    text.length > LONG &&
    html` <button type="button" class="button small" onClick=${() => setWhole(!isWhole)}>${isWhole ? "Show less" : `Show all (${size(text.length)})`}</button>`
  }</div>`;
}

/** @param {{ name?: string }} props */
function Name({ name }) {
  return name === undefined ? null : html`<bdi class="name">${cut(name, LONG)}</bdi>: `;
}

/** What is folded away, in brief. @param {[string, unknown][]} members @param {boolean} isList */
function inside(members, isList) {
  if (members.length === 1 && isList) return brief(members[0][1], 60);
  return isList ? counted(members.length, "element") : cut(members.map(([key]) => key).join(", "), 60);
}
