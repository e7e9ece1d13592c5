/** The states of a process as people read them. Pure. */

/** By the number of the state. */
export const STATE_NAMES = Object.freeze(["waiting", "running", "successful", "failed", "cancelled"]);

/** What may be done with a process in that state. */
export const MOVES = Object.freeze(
  /** @type {const} */ ([["cancel"], ["cancel"], ["remove"], ["retry", "remove"], ["retry", "remove"]]),
);

/** Whether a process in that state changes no more. @param {number} state */
export function isFinal(state) {
  return state >= 2;
}
