/**
 * The face of the SDK: everything that can be asked of a broker, as methods that return promises.
 *
 * A client carries a key, and every method also takes one (`prvkey`), for callers that speak for several.
 * Nothing is connected before the first call; calls made in one turn of the event loop leave as one signed frame.
 */

import { State } from "./wire/model.js";
import { Work } from "./work.js";

/** @import { ClientOptions, Key, Options } from "./caller.js" */
/** @import { ConnectionState } from "./status.js" */
/** @import { Feed, Subscription } from "./subscription.js" */
/** @import { Activity, Process, Stats } from "./wire/model.js" */

/** @typedef {Options & { state?: number, timeout?: number, wake?: "all" | "one" }} SubscribeOptions */
/** @typedef {{ events: Activity[], missed: number }} Activities missed: how many the broker left out */
/** @typedef {{ processid: string, seq: number }} LogLine */

/**
 * Which method of the client asks which method of the wire. A test holds both to it.
 * @type {Readonly<Record<string, string>>}
 */
export const METHOD_NAMES = Object.freeze({
  "server.info": "serverInfo",
  "member.whoami": "whoami",
  "colony.add": "addColony",
  "colony.remove": "removeColony",
  "colony.list": "getColonies",
  "colony.get": "getColony",
  "executor.add": "addExecutor",
  "executor.approve": "approveExecutor",
  "executor.reject": "rejectExecutor",
  "executor.remove": "removeExecutor",
  "executor.list": "getExecutors",
  "executor.get": "getExecutor",
  "executor.resolve": "resolveExecutor",
  "user.add": "addUser",
  "user.list": "getUsers",
  "user.remove": "removeUser",
  "function.add": "addFunction",
  "function.list": "getFunctions",
  "function.remove": "removeFunction",
  "process.submit": "submit",
  "process.assign": "assign",
  "process.close": "closeProcess",
  "process.hand_back": "handBack",
  "process.get": "getProcess",
  "process.list": "getProcesses",
  "process.cancel": "cancel",
  "process.retry": "retry",
  "process.remove": "removeProcess",
  "process.retry_matching": "retryMatching",
  "process.cancel_matching": "cancelMatching",
  "process.remove_matching": "removeMatching",
  "process.explain": "explain",
  "failure.list": "getFailures",
  "attribute.set": "setAttribute",
  "attribute.list": "getAttributes",
  "log.add": "addLog",
  "log.list": "getLogs",
  "log.subscribe": "subscribeLogs",
  subscribe: "subscribe",
  watch: "watch",
  "activity.subscribe": "subscribeActivity",
  "stats.get": "getStats",
  "stats.history": "getStatsHistory",
  "stats.subscribe": "subscribeStats",
  "subscription.cancel": "subscribe", // by closing what it returns
});

/**
 * A client of one or several brokers. Every method may throw a `ColoniesError`; its `retry` says whether trying
 * again may help. Dispatches `statechange` when `state` or `trouble` changed.
 */
export class Colonies extends Work {
  /**
   * @param {string | readonly string[]} [address] http://…, https://…, ws://… or wss://… of a broker, or a list of
   *   them, which each client goes through in an order of its own; a page that a broker serves may leave it out
   * @param {ClientOptions} [options]
   */
  constructor(address, options) {
    super(address, options);
    this.caller.connection.status.listeners.add(() => this.dispatchEvent(new Event("statechange")));
  }

  /** How the connection stands: idle, connecting, open, waiting (lost, tried again by itself) or closed. @returns {ConnectionState} */
  get state() {
    return this.caller.connection.status.state;
  }

  /** Why it is not open, in words; empty when it is. */
  get trouble() {
    return this.caller.connection.status.trouble;
  }

  /** The id of the client's key: who it is. Empty without a key. */
  get id() {
    return this.caller.id;
  }

  /** Doubt the connection: ask the broker for a sign of life, and connect anew if none comes. With none, try now. */
  check() {
    this.caller.connection.check();
  }

  /** Close the client: what it still waits for throws Closed. Processes are closed by `closeProcess`. */
  close() {
    return this.caller.connection.close();
  }

  // — events —

  /**
   * Hear of every process of this type that enters a state: `for await (const process of client.subscribe("lamp"))`.
   * @param {string} executortype
   * @param {SubscribeOptions} [options] state: waiting, unless given. timeout: seconds until it ends; 0: not before it
   *   is closed. wake: "one" makes it a member of a group of which each waiting process wakes one.
   * @returns {Subscription}
   */
  subscribe(executortype, { state = State.WAITING, timeout = 0, wake = "all", ...options } = {}) {
    return this.caller.subscription(
      "subscribe",
      { executortype, state, timeout, wake },
      { ...options, seconds: timeout },
    );
  }

  /**
   * Hear when one process enters one of these states, or is in one; none given: when it is over.
   * @param {string} processid
   * @param {Options & { states?: number[], timeout?: number }} [options]
   * @returns {Subscription}
   */
  watch(processid, { states = [], timeout = 0, ...options } = {}) {
    return this.caller.subscription("watch", { processid, states, timeout }, { ...options, seconds: timeout });
  }

  /**
   * Follow the figures of `getStats`: at once, whenever they change, and every 5 s even when they do not.
   *
   * Only the newest are kept for whoever has not read them.
   * @param {Options & { interval?: number }} [options] interval: seconds between two at least, 0.25 … 60
   * @returns {Feed<Stats>}
   */
  subscribeStats({ interval = 1, ...options } = {}) {
    return this.caller.feed("stats.subscribe", { interval }, options, { newestOnly: true });
  }

  /**
   * Hear in brief of every change of every process of the colony, several times a second. For users and the owner.
   *
   * What happens while the connection is lost is not told later.
   * @param {Options} [options]
   * @returns {Feed<Activities>}
   */
  subscribeActivity(options = {}) {
    return this.caller.feed("activity.subscribe", {}, options);
  }

  /**
   * Hear that there are new lines in the log of a process; fetch them with `getLogs`.
   *
   * It tells the seq of the newest line; 0 each time it was made, at first and after a reconnect, when there may be some.
   * @param {string} processid
   * @param {Options} [options]
   * @returns {Feed<LogLine>}
   */
  subscribeLogs(processid, options = {}) {
    return this.caller.feed("log.subscribe", { processid }, options, {
      newestOnly: true,
      first: { processid, seq: 0 },
    });
  }

  /**
   * Call `callback` with every process of this type that enters `state`: `subscribe` as the guide writes it.
   *
   * It never resolves: it throws SubscriptionEnded when the time is up or the connection went. Then subscribe again.
   * @param {string} executortype
   * @param {number} timeout seconds; 0: until the connection goes
   * @param {number} state
   * @param {Key | null} prvkey
   * @param {(process: Process) => unknown} callback a promise that it returns is awaited before the next call
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<never>}
   */
  async subscribeProcesses(executortype, timeout, state, prvkey, callback, { signal } = {}) {
    const params = { executortype, state, timeout };
    const made = this.caller.subscription("subscribe", params, { prvkey, signal, seconds: timeout, lasts: false });
    try {
      await made.made;
      for (;;) await callback((await made.nextEvent()).process);
    } finally {
      made.close();
    }
  }
}
