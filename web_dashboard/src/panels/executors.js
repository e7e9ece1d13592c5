/**
 * Who works here: connected or since when not, at what, and who is connected and takes nothing.
 *
 * However many there are, so many rows are drawn as are asked for; what needs eyes comes first.
 */

import { html, useState } from "../../vendor/ui.js";
import { counted, grouped } from "../format.js";
import { Answer, Empty } from "../parts/answer.js";
import { Field } from "../parts/fields.js";
import { useNow } from "../parts/time.js";
import { byUrgency, standing, waitingFor } from "../presence.js";
import { mayAct } from "../state.js";
import { Row } from "./executors/row.js";

/** @import { Executor } from "/sdk/colonies.js" */
/** @import { Need } from "../queries.js" */
/** @import { State } from "../state.js" */
/** @import { View } from "./index.js" */

const PAGE = 100;

/** @param {State} state @returns {Need[]} */
function needs({ stats }) {
  return [
    { name: "executors", ask: "getExecutors", params: [{}], on: stats?.time ?? 0 },
    { name: "functions", ask: "getFunctions", params: [undefined], on: connected(stats) },
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
    </form>
    <${Answer} query=${state.queries.executors} what="executors">
      ${(/** @type {Executor[]} */ executors) => html`<${List} executors=${executors.filter((executor) => isWanted(executor, filter))} all=${executors.length} state=${state} moves=${moves} />`}
    <//>
  `;
}

/** @param {{ executors: Executor[], all: number, state: State, moves: View["moves"] }} props */
function List({ executors, all, state, moves }) {
  const [most, setMost] = useState(PAGE);
  const now = useNow();
  if (!all)
    return html`<${Empty}>There are no executors in this colony. Its owner adds them: <code>colonies executor add</code>.<//>`;
  const rows = executors
    .map((executor) => ({
      executor,
      standing: standing(executor, waitingFor(state.stats, executor.executortype), now),
    }))
    .sort(
      (one, other) =>
        byUrgency(one.standing, other.standing) || one.executor.executorname.localeCompare(other.executor.executorname),
    );
  const online = executors.filter((executor) => executor.online).length;
  const functions = state.queries.functions?.value ?? [];
  return html`
    <p class="quiet">${counted(executors.length, "executor")}${executors.length < all ? ` of ${grouped(all)}` : ""}, ${grouped(online)} connected</p>
    <ul class="rows executors">
      ${rows.slice(0, most).map(({ executor, standing: how }) => html`<${Row} key=${executor.executorid} executor=${executor} standing=${how} functions=${functions} may=${mayAct(state)} moves=${moves} />`)}
    </ul>
    ${rows.length > most && html`<button type="button" class="button" onClick=${() => setMost(most + PAGE)}>Show ${grouped(Math.min(PAGE, rows.length - most))} more</button>`}
  `;
}

/** @param {Executor} executor @param {Record<string, string>} filter */
function isWanted({ executorname, executorid, executortype }, { text = "", type }) {
  const words = text.toLowerCase();
  return (
    (!type || type === executortype) && (executorname.toLowerCase().includes(words) || executorid.startsWith(words))
  );
}

/** @param {State} state */
function types({ stats }) {
  return (stats?.types ?? []).map(({ executortype }) => executortype).filter(Boolean);
}

export const executors = { id: "executors", title: "Executors", needs, view };
