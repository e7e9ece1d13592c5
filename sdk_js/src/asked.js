/** What is asked of a broker: one request, or a subscription that is asked for again on every connection. */

import { encodeRequest, pack } from "./wire/frames.js";
import { randomHex } from "./wire/hex.js";
import { METHODS } from "./wire/messages.js";
import { checkSendable } from "./wire/sendable.js";

/** @import { ColoniesError } from "./errors.js" */
/** @import { Signer } from "./wire/identity.js" */

/** @typedef {(result: any, error: ColoniesError | null) => void} Settle */
/** @typedef {(done: number, matched: number) => void} Progress */

// They are answered when everything that matches is done, which may take minutes.
const MATCHING = Object.freeze(["process.retry_matching", "process.cancel_matching", "process.remove_matching"]);

/** A name for an assign, by which it can be repeated: what its first answer gave, and nobody heard, goes back. */
export function newClaimid() {
  return randomHex(8);
}

/** One request. `settle` is called once, with the result or with the error, unless it is forgotten. */
export class Asked {
  /** Nobody waits for its answer any more. */
  isForgotten = false;
  /** The broker has begun with it. */
  hasBegun = false;
  /** The end of a wait that was begun. @type {number | null} */
  #until = null;

  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Signer} signer
   * @param {object} [options]
   * @param {Settle} [options.settle]
   * @param {Progress} [options.progress] called with how far it is, any number of times before `settle`
   * @param {boolean} [options.isLastWord] it tidies up behind somebody who has gone, and is said even while the client
   *   closes
   * Throws BadRequest for what cannot be sent, before a broker would close the connection over it.
   */
  constructor(method, params, signer, { settle = () => {}, progress = () => {}, isLastWord = false } = {}) {
    checkSendable(params);
    this.method = method;
    this.params = params;
    this.signer = signer;
    this.settle = settle;
    this.progress = progress;
    this.isLastWord = isLastWord;
    this.packed = pack(params);
  }

  /** Whether to say it again on the next connection. There, a subscription's number would mean another one. */
  get mayRepeat() {
    return METHODS[this.method].repeatSafe && this.method !== "subscription.cancel";
  }

  /** Whether the broker may keep it unanswered for long. */
  get waits() {
    return (this.method === "process.assign" && Boolean(this.params.timeout)) || MATCHING.includes(this.method);
  }

  /** Whether passing trouble of a broker does not end it. @returns {boolean} */
  get standsAgain() {
    return false;
  }

  /** The field of its result without which nobody could give back what was answered. @returns {string} */
  get needs() {
    return this.method === "process.assign" ? "processid" : "";
  }

  /**
   * The request as it is sent at `now`, seconds of the caller's steady clock.
   * @param {number} id
   * @param {number} now
   */
  encode(id, now) {
    return encodeRequest(id, this.method, this.packedAt(now));
  }

  /** @param {number} now */
  packedAt(now) {
    if (this.method !== "process.assign") return this.packed;
    if (this.#until === null) {
      this.#until = now + Number(this.params.timeout ?? 0);
      return this.packed;
    }
    // A wait that begins again lasts as long as is left of it; what the first answer may have given goes back.
    const again = "claimid" in this.params ? { repeated: true } : {};
    return pack({ ...this.params, timeout: Math.max(0, this.#until - now), ...again });
  }
}

/** A subscription. `settle` is called with each answer: the first one, and one for each reconnect. */
export class Standing extends Asked {
  /**
   * By which the broker knows it on this connection.
   * @type {number | null}
   */
  number = null;
  /** Once it was made, no passing trouble of a broker ends it. */
  wasMade = false;

  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Signer} signer
   * @param {object} options
   * @param {(value: any) => void} options.push called with each thing that the broker tells it
   * @param {(reason: string) => void} options.ended called once, when it is over
   * @param {number | null} options.until when it ends, seconds of the caller's steady clock; null: never
   * @param {boolean} options.lasts whether it is asked for again on the next connection
   * @param {Settle} options.settle
   */
  constructor(method, params, signer, { push, ended, until, lasts, settle }) {
    super(method, params, signer, { settle });
    this.push = push;
    this.ended = ended;
    this.until = until;
    this.lasts = lasts;
  }

  get standsAgain() {
    return this.wasMade && this.lasts && !this.isForgotten;
  }

  get needs() {
    return "subscription";
  }

  /** @param {number} now */
  isOver(now) {
    return this.until !== null && this.until <= now;
  }

  /**
   * After a reconnect only the time that is left.
   * @param {number} now
   */
  packedAt(now) {
    return this.until === null ? this.packed : pack({ ...this.params, timeout: Math.max(0.001, this.until - now) });
  }
}
