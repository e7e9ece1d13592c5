/**
 * Functions that run beside the page: a pool of Web Workers (in Node.js: worker threads) that serve one module.
 *
 * A thread runs one function at a time. A function that does not end soon after it is no longer wanted is ended
 * with its thread, and the next one gets a new thread.
 */

import { startThread } from "#thread";

import { Failed, inWords, outcomeOf } from "./functions.js";

/** @import { Outcome, WorkContext } from "./functions.js" */

/** @typedef {{ post(message: unknown): void, end(): void }} Port */
/** @typedef {{ message(message: any): void, broken(words: string): void }} PortListener */

const END_SECONDS = 1;
const LOAD_SECONDS = 30;

export class Threads {
  /** The functions that the module serves; known once `ready` has returned. @type {string[]} */
  names = [];
  /** @type {Thread[]} */
  #idle = [];
  /** @type {Set<Thread>} */
  #all = new Set();
  #url;

  /** @param {string | URL} url */
  constructor(url) {
    this.#url = url;
  }

  /** Load the module once, to learn what it serves. Throws when it cannot be loaded. */
  async ready() {
    const thread = this.#newThread();
    const late = setTimeout(
      () => thread.break(`it has not called serveFunctions in ${LOAD_SECONDS} s`),
      LOAD_SECONDS * 1000,
    );
    try {
      this.names = await thread.loaded;
    } finally {
      clearTimeout(late);
    }
    this.#idle.push(thread);
  }

  #freeThread() {
    for (let thread; (thread = this.#idle.pop()); ) {
      if (thread.isUsable) return thread;
      this.#all.delete(thread); // it broke while it had nothing to do
    }
    return this.#newThread();
  }

  #newThread() {
    const thread = new Thread(this.#url);
    this.#all.add(thread);
    return thread;
  }

  /**
   * Have a thread run it.
   * @param {WorkContext} context
   * @returns {Promise<Outcome>}
   */
  outcomeOf(context) {
    return outcomeOf(async () => {
      const thread = this.#freeThread();
      try {
        return await thread.run(context);
      } finally {
        if (thread.isUsable) this.#idle.push(thread);
        else this.#all.delete(thread);
      }
    }, context);
  }

  end() {
    for (const thread of this.#all) thread.end();
    this.#all.clear();
    this.#idle = [];
  }
}

class Thread {
  isUsable = true;
  #url;
  /** @type {Port} */
  #port;
  /** @type {{ run: number, context: WorkContext, resolve: (out: any) => void, reject: (error: Error) => void } | null} */
  #current = null;
  #lastRun = 0;
  /** @type {(names: string[]) => void} */
  #sayLoaded = () => {};
  /** @type {(error: Error) => void} */
  #sayBroken = () => {};
  /** @type {Promise<string[]>} */
  loaded = new Promise((resolve, reject) => {
    this.#sayLoaded = resolve;
    this.#sayBroken = reject;
  });

  /** @param {string | URL} url */
  constructor(url) {
    this.#url = url;
    this.loaded.catch(() => {});
    this.#port = startThread(url, {
      message: (message) => this.#hear(message),
      broken: (words) => this.break(words),
    });
  }

  /**
   * @param {WorkContext} context
   * @returns {Promise<any[]>}
   */
  async run(context) {
    const { signal, process } = context;
    const run = ++this.#lastRun;
    const unwanted = () => this.#post({ kind: "unwanted" });
    /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
    const onAbort = () => {
      unwanted();
      clearTimeout(timer);
      timer = setTimeout(() => this.break("it did not end when it was no longer wanted"), END_SECONDS * 1000);
    };
    const ended = new Promise((resolve, reject) => (this.#current = { run, context, resolve, reject }));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.loaded, ended]);
      this.#post({ kind: "run", run, process });
      if (signal.aborted) onAbort();
      return await ended;
    } finally {
      this.#current = null;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** @param {unknown} message */
  #post(message) {
    if (this.isUsable) this.#port.post(message);
  }

  /** @param {any} message */
  #hear(message) {
    if (message?.kind === "functions") return this.#sayLoaded(message.names);
    // What a function says after its end is not of the process that its thread is at by then.
    const current = this.#current?.run === message?.run ? this.#current : null;
    if (message?.kind === "say") void this.#say(current?.context, message);
    else if (message?.kind === "outcome" && current) settle(message.outcome, current);
  }

  /**
   * @param {WorkContext | undefined} context
   * @param {{ id: number, what: "log" | "setAttribute", args: [any, any, any] }} message
   */
  async #say(context, { id, what, args }) {
    try {
      if (!context) throw new Error("its function has ended");
      await (what === "log" ? context.log(args[0]) : context.setAttribute(...args));
      this.#post({ kind: "said", id });
    } catch (error) {
      this.#post({ kind: "said", id, refused: inWords(error) });
    }
  }

  /** End it, and with it what it is doing. @param {string} why */
  break(why) {
    const told = `the thread of ${this.#url} broke: ${why}`;
    this.end();
    this.#sayBroken(new Error(told));
    this.#current?.reject(new Failed(told));
  }

  end() {
    this.isUsable = false;
    this.#port.end();
  }
}

/**
 * @param {Outcome} outcome
 * @param {{ resolve: (out: any) => void, reject: (error: Error) => void }} waiting
 */
function settle({ successful, out, errors }, { resolve, reject }) {
  if (successful) resolve(out);
  else reject(new Failed(errors, { out }));
}
