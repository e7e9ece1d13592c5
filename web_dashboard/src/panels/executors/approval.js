/** Who may work here: approve, reject, remove. What follows is said before it is done. */

import { html, useEffect, useState } from "../../../vendor/ui.js";
import { counted, cut } from "../../format.js";
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
const DONE = Object.freeze({ approve: "Approved", reject: "Rejected", remove: "Removed" });

/** @param {{ executor: Executor, moves: Mover }} props */
export function Approval({ executor, moves }) {
  const [asks, setAsks] = useState(/** @type {Verdict | null} */ (null));
  const [said, setSaid] = useState("");
  useEffect(() => setSaid(""), [executor.state]); // the row says so itself by now
  /** @param {Verdict} verdict */
  async function act(verdict) {
    setAsks(null);
    setSaid(await outcome(moves, verdict, executor.executorid));
  }
  return html`<span class="moves">
    <span class="outcome" role="status"><bdi>${said}</bdi></span>
    ${verdicts(executor).map(
      (
        verdict,
      ) => html`<button key=${verdict} type="button" class="button small" aria-label=${`${WORDS[verdict]} ${cut(executor.executorname, 80)}`}
      onClick=${() => (verdict === "approve" ? act(verdict) : setAsks(verdict))}>${WORDS[verdict]}</button>`,
    )}
    ${asks && html`<${Question} executor=${executor} verdict=${asks} onYes=${() => act(asks)} onNo=${() => setAsks(null)} />`}
  </span>`;
}

/** @param {{ executor: Executor, verdict: Verdict, onYes: () => void, onNo: () => void }} props */
function Question({ executor: { executorname, running }, verdict, onYes, onNo }) {
  const title = html`${WORDS[verdict]} <bdi>${cut(executorname, 80)}</bdi>?`;
  return html`<${Dialog} title=${title} onClose=${onNo}>
    <p>${FOLLOWS[verdict]}</p>
    <p>${running ? `It runs ${counted(running, "process", "processes")} now.` : "It runs nothing now."}</p>
    <div class="choices">
      <button type="button" class="button" onClick=${onNo}>Keep it as it is</button>
      <button type="button" class="button danger" onClick=${onYes}>${WORDS[verdict]}</button>
    </div>
  <//>`;
}

/** @param {Executor} executor @returns {Verdict[]} */
function verdicts({ state }) {
  if (state === 0) return ["approve", "reject"];
  return state === 1 ? ["reject", "remove"] : ["approve", "remove"];
}

/** What was done, or why it was not. @param {Mover} moves @param {Verdict} verdict @param {string} executorid */
async function outcome(moves, verdict, executorid) {
  try {
    await moves.executor(verdict, executorid);
    return DONE[verdict];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
