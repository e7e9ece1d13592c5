/**
 * What one sees first: what is wrong in words, then every type of executors with its figures and its last hour.
 *
 * All of it comes from counts that the broker keeps, so that it is as quick with a million processes as with ten.
 */

import { html } from "../../vendor/ui.js";
import { Totals } from "./overview/totals.js";
import { Types } from "./overview/types.js";
import { Words } from "./overview/words.js";

/** @import { Need } from "../queries.js" */
/** @import { State } from "../state.js" */
/** @import { View } from "./index.js" */

const LOOK_MS = 30_000;

/** @param {State} state @returns {Need[]} */
function needs({ stats }) {
  if (!stats) return [];
  const known = stats.types.reduce((sum, { executors }) => sum + executors, 0);
  // Whether somebody waits for approval, or is gone with what it runs, is in no count.
  return known
    ? [{ name: "executors", ask: "getExecutors", params: [{}], on: `${known} ${Math.floor(stats.time / LOOK_MS)}` }]
    : [];
}

/** @param {View} props */
function view({ state, go }) {
  const { stats, history, queries, address } = state;
  if (!stats) return html`<p class="empty" aria-busy="true">No figures yet.</p>`;
  return html`
    <${Words} stats=${stats} executors=${queries.executors?.value ?? []} />
    <${Totals} stats=${stats} />
    <${Types} stats=${stats} history=${history} filter=${address.filter} go=${go} />
  `;
}

export const overview = { id: "overview", title: "Overview", needs, view };
