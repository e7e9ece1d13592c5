/** The inside of a thread: functions by name, run one at a time for the worker that started it. */

import { listenInside } from "#thread";

import { outcomeOf } from "./functions.js";

/** @import { WorkContext, WorkFunction } from "./functions.js" */
/** @import { AttributeKind, Process } from "./wire/model.js" */

/**
 * Serve these functions to the `Worker` that named this module in `functionsIn`.
 *
 * Each is called with the spec's args, as one array, and the context; see `WorkFunction`.
 * @param {Record<string, WorkFunction>} functions
 */
export function serveFunctions(functions) {
  const inside = new Inside(functions);
  inside.post = listenInside((message) => inside.hear(message));
  inside.post({ kind: "functions", names: Object.keys(functions) });
}

class Inside {
  /** @type {(message: unknown) => void} */
  post = () => {};
  #unwanted = new AbortController();
  #lastSaid = 0;
  /** @type {Map<number, (refused?: string) => void>} */
  #unanswered = new Map();
  #functions;

  /** @param {Record<string, WorkFunction>} functions */
  constructor(functions) {
    this.#functions = functions;
  }

  /** @param {any} message */
  hear(message) {
    if (message.kind === "run") void this.#run(message.run, message.process);
    else if (message.kind === "unwanted") this.#unwanted.abort(new Error("the work is no longer wanted"));
    else if (message.kind === "said") this.#unanswered.get(message.id)?.(message.refused);
  }

  /** @param {number} run @param {Process} process */
  async #run(run, process) {
    this.#unwanted = new AbortController();
    const outcome = await outcomeOf(this.#functions[process.spec.func], this.#context(run, process));
    try {
      this.post({ kind: "outcome", run, outcome });
    } catch (error) {
      // What cannot even be copied out of the thread cannot be sent to a broker.
      const errors = [`the result was refused: ${error instanceof Error ? error.message : error}`];
      this.post({ kind: "outcome", run, outcome: { successful: false, out: [], errors } });
    }
  }

  /**
   * @param {number} run
   * @param {Process} process
   * @returns {WorkContext}
   */
  #context(run, process) {
    return {
      process,
      kwargs: process.spec.kwargs,
      env: process.spec.env,
      signal: this.#unwanted.signal,
      log: (message) => this.#say(run, "log", [String(message)]),
      setAttribute: (key, value, options) => this.#say(run, "setAttribute", [key, value, options]),
    };
  }

  /**
   * @param {number} run
   * @param {string} what
   * @param {unknown[]} args
   * @returns {Promise<void>}
   */
  #say(run, what, args) {
    const id = ++this.#lastSaid;
    const said = new Promise((resolve, reject) => {
      this.#unanswered.set(id, (refused) => {
        this.#unanswered.delete(id);
        if (refused === undefined) resolve(undefined);
        else reject(new Error(refused));
      });
      this.post({ kind: "say", run, id, what, args });
    });
    said.catch(() => {}); // awaiting it is optional
    return /** @type {Promise<void>} */ (said);
  }
}
