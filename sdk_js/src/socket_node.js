/** A WebSocket in Node.js. */

import { WebSocket } from "ws";

const MAX_FRAME_BYTES = 4 << 20;

/**
 * @param {string} address
 * @param {string} subprotocol
 * @returns {globalThis.WebSocket}
 */
export function newSocket(address, subprotocol) {
  const options = { perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES };
  return /** @type {any} */ (new WebSocket(address, [subprotocol], options));
}
