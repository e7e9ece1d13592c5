/**
 * The fields of a filter. What stands in them is the address: it changes there, and from there it comes back.
 *
 * Typing waits a moment before the address follows, so that a word is one question and not one a letter; but whoever
 * leaves a field is done with it, lest a button that is pressed next be about what was there before.
 */

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { localOf, utcOf } from "../filters.js";

/** @typedef {import("../filters.js").Filter} Filter */
/** Go to where the filter is another. @typedef {(filter: Filter) => void} Go */

const PAUSE_MS = 300;

/** How what is written in a field is said in the address, and the other way round. */
const TEXT = Object.freeze({
  written: (/** @type {string} */ text) => text.trim(),
  shown: (/** @type {string} */ said) => said,
});
const TIME = Object.freeze({ written: utcOf, shown: localOf });

/**
 * options: what is offered to choose from. isSearch: what `/` leads to.
 * @param {{ name: string, label: string, filter: Filter, go: Go, options?: string[], isSearch?: boolean, type?: string }} props
 */
export function Field({ name, label, filter, go, options, isSearch = false, type = "search" }) {
  const { written, shown } = type === "datetime-local" ? TIME : TEXT;
  const said = filter[name] ?? "";
  const [text, setText] = useState(() => shown(said));
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const latest = useRef(filter);
  latest.current = filter;
  // What is being written may mean what the address says and end in a space all the same.
  useEffect(() => setText((before) => (written(before) === said ? before : shown(said))), [said]);
  useEffect(() => () => clearTimeout(timer.current), []);
  /** @param {string} value @param {number} pause */
  function change(value, pause) {
    setText(value);
    clearTimeout(timer.current);
    const follow = () => latest.current[name] !== written(value) && go({ ...latest.current, [name]: written(value) });
    if (pause) timer.current = setTimeout(follow, pause);
    else follow();
  }
  const id = `filter-${name}`;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <input id=${id} class=${said ? "is-set" : ""} name=${name} type=${type} value=${text} list=${options ? `${id}-list` : undefined} data-search=${isSearch ? "" : undefined} autocomplete="off" spellcheck=${false}
      onInput=${(/** @type {any} */ event) => change(event.currentTarget.value, PAUSE_MS)} onChange=${(/** @type {any} */ event) => change(event.currentTarget.value, 0)} />
    ${options && html`<datalist id=${`${id}-list`}>${options.map((option) => html`<option key=${option} value=${option} />`)}</datalist>`}
  </div>`;
}

/** @param {{ name: string, label: string, filter: Filter, go: Go, choices: [string, string][] }} props choices: value and word */
export function Choice({ name, label, filter, go, choices }) {
  const id = `filter-${name}`;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select id=${id} name=${name} value=${filter[name] ?? ""} onChange=${(/** @type {any} */ event) => go({ ...filter, [name]: event.currentTarget.value })}>
      ${choices.map(([value, word]) => html`<option key=${value} value=${value} selected=${value === (filter[name] ?? "")}>${word}</option>`)}
    </select>
  </div>`;
}
