/** One executor, and on demand what it runs and what it says that it can do. */

import { html, memo } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { cut } from "../../format.js";
import { brief } from "../../parts/json.js";
import { Id, Line } from "../../parts/text.js";
import { Ago } from "../../parts/time.js";
import { Approval } from "./approval.js";
import { Held } from "./held.js";

/** @import { ColonyFunction, Executor } from "/sdk/colonies.js" */
/** @import { Mover } from "../../moves.js" */

/**
 * kind, said: how it stands.
 * @typedef {{ executor: Executor, kind: string, said: string, functions: ColonyFunction[], may: boolean, moves: Mover }} Props
 */

export const Row = memo(function Row(/** @type {Props} */ { executor, kind, said, functions, may, moves }) {
  const { executorid, executorname, executortype, online, lastseen, running } = executor;
  return html`<li class=${`card executor ${kind}`}>
    <div class="summary">
      <span class="dot" aria-hidden="true"></span>
      <h2><${Line} value=${executorname} /></h2>
      <a class="type" href=${format({ panel: "queue", id: executortype })}><${Line} value=${executortype} /></a>
      <${Id} value=${executorid} label="the executor’s id" />
      <p class="standing"><bdi>${said}</bdi>${!online && lastseen ? html`, last seen <${Ago} at=${lastseen} />` : ""}</p>
      ${may && html`<${Approval} executor=${executor} moves=${moves} />`}
    </div>
    ${
      (running > 0 || functions.length > 0) &&
      html`<div class="more">
      ${running > 0 && html`<${Held} executorid=${executorid} running=${running} moves=${moves} />`}
      ${functions.length > 0 && html`<details><summary>Functions (${functions.length})</summary><${Functions} functions=${functions} /></details>`}
    </div>`
    }
  </li>`;
});

/** @param {{ functions: ColonyFunction[] }} props */
function Functions({ functions }) {
  return html`<dl class="functions">
    ${functions.map(
      ({ funcname, description = "", args = [] }) => html`<div key=${funcname}>
      <dt><${Line} value=${funcname} mono />${args.length > 0 && html` <span class="quiet mono"><bdi>${brief(args, 200)}</bdi></span>`}</dt>
      <dd dir="auto">${description ? cut(description, 2000) : html`<span class="quiet">without a description</span>`}</dd>
    </div>`,
    )}
  </dl>`;
}
