/**
 * Moves on everything that matches a filter, in words: what will happen, what is happening, what happened.
 *
 * Pure. The broker counts, does and decides; here is only what a person is told before and after, so that nobody
 * presses a button without knowing how many it is about.
 */

import { stateOf } from "./filters.js";
import { MOVES, STATE_NAMES } from "./states.js";

/** @typedef {"retry" | "cancel" | "remove"} Move */

/** The most that one request may be about; the broker refuses more. */
export const MOST = 100_000;
export const USUAL_MOST = 10_000;

const DONE = Object.freeze({ retry: "retried", cancel: "cancelled", remove: "removed" });
const DOING = Object.freeze({ retry: "Retrying", cancel: "Cancelling", remove: "Removing" });

/**
 * The moves that some process under this filter could take.
 * @param {import("./filters.js").Filter} filter
 * @returns {Move[]}
 */
export function movesFor(filter) {
  const state = stateOf(filter.state);
  return state === undefined ? ["retry", "cancel", "remove"] : [...MOVES[state]];
}

/**
 * The states of which a move takes processes.
 * @param {Move} move
 */
export function statesFor(move) {
  return STATE_NAMES.filter((_, state) => MOVES[state].some((possible) => possible === move));
}

/**
 * What pressing the button will do.
 * @param {Move} move
 * @param {number} matched
 * @param {number} most
 */
export function promise(move, matched, most) {
  const number = Math.min(matched, most);
  const which = matched > number ? `The oldest ${grouped(number)}` : number === 1 ? "It" : `All ${grouped(number)}`;
  const left = matched > number ? ` The other ${grouped(matched - number)} stay as they are.` : "";
  if (move === "retry") {
    return `${which} will be submitted again, as new ${number === 1 ? "process" : "processes"}; those that were retried before are not retried twice.${left}`;
  }
  if (move === "cancel") return `${which} will be cancelled, and what runs is told to stop.${left}`;
  return `${which} will be removed for good, with logs and results.${left}`;
}

/**
 * How a move stands or how it ended.
 * @param {object} action
 * @param {Move} action.move
 * @param {number} action.matched
 * @param {number} action.done
 * @param {number} [action.most]
 * @param {"running" | "done" | "failed" | "lost"} action.standing
 * @param {string} [action.error]
 */
export function outcome({ move, matched, done, most = matched, standing, error = "" }) {
  const wanted = Math.min(matched, most);
  const of = `${grouped(done)} of ${grouped(wanted)}`;
  if (standing === "running") return wanted ? `${DOING[move]}: ${of}` : `${DOING[move]}…`;
  if (standing === "done") return said({ move, done, passed: wanted - done, left: matched - wanted });
  const again = move === "retry" ? " Retrying again makes nothing twice." : " The same again does the rest.";
  const why = standing === "lost" ? "the page was left" : error;
  return `Stopped after ${of}: ${why}. What was ${DONE[move]} stays so.${again}`;
}

/** passed: how many were looked at in vain; left: how many were over the cap. @param {{ move: Move, done: number, passed: number, left: number }} numbers */
function said({ move, done, passed, left }) {
  const why = { retry: "had been retried before", cancel: "were over by then", remove: "were gone by then" }[move];
  const parts = [
    `${count(done)} ${DONE[move]}`,
    passed > 0 && `${grouped(passed)} ${why}`,
    left > 0 && `${grouped(left)} more than the cap left as they were`,
  ];
  return `${parts.filter(Boolean).join("; ")}.`;
}

/** @param {number} number */
function count(number) {
  return `${grouped(number)} ${number === 1 ? "process" : "processes"}`;
}

/** @param {number} number */
function grouped(number) {
  return number.toLocaleString("en-GB");
}
