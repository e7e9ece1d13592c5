/** Failures of one function for one cause: how many, since when, until when, and what can be done about all of them. */

import { html } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { NO_TYPE } from "../../filters.js";
import { compact, counted } from "../../format.js";
import { Matching } from "../../parts/matching.js";
import { Line } from "../../parts/text.js";
import { Ago } from "../../parts/time.js";
import { name } from "../../words.js";

/** @import { FailureGroup } from "/sdk/colonies.js" */
/** @import { Mover } from "../../moves.js" */

/** @param {{ group: FailureGroup, moves: Mover | null }} props */
export function Group({ group, moves }) {
  const { func, cause, number, first, last, processid } = group;
  const filter = filterOf(group);
  return html`<li class="card group">
    <span class="number" title=${counted(number, "failed process", "failed processes")}>${compact(number)}</span>
    <div class="cause">
      <a href=${format({ panel: "failures", filter })}><bdi>${cause}</bdi></a>
      <${Place} group=${group} />
    </div>
    <dl class="times">
      <div><dt>since</dt> <dd><${Ago} at=${first} /></dd></div>
      <div><dt>last</dt> <dd><a href=${format({ panel: "process", id: processid })} title="Show the process that failed last"><${Ago} at=${last} /></a></dd></div>
    </dl>
    ${moves && html`<${Matching} filter=${{ ...filter, state: "failed" }} total=${number} moves=${moves} about=${`of ${func}: ${cause}`} />`}
  </li>`;
}

/** What failed, and of which type. @param {{ group: FailureGroup }} props */
export function Place({ group: { executortype, func } }) {
  const id = executortype || NO_TYPE;
  return html`<span class="place quiet"><${Line} value=${func} mono /> <span>of</span> <a href=${format({ panel: "queue", id, filter: { state: "failed", func } })}><${Line} value=${name(executortype)} /></a></span>`;
}

/** The filter that is all of a group and nothing beside it. @param {FailureGroup} group */
export function filterOf({ executortype, func, cause }) {
  return { type: executortype || NO_TYPE, func, cause };
}
