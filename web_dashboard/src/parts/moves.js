/**
 * The buttons of one process: what its state allows. Taking away asks again, in place of the button.
 *
 * What became of it is written beside the buttons, and said by the page. Shown only to those who may; the broker refuses the rest.
 */

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { format } from "../address.js";
import { ending } from "../format.js";
import { MOVES } from "../states.js";

/** @import { Process } from "/sdk/colonies.js" */
/** @import { Move } from "../matching.js" */
/** @import { Mover } from "../moves.js" */

const WORDS = Object.freeze({ retry: "Retry", cancel: "Cancel", remove: "Remove" });

/**
 * small: as in a row of a table. onDone: what follows where it went well; of a retry there is a new process.
 * @param {{ process: Process, moves: Mover, small?: boolean, onDone?: (move: Move, made: Process | null) => void }} props
 */
export function Moves({ process, moves, small = false, onDone }) {
  const [asks, setAsks] = useState(/** @type {Move | ""} */ (""));
  const [isBusy, setBusy] = useState(false);
  const [said, setSaid] = useState(/** @type {{ text: string, to?: string }} */ ({ text: "" }));
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  /** @param {Move} move */
  async function leave(move) {
    setAsks("");
    await new Promise((resolve) => requestAnimationFrame(resolve));
    /** @type {HTMLElement | null | undefined} */ (place.current?.querySelector(`[data-move=${move}]`))?.focus();
  }
  /** @param {Move} move */
  async function act(move) {
    if (isBusy) return; // said so instead of disabled, which would take the focus away from whoever uses keys
    setBusy(true);
    void leave(move);
    const { made, ...said } = await outcome(moves, move, process);
    setSaid(said);
    setBusy(false);
    if (made !== undefined) onDone?.(move, made);
  }
  const classes = small ? "button small" : "button";
  return html`<span class="moves" ref=${place}>
    ${MOVES[process.state].map((move) =>
      asks === move
        ? html`<${Sure} key=${move} move=${move} classes=${classes} onYes=${() => act(move)} onNo=${() => leave(move)} />`
        : html`<button key=${move} type="button" data-move=${move} class=${classes} aria-disabled=${isBusy} onClick=${() => (move === "retry" ? act(move) : setAsks(move))}>${WORDS[move]}</button>`,
    )}
    <span class="outcome">${said.to ? html`<a href=${said.to}>${said.text}</a>` : said.text && html`<bdi>${said.text}</bdi>`}</span>
  </span>`;
}

/** @param {{ move: Move, classes: string, onYes: () => void, onNo: () => void }} props */
function Sure({ move, classes, onYes, onNo }) {
  const no = useRef(/** @type {HTMLElement | null} */ (null));
  // The focus begins at doing nothing: a key that is held down would be an answer.
  useEffect(() => no.current?.focus(), []);
  return html`<span class="sure" role="group" aria-label=${`${WORDS[move]}: are you sure?`}>
    <button type="button" class=${`${classes} danger`} onClick=${onYes}>
      ${move === "remove" ? "Remove for good" : "Cancel it"}
    </button>
    <button type="button" class=${classes} onClick=${onNo} ref=${no}>Keep it</button>
  </span>`;
}

/**
 * made: undefined where it was not done.
 * @param {Mover} moves
 * @param {Move} move
 * @param {Process} about
 * @returns {Promise<{ text: string, to?: string, made?: Process | null }>}
 */
async function outcome(moves, move, about) {
  try {
    const process = await moves.one(move, about);
    if (move === "retry" && process) {
      return {
        text: `Retried as ${ending(process.processid)}`,
        to: format({ panel: "process", id: process.processid }),
        made: process,
      };
    }
    return { text: move === "remove" ? "Removed" : "Cancelled", made: process };
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error) };
  }
}
