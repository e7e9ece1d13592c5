/** The counts of several executor types together. Pure. What is not known of any is not known of all. */

/** @import { Stats, TypeCounts } from "/sdk/colonies.js" */

import { NO_TYPE } from "./filters.js";

const SUMMED = /** @type {const} */ ([
  "waiting",
  "running",
  "successful",
  "failed",
  "cancelled",
  "successfulminute",
  "failedminute",
  "executors",
  "online",
  "busy",
]);

/** Those of one type, or of all. @param {Stats | null} stats @param {string} type empty: all @returns {TypeCounts[]} */
export function countsOf(stats, type) {
  const wanted = type === NO_TYPE ? "" : type;
  return (stats?.types ?? []).filter(({ executortype }) => !type || executortype === wanted);
}

/** @param {TypeCounts[]} counts @returns {TypeCounts} */
export function together(counts) {
  const sums = SUMMED.map((name) => [name, counts.reduce((sum, its) => sum + its[name], 0)]);
  const oldest = counts.map((its) => its.oldest).filter(Boolean);
  return {
    ...Object.fromEntries(sums),
    executortype: counts.length === 1 ? counts[0].executortype : "",
    oldest: oldest.length ? Math.min(...oldest) : 0,
    lastseen: Math.max(0, ...counts.map((its) => its.lastseen)),
  };
}

/** Changes whenever some process of them entered or left a state. @param {TypeCounts[]} counts */
export function token(counts) {
  return counts
    .map((its) =>
      SUMMED.slice(0, 5)
        .map((name) => its[name])
        .join(),
    )
    .join(";");
}
