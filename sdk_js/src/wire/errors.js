/**
 * The one table of errors and close codes.
 *
 * Every refusal that crosses the wire is one class here. A class gives the code and whether the
 * same request may succeed later, unchanged; its text says what happened, to what, and what to do.
 */

/** A request was refused. Catch this to catch every refusal of a broker. */
export class ColoniesError extends Error {
  /** The word that stands for the reason on the wire. */
  static code = "internal";
  /** Whether the same request may succeed later, unchanged. */
  static retry = false;

  /**
   * @param {string} message
   * @param {Record<string, unknown>} [data] fields that a program can act on
   * @param {{ code?: string, retry?: boolean }} [unknown] of a code that a newer broker uses
   */
  constructor(message, data = {}, unknown = {}) {
    super(message);
    const kind = /** @type {typeof ColoniesError} */ (new.target);
    this.name = kind.name;
    this.code = unknown.code ?? kind.code;
    this.retry = unknown.retry ?? kind.retry;
    this.data = data;
  }
}

/** A bug in the broker. The message names the log line and nothing else. */
export class Internal extends ColoniesError {
  static code = "internal";
  static retry = true;
}

/** The store, or a majority of it, cannot be reached; or no broker answers. */
export class Unavailable extends ColoniesError {
  static code = "unavailable";
  static retry = true;
}

/** This broker is stopping: go to another. */
export class Draining extends ColoniesError {
  static code = "draining";
  static retry = true;
}

/** A limit of the server is reached: rate, waiting assigns, connections of one identity. */
export class Overloaded extends ColoniesError {
  static code = "overloaded";
  static retry = true;
}

/** Unknown method, unknown or missing field, wrong type or range. `data` has `field`, `expected`, `got`. */
export class BadRequest extends ColoniesError {
  static code = "bad_request";
}

/** A field or a frame is over its limit. */
export class TooLarge extends ColoniesError {
  static code = "too_large";
}

/** The signature does not hold for this key, challenge and body. The connection is closed. */
export class BadSignature extends ColoniesError {
  static code = "bad_signature";
}

/** A request id did not rise. The connection is closed. */
export class Replayed extends ColoniesError {
  static code = "replayed";
}

/** Nobody here knows this key: it has not been added, or was removed. */
export class UnknownIdentity extends ColoniesError {
  static code = "unknown_identity";
}

/** The executor is known but not approved yet, or rejected. */
export class NotApproved extends ColoniesError {
  static code = "not_approved";
}

/** The caller is known, and may not do this. */
export class Forbidden extends ColoniesError {
  static code = "forbidden";
}

/** Nothing of that name or id is in the caller's colony. */
export class NotFound extends ColoniesError {
  static code = "not_found";
}

/** Something else already has that id or name. */
export class Exists extends ColoniesError {
  static code = "exists";
}

/** The process is in a state in which this cannot be done. `data` has `state` and `since` (ms). */
export class WrongState extends ColoniesError {
  static code = "wrong_state";
}

/** The process runs elsewhere, or in another attempt, or waits again. `data` has `attempt`. */
export class NotAssignedToYou extends ColoniesError {
  static code = "not_assigned_to_you";
}

/** The close came after the process's time was up. `data` has `deadline` (ms). */
export class DeadlinePassed extends ColoniesError {
  static code = "deadline_passed";
}

/** The time ran out and nothing came. No fault: ask again. */
export class NothingToAssign extends ColoniesError {
  static code = "nothing_to_assign";
  static retry = true;
}

/** @type {Readonly<Record<string, typeof ColoniesError>>} code → class */
export const TABLE = Object.freeze(
  Object.fromEntries(
    [
      Internal,
      Unavailable,
      Draining,
      Overloaded,
      BadRequest,
      TooLarge,
      BadSignature,
      Replayed,
      UnknownIdentity,
      NotApproved,
      Forbidden,
      NotFound,
      Exists,
      WrongState,
      NotAssignedToYou,
      DeadlinePassed,
      NothingToAssign,
    ].map((kind) => [kind.code, kind]),
  ),
);

/**
 * Make the error of a response. A code from a newer broker becomes a plain ColoniesError that keeps it.
 * @param {Record<string, unknown>} error
 * @returns {ColoniesError}
 */
export function errorOf(error) {
  const code = String(error.code ?? "internal");
  const message = String(error.message ?? "");
  const data = /** @type {Record<string, unknown>} */ (isMap(error.data) ? error.data : {});
  const kind = Object.hasOwn(TABLE, code) ? TABLE[code] : undefined;
  return kind ? new kind(message, data) : new ColoniesError(message, data, { code, retry: Boolean(error.retry) });
}

/** @param {unknown} value */
function isMap(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The refusal of a request that is not even sent, in the words of a broker.
 * @param {string} field
 * @param {string} expected
 * @param {string} got
 */
export function badRequest(field, expected, got) {
  const where = field ? `field \`${field}\`: ` : "";
  return new BadRequest(`${where}expected ${expected}, got ${got}`, { field, expected, got });
}

/** Bytes that are not a frame of this protocol: too deep, not MessagePack, or the wrong shape. */
export class BadFrame extends Error {
  name = "BadFrame";
}

/** Why the broker closed the socket. Below 4500: come back, with full-jitter backoff. */
export const CloseCode = Object.freeze({
  DRAINING: 4000,
  SLOW: 4001,
  IDLE: 4002,
  OVERLOADED: 4003,
  BAD_FRAME: 4500,
  BAD_SIGNATURE: 4501,
  REPLAYED: 4502,
  TOO_LARGE: 4503,
  NO_HELLO_ANSWERED: 4504,
  REFUSED: 4505,
});

/**
 * Whether a client should connect again after the socket was closed with this code.
 * @param {number} closeCode
 */
export function mayComeBack(closeCode) {
  return !(closeCode >= 4500 && closeCode <= 4999);
}
