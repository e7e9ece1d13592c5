/**
 * The answer to a request: waited for at most so long, and given back when it comes to nobody.
 *
 * A request that takes long says how far it is, and then that is how long the next sign of it is waited for.
 */

import { inSeconds } from "./clock.js";
import { NoAnswer } from "./errors.js";

/** @import { Asked, Progress } from "./asked.js" */
/** @import { Connection } from "./connection.js" */
/** @import { ColoniesError } from "./errors.js" */

export class Answer {
  /** @type {Asked} */
  asked = /** @type {any} */ (null); // set by who asks
  #connection;
  #seconds;
  #tell;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #late;
  #isSettled = false;
  #hasGivenUp = false;
  /** @type {(result: any) => void} */
  #resolve = () => {};
  /** @type {(error: unknown) => void} */
  #reject = () => {};
  #result = new Promise((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  /**
   * @param {Connection} connection
   * @param {number} seconds
   * @param {Progress} [tell] called with how far it is; what it throws ends the waiting
   */
  constructor(connection, seconds, tell = () => {}) {
    this.#connection = connection;
    this.#seconds = seconds;
    this.#tell = tell;
    this.#result.catch(() => {}); // whoever waits is told; nobody may
  }

  /**
   * @param {any} result
   * @param {ColoniesError | null} error
   */
  settle(result, error) {
    if (this.#hasGivenUp) return;
    this.#isSettled = true;
    if (error === null) this.#resolve(result);
    else this.#reject(error);
  }

  /** @type {Progress} */
  progress(done, matched) {
    if (this.#isSettled || this.#hasGivenUp) return;
    if (this.#late !== undefined) this.#waitOnce();
    try {
      this.#tell(done, matched);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Give up when nothing is heard for so long, counted from now. */
  #waitOnce() {
    clearTimeout(this.#late);
    this.#late = inSeconds(this.#seconds, () => this.#giveUp(this.#noAnswer()));
  }

  /**
   * Wait for the result, or throw the refusal. Aborting forgets it: an assigned process is handed back.
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async wait(signal) {
    const { hasAnswered, connectSeconds } = this.#connection;
    const noBroker = hasAnswered
      ? undefined
      : inSeconds(Math.min(connectSeconds, this.#seconds), () => this.#unlessReachable());
    this.#waitOnce();
    const abort = () => this.#giveUp(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    try {
      return await this.#result;
    } finally {
      clearTimeout(noBroker);
      clearTimeout(this.#late);
      this.#late = undefined;
      signal?.removeEventListener("abort", abort);
    }
  }

  #unlessReachable() {
    if (!this.#connection.hasAnswered) this.#giveUp(this.#connection.unreachable());
  }

  /** @param {unknown} error */
  #giveUp(error) {
    if (this.#isSettled || this.#hasGivenUp) return;
    this.#hasGivenUp = true;
    this.#connection.forget(this.asked);
    this.#reject(error);
  }

  #noAnswer() {
    if (!this.#connection.isOpen) return this.#connection.unreachable();
    const repeat = this.asked.mayRepeat ? "a repeat is safe" : "look before you repeat it";
    const told = `${this.asked.method} was not answered within ${this.#seconds} s`;
    return new NoAnswer(`${told}; it may or may not have happened, ${repeat}`);
  }
}
