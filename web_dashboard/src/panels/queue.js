/**
 * The processes of one executor type, or of all: how many stand where, the last hour, and those that match a filter.
 */

import { html } from "../../vendor/ui.js";
import { format } from "../address.js";
import { asked, stateOf } from "../filters.js";
import { Choice, Field } from "../parts/fields.js";
import { Listing } from "../parts/listing.js";
import { Matching } from "../parts/matching.js";
import { STATE_NAMES } from "../states.js";
import { mayAct } from "../state.js";
import { Head } from "./queue/head.js";
import { Tabs } from "./queue/tabs.js";

/** @import { TypeCounts } from "/sdk/colonies.js" */
/** @import { Need } from "../queries.js" */
/** @import { State } from "../state.js" */
/** @import { View } from "./index.js" */

const PAGE = 50;

/** @param {State} state @returns {Need[]} */
function needs({ address, stats }) {
  const filter = wanted(address);
  // What waits longest is what somebody looks for; of all else the last.
  const newest = stateOf(filter.state) !== 0;
  const params = { ...asked(filter), newest, limit: PAGE, cursor: address.cursor };
  const counts = stats?.types.filter(({ executortype }) => !address.id || executortype === address.id) ?? [];
  const on = counts
    .map(({ waiting, running, successful, failed, cancelled }) =>
      [waiting, running, successful, failed, cancelled].join(),
    )
    .join(";");
  return [{ name: "processes", ask: "getProcesses", params: [params], on }];
}

/** The filter of the list: that of the address, of the type that it names; what waits unless it says otherwise. @param {State["address"]} address */
function wanted({ id, filter }) {
  const state = filter.state ?? "waiting";
  return { ...filter, state: state === "all" ? "" : state, type: id || filter.type || "" };
}

/** @param {View} props */
function view({ state, moves, go }) {
  const { address, stats, history, queries } = state;
  const counts = countsOf(state);
  const filter = wanted(address);
  return html`
    <${Head} type=${address.id} counts=${counts} history=${history} now=${stats?.time ?? 0} />
    <${Tabs} address=${address} current=${filter.state || "all"} counts=${counts} />
    <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Field} name="text" label="Text in arguments or errors" filter=${address.filter} go=${go} isSearch />
      <${Field} name="func" label="Function" filter=${address.filter} go=${go} />
      <${Field} name="label" label="Label" filter=${address.filter} go=${go} />
      <${Field} name="since" label="Submitted since" type="datetime-local" filter=${address.filter} go=${go} />
      <${Field} name="before" label="Submitted before" type="datetime-local" filter=${address.filter} go=${go} />
      ${!address.id && html`<${Choice} name="type" label="Type" filter=${address.filter} go=${go} choices=${types(state)} />`}
    </form>
    <section aria-labelledby="listed-title">
      <div class="headline">
        <h2 id="listed-title">${title(filter.state)}</h2>
        ${mayAct(state) && html`<${Matching} filter=${filter} total=${queries.processes?.at ? queries.processes.value.total : null} moves=${moves} />`}
      </div>
      <${Listing} query=${queries.processes} address=${address} may=${mayAct(state)} moves=${moves} nothing=${nothing(filter)} />
    </section>
  `;
}

/** @param {State} state @returns {TypeCounts | null} of the type, or of all together */
function countsOf({ stats, address }) {
  if (!stats) return null;
  const its = stats.types.filter(({ executortype }) => !address.id || executortype === address.id);
  return its.reduce((sum, counts) => added(sum, counts), NOTHING);
}

/** @type {TypeCounts} */
const NOTHING = Object.freeze({
  executortype: "",
  waiting: 0,
  running: 0,
  successful: 0,
  failed: 0,
  cancelled: 0,
  successfulminute: 0,
  failedminute: 0,
  oldest: 0,
  executors: 0,
  online: 0,
  busy: 0,
  lastseen: 0,
});

/** @param {TypeCounts} sum @param {TypeCounts} counts @returns {TypeCounts} */
function added(sum, counts) {
  const numbers = /** @type {const} */ ([
    "waiting",
    "running",
    "successful",
    "failed",
    "cancelled",
    "successfulminute",
    "failedminute",
    "executors",
    "online",
    "busy",
  ]);
  const together = Object.fromEntries(numbers.map((name) => [name, sum[name] + counts[name]]));
  const oldest = [sum.oldest, counts.oldest].filter(Boolean);
  return {
    ...sum,
    ...together,
    executortype: counts.executortype,
    oldest: oldest.length ? Math.min(...oldest) : 0,
    lastseen: Math.max(sum.lastseen, counts.lastseen),
  };
}

/** @param {string} state */
function title(state) {
  const known = stateOf(state);
  if (known === undefined) return "All processes, newest first";
  return known === 0
    ? "Waiting, oldest first"
    : `${STATE_NAMES[known][0].toUpperCase()}${STATE_NAMES[known].slice(1)}, newest first`;
}

/** @param {Record<string, string>} filter */
function nothing({ state, type, ...others }) {
  if (Object.values(others).some(Boolean)) return "No process matches the filter.";
  const known = stateOf(state);
  return known === undefined ? "There are no processes." : `Nothing is ${STATE_NAMES[known]}.`;
}

/** @param {State} state @returns {[string, string][]} */
function types({ stats }) {
  const known = (stats?.types ?? []).map(({ executortype }) => executortype).filter(Boolean);
  return [["", "All types"], .../** @type {[string, string][]} */ (known.map((type) => [type, type]))];
}

export const queue = { id: "queue", title: "Queue", needs, view, link: format({ panel: "queue" }) };
