/** A WebSocket in a page, or wherever else there is one. */

/**
 * @param {string} address
 * @param {string} subprotocol
 * @returns {WebSocket}
 */
export function newSocket(address, subprotocol) {
  return new WebSocket(address, [subprotocol]);
}
