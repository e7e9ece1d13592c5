/**
 * What is wrong, in words: what somebody who was woken needs to read first.
 *
 * Pure: statistics and executors in, sentences out, the most urgent first. Each sentence says what, how much and since
 * when, and leads to where something can be done about it. Nothing here guesses at causes that the figures do not show.
 */

import { NO_TYPE } from "./filters.js";
import { counted, span } from "./format.js";

/** @import { Executor, Stats, TypeCounts } from "/sdk/colonies.js" */
/** @import { Address } from "./address.js" */

/** urgency: 3 nothing goes on, 2 something goes wrong, 1 somebody should look. @typedef {{ urgency: number, type: string, text: string, to: Partial<Address> }} Trouble */

// Below these nobody should be woken.
const OFFLINE_MS = 10_000;
const SLOW_MS = 60_000;
const FEW_FAILED = 3;
const PENDING = 0;

/** What it means that nothing is wrong. */
export const WELL =
  "Nothing has waited for longer than a minute, some executor is connected wherever something waits, nothing runs on an executor that is gone, and of no type more than two processes failed in the last minute.";

/**
 * @param {Stats} stats
 * @returns {Trouble[]}
 */
export function troubles(stats) {
  const found = stats.types.flatMap((counts) => ofType(counts, stats.time));
  return found.sort((one, other) => other.urgency - one.urgency || one.type.localeCompare(other.type));
}

/**
 * @param {TypeCounts} counts
 * @param {number} now
 * @returns {Trouble[]}
 */
export function ofType(counts, now) {
  return [notTaken(counts, now), failing(counts)].filter((trouble) => trouble !== null);
}

/**
 * @param {TypeCounts} counts
 * @param {number} now
 * @returns {Trouble | null}
 */
function notTaken(counts, now) {
  const { executortype: type, waiting, oldest, executors, online, busy, lastseen, running } = counts;
  // Without a type they are for named executors; what stands in their way is said by each process.
  if (!waiting || !type) return null;
  const waits = `${name(type)}: ${counted(waiting, "waiting", "waiting")}`;
  const to = { panel: "queue", id: type, filter: { state: "waiting" } };
  if (!executors) return { urgency: 3, type, text: `${waits}, there is no executor of this type`, to };
  if (!lastseen) return { urgency: 3, type, text: `${waits}, no executor was ever connected`, to };
  const away = now - lastseen;
  if (!online && away >= OFFLINE_MS) {
    return { urgency: 3, type, text: `${waits}, no executor connected for ${span(away)}`, to };
  }
  if (!online) return null; // the last one left this moment, and may be back the next
  const age = now - oldest;
  if (!oldest || age < SLOW_MS) return null;
  if (online && !busy && !running) {
    const idle = `${counted(online, "executor")} connected and none takes anything`;
    return { urgency: 3, type, text: `${waits} for up to ${span(age)}, ${idle}`, to };
  }
  const behind = `${busy} of ${counted(online, "connected executor")} busy`;
  return { urgency: 1, type, text: `${waits} for up to ${span(age)}, ${behind}`, to };
}

/**
 * @param {TypeCounts} counts
 * @returns {Trouble | null}
 */
function failing({ executortype: type, failedminute: failed, successfulminute: successful }) {
  if (failed < FEW_FAILED) return null;
  const part = Math.round((100 * failed) / (failed + successful));
  const text = `${name(type)}: ${counted(failed, "failure")} in the last minute, ${part} % of what ended`;
  return { urgency: part >= 50 ? 3 : 2, type, text, to: { panel: "failures", filter: { type: type || NO_TYPE } } };
}

/**
 * Executors that wait for somebody to let them work; of that no statistics say anything.
 * @param {Executor[]} executors
 * @returns {Trouble[]}
 */
export function approvals(executors) {
  const number = executors.filter(({ state }) => state === PENDING).length;
  if (!number) return [];
  const text = `${counted(number, "executor waits", "executors wait")} for approval`;
  return [{ urgency: 1, type: "", text, to: { panel: "executors" } }];
}

/**
 * What runs on executors that are gone: where it has no limit it does so for ever.
 *
 * Their list is half a minute old at the most. Where the newest figures have everybody of a type connected, or nobody
 * with a process, it is not believed.
 * @param {Executor[]} executors
 * @param {Stats} stats
 * @returns {Trouble[]}
 */
export function absent(executors, { types, time }) {
  const mended = new Set(
    types.filter(({ executors, online, busy }) => online >= executors || !busy).map(({ executortype }) => executortype),
  );
  const gone = executors.filter(
    ({ executortype: type, online, running, lastseen }) =>
      running && !online && time - lastseen >= OFFLINE_MS && !mended.has(type),
  );
  return [...new Set(gone.map(({ executortype }) => executortype))]
    .map((type) =>
      onAbsent(
        type,
        gone.filter((executor) => executor.executortype === type),
        time,
      ),
    )
    .sort((one, other) => other.urgency - one.urgency || one.type.localeCompare(other.type));
}

/**
 * @param {string} type
 * @param {Executor[]} gone
 * @param {number} now
 * @returns {Trouble}
 */
function onAbsent(type, gone, now) {
  const running = gone.reduce((sum, { running }) => sum + running, 0);
  const away = now - Math.min(...gone.map(({ lastseen }) => lastseen));
  const whose =
    gone.length === 1
      ? `an executor that has not been connected for ${span(away)}`
      : `${counted(gone.length, "executor")} that have not been connected for up to ${span(away)}`;
  const text = `${name(type)}: ${counted(running, "running", "running")} on ${whose}`;
  return { urgency: away < SLOW_MS ? 1 : 2, type, text, to: { panel: "executors", filter: { type, state: "away" } } };
}

/** What a type is called. @param {string} type */
export function name(type) {
  return type && type !== NO_TYPE ? type : "named executors";
}
