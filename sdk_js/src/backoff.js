/** How long to wait before trying again, and where: so that many clients do not come back at once to one place. */

const BASE_SECONDS = 0.1;
export const CAP_SECONDS = 10;

/**
 * Seconds to wait after so many failures in a row (1 or more): anything up to a limit that doubles.
 * @param {number} failures
 * @param {number} [cap]
 */
export function fullJitter(failures, cap = CAP_SECONDS) {
  return Math.random() * Math.min(cap, BASE_SECONDS * 2 ** Math.min(failures - 1, 16));
}

/** @param {readonly string[]} addresses */
export function shuffled(addresses) {
  const left = [...addresses];
  return addresses.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}
