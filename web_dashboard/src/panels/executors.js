/**
 * Who works here: connected or since when not, at what, and who is connected and takes nothing.
 *
 * However many there are, so many rows are drawn as are asked for; what needs eyes comes first.
 */

import { html, useMemo, useState } from "../../vendor/ui.js";
import { counted, grouped } from "../format.js";
import { Answer, Empty } from "../parts/answer.js";
import { Choice, Field } from "../parts/fields.js";
import { byUrgency, isStanding, standing, STANDINGS, waitingByType } from "../presence.js";
import { mayAct } from "../state.js";
import { Row } from "./executors/row.js";

/** @import { ColonyFunction, Executor } from "/sdk/colonies.js" */
/** @import { Need } from "../queries.js" */
/** @import { State } from "../state.js" */
/** @import { View } from "./index.js" */

const PAGE = 100;
const FEW = 300;
const MANY_MS = 5000;
const BY_NAME = new Intl.Collator("en", { numeric: true });
/** @type {ColonyFunction[]} */
const NONE = [];

/** @param {State} state @returns {Need[]} */
function needs({ stats, queries }) {
  const known = connected(stats);
  const time = stats?.time ?? 0;
  // A list of thousands is a megabyte: it is asked for when somebody came or went, and now and then beside that.
  const isLong = (queries.executors?.value?.length ?? 0) > FEW;
  return [
    {
      name: "executors",
      ask: "getExecutors",
      params: [{}],
      on: isLong ? `${known} ${Math.floor(time / MANY_MS)}` : time,
    },
    { name: "functions", ask: "getFunctions", params: [undefined], on: known },
  ];
}

/** Executors say what they can do when they come. @param {State["stats"]} stats */
function connected(stats) {
  return (stats?.types ?? []).map(({ executors, online }) => `${executors} ${online}`).join();
}

/** @param {View} props */
function view({ state, moves, go }) {
  const { filter } = state.address;
  return html`
    <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Field} name="text" label="Name or id" filter=${filter} go=${go} isSearch />
      <${Field} name="type" label="Type" filter=${filter} go=${go} options=${types(state)} />
      <${Choice} name="state" label="State" filter=${filter} go=${go} choices=${STANDINGS} />
    </form>
    <${Answer} query=${state.queries.executors} what="executors">
      ${(/** @type {Executor[]} */ executors) => html`<${List} executors=${executors} state=${state} moves=${moves} />`}
    <//>
  `;
}

/** @param {{ executors: Executor[], state: State, moves: View["moves"] }} props */
function List({ executors, state, moves }) {
  const [most, setMost] = useState(PAGE);
  const functions = useMemo(() => byExecutor(state.queries.functions?.value ?? NONE), [state.queries.functions?.value]);
  const named = useMemo(() => executors.toSorted(byName), [executors]);
  if (!executors.length)
    return html`<${Empty}>There are no executors in this colony. Its owner adds them: <code>colonies executor add</code>.<//>`;
  const rows = found(named, state);
  if (!rows.length) return html`<${Empty}>No executor matches the filter.<//>`;
  const online = rows.filter(({ executor }) => executor.online).length;
  return html`
    <p class="quiet" role="status">${counted(rows.length, "executor")}${rows.length < executors.length ? ` of ${grouped(executors.length)}` : ""}, ${grouped(online)} connected</p>
    <ul class="rows executors">
      ${rows.slice(0, most).map(({ executor, how }) => html`<${Row} key=${executor.executorid} executor=${executor} kind=${how.kind} said=${how.text} functions=${functions.get(executor.executorid) ?? NONE} may=${mayAct(state)} moves=${moves} />`)}
    </ul>
    ${rows.length > most && html`<button type="button" class="button" onClick=${() => setMost(most + PAGE)}>Show ${grouped(Math.min(PAGE, rows.length - most))} more</button>`}
  `;
}

/** Those that match, what needs eyes first. @param {Executor[]} executors @param {State} state */
function found(executors, { address: { filter }, stats, queries, offset }) {
  const waiting = waitingByType(stats);
  const at = (queries.executors?.at ?? 0) + offset;
  return executors
    .filter((executor) => isWanted(executor, filter))
    .map((executor) => ({ executor, how: standing(executor, waiting.get(executor.executortype) ?? 0, at) }))
    .filter(({ how }) => isStanding(how, filter.state))
    .sort((one, other) => byUrgency(one.how, other.how));
}

/** @param {Executor} executor @param {Record<string, string>} filter */
function isWanted({ executorname, executorid, executortype }, { text = "", type }) {
  const words = text.toLowerCase();
  return (
    (!type || type === executortype) && (executorname.toLowerCase().includes(words) || executorid.startsWith(words))
  );
}

/** @param {Executor} one @param {Executor} other */
function byName(one, other) {
  return BY_NAME.compare(one.executorname, other.executorname);
}

/** @param {ColonyFunction[]} functions @returns {Map<string, ColonyFunction[]>} */
function byExecutor(functions) {
  /** @type {Map<string, ColonyFunction[]>} */
  const found = new Map();
  for (const known of functions)
    found.set(known.executorid ?? "", [...(found.get(known.executorid ?? "") ?? []), known]);
  return found;
}

/** @param {State} state */
function types({ stats }) {
  return (stats?.types ?? []).map(({ executortype }) => executortype).filter(Boolean);
}

export const executors = { id: "executors", title: "Executors", needs, view };
