/**
 * What happens in the colony, as a list that never grows beyond its bound. Pure.
 *
 * While it is paused what comes is held, as much as the list would show, and counted. What was not heard, because the
 * broker left it out, the page was hidden or the connection lost, stands in the list as a gap: a list with a hole that
 * does not say so would be a lie.
 */

/** @typedef {{ time: number, event: string, processid: string, executortype: string, func: string, label: string, state: number, attempt: number, executorid: string, error: string }} Activity */

/**
 * number: counts up, to tell entries apart. gap: why something is missing here; missed: how much, 0 when nobody knows.
 * @typedef {{ number: number, event: Activity } | { number: number, gap: string, missed: number, time: number }} Entry
 */

/**
 * entries: newest first. held: what came during a pause, newest first. unseen: how many came during it.
 * @typedef {{ entries: Entry[], held: Entry[], unseen: number, isPaused: boolean, count: number }} ActivityState
 */

export const KEPT_ENTRIES = 500;

/** @type {ActivityState} */
export const NO_ACTIVITY = { entries: [], held: [], unseen: 0, isPaused: false, count: 0 };

/**
 * @param {ActivityState} activity
 * @param {{ events: Activity[], missed: number, at: number }} message events: oldest first
 * @returns {ActivityState}
 */
export function hearEvents(activity, { events, missed, at }) {
  let { count } = activity;
  /** @type {Entry[]} */ const fresh = events.map((event) => ({ number: ++count, event })).reverse();
  if (missed) fresh.unshift({ number: ++count, gap: "too many at once", missed, time: at });
  if (!activity.isPaused) return { ...activity, count, entries: bounded(fresh, activity.entries) };
  const unseen = activity.unseen + events.length + missed;
  return { ...activity, count, unseen, held: bounded(fresh, activity.held) };
}

/** @param {ActivityState} activity @param {boolean} isPaused @returns {ActivityState} */
export function pause(activity, isPaused) {
  if (isPaused === activity.isPaused) return activity;
  return { ...activity, isPaused, unseen: 0, held: [], entries: bounded(activity.held, activity.entries) };
}

/**
 * It is heard again after a while in which it was not.
 * @param {ActivityState} activity
 * @param {{ why: string, at: number }} message
 * @returns {ActivityState}
 */
export function wake(activity, { why, at }) {
  if (activity.count === 0) return activity;
  const count = activity.count + 1;
  /** @type {Entry[]} */ const gap = [{ number: count, gap: why, missed: 0, time: at }];
  if (activity.isPaused) return { ...activity, count, held: bounded(gap, activity.held) };
  return { ...activity, count, entries: bounded(gap, activity.entries) };
}

/** @param {Entry[]} fresh @param {Entry[]} before */
function bounded(fresh, before) {
  return fresh.length ? [...fresh, ...before].slice(0, KEPT_ENTRIES) : before;
}
