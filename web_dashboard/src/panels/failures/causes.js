/** All causes for which something failed, as groups; those that the filter leaves. */

import { html } from "../../../vendor/ui.js";
import { timeOf } from "../../filters.js";
import { counted, grouped } from "../../format.js";
import { Answer, Empty } from "../../parts/answer.js";
import { Group } from "./group.js";

/** @import { FailureGroup } from "/sdk/colonies.js" */
/** @import { Filter } from "../../filters.js" */
/** @import { Mover } from "../../moves.js" */
/** @import { Query } from "../../state.js" */

const NUMBER = /[0-9]+(?:[.,][0-9]+)*/g;

/** most: as many groups as were asked for. moves: for whoever may do something. @param {{ query: Query | undefined, filter: Filter, most: number, moves: Mover | null }} props */
export function Causes({ query, filter, most, moves }) {
  return html`<section aria-labelledby="causes-title">
    <h2 id="causes-title">Causes</h2>
    <${Answer} query=${query} what="causes">
      ${(/** @type {FailureGroup[]} */ groups) => {
        const shown = groups.filter((group) => isWanted(group, filter));
        if (!shown.length)
          return html`<${Empty}>${groups.length ? "No cause matches the filter." : "There is no cause: nothing has failed."}<//>`;
        return html`
          <p class="quiet">${summary(shown)}${isNarrowed(filter) && ", in all: they are counted by type and function alone"}${groups.length === most && `; of all causes, the ${grouped(most)} that came last`}</p>
          <ul class="rows groups">${shown.map((group) => html`<${Group} key=${keyOf(group)} group=${group} moves=${moves} />`)}</ul>
        `;
      }}
    <//>
  </section>`;
}

/** @param {FailureGroup[]} groups */
function summary(groups) {
  const number = groups.reduce((sum, group) => sum + group.number, 0);
  return `${counted(number, "failed process", "failed processes")}, for ${counted(groups.length, "cause")}`;
}

/** Whether the list below is narrowed by what causes are not counted by. @param {Filter} filter */
function isNarrowed({ text, since, before, label, executor }) {
  return Boolean(text || since || before || label || executor);
}

/** @param {FailureGroup} group */
function keyOf({ executortype, func, cause }) {
  return JSON.stringify([executortype, func, cause]);
}

/** What was submitted since then failed since then: the last one tells whether a group may have any. @param {FailureGroup} group @param {Filter} filter */
function isWanted({ func, cause, last }, filter) {
  const text = (filter.text ?? "").toLowerCase().replace(NUMBER, "#"); // as a cause has them
  const since = timeOf(filter.since) ?? 0;
  return (!filter.func || filter.func === func) && (!text || cause.toLowerCase().includes(text)) && last >= since;
}
