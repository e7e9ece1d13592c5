/**
 * How an executor stands, in words. Pure.
 *
 * Connected is not at work: one that is connected and asks for nothing while something waits that it could take is what
 * people look for in vain elsewhere.
 */

import { counted, span } from "./format.js";

/** @import { Executor, Stats } from "/sdk/colonies.js" */

/** How long one may be busy with itself before that is said of it (ms). */
export const QUIET_MS = 10_000;

/** kind: pending, rejected, busy, idle, quiet or away. text: what is said. @typedef {{ kind: string, text: string }} Standing */

/**
 * @param {Executor} executor
 * @param {number} waiting how many wait of its type
 * @param {number} now ms, of the broker's clock
 * @returns {Standing}
 */
export function standing(executor, waiting, now) {
  if (executor.state === 0)
    return { kind: "pending", text: executor.online ? "waits for approval, connected" : "waits for approval" };
  if (executor.state === 2) return { kind: "rejected", text: "rejected" };
  if (!executor.online) return { kind: "away", text: executor.lastseen ? "not connected" : "was never connected" };
  if (executor.running) return { kind: "busy", text: `runs ${counted(executor.running, "process", "processes")}` };
  const quiet = now - executor.lastasked;
  if (waiting && quiet > QUIET_MS)
    return {
      kind: "quiet",
      text: `connected, takes nothing: ${unasked(executor, quiet)} while ${counted(waiting, "process waits", "processes wait")}`,
    };
  return { kind: "idle", text: "connected, nothing to do" };
}

/** @param {Executor} executor @param {number} quiet */
function unasked({ lastasked }, quiet) {
  return lastasked ? `it has not asked for work for ${span(quiet)}` : "it has not asked for work yet";
}

/** How many wait for an executor of this type. @param {Stats | null} stats @param {string} type */
export function waitingFor(stats, type) {
  return stats?.types.find(({ executortype }) => executortype === type)?.waiting ?? 0;
}

const ORDER = Object.freeze(["quiet", "pending", "busy", "idle", "away", "rejected"]);

/** What needs eyes first. @param {Standing} one @param {Standing} other */
export function byUrgency(one, other) {
  return ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind);
}
