/** Who asks: a connection, a key, and the way from a method's parameters to its result. */

import { socketAddresses } from "./addresses.js";
import { Connection } from "./connection.js";
import { badRequest } from "./errors.js";
import { Feed, Subscription } from "./subscription.js";
import { Identity, signerOf } from "./wire/identity.js";

/** @import { Progress } from "./asked.js" */
/** @import { FollowingOptions } from "./following.js" */
/** @import { Signer } from "./wire/identity.js" */

/** A private key in hex, or a signer. @typedef {string | Signer} Key */

/**
 * What every method takes beside its own parameters.
 * @typedef {object} Options
 * @property {Key | null} [prvkey] another key than the client's
 * @property {AbortSignal} [signal] stops waiting: the call throws the signal's reason
 */

/**
 * @typedef {object} ClientOptions
 * @property {Key} [key] private key in hex, or a signer
 * @property {string} [colony] id of the colony; only the server owner needs it
 * @property {number} [connectSeconds] how long a call waits for a first broker before it throws Unreachable
 * @property {number} [requestSeconds] how long a call waits for its answer before it throws NoAnswer
 */

const KEPT_SIGNERS = 1024;

export class Caller {
  #signer;
  /** @type {Map<string, Signer>} */
  #signers = new Map();
  #colony;
  #requestSeconds;

  /**
   * @param {string | readonly string[] | undefined} address
   * @param {ClientOptions} options
   */
  constructor(address, { key, colony, connectSeconds = 10, requestSeconds = 30 } = {}) {
    this.connection = new Connection(socketAddresses(address), { connectSeconds });
    this.#signer = key === undefined ? null : signerOf(key);
    this.#colony = colony;
    this.#requestSeconds = requestSeconds;
  }

  /** The id of the client's own key, or an empty string. */
  get id() {
    return this.#signer?.id ?? "";
  }

  /**
   * Ask and wait for the result. Undefined and null among params mean: not given.
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Options & { progress?: Progress }} [options] progress: called with how far it is
   * @param {number} [moreSeconds] how much longer than for other requests the broker may take
   * @returns {Promise<any>}
   */
  async ask(method, params, { prvkey, signal, progress } = {}, moreSeconds = 0) {
    signal?.throwIfAborted();
    return this.begin(method, params, prvkey, moreSeconds, progress).wait(signal);
  }

  /**
   * Ask without waiting, so that what is asked next leaves in the same frame.
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Key | null} [prvkey]
   * @param {number} [moreSeconds]
   * @param {Progress} [progress]
   */
  begin(method, params, prvkey, moreSeconds = 0, progress = undefined) {
    const seconds = this.#requestSeconds + moreSeconds;
    return this.connection.ask(method, this.#complete(params), this.signerFor(prvkey), seconds, progress);
  }

  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Options & { seconds: number, lasts?: boolean }} options
   */
  subscription(method, params, { prvkey, signal, seconds, lasts = true }) {
    const options = { patience: this.#requestSeconds, seconds, lasts, signal };
    return new Subscription(this.connection, method, this.#complete(params), this.signerFor(prvkey), options);
  }

  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Options} options
   * @param {Pick<FollowingOptions, "newestOnly" | "first">} [how]
   * @returns {Feed<any>}
   */
  feed(method, params, { prvkey, signal }, how = {}) {
    const options = { patience: this.#requestSeconds, seconds: 0, lasts: true, signal, ...how };
    return new Feed(this.connection, method, this.#complete(params), this.signerFor(prvkey), options);
  }

  /**
   * Leave out what was not given, and name the client's colony where the caller named none.
   * @param {Record<string, unknown>} params
   */
  #complete(params) {
    const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
    return { ...(this.#colony === undefined ? {} : { colonyid: this.#colony }), ...Object.fromEntries(given) };
  }

  /**
   * @param {Key | null} [prvkey]
   * @returns {Signer}
   */
  signerFor(prvkey) {
    if (prvkey === undefined || prvkey === null) {
      if (!this.#signer) throw badRequest("prvkey", "a key: give one to the client, or to the call", "none");
      return this.#signer;
    }
    if (typeof prvkey !== "string") return signerOf(prvkey);
    // Making a key pair costs as much as a signature: once for each key, not for each call that names it.
    const known = this.#signers.get(prvkey);
    if (known) return known;
    if (this.#signers.size >= KEPT_SIGNERS) this.#signers.clear();
    const made = new Identity(prvkey);
    this.#signers.set(prvkey, made);
    return made;
  }
}
