/** Executors by their names. Pure. */

/** @import { Executor } from "/sdk/colonies.js" */

/** @type {WeakMap<Executor[], Map<string, string>>} */
const known = new WeakMap(); // a list is drawn twice a second, and the executors are another now and then

/** @param {Executor[] | null | undefined} executors @returns {Map<string, string>} names by ids */
export function namesOf(executors) {
  if (!executors) return new Map();
  const names =
    known.get(executors) ?? new Map(executors.map(({ executorid, executorname }) => [executorid, executorname]));
  known.set(executors, names);
  return names;
}
