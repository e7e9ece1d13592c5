/** What a process was before and what became of it: the one that it retries, the one that retries it, a newer one. */

import { html, useEffect, useState } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { ending } from "../../format.js";
import { Id } from "../../parts/text.js";
import { MOVES, STATE_NAMES } from "../../states.js";

/** @import { Process } from "/sdk/colonies.js" */
/** @import { Mover } from "../../moves.js" */

const CANCELLED = 4;

/** @param {{ process: Process, moves: Mover }} props */
export function Chain({ process, moves }) {
  const { processid, retryof, state } = process;
  const [retry, setRetry] = useState(/** @type {Process | null} */ (null));
  const mayHaveRetry = MOVES[state].some((move) => move === "retry");
  useEffect(() => {
    let isWanted = mayHaveRetry;
    if (isWanted) void moves.retryOf(processid).then((made) => isWanted && setRetry(made));
    return () => {
      isWanted = false;
    };
  }, [processid, mayHaveRetry]);
  const newer = supersededBy(process);
  return html`
    ${retryof && html`<div><dt>Retry of</dt><dd><${Other} id=${retryof} label="the id of the first one" /></dd></div>`}
    ${retry && html`<div><dt>Retried as</dt><dd><${Other} id=${retry.processid} label="the id of the retry" />, ${STATE_NAMES[retry.state]}</dd></div>`}
    ${newer && html`<div><dt>Superseded by</dt><dd><${Other} id=${newer} label="the id of the newer one" /></dd></div>`}
  `;
}

/** The id of the newer one that took its place, or nothing. @param {Process} process */
export function supersededBy({ errors, state }) {
  return state === CANCELLED ? /^superseded by ([\w-]{8,64})$/.exec(errors[0] ?? "")?.[1] : undefined;
}

/** @param {{ id: string, label: string }} props */
function Other({ id, label }) {
  return html`<${Id} value=${id} shown=${ending(id)} label=${label} href=${format({ panel: "process", id })} />`;
}
