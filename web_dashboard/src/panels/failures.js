/**
 * What failed: grouped by cause and function, the last one first; one step to every process; everything retried at once.
 */

import { html } from "../../vendor/ui.js";
import { format } from "../address.js";
import { asked } from "../filters.js";
import { counted, grouped } from "../format.js";
import { Answer, Empty } from "../parts/answer.js";
import { Choice, Field } from "../parts/fields.js";
import { Listing } from "../parts/listing.js";
import { Matching } from "../parts/matching.js";
import { mayAct } from "../state.js";
import { Group } from "./failures/group.js";

/** @import { FailureGroup } from "/sdk/colonies.js" */
/** @import { Need } from "../queries.js" */
/** @import { State } from "../state.js" */
/** @import { View } from "./index.js" */

const PAGE = 50;
const GROUPS = 200;

/** @param {State} state @returns {Need[]} */
function needs({ address: { filter, cursor }, stats }) {
  const on = counts(stats);
  const params = { ...asked({ ...filter, state: "failed" }), limit: PAGE, cursor };
  const groups = { limit: GROUPS, ...(filter.type && { executortype: filter.type }) };
  return [
    ...(isOne(filter) ? [] : [/** @type {Need} */ ({ name: "groups", ask: "getFailures", params: [groups], on })]),
    { name: "failures", ask: "getProcesses", params: [params], on },
  ];
}

/** Whether the filter is that of one group. @param {Record<string, string>} filter */
function isOne({ cause }) {
  return Boolean(cause);
}

/** @param {State["stats"]} stats */
function counts(stats) {
  return stats ? stats.types.map(({ failed, failedminute }) => `${failed} ${failedminute}`).join() : "";
}

/** @param {View} props */
function view({ state, moves, go }) {
  const { filter } = state.address;
  const whole = { ...filter, state: "failed" };
  return html`
    <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Field} name="text" label="Text in errors or arguments" filter=${filter} go=${go} isSearch />
      <${Choice} name="type" label="Type" filter=${filter} go=${go} choices=${types(state)} />
      <${Field} name="func" label="Function" filter=${filter} go=${go} />
      <${Field} name="since" label="Submitted since" type="datetime-local" filter=${filter} go=${go} />
    </form>
    ${
      isOne(filter)
        ? html`<p class="narrow">Failures with the cause <q><bdi>${filter.cause}</bdi></q>. <a href=${format({ panel: "failures", filter: { ...filter, cause: "" } })}>Show all causes</a></p>`
        : html`<${Groups} state=${state} />`
    }
    <section aria-labelledby="failed-title">
      <div class="headline">
        <h2 id="failed-title">Failed processes</h2>
        ${mayAct(state) && html`<${Matching} filter=${whole} total=${total(state)} moves=${moves} />`}
      </div>
      <${Listing} query=${state.queries.failures} address=${state.address} may=${mayAct(state)} moves=${moves} showErrors
        nothing=${Object.keys(filter).length ? "No failed process matches the filter." : "Nothing has failed. What fails shows up here by itself."} />
    </section>
  `;
}

/** @param {{ state: State }} props */
function Groups({ state }) {
  const { filter } = state.address;
  return html`<section aria-labelledby="causes-title">
    <h2 id="causes-title">Causes</h2>
    <${Answer} query=${state.queries.groups} what="causes">
      ${(/** @type {FailureGroup[]} */ groups) => {
        const shown = groups.filter((group) => isWanted(group, filter));
        if (!shown.length)
          return html`<${Empty}>${groups.length ? "No cause matches the filter." : "Nothing has failed."}<//>`;
        const number = shown.reduce((sum, group) => sum + group.number, 0);
        const more = groups.length === GROUPS ? `; the ${grouped(GROUPS)} that failed last are shown` : "";
        return html`<p class="quiet">${counted(number, "failure")} of ${counted(shown.length, "cause")}${more}</p>
          <ul class="rows groups">${shown.map((group) => html`<${Group} key=${`${group.executortype} ${group.func} ${group.cause}`} group=${group} filter=${filter} />`)}</ul>`;
      }}
    <//>
  </section>`;
}

/** @param {FailureGroup} group @param {Record<string, string>} filter */
function isWanted({ func, cause }, filter) {
  const text = (filter.text ?? "").toLowerCase();
  return (!filter.func || filter.func === func) && (!text || cause.toLowerCase().includes(text));
}

/** @param {State} state @returns {number | null} */
function total({ queries }) {
  return queries.failures?.at ? queries.failures.value.total : null;
}

/** @param {State} state @returns {[string, string][]} */
function types({ stats, address }) {
  const known = new Set((stats?.types ?? []).map(({ executortype }) => executortype).filter(Boolean));
  if (address.filter.type) known.add(address.filter.type);
  return [["", "All types"], .../** @type {[string, string][]} */ ([...known].sort().map((type) => [type, type]))];
}

export const failures = { id: "failures", title: "Failures", needs, view };
