/** Bytes as people write them. */

/**
 * @param {Uint8Array} bytes
 * @returns {string} lower-case hex
 */
export function hexOfBytes(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} text an even number of hex characters, of any case; not checked here
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOfHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/**
 * Bytes that nobody can guess, in hex.
 * @param {number} bytes
 */
export function randomHex(bytes) {
  return hexOfBytes(crypto.getRandomValues(new Uint8Array(bytes)));
}
