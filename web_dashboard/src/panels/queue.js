/**
 * The processes of one executor type, or of all: how many stand where, the last hour, and those that match a filter.
 *
 * What is listed is asked for again whenever the counts of the type change; with a million stored that is as quick as
 * with ten, for a page is all that is asked for.
 */

import { html } from "../../vendor/ui.js";
import { countsOf, together, token } from "../counts.js";
import { asked, stateOf } from "../filters.js";
import { Listing } from "../parts/listing.js";
import { Matching } from "../parts/matching.js";
import { Held, useStill } from "../parts/still.js";
import { STATE_NAMES } from "../states.js";
import { mayAct } from "../state.js";
import { namesOf } from "../names.js";
import { Filters } from "./queue/filters.js";
import { Head } from "./queue/head.js";
import { Tabs } from "./queue/tabs.js";

/** @import { Filter } from "../filters.js" */
/** @import { Need } from "../queries.js" */
/** @import { State } from "../state.js" */
/** @import { View } from "./index.js" */

const PAGE = 50;
const WAITING = 0;

/** @param {State} state @returns {Need[]} */
function needs({ address, stats }) {
  const filter = wanted(address);
  const its = countsOf(stats, filter.type);
  const counts = its.length ? its : countsOf(stats, ""); // of a type that the figures leave out
  const params = { ...asked(filter), newest: isNewest(filter), limit: PAGE, cursor: address.cursor };
  return [
    { name: "processes", ask: "getProcesses", params: [params], on: token(counts) },
    { name: "executors", ask: "getExecutors", params: [{}], on: together(counts).executors },
  ];
}

/** The filter of the list: that of the address, of the type that it names; what waits unless it says otherwise. @param {State["address"]} address @returns {Filter} */
function wanted({ id, filter }) {
  const state = filter.state ?? "waiting";
  return { ...filter, state: stateOf(state) === undefined ? "" : state, type: id || filter.type || "" };
}

/** What waits longest is what somebody looks for; of all else the last. @param {Filter} filter */
function isNewest({ state }) {
  return stateOf(state) !== WAITING;
}

/** @param {View} props */
function view({ state: newest, moves, go }) {
  const state = useStill(newest);
  const { address, stats, history, queries } = state;
  const filter = wanted(address);
  const its = countsOf(stats, filter.type);
  const counts = stats && (its.length || !stats.left) ? together(its) : null;
  const may = mayAct(state);
  const number = stateOf(filter.state);
  const what = number === undefined ? "processes" : STATE_NAMES[number];
  const names = namesOf(queries.executors?.value);
  return html`
    <${Head} type=${filter.type} counts=${counts} history=${history} now=${stats?.time ?? 0} left=${filter.type ? 0 : (stats?.left ?? 0)} />
    <div class="narrowing">
      <${Tabs} address=${address} current=${number === undefined ? "all" : what} counts=${counts} />
      <${Filters} address=${address} type=${filter.type} stats=${stats} go=${go} />
    </div>
    <section aria-labelledby="listed-title">
      <div class="headline">
        <h2 id="listed-title">${title(what, isNewest(filter))}</h2>
        ${may && html`<${Matching} filter=${filter} total=${queries.processes?.at ? queries.processes.value.total : null} moves=${moves} about=${what} />`}
      </div>
      <${Held} state=${newest} shown=${state} />
      <${Listing} query=${queries.processes} address=${address} what=${what} isNewest=${isNewest(filter)} nothing=${nothing(filter, what)}
        manner=${{ hasState: number === undefined, hasType: !filter.type, names, moves: may ? moves : null }} />
    </section>
  `;
}

/** @param {string} what @param {boolean} newest */
function title(what, newest) {
  const kind = what === "processes" ? "All processes" : `${what[0].toUpperCase()}${what.slice(1)}`;
  return `${kind}, ${newest ? "newest" : "oldest"} first`;
}

/** @param {Filter} filter @param {string} what */
function nothing({ state, type, ...others }, what) {
  if (Object.values(others).some(Boolean)) return "No process matches the filter.";
  return what === "processes" ? "There are no processes." : `Nothing is ${what}.`;
}

export const queue = { id: "queue", title: "Queue", needs, view };
