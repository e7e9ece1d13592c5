/** Everything that a client may throw: the refusals of a broker, and what happens on the way to one. */

import { ColoniesError, Unavailable } from "./wire/errors.js";

export * from "./wire/errors.js";

/** No broker answers at any of the addresses. Nothing was asked of anybody. */
export class Unreachable extends Unavailable {}

/** The answer did not come in time. What was asked may or may not have happened. */
export class NoAnswer extends Unavailable {}

/** The connection was lost before the answer came. What was asked may or may not have happened. */
export class ConnectionLost extends Unavailable {}

/** The broker closed the connection and does not want this client back. `data` has `close_code`. */
export class TurnedAway extends ColoniesError {
  static code = "turned_away";
}

/** The client was closed; whatever it was asked came too late. */
export class Closed extends ColoniesError {
  static code = "closed";
}

/** A subscription is over; subscribe again to hear more. reason: timeout, cancelled, or connection lost. */
export class SubscriptionEnded extends ColoniesError {
  static code = "subscription_ended";
  static retry = true;

  /** @param {string} reason */
  constructor(reason) {
    super(`the subscription ended (${reason}); subscribe again to hear more`, { reason });
    this.reason = reason;
  }
}
