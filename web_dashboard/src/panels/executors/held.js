/** What an executor runs: asked for when somebody wants to see it, and again when it runs another number. */

import { html, useEffect, useState } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { grouped } from "../../format.js";
import { Line } from "../../parts/text.js";
import { Since } from "../../parts/time.js";

/** @import { Process } from "/sdk/colonies.js" */
/** @import { Mover } from "../../moves.js" */

/** @param {{ executorid: string, running: number, moves: Mover }} props */
export function Held({ executorid, running, moves }) {
  const [isOpen, setOpen] = useState(false);
  const [held, setHeld] = useState(/** @type {Process[] | string | null} */ (null));
  useEffect(() => {
    let isWanted = isOpen;
    if (isWanted) void moves.held(executorid).then((found) => isWanted && setHeld(found));
    return () => {
      isWanted = false;
    };
  }, [isOpen, executorid, running]);
  return html`<details onToggle=${(/** @type {any} */ event) => setOpen(event.currentTarget.open)}>
    <summary>What it runs (${grouped(running)})</summary>
    ${typeof held === "string" && html`<p class="trouble" role="status">${held}</p>`}
    ${Array.isArray(held) && html`<${Processes} processes=${held} running=${running} />`}
  </details>`;
}

/** @param {{ processes: Process[], running: number }} props */
function Processes({ processes, running }) {
  return html`<ul class="at-work">
      ${processes.map(
        ({ processid, spec, starttime, attempt }) => html`<li key=${processid}>
        <a href=${format({ panel: "process", id: processid })}><${Line} value=${spec.func} mono /></a>
        ${spec.label && html`<${Line} value=${spec.label} />`}
        <span class="quiet">for <${Since} at=${starttime} />${attempt > 1 && `, attempt ${grouped(attempt)}`}</span>
      </li>`,
      )}
    </ul>
    ${running > processes.length && processes.length > 0 && html`<p class="quiet">the newest ${grouped(processes.length)} of ${grouped(running)}</p>`}`;
}
