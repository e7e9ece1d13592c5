/** Attempts to connect: at which address the next one is made, and how long to wait before it. */

import { CAP_SECONDS, fullJitter, shuffled } from "./backoff.js";

export class Attempts {
  /** How many failed in a row; 0 when whoever asks now has waited for nothing yet. */
  failures = 0;
  /** Whether a broker has ever answered: then whether one answers now is no reason to give up. */
  hasAnswered = false;
  #turn = 0;
  #failuresBefore = 0;

  /**
   * Clients that are given the same list each go through it in an order of their own: so all brokers get some of them,
   * and those of one that stops go to all the others.
   * @param {readonly string[]} addresses
   * @param {number} connectSeconds how long a request waits for a first broker
   */
  constructor(addresses, connectSeconds) {
    this.addresses = shuffled(addresses);
    this.connectSeconds = connectSeconds;
  }

  /** Begin one, at the address whose turn it is. */
  begin() {
    this.#failuresBefore = ++this.failures;
    return this.addresses[this.#turn++ % this.addresses.length];
  }

  /** A broker talks: coming back from here takes hardly a pause. */
  succeed() {
    this.hasAnswered = true;
    this.failures = 1;
  }

  /** It did answer, but only to say that it has too much to do. */
  unsucceed() {
    this.failures = this.#failuresBefore;
  }

  /**
   * Seconds until the next one.
   * @param {number} askedFor by the broker that was left
   */
  pause(askedFor) {
    if (this.failures === 0) return askedFor;
    // While a call waits for a first broker, it is tried for more than once.
    const cap = this.hasAnswered ? CAP_SECONDS : Math.min(CAP_SECONDS, this.connectSeconds / 2);
    return Math.max(askedFor, fullJitter(this.failures, cap));
  }
}
