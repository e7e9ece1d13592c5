/** What stood in the way of a connection, in words that say what to do. */

import { CloseCode, TurnedAway, Unreachable } from "./errors.js";

/** @type {Record<number, string>} */
const TURNED_AWAY = {
  [CloseCode.BAD_FRAME]: "it could not read what this client sent; use the client's version for this broker",
  [CloseCode.BAD_SIGNATURE]: "a signature did not hold; is the signer the one of its id?",
  [CloseCode.REPLAYED]: "a request came twice",
  [CloseCode.TOO_LARGE]: "a frame was larger than it takes",
  [CloseCode.NO_HELLO_ANSWERED]: "nothing signed came in time",
  [CloseCode.REFUSED]: "it does not let this client in",
};

/**
 * @param {readonly string[]} addresses
 * @param {string} trouble
 */
export function unreachable(addresses, trouble) {
  const why = trouble ? `: ${trouble}` : "";
  return new Unreachable(`no broker answers at ${addresses.join(" or ")}${why}; is it running?`);
}

/**
 * @param {number} closeCode
 * @param {string} reason
 */
export function turnedAway(closeCode, reason) {
  const known = TURNED_AWAY[closeCode] ?? `close code ${closeCode}`;
  const said = reason ? ` (${reason})` : "";
  return new TurnedAway(`the broker closed the connection for good: ${known}${said}`, { close_code: closeCode });
}
