/** The panels, in the order of the navigation. One line here adds one. */

import { activity } from "./activity.js";
import { executors } from "./executors.js";
import { failures } from "./failures.js";
import { overview } from "./overview.js";
import { process } from "./process.js";
import { queue } from "./queue.js";

/** @import { Address } from "../address.js" */
/** @import { Mover } from "../moves.js" */
/** @import { Need } from "../queries.js" */
/** @import { State } from "../state.js" */

/**
 * What a panel's view is given. go: to where the filter is another. dispatch: for what the page alone decides, as a pause.
 * @typedef {{ state: State, moves: Mover, go: import("../parts/fields.js").Go, dispatch: import("../live.js").Dispatch }} View
 */

/**
 * needs: what it asks and follows, as things are. view: a component.
 * @typedef {{ id: string, title: string, needs: (state: State) => Need[], view: (props: View) => any }} Panel
 */

/** @type {readonly Panel[]} */
export const PANELS = Object.freeze([overview, queue, failures, executors, activity, process]);

/** The panel at an address; the overview where there is none. @param {Address} address @returns {Panel} */
export function panelOf({ panel }) {
  return PANELS.find(({ id }) => id === panel) ?? overview;
}
