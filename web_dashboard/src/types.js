/** The executor types that one can choose from. Pure. */

import { NO_TYPE } from "./filters.js";

/** @import { Stats } from "/sdk/colonies.js" */

/** Every type there is, and the one that is asked for. @param {Stats | null} stats @param {string} chosen @returns {[string, string][]} */
export function typeChoices(stats, chosen) {
  const known = new Set((stats?.types ?? []).map(({ executortype }) => executortype || NO_TYPE));
  if (chosen) known.add(chosen);
  const hasNone = known.delete(NO_TYPE);
  /** @type {[string, string][]} */
  const types = [...known].sort((one, other) => one.localeCompare(other)).map((type) => [type, type]);
  return [
    ["", "All types"],
    ...types,
    ...(hasNone ? [/** @type {[string, string]} */ ([NO_TYPE, "Named executors"])] : []),
  ];
}
