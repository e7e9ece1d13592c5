/**
 * A worker: functions by name, run for whatever the broker assigns.
 *
 * A function ends by returning (successful), by throwing (failed, with the error's words), or by its deadline or
 * a cancel; then nothing is closed, for the broker has moved the process on. A worker that is told to stop takes
 * nothing new, lets what runs finish for a while, and hands back what has not. Lost connections never end it;
 * what says that its key may not work here does. This is its face; `shift` does the work.
 */

import { Colonies } from "./client.js";
import { Shift } from "./shift.js";
import { Threads } from "./threads.js";
import { outcomeOf } from "./functions.js";

/** @import { Key } from "./caller.js" */
/** @import { Outcome, WorkContext, WorkFunction } from "./functions.js" */

/**
 * @typedef {object} WorkerOptions
 * @property {Key} [key] the executor's key; the client's own when not given
 * @property {number} [concurrency] how many processes to run at a time
 * @property {number} [graceSeconds] how long a stop lets what runs go on
 * @property {AbortSignal} [signal] stops it, as `stop` does
 */

export class Worker {
  /** @type {Map<string, WorkFunction>} */
  #functions = new Map();
  /** @type {((context: WorkContext) => any) | null} */
  #fallback = null;
  /** @type {Threads | null} */
  #threads = null;
  #stopping = new AbortController();
  #client;
  #isOwnClient;
  #options;

  /**
   * Works for one executor, once, from `run` until `stop`.
   * @param {Colonies | string | readonly string[]} client a client, or the address of a broker
   * @param {WorkerOptions} [options]
   */
  constructor(client, { key, concurrency = 1, graceSeconds = 30, signal } = {}) {
    this.#isOwnClient = !(client instanceof Colonies);
    this.#client = client instanceof Colonies ? client : new Colonies(client, { key });
    this.#options = { key, concurrency, graceSeconds };
    if (signal?.aborted) this.stop();
    signal?.addEventListener("abort", () => this.stop(), { once: true });
  }

  /**
   * Register a function: `worker.function("set_lamp", ([state]) => show(state))`.
   * @param {string} name
   * @param {WorkFunction} call called with the spec's args, as one array, and the context; see `WorkFunction`
   */
  function(name, call) {
    this.#functions.set(name, call);
    return this;
  }

  /**
   * Register what is called, with the context, for every func without a function of its own.
   * @param {(context: WorkContext) => any} call
   */
  fallback(call) {
    this.#fallback = call;
    return this;
  }

  /**
   * Run the functions of a module in Web Workers (in Node.js: worker threads), one for each process that runs at
   * a time. There they may take as long as they like: neither the page nor the connection waits for them. One
   * that does not end when it is no longer wanted is ended.
   * @param {string | URL} url of a module that calls `serveFunctions`; of this page's origin
   */
  functionsIn(url) {
    this.#threads = new Threads(url);
    return this;
  }

  // — its life —

  /**
   * Work until `stop`. Throws what says that this key may not work here, or that the module of `functionsIn` cannot
   * be loaded; nothing else ends it.
   */
  async run() {
    const { key, concurrency, graceSeconds } = this.#options;
    try {
      await this.#threads?.ready();
      const caller = this.#client.caller;
      const shift = new Shift(caller, caller.signerFor(key), (context) => this.#outcomeOf(context));
      await shift.work({ concurrency, graceSeconds, stopping: this.#stopping });
    } finally {
      this.#threads?.end();
      if (this.#isOwnClient) await this.#client.close();
    }
  }

  /** Take nothing new, let what runs finish, and then return from `run`. */
  stop() {
    this.#stopping.abort();
  }

  /**
   * @param {WorkContext} context
   * @returns {Promise<Outcome>}
   */
  async #outcomeOf(context) {
    const { func } = context.process.spec;
    const own = this.#functions.get(func);
    if (own) return outcomeOf(own, context);
    if (this.#threads?.names.includes(func)) return this.#threads.outcomeOf(context);
    const fallback = this.#fallback;
    if (fallback) return outcomeOf((_args, given) => fallback(given), context);
    const known = [...this.#functions.keys(), ...(this.#threads?.names ?? [])].sort().join(", ") || "none";
    return { successful: false, out: [], errors: [`this worker has no function "${func}"; it has: ${known}`] };
  }
}
