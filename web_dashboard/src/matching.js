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
  const left = matched > number ? `; the other ${grouped(matched - number)} stay as they are` : "";
  if (move === "retry") return `${count(number)} will be submitted again as new processes, oldest first${left}.`;
  if (move === "cancel") return `${count(number)} will be cancelled, oldest first; what runs is told to stop${left}.`;
  return `${count(number)} will be removed for good with their logs, oldest first${left}.`;
}

/**
 * How a move stands or how it ended.
 * @param {object} action
 * @param {Move} action.move
 * @param {number} action.matched
 * @param {number} action.done
 * @param {"running" | "done" | "failed" | "lost"} action.standing
 * @param {string} [action.error]
 */
export function outcome({ move, matched, done, standing, error = "" }) {
  const of = `${grouped(done)} of ${grouped(matched)}`;
  if (standing === "running") return matched ? `${DOING[move]}: ${of}` : `${DOING[move]}…`;
  if (standing === "done") return said(move, matched, done);
  const again = move === "retry" ? " Retrying again makes nothing twice." : "";
  const why = standing === "lost" ? "the page lost sight of it" : error;
  return `Stopped after ${of}: ${why}. What was ${DONE[move]} stays so.${again}`;
}

/** @param {Move} move @param {number} matched @param {number} done */
function said(move, matched, done) {
  const told = `${count(done)} ${DONE[move]}`;
  if (done >= matched) return `${told}.`;
  const others = grouped(matched - done);
  const why = { retry: "had been retried before, or were over the cap", cancel: "were over, or over the cap" };
  return `${told}; ${others} ${move === "remove" ? "were left" : why[move]}.`;
}

/** @param {number} number */
function count(number) {
  return `${grouped(number)} ${number === 1 ? "process" : "processes"}`;
}

/** @param {number} number */
function grouped(number) {
  return number.toLocaleString("en-GB");
}
