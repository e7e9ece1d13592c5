/**
 * One run of a worker: slots that take a process, have it worked on, close it and take the next.
 *
 * A process must not be lost between taking and closing: what was assigned to a slot that stops is handed back,
 * and so is what has not ended after the grace. What the broker has moved on (deadline, cancel) is let go without
 * a word.
 */

import { Asked, newClaimid } from "./asked.js";
import { fullJitter } from "./backoff.js";
import { Bell } from "./clock.js";
import { ColoniesError } from "./errors.js";
import { inWords } from "./functions.js";
import { Piece } from "./piece.js";
import { named } from "./work.js";

/** @import { Answer } from "./answer.js" */
/** @import { Caller } from "./caller.js" */
/** @import { Outcome, WorkContext } from "./functions.js" */
/** @import { Signer } from "./wire/identity.js" */
/** @import { Process } from "./wire/model.js" */

const ASSIGN_SECONDS = 30;
const LAST_CLOSES_SECONDS = 5;
const KEPT_REVOKED = 256;
// The process is not ours any more: there is nothing to close.
const TOO_LATE = ["deadline_passed", "not_assigned_to_you", "wrong_state", "not_found"];
const UNUSABLE = ["bad_request", "too_large"];

export class Shift {
  /** @type {Map<string, Piece>} */
  #pieces = new Map();
  /** @type {Set<Promise<void>>} */
  #closing = new Set();
  // A cancel may be heard before its slot has even seen the process.
  /** @type {string[]} */
  #revoked = [];
  /** Why this key may not work here, once a broker has said so. @type {unknown} */
  #failure = null;
  #caller;
  #signer;
  #outcomeOf;

  /**
   * @param {Caller} caller
   * @param {Signer} signer
   * @param {(context: WorkContext) => Promise<Outcome>} outcomeOf
   */
  constructor(caller, signer, outcomeOf) {
    this.#caller = caller;
    this.#signer = signer;
    this.#outcomeOf = outcomeOf;
  }

  /**
   * Work until told to stop, and see everything through.
   * @param {{ concurrency: number, graceSeconds: number, stopping: AbortController }} options
   */
  async work({ concurrency, graceSeconds, stopping }) {
    const revoke = (/** @type {string} */ processid, /** @type {number} */ attempt) => this.#revoke(processid, attempt);
    const letGo = () => this.#letGo();
    const { cancelledListeners, closingListeners } = this.#caller.connection;
    cancelledListeners.add(revoke);
    closingListeners.add(letGo);
    try {
      const slots = Promise.all(Array.from({ length: concurrency }, () => this.#slot(stopping)));
      await Promise.race([slots, aborted(stopping.signal)]);
      await this.#end(slots, graceSeconds);
    } finally {
      cancelledListeners.delete(revoke);
      closingListeners.delete(letGo);
    }
    if (this.#failure) throw this.#failure;
  }

  /**
   * @param {string} processid
   * @param {number} attempt
   */
  #revoke(processid, attempt) {
    const key = `${processid} ${attempt}`;
    this.#revoked.push(key);
    if (this.#revoked.length > KEPT_REVOKED) this.#revoked.shift();
    this.#pieces.get(key)?.revoke();
  }

  /** The client closes, and nothing could be closed any more: hand back all that is worked on. */
  #letGo() {
    for (const piece of this.#pieces.values()) {
      this.#handBack(piece.process);
      piece.revoke();
    }
  }

  /** Run one process after the other. A close and the assign that follows it leave in one frame. @param {AbortController} stopping */
  async #slot(stopping) {
    for (let process; (process = await this.#nextProcess(stopping)); ) {
      const outcome = await this.#work(process);
      if (outcome) this.#close(process, outcome);
    }
  }

  /**
   * Let what runs finish, hand back what does not, and see the last closes through.
   * @param {Promise<unknown>} slots
   * @param {number} graceSeconds
   */
  async #end(slots, graceSeconds) {
    await within(graceSeconds, slots);
    for (const piece of this.#pieces.values()) piece.giveBack();
    await slots;
    await within(LAST_CLOSES_SECONDS, Promise.all(this.#closing));
  }

  // — taking —

  /**
   * The next process; null once the worker stops. What is assigned in that moment is handed back.
   * @param {AbortController} stopping
   * @returns {Promise<Process | null>}
   */
  async #nextProcess(stopping) {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        const process = await this.#beginAssign().wait(stopping.signal);
        if (!stopping.signal.aborted) return process;
        this.#handBack(process);
      } catch (error) {
        if (stopping.signal.aborted) break;
        if (error instanceof ColoniesError && error.code === "nothing_to_assign") {
          failures = 0;
        } else if (mayPass(error)) {
          if (failures++ === 0) console.warn(`no process could be assigned, trying on: ${error.message}`);
          await pause(fullJitter(failures + 2), stopping.signal);
        } else {
          this.#failure = error;
          stopping.abort();
        }
      }
    }
    return null;
  }

  #beginAssign() {
    const params = { timeout: ASSIGN_SECONDS, claimid: newClaimid() };
    return this.#caller.begin("process.assign", params, this.#signer, ASSIGN_SECONDS);
  }

