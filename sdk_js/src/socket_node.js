/** A WebSocket in Node.js. */

import { WebSocket } from "ws";

const MAX_FRAME_BYTES = 4 << 20;
// Whoever does not answer a good-bye keeps no program alive.
const CLOSE_MILLISECONDS = 1000;

/**
 * @param {string} address
 * @param {string} subprotocol
 * @returns {globalThis.WebSocket}
 */
export function newSocket(address, subprotocol) {
  const options = { perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES, closeTimeout: CLOSE_MILLISECONDS };
  return /** @type {any} */ (new WebSocket(address, [subprotocol], options));
}
