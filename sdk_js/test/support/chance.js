/** Chance that comes out the same each time: what fails once fails again, under the number that it was given. */

export class Chance {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to but not including `limit`. @param {number} limit */
  below(limit) {
    // Mulberry32, for its seeds may be neighbours and what comes of them is not.
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** @template T @param {readonly T[]} items @returns {T} */
  one(items) {
    return items[this.below(items.length)];
  }
}

/** @param {number} seed */
export function seeded(seed) {
  return new Chance(seed);
}
