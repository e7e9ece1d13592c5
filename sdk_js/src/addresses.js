/** Addresses of brokers, as people write them → as a WebSocket is opened. */

/** @type {Record<string, string>} */
const SCHEMES = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };

/**
 * `http://127.0.0.1:8080` → `ws://127.0.0.1:8080/ws`, for one or several. A RangeError says what is wrong.
 * @param {string | readonly string[]} [address] a page may leave it out: then the broker that served it
 * @returns {string[]}
 */
export function socketAddresses(address = ownAddress()) {
  const given = typeof address === "string" ? [address] : [...address];
  if (given.length === 0) throw new RangeError("give the address of a broker, as http://127.0.0.1:8080");
  return given.map(socketAddress);
}

function ownAddress() {
  const origin = globalThis.location?.origin;
  return origin && origin !== "null" ? origin : [];
}

/** @param {string} address */
function socketAddress(address) {
  const url = urlOf(address);
  if (!url || !Object.hasOwn(SCHEMES, url.protocol) || !url.hostname) {
    throw new RangeError(`"${address}" is no address of a broker; write it as http://127.0.0.1:8080`);
  }
  const path = url.pathname.replace(/\/+$/, "");
  return `${SCHEMES[url.protocol]}//${url.host}${path.endsWith("/ws") ? path : `${path}/ws`}`;
}

/** @param {string} address */
function urlOf(address) {
  try {
    return new URL(address.includes("://") ? address : `http://${address}`);
  } catch {
    return null;
  }
}
