/**
 * What failed: grouped by cause and function, the last one first; one step to every process; everything retried at once.
 *
 * One group is looked at when the address has its cause. It stands first then, with its errors in full.
 */

import { html } from "../../vendor/ui.js";
import { countsOf } from "../counts.js";
import { asked } from "../filters.js";
import { namesOf } from "../names.js";
import { Listing } from "../parts/listing.js";
import { Matching } from "../parts/matching.js";
import { Held, useStill } from "../parts/still.js";
import { mayAct } from "../state.js";
import { Causes } from "./failures/causes.js";
import { Filters } from "./failures/filters.js";
import { One } from "./failures/one.js";

/** @import { Need } from "../queries.js" */
/** @import { State } from "../state.js" */
/** @import { View } from "./index.js" */

const PAGE = 50;
const GROUPS = 200;

/** @param {State} state @returns {Need[]} */
function needs({ address: { filter, cursor }, stats }) {
  const { executortype, ...params } = asked({ ...filter, state: "failed" });
  const type = executortype !== undefined && { executortype };
  const on = countsOf(stats, filter.type ?? "")
    .map(({ failed, failedminute }) => `${failed} ${failedminute}`)
    .join();
  return [
    { name: "groups", ask: "getFailures", params: [{ limit: GROUPS, ...type }], on },
    { name: "failures", ask: "getProcesses", params: [{ ...params, ...type, limit: PAGE, cursor }], on },
    { name: "executors", ask: "getExecutors", params: [{}], on: "once" },
  ];
}

/** @param {View} props */
function view({ state: newest, moves, go }) {
  const state = useStill(newest);
  const { address, queries, stats } = state;
  const { filter } = address;
  const may = mayAct(state) ? moves : null;
  return html`
    <${Filters} filter=${filter} stats=${stats} go=${go} />
    ${
      filter.cause
        ? html`<${One} query=${queries.groups} filter=${filter} />`
        : html`<${Causes} query=${queries.groups} filter=${filter} most=${GROUPS} moves=${may} />`
    }
    <section aria-labelledby="failed-title">
      <div class="headline">
        <h2 id="failed-title">Failed processes, newest first</h2>
        ${may && html`<${Matching} filter=${{ ...filter, state: "failed" }} total=${queries.failures?.at ? queries.failures.value.total : null} moves=${moves} about="failed" />`}
      </div>
      <${Held} state=${newest} shown=${state} />
      <${Listing} query=${queries.failures} address=${address} what="failed" isNewest nothing=${nothing(filter)}
        manner=${{ hasType: !filter.type, names: namesOf(queries.executors?.value), moves: may, isWhole: Boolean(filter.cause) }} />
    </section>
  `;
}

/** @param {Record<string, string>} filter */
function nothing(filter) {
  return Object.keys(filter).length
    ? "No failed process matches the filter."
    : "Nothing has failed. What fails shows up here by itself.";
}

export const failures = { id: "failures", title: "Failures", needs, view };
