/**
 * Doing something with everything that matches the filter, and not with the page that happens to be visible.
 *
 * The broker is asked how many there are before anything happens; the number may be capped; what cannot be undone wants
 * the number typed. Afterwards the result stays in the list of what was done.
 */

import { html, useEffect, useState } from "../../vendor/ui.js";
import { inWords } from "../filters.js";
import { exact, grouped } from "../format.js";
import { MOST, movesFor, promise, statesFor, USUAL_MOST } from "../matching.js";
import { Dialog } from "./dialog.js";

/** @import { Filter } from "../filters.js" */
/** @import { Move } from "../matching.js" */
/** @import { Mover } from "../moves.js" */

const WORDS = Object.freeze({ retry: "Retry all", cancel: "Cancel all", remove: "Remove all" });

/** total: how many the list says there are, null where that is not known. @param {{ filter: Filter, total: number | null, moves: Mover }} props */
export function Matching({ filter, total, moves }) {
  const [move, setMove] = useState(/** @type {Move | null} */ (null));
  if (total === 0) return null;
  return html`<span class="moves">
    ${movesFor(filter).map(
      (possible) => html`<button key=${possible} type="button" class="button small" onClick=${() => setMove(possible)}>
      ${WORDS[possible]}${total === null ? "" : ` ${grouped(total)}`}…
    </button>`,
    )}
    ${move && html`<${Question} move=${move} filter=${filter} moves=${moves} onClose=${() => setMove(null)} />`}
  </span>`;
}

/** @param {{ move: Move, filter: Filter, moves: Mover, onClose: () => void }} props */
function Question({ move, filter, moves, onClose }) {
  const [matched, setMatched] = useState(/** @type {number | string | null} */ (null));
  const [most, setMost] = useState(USUAL_MOST);
  const [typed, setTyped] = useState("");
  const words = inWords(filter, exact);
  useEffect(() => {
    moves
      .count(move, filter)
      .then(setMatched, (error) => setMatched(error instanceof Error ? error.message : String(error)));
  }, []);
  const number = typeof matched === "number" ? Math.min(matched, most) : 0;
  const isMeant = move !== "remove" || typed.replace(/\D/g, "") === String(number);
  /** @param {SubmitEvent} event */
  function start(event) {
    event.preventDefault();
    if (typeof matched !== "number" || !isMeant) return;
    void moves.all(move, filter, { most, words, matched });
    onClose();
  }
  return html`<${Dialog} title=${`${WORDS[move]}?`} onClose=${onClose}>
    <form onSubmit=${start}>
      <p>All <bdi>${words}</bdi>; of them ${statesFor(move).join(", ")}.</p>
      <p role="status">${preview(move, matched, most)}</p>
      ${
        typeof matched === "number" &&
        html`
        <div class="field">
          <label for="most">At most</label>
          <input id="most" type="number" min="1" max=${MOST} value=${most} onInput=${(/** @type {any} */ event) => setMost(Math.min(MOST, Math.max(1, Number(event.currentTarget.value) || 1)))} />
        </div>
        ${
          move === "remove" &&
          html`<div class="field">
          <label for="typed">This cannot be undone. Type ${grouped(number)} to go on</label>
          <input id="typed" inputmode="numeric" autocomplete="off" onInput=${(/** @type {any} */ event) => setTyped(event.currentTarget.value)} />
        </div>`
        }
      `
      }
      <div class="choices">
        <button type="button" class="button" onClick=${onClose}>Do nothing</button>
        <button class=${move === "retry" ? "button primary" : "button danger"} disabled=${!number || !isMeant}>${WORDS[move]}</button>
      </div>
    </form>
  <//>`;
}

/** @param {Move} move @param {number | string | null} matched @param {number} most */
function preview(move, matched, most) {
  if (matched === null) return "Counting what matches…";
  if (typeof matched === "string") return matched;
  return matched ? `${grouped(matched)} match. ${promise(move, matched, most)}` : "Nothing matches any more.";
}
