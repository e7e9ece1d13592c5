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
/** @import { Subscription } from "./subscription.js" */
/** @import { Process } from "./wire/model.js" */

/** @typedef {Options & { state?: number, timeout?: number, wake?: "all" | "one" }} SubscribeOptions */

/**
 * Which method of the client asks which method of the wire. A test holds both to it.
 * @type {Readonly<Record<string, string>>}
 */
export const METHOD_NAMES = Object.freeze({
  "server.info": "serverInfo",
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
  "process.explain": "explain",
  "attribute.set": "setAttribute",
  "attribute.list": "getAttributes",
  "log.add": "addLog",
  "log.list": "getLogs",
  subscribe: "subscribe",
  watch: "watch",
  "stats.get": "getStats",
  "subscription.cancel": "subscribe", // by closing what it returns
});

/**
 * A client of one or several brokers. Every method may throw a `ColoniesError`; its `retry` says whether trying
 * again may help. Dispatches `statechange` when `state` or `trouble` changed.
 */
export class Colonies extends Work {
  /**
   * @param {string | readonly string[]} [address] http://…, https://…, ws://… or wss://… of a broker, or a list of
   *   them; a page that a broker serves may leave it out
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