  // — working —

  /**
   * Run the function to its end. Null when there is nothing to close: revoked, out of time, or handed back.
   * @param {Process} process
   * @returns {Promise<Outcome | null>}
   */
  async #work(process) {
    const key = `${process.processid} ${process.attempt}`;
    const piece = new Piece(process, this.#caller, this.#signer);
    this.#pieces.set(key, piece);
    if (this.#revoked.includes(key)) piece.revoke();
    try {
      return await piece.work(this.#outcomeOf);
    } finally {
      this.#pieces.delete(key);
      if (piece.goesBack) this.#handBack(process);
    }
  }

  /** Say it as a last word: it is said even while the client closes. @param {Process} process */
  #handBack(process) {
    try {
      const asked = new Asked("process.hand_back", named(process), this.#signer, { isLastWord: true });
      this.#caller.connection.say(asked);
    } catch (error) {
      if (!(error instanceof ColoniesError)) throw error;
    }
  }

  // — closing —

  /**
   * Ask for the close now, in this very turn, and see to its answer beside the next process.
   * @param {Process} process
   * @param {Outcome} outcome
   */
  #close(process, outcome) {
    const closing = this.#seeClosed(process, outcome);
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }

  /**
   * @param {Process} process
   * @param {Outcome} outcome
   * @returns {Answer}
   */
  #beginClose(process, outcome) {
    return this.#caller.begin("process.close", { ...named(process), ...outcome }, this.#signer);
  }

  /**
   * Repeat the close until it is answered: a repeat is safe, and its deadline ends it at last.
   * @param {Process} process
   * @param {Outcome} outcome
   */
  async #seeClosed(process, outcome) {
    for (let failures = 1, wasUnusable = false; ; failures++) {
      try {
        await this.#beginClose(process, outcome).wait();
        return;
      } catch (error) {
        const isUnusable = !(error instanceof ColoniesError) || UNUSABLE.includes(error.code);
        if (isUnusable && !wasUnusable) {
          // It must not stay running because of what its function returned.
          wasUnusable = true;
          outcome = { successful: false, out: [], errors: [`the result was refused: ${inWords(error)}`] };
        } else if (error instanceof ColoniesError && error.retry) {
          await pause(fullJitter(failures));
        } else {
          const isTooLate = error instanceof ColoniesError && TOO_LATE.includes(error.code);
          if (!isTooLate) console.warn(`a close was refused: ${inWords(error)}`);
          return;
        }
      }
    }
  }
}

/**
 * Whether the trouble may pass by itself; an executor may yet be approved.
 * @param {unknown} error
 * @returns {error is ColoniesError}
 */
function mayPass(error) {
  return error instanceof ColoniesError && (error.retry || error.code === "not_approved");
}

/** @param {AbortSignal} signal */
function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", resolve, { once: true });
  });
}

/**
 * @param {number} seconds
 * @param {AbortSignal} [signal] cuts it short
 */
async function pause(seconds, signal) {
  const bell = new Bell();
  const ring = () => bell.ring();
  signal?.addEventListener("abort", ring);
  await bell.wait(seconds);
  signal?.removeEventListener("abort", ring);
}

/**
 * Wait for it, at most so long.
 * @param {number} seconds
 * @param {Promise<unknown>} promise
 */
async function within(seconds, promise) {
  const bell = new Bell();
  void promise.finally(() => bell.ring());
  await bell.wait(seconds);
}
