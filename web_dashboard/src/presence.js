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
 * @param {number} at when the broker said so (ms, of its clock): an old answer makes nobody quiet
 * @returns {Standing}
 */
export function standing(executor, waiting, at) {
  if (executor.state === 0)
    return { kind: "pending", text: executor.online ? "waits for approval, connected" : "waits for approval" };
  if (executor.state === 2) return { kind: "rejected", text: "rejected" };
  if (!executor.online) return { kind: "away", text: executor.lastseen ? "not connected" : "was never connected" };
  if (executor.running) return { kind: "busy", text: `runs ${counted(executor.running, "process", "processes")}` };
  const quiet = at - executor.lastasked;
  if (quiet <= QUIET_MS) return { kind: "idle", text: "connected, ready for work" };
  const unasked = executor.lastasked ? `has not asked for work for ${span(quiet)}` : "has not asked for work yet";
  if (!waiting) return { kind: "idle", text: `connected, nothing to do; ${unasked}` };
  const wait = counted(waiting, "process waits", "processes wait");
  return { kind: "quiet", text: `connected, takes nothing: it ${unasked} while ${wait}` };
}

/** How many wait, by executor type. @param {Stats | null} stats */
export function waitingByType(stats) {
  return new Map((stats?.types ?? []).map(({ executortype, waiting }) => [executortype, waiting]));
}

const ORDER = Object.freeze(["quiet", "pending", "busy", "idle", "away", "rejected"]);

/** What needs eyes first. @param {Standing} one @param {Standing} other */
export function byUrgency(one, other) {
  return ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind);
}

// A map: what stands in an address may be the name of anything that every object has.
const KINDS = new Map([
  ["quiet", ["quiet"]],
  ["pending", ["pending"]],
  ["connected", ["quiet", "busy", "idle"]],
  ["busy", ["busy"]],
  ["away", ["away"]],
  ["approved", ["quiet", "busy", "idle", "away"]],
  ["rejected", ["rejected"]],
]);

/** The states by which executors are filtered, with what they are called. @type {[string, string][]} */
export const STANDINGS = [
  ["", "Any state"],
  ["quiet", "connected, takes nothing"],
  ["pending", "waiting for approval"],
  ["connected", "connected"],
  ["busy", "running something"],
  ["away", "not connected"],
  ["approved", "approved"],
  ["rejected", "rejected"],
];

/** Whether it stands as a filter wants it; one that means nothing wants all. @param {Standing} standing @param {string} [wanted] */
export function isStanding({ kind }, wanted = "") {
  return KINDS.get(wanted)?.includes(kind) ?? true;
}
