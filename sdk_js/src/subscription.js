/**
 * Subscriptions: processes as they come, across reconnects.
 *
 * A subscription is made again on every new connection, and then the broker pushes what already waits; so
 * a lost event costs a moment and never a process. At most `MAX_UNREAD` events lie unread; after that the
 * oldest is passed over, for an event is only a wake-up.
 */

import { Standing } from "./asked.js";
import { Bell, inSeconds, steadySeconds } from "./clock.js";
import { Closed, NoAnswer, SubscriptionEnded } from "./errors.js";

/** @import { Connection } from "./connection.js" */
/** @import { ColoniesError } from "./errors.js" */
/** @import { Signer } from "./wire/identity.js" */
/** @import { EventName, Process } from "./wire/model.js" */

/** @typedef {{ event: EventName, process: Process }} ProcessEvent */

export const MAX_UNREAD = 8192;
// A broker says when the time is up; one that cannot be heard is not waited for.
const LAST_EVENT_SECONDS = 1;

/**
 * Iterate over it for processes (`for await`), over `events()` for { event, process }.
 *
 * Awaiting `made` returns once a broker has made it, and throws what a request would throw. Without that, the
 * first step of the iteration makes it and waits for a broker for as long as that takes. Leaving the loop ends it.
 */
export class Subscription {
  /** How many events were passed over because nobody read them. */
  missed = 0;
  #connection;
  #method;
  #params;
  #signer;
  #options;
  /** @type {Standing | null} */
  #standing = null;
  /** @type {ProcessEvent[]} */
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
   * @param {object} options
   * @param {number} options.patience seconds to wait for its being made
   * @param {number} options.seconds until it ends, 0: never
   * @param {boolean} options.lasts past a reconnect
   * @param {AbortSignal} [options.signal] ends it; whoever iterates is thrown its reason
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
      push: (event, process) => this.#push(event, process),
      ended: (reason) => this.#end(new SubscriptionEnded(reason)),
      until: seconds > 0 ? steadySeconds() + seconds : null,
      lasts,
      settle: (_result, error) => (error ? this.#end(error) : this.#sayMade()),
    });
  }

  // — what the connection says —

  /**
   * @param {string} event
   * @param {Process} process
   */
  #push(event, process) {
    if (this.#unread.length >= MAX_UNREAD) {
      this.#unread.shift();
      this.missed += 1;
    }
    this.#unread.push({ event: /** @type {EventName} */ (event), process });
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
   * @returns {Promise<ProcessEvent>}
   */
  async nextEvent() {
    if (this.#ended === null) this.#make();
    for (;;) {
      const event = this.#unread.shift();
      if (event) return event;
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
   * @returns {AsyncGenerator<ProcessEvent, void, void>}
   */
  async *events() {
    try {
      for (let event; (event = await this.#nextOrNull()); ) yield event;
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

  /** @returns {AsyncGenerator<Process, void, void>} */
  async *[Symbol.asyncIterator]() {
    for await (const { process } of this.events()) yield process;
  }
}
