/**
 * The life of a subscription: made, made again on every new connection, read, ended.
 *
 * At most `MAX_UNREAD` things lie unread; after that the oldest is passed over. Where each outdates the one before it,
 * only the newest is kept. Knows nothing of what they say.
 */

import { Standing } from "./asked.js";
import { Bell, inSeconds, steadySeconds } from "./clock.js";
import { Closed, NoAnswer, SubscriptionEnded } from "./errors.js";

/** @import { Connection } from "./connection.js" */
/** @import { ColoniesError } from "./errors.js" */
/** @import { Signer } from "./wire/identity.js" */

/**
 * @typedef {object} FollowingOptions
 * @property {number} patience seconds to wait for its being made
 * @property {number} seconds until it ends, 0: never
 * @property {boolean} lasts past a reconnect
 * @property {AbortSignal} [signal] ends it; whoever iterates is thrown its reason
 * @property {boolean} [newestOnly] each thing outdates the one before it
 * @property {any} [first] told each time it is made, before what the broker tells
 */

export const MAX_UNREAD = 8192;
// A broker says when the time is up; one that cannot be heard is not waited for.
const LAST_EVENT_SECONDS = 1;

/** @template T what it tells */
export class Following {
  /** How many events were passed over because nobody read them. */
  missed = 0;
  #connection;
  #method;
  #params;
  #signer;
  #options;
  /** @type {Standing | null} */
  #standing = null;
  /** @type {T[]} */
  #unread = [];
  #changed = new Bell();
  /** @type {unknown} */
  #ended = null;
  #isClosed = false;
  /** @type {Promise<void> | null} */
  #made = null;
  #sayMade = () => {};
  /** @type {(error: unknown) => void} */
  #sayUnmade = () => {};

  /**
   * @param {Connection} connection
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Signer} signer
   * @param {FollowingOptions} options
   */
  constructor(connection, method, params, signer, options) {
    this.#connection = connection;
    this.#method = method;
    this.#params = params;
    this.#signer = signer;
    this.#options = options;
  }

  // — making and ending it —

  /** Resolves once a broker has made it. Throws Unreachable, NoAnswer, or why it was refused. @returns {Promise<void>} */
  get made() {
    return this.#waitMade();
  }

  async #waitMade() {
    const made = this.#make();
    const { patience } = this.#options;
    const { hasAnswered, connectSeconds } = this.#connection;
    const noBroker = hasAnswered ? undefined : inSeconds(connectSeconds, () => this.#unlessReachable());
    const told = `${this.#method} was not answered within ${patience} s; subscribe again`;
    const late = inSeconds(patience, () => this.#letGo(new NoAnswer(told)));
    try {
      await made;
    } finally {
      clearTimeout(noBroker);
      clearTimeout(late);
    }
  }

  #unlessReachable() {
    if (!this.#connection.hasAnswered) this.#letGo(this.#connection.unreachable());
  }

  /** End it, here and at the broker. Whoever iterates over it comes to the end. */
  close() {
    this.#isClosed = true;
    this.#letGo(new SubscriptionEnded("cancelled"));
  }

  /** @param {unknown} error */
  #letGo(error) {
    this.#end(error);
    if (this.#standing) this.#connection.forget(this.#standing);
  }

  #make() {
    if (this.#made) return this.#made;
    this.#made = new Promise((resolve, reject) => {
      this.#sayMade = resolve;
      this.#sayUnmade = reject;
    });
    this.#made.catch(() => {}); // whoever only iterates is told there
    if (this.#ended !== null) this.#sayUnmade(this.#ended);
    else if (this.#options.signal?.aborted) this.#abort();
    else this.#ask();
    return this.#made;
  }

  #abort = () => this.#letGo(this.#options.signal?.reason);

  #ask() {
    this.#options.signal?.addEventListener("abort", this.#abort);
    try {
      this.#standing = this.#newStanding();
      this.#connection.say(this.#standing);
    } catch (error) {
      this.#end(error);
    }
  }

  #newStanding() {
    const { seconds, lasts } = this.#options;
    return new Standing(this.#method, this.#params, this.#signer, {
      push: (value) => this.#push(value),
      ended: (reason) => this.#end(new SubscriptionEnded(reason)),
      until: seconds > 0 ? steadySeconds() + seconds : null,
      lasts,
      settle: (_result, error) => (error ? this.#end(error) : this.#begin()),
    });
  }

  #begin() {
    const { first } = this.#options;
    if (first !== undefined) this.#push(first);
    this.#sayMade();
  }

  // — what the connection says —

  /** @param {T} value */
  #push(value) {
    if (this.#options.newestOnly) {
      this.#unread = [];
    } else if (this.#unread.length >= MAX_UNREAD) {
      this.#unread.shift();
      this.missed += 1;
    }
    this.#unread.push(value);
    this.#changed.ring();
  }

  /** @param {unknown} error */
  #end(error) {
    this.#ended ??= error;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#changed.ring();
    this.#sayUnmade(error);
  }

  // — reading —

  /**
   * Wait for the next event. Throws SubscriptionEnded when it is over, or why it was refused.
   * @returns {Promise<T>}
   */
  async nextEvent() {
    if (this.#ended === null) this.#make();
    for (;;) {
      const event = this.#unread.shift();
      if (event !== undefined) return event;
      if (this.#ended !== null) throw this.#ended;
      await this.#waitChanged();
    }
  }

  async #waitChanged() {
    const until = this.#standing?.until;
    const seconds = until ? Math.max(0, until - steadySeconds()) + LAST_EVENT_SECONDS : Infinity;
    if (!(await this.#changed.wait(seconds)) && seconds !== Infinity) this.#letGo(new SubscriptionEnded("timeout"));
  }

  /**
   * Events until the time is up or it, or the client, is closed. Throws why it ended otherwise.
   * @returns {AsyncGenerator<T, void, void>}
   */
  async *events() {
    try {
      for (let event; (event = await this.#nextOrNull()) !== null; ) yield event;
    } finally {
      this.close();
    }
  }

  async #nextOrNull() {
    try {
      return await this.nextEvent();
    } catch (error) {
      if (error instanceof Closed) return null;
      if (error instanceof SubscriptionEnded && (error.reason === "timeout" || this.#isClosed)) return null;
      throw error;
    }
  }
}
