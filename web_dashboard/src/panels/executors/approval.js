/** Who may work here: approve, reject, remove. What follows is said before it is done. */

import { html, useState } from "../../../vendor/ui.js";
import { Dialog } from "../../parts/dialog.js";

/** @import { Executor } from "/sdk/colonies.js" */
/** @import { Mover } from "../../moves.js" */

/** @typedef {"approve" | "reject" | "remove"} Verdict */

const FOLLOWS = Object.freeze({
  approve: "It may take processes of its type from then on.",
  reject: "It may do nothing from then on, and what it runs goes back to the queue. It can be approved again.",
  remove: "It is no member any more, and what it runs goes back to the queue. The colony’s owner can add it again.",
});
const WORDS = Object.freeze({ approve: "Approve", reject: "Reject", remove: "Remove" });

/** @param {{ executor: Executor, moves: Mover }} props */
export function Approval({ executor, moves }) {
  const [asks, setAsks] = useState(/** @type {Verdict | null} */ (null));
  const [trouble, setTrouble] = useState("");
  /** @param {Verdict} verdict */
  async function act(verdict) {
    setAsks(null);
    setTrouble(await refusal(moves, verdict, executor.executorid));
  }
  return html`<span class="moves">
    ${verdicts(executor).map(
      (verdict) => html`<button key=${verdict} type="button" class="button small"
      onClick=${() => (verdict === "approve" ? act(verdict) : setAsks(verdict))}>${WORDS[verdict]}</button>`,
    )}
    <span role="status"><bdi>${trouble}</bdi></span>
    ${
      asks &&
      html`<${Dialog} title=${`${WORDS[asks]} ${executor.executorname.slice(0, 80)}?`} onClose=${() => setAsks(null)}>
      <p>${FOLLOWS[asks]}</p>
      <div class="choices">
        <button type="button" class="button" onClick=${() => setAsks(null)}>Keep it as it is</button>
        <button type="button" class="button danger" onClick=${() => act(asks)}>${WORDS[asks]}</button>
      </div>
    <//>`
    }
  </span>`;
}

/** @param {Executor} executor @returns {Verdict[]} */
function verdicts({ state }) {
  if (state === 0) return ["approve", "reject"];
  return state === 1 ? ["reject", "remove"] : ["approve", "remove"];
}

/** Why it was not done, or nothing. @param {Mover} moves @param {Verdict} verdict @param {string} executorid */
async function refusal(moves, verdict, executorid) {
  try {
    await moves.executor(verdict, executorid);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
