/** One cause, as its group says it; its processes stand below. */

import { html } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { NO_TYPE } from "../../filters.js";
import { counted } from "../../format.js";
import { Copy } from "../../parts/text.js";
import { Ago } from "../../parts/time.js";
import { Place } from "./group.js";

/** @import { FailureGroup } from "/sdk/colonies.js" */
/** @import { Filter } from "../../filters.js" */
/** @import { Query } from "../../state.js" */

/** @param {{ query: Query | undefined, filter: Filter }} props */
export function One({ query, filter }) {
  const { cause, func: _func, type: _type, ...others } = filter;
  const groups = /** @type {FailureGroup[]} */ (query?.value ?? []).filter((group) => isOf(group, filter));
  return html`<section class="card one" aria-labelledby="cause-title">
    <p><a href=${format({ panel: "failures", filter: others })}>← All causes</a></p>
    <div class="cause-line"><h2 id="cause-title"><bdi>${cause}</bdi></h2><${Copy} value=${cause} label="the cause" small /></div>
    ${groups.map(
      (group) => html`<p key=${`${group.executortype} ${group.func}`} class="facts-line">
      <strong>${counted(group.number, "failed process", "failed processes")}</strong> <${Place} group=${group} /> <span>since <${Ago} at=${group.first} />, last <${Ago} at=${group.last} /></span>
    </p>`,
    )}
    ${query?.at && !groups.length && html`<p class="quiet">Nothing that is stored has failed for this cause.</p>`}
  </section>`;
}

/** @param {FailureGroup} group @param {Filter} filter */
function isOf({ cause, func, executortype }, filter) {
  const type = executortype || NO_TYPE;
  return cause === filter.cause && (!filter.func || func === filter.func) && (!filter.type || type === filter.type);
}
