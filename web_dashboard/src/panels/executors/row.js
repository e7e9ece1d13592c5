/** One executor, and on demand what it runs and what it says that it can do. */

import { html, useState } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { brief } from "../../parts/json.js";
import { Id, Line } from "../../parts/text.js";
import { Ago, Since } from "../../parts/time.js";
import { Approval } from "./approval.js";

/** @import { ColonyFunction, Executor, Process } from "/sdk/colonies.js" */
/** @import { Mover } from "../../moves.js" */
/** @import { Standing } from "../../presence.js" */

/**
 * @param {{ executor: Executor, standing: Standing, functions: ColonyFunction[], may: boolean, moves: Mover }} props
 */
export function Row({ executor, standing, functions, may, moves }) {
  const { executorid, executorname, executortype, online, lastseen, running } = executor;
  const its = functions.filter((known) => known.executorid === executorid);
  return html`<li class=${`card executor ${standing.kind}`}>
    <div class="headline">
      <span class="dot" aria-hidden="true"></span>
      <h2><${Line} value=${executorname} /></h2>
      <a href=${format({ panel: "queue", id: executortype })}><${Line} value=${executortype} /></a>
      <${Id} value=${executorid} label="the executor’s id" />
      ${may && html`<${Approval} executor=${executor} moves=${moves} />`}
    </div>
    <p class="standing"><bdi>${standing.text}</bdi>${!online && lastseen ? html`, last seen <${Ago} at=${lastseen} />` : ""}</p>
    ${running > 0 && html`<${Held} executorid=${executorid} running=${running} moves=${moves} />`}
    ${its.length > 0 && html`<details><summary>Functions (${its.length})</summary><${Functions} functions=${its} /></details>`}
  </li>`;
}

/** @param {{ executorid: string, running: number, moves: Mover }} props */
function Held({ executorid, running, moves }) {
  const [held, setHeld] = useState(/** @type {Process[] | string | null} */ (null));
  /** @param {Event} event */
  async function toggled({ currentTarget }) {
    if (/** @type {HTMLDetailsElement} */ (currentTarget).open) setHeld(await moves.held(executorid));
  }
  return html`<details onToggle=${toggled}>
    <summary>What it runs (${running})</summary>
    ${typeof held === "string" && html`<p class="trouble">${held}</p>`}
    ${
      Array.isArray(held) &&
      html`<ul class="held">
      ${held.map(({ processid, spec, starttime }) => html`<li key=${processid}><a href=${format({ panel: "process", id: processid })}><${Line} value=${spec.func} mono /></a> for <${Since} at=${starttime} /></li>`)}
    </ul>`
    }
  </details>`;
}

/** @param {{ functions: ColonyFunction[] }} props */
function Functions({ functions }) {
  return html`<dl class="functions">
    ${functions.map(
      ({ funcname, description, args }) => html`<div key=${funcname}>
      <dt><${Line} value=${funcname} mono />${args.length > 0 && html` <span class="quiet mono"><bdi>${brief(args, 200)}</bdi></span>`}</dt>
      <dd dir="auto">${description.slice(0, 2000)}</dd>
    </div>`,
    )}
  </dl>`;
}
