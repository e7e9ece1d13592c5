/** Failures of one function for one cause: how many, since when, until when. */

import { html } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { compact, counted } from "../../format.js";
import { Line } from "../../parts/text.js";
import { Ago } from "../../parts/time.js";

/** @import { FailureGroup } from "/sdk/colonies.js" */
/** @import { Filter } from "../../filters.js" */

/** @param {{ group: FailureGroup, filter: Filter }} props */
export function Group({ group, filter }) {
  const { executortype, func, cause, number, first, last, processid } = group;
  const its = { ...filter, type: executortype, func, cause, text: "" };
  return html`<li class="card group">
    <span class="number" title=${counted(number, "failed process", "failed processes")}>${compact(number)}</span>
    <div class="cause">
      <a href=${format({ panel: "failures", filter: its })}><bdi>${cause}</bdi></a>
      <span class="quiet"><${Line} value=${func} mono /> on ${executortype ? html`<a href=${format({ panel: "queue", id: executortype })}><${Line} value=${executortype} /></a>` : "named executors"}</span>
    </div>
    <span class="times">since <${Ago} at=${first} />, last <a href=${format({ panel: "process", id: processid })} title="Show the process that failed last"><${Ago} at=${last} /></a></span>
  </li>`;
}
