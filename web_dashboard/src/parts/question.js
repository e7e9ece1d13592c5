/**
 * What is asked before something is done with everything that matches: how many that is, how many at most, and whether
 * it is meant.
 *
 * The broker counts before anything happens. What cannot be undone wants the number typed. The focus begins at doing
 * nothing, and goes back to where it came from.
 */

import { html, useEffect, useState } from "../../vendor/ui.js";
import { inWords } from "../filters.js";
import { exact, grouped } from "../format.js";
import { MOST, promise, statesFor, USUAL_MOST } from "../matching.js";
import { Dialog } from "./dialog.js";

/** @import { Filter } from "../filters.js" */
/** @import { Move } from "../matching.js" */
/** @import { Mover } from "../moves.js" */

/** @type {Readonly<Record<Move, string>>} */
export const WORDS = Object.freeze({ retry: "Retry", cancel: "Cancel", remove: "Remove" });

/** @typedef {{ move: Move, filter: Filter, moves: Mover, onClose: () => void }} Asked */

/** @param {Asked} props */
export function Question({ move, filter, moves, onClose }) {
  const counted = useCount({ move, filter, moves });
  const [cap, setCap] = useState(String(USUAL_MOST));
  const [typed, setTyped] = useState("");
  const matched = typeof counted === "number" ? counted : 0;
  const most = capOf(cap);
  const number = Math.min(matched, most);
  const isMeant = number > 0 && (move !== "remove" || typed.replace(/\D/g, "") === String(number));
  /** @param {any} event */
  function start(event) {
    event.preventDefault();
    if (!isMeant) return;
    // No more than was agreed to, whatever came in meanwhile.
    void moves.all(move, filter, { most: number, words: wordsOf(move, filter), matched });
    close(event);
  }
  return html`<${Dialog} title=${`${WORDS[move]} all that match?`} onClose=${onClose}>
    <form onSubmit=${start}>
      <${Preview} move=${move} filter=${filter} counted=${counted} most=${most} />
      ${matched > 0 && html`<${Most} cap=${cap} setCap=${setCap} />`}
      ${matched > 0 && move === "remove" && html`<${Typed} number=${number} setTyped=${setTyped} />`}
      <div class="choices">
        <button type="button" class="button" onClick=${close}>Do nothing</button>
        <button class=${move === "retry" ? "button primary" : "button danger"} disabled=${!isMeant}>${WORDS[move]}${number ? ` ${grouped(number)}` : ""}</button>
      </div>
    </form>
  <//>`;
}

/** The browser's own way to close it gives the focus back. @param {{ currentTarget: Element }} event */
function close({ currentTarget }) {
  currentTarget.closest("dialog")?.close();
}

/** How many match, null while that is not known, or why not. @param {Omit<Asked, "onClose">} asked @returns {number | string | null} */
function useCount({ move, filter, moves }) {
  const [counted, setCounted] = useState(/** @type {number | string | null} */ (null));
  useEffect(() => {
    moves
      .count(move, filter)
      .then(setCounted, (error) => setCounted(error instanceof Error ? error.message : String(error)));
  }, []);
  return counted;
}

/** @param {Move} move @param {Filter} filter @param {number} [number] */
function wordsOf(move, filter, number) {
  return inWords(filter, exact, { states: statesFor(move), number });
}

/** @param {{ move: Move, filter: Filter, counted: number | string | null, most: number }} props */
function Preview({ move, filter, counted, most }) {
  if (typeof counted === "string") return html`<p class="trouble" role="alert">${counted}</p>`;
  const words = html`<bdi>${wordsOf(move, filter, counted ?? 2)}</bdi>`;
  if (counted === null) return html`<p role="status">Counting the ${words}…</p>`;
  if (!counted) return html`<p role="status">There are no ${words}.</p>`;
  return html`
    <p role="status"><strong>${grouped(counted)}</strong> ${words} ${counted === 1 ? "matches" : "match"}.</p>
    <p>${most > 0 && promise(move, counted, most)}</p>
    <p class="quiet">Keep this page open until it is done: the broker goes on only as long as somebody follows.</p>
  `;
}

/** The number that somebody wrote, as far as the broker allows it; 0 for what is none. @param {string} said */
function capOf(said) {
  return Math.min(MOST, /^\d+$/.test(said) ? Number(said) : 0);
}

/** @param {{ cap: string, setCap: (cap: string) => void }} props */
function Most({ cap, setCap }) {
  return html`<div class="field">
    <label for="most">At most, oldest first (1 to ${grouped(MOST)})</label>
    <input id="most" inputmode="numeric" autocomplete="off" value=${cap} onInput=${(/** @type {any} */ event) => setCap(event.currentTarget.value.replace(/\D/g, ""))} />
  </div>`;
}

/** @param {{ number: number, setTyped: (typed: string) => void }} props */
function Typed({ number, setTyped }) {
  return html`<div class="field">
    <label for="typed">This cannot be undone. Type ${grouped(number)} to go on</label>
    <input id="typed" inputmode="numeric" autocomplete="off" onInput=${(/** @type {any} */ event) => setTyped(event.currentTarget.value)} />
  </div>`;
}
