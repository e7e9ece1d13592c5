/**
 * The subscriptions that stand on this connection, by the numbers that the broker gave them.
 *
 * What a broker pushes under a number that nobody has here is passed over: it was on its way when the subscription
 * was let go. Knows neither who reads nor how fast.
 */

import { BadFrame } from "./errors.js";
import { isMap } from "./wire/frames.js";

/** @import { Standing } from "./asked.js" */

/**
 * The notifications that subscriptions hear, and what each tells; undefined: it lacks what belongs into it.
 * @type {Readonly<Record<string, (params: Record<string, any>) => unknown>>}
 */
const TOLD = Object.freeze({
  process: ({ event, process }) => (isMap(process) ? { event, process } : undefined),
  stats: ({ stats }) => (isMap(stats) && Array.isArray(stats.types) ? stats : undefined),
  activity: ({ events, missed }) => (Array.isArray(events) ? { events, missed } : undefined),
  log: ({ processid, seq }) => ({ processid, seq }),
});

/** @type {Readonly<Record<string, string>>} */
const HEARS = Object.freeze({
  subscribe: "process",
  watch: "process",
  "stats.subscribe": "stats",
  "activity.subscribe": "activity",
  "log.subscribe": "log",
});

export class Standings {
  /** @type {Map<number, Standing>} */
  #byNumber = new Map();

  get size() {
    return this.#byNumber.size;
  }

  get all() {
    return [...this.#byNumber.values()];
  }

  /** The broker has made it. @param {Standing} standing @param {number} number */
  add(standing, number) {
    standing.number = number;
    standing.wasMade = true;
    this.#byNumber.set(number, standing);
  }

  /** Its number, which means nothing from now on; null when it stood for nothing. @param {Standing} standing */
  remove(standing) {
    const { number } = standing;
    if (number !== null) this.#byNumber.delete(number);
    standing.number = null;
    return number;
  }

  /** All of them, which stand no more. */
  takeAll() {
    const all = this.all;
    for (const standing of all) standing.number = null;
    this.#byNumber = new Map();
    return all;
  }

  /**
   * Hand on what was pushed. False when this notification is for no subscription. Throws BadFrame.
   * @param {string} name
   * @param {Record<string, any>} params
   */
  push(name, params) {
    if (!Object.hasOwn(TOLD, name)) return false;
    const told = TOLD[name](params);
    if (told === undefined) throw new BadFrame(`a notification ${name} without what belongs into it`);
    const standing = this.#byNumber.get(params.subscription);
    if (standing && HEARS[standing.method] === name) standing.push(told);
    return true;
  }

  /**
   * Those that a broker ends for its own sake are asked for again on the next connection.
   * @param {number} number
   * @param {string} reason
   */
  end(number, reason) {
    const standing = this.#byNumber.get(number);
    if (!standing || (standing.lasts && ["draining", "slow"].includes(reason))) return;
    this.remove(standing);
    standing.ended(reason);
  }
}
