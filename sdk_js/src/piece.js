/** A process that is worked on: its function runs until it ends, is revoked, is out of time or has to go back. */

import { Sayings } from "./functions.js";

/** @import { Caller } from "./caller.js" */
/** @import { Outcome, WorkContext } from "./functions.js" */
/** @import { Signer } from "./wire/identity.js" */
/** @import { Process } from "./wire/model.js" */

// A function that does not heed its signal cannot be ended from outside; its place is not kept for it for ever.
const LEAVE_BEHIND_SECONDS = 5;
// Timers of JavaScript hold 31 bits; what may run for more than 24 days is ended by the broker alone.
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

export class Piece {
  goesBack = false;
  #unwanted = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;
  #sayings;

  /**
   * @param {Process} process
   * @param {Caller} caller
   * @param {Signer} signer
   */
  constructor(process, caller, signer) {
    this.process = process;
    this.#sayings = new Sayings(caller, signer, process.processid);
  }

  /** The broker has moved it on. */
  revoke() {
    this.#unwanted.abort(new Error("the process was cancelled, or is not this worker's any more"));
  }

  /** The worker stops before it has ended. */
  giveBack() {
    this.goesBack = true;
    this.#unwanted.abort(new Error("the worker stops"));
  }

  /**
   * Run it. Null when there is nothing to close.
   * @param {(context: WorkContext) => Promise<Outcome>} outcomeOf
   * @returns {Promise<Outcome | null>}
   */
  async work(outcomeOf) {
    // A cancel may have come with the process itself.
    if (this.#unwanted.signal.aborted) return null;
    const timer = this.#startDeadline();
    try {
      const outcome = await Promise.race([this.#run(outcomeOf), this.#leftBehind()]);
      return this.#unwanted.signal.aborted ? null : outcome;
    } finally {
      clearTimeout(timer);
      clearTimeout(this.#leaving);
    }
  }

  /** @param {(context: WorkContext) => Promise<Outcome>} outcomeOf */
  async #run(outcomeOf) {
    const outcome = await outcomeOf(this.#context());
    if (!this.#unwanted.signal.aborted) await this.#sayings.settled();
    return outcome;
  }

  /** @returns {WorkContext} */
  #context() {
    const { spec } = this.process;
    return {
      process: this.process,
      kwargs: spec.kwargs,
      env: spec.env,
      signal: this.#unwanted.signal,
      log: (message) => this.#sayings.log(message),
      setAttribute: (key, value, options) => this.#sayings.setAttribute(key, value, options),
    };
  }

  #startDeadline() {
    const { execdeadline, starttime } = this.process;
    // Both times are the broker's, for its clock need not be ours.
    const milliseconds = execdeadline - starttime;
    if (!execdeadline || milliseconds > LONGEST_TIMER_MILLISECONDS) return undefined;
    return setTimeout(() => this.#unwanted.abort(new Error("its time is up")), milliseconds);
  }

  /** @returns {Promise<null>} */
  #leftBehind() {
    return new Promise((resolve) => {
      const { signal } = this.#unwanted;
      const leave = () => (this.#leaving = setTimeout(() => resolve(null), LEAVE_BEHIND_SECONDS * 1000));
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
