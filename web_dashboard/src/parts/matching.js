/**
 * Doing something with everything that matches the filter, and not with the page that happens to be visible.
 *
 * The question is about the filter as it was when the button was pressed, whatever the page shows meanwhile. The result
 * stays in the list of what was done.
 */

import { html, useState } from "../../vendor/ui.js";
import { misread } from "../filters.js";
import { grouped } from "../format.js";
import { movesFor } from "../matching.js";
import { Question, WORDS } from "./question.js";

/** @import { Filter } from "../filters.js" */
/** @import { Move } from "../matching.js" */
/** @import { Mover } from "../moves.js" */

/**
 * total: how many the list says there are, null where that is not known. about: of what they are, for those who do not
 * see where the buttons stand.
 * @param {{ filter: Filter, total: number | null, moves: Mover, about?: string }} props
 */
export function Matching({ filter, total, moves, about = "" }) {
  const [asked, setAsked] = useState(/** @type {{ move: Move, filter: Filter } | null} */ (null));
  if (total === 0 && !asked) return null;
  // What was meant is not what would be done.
  if (misread(filter).length && !asked) return null;
  const number = numberOf(filter, total);
  return html`<span class="moves">
    ${movesFor(filter).map(
      (move) => html`<button key=${move} type="button" class="button small" onClick=${() => setAsked({ move, filter })}>
        <span>${WORDS[move]} ${number}…</span>${about && html`<span class="unseen"> ${about}</span>`}
      </button>`,
    )}
    ${asked && html`<${Question} ...${asked} moves=${moves} onClose=${() => setAsked(null)} />`}
  </span>`;
}

/** Of several states a move takes only some, and how many those are is not known before it is asked. @param {Filter} filter @param {number | null} total */
function numberOf({ state }, total) {
  if (total === null || !state) return "all";
  return total === 1 ? "1" : `all ${grouped(total)}`;
}
