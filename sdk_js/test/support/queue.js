/** What was put in and not taken yet, and who waits for it. A wait that nothing ends fails rather than hangs. */

export const PATIENCE_SECONDS = 30;

/** @template T */
export class Queue {
  /** @type {T[]} */
  #items = [];
  /** @type {((item: T) => void)[]} */
  #waiting = [];

  get size() {
    return this.#items.length;
  }

  /** @param {T} item */
  put(item) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#items.push(item);
  }

  /**
   * The next item.
   * @param {string} [what] for the words of a failure
   * @returns {Promise<T>}
   */
  async take(what = "anything") {
    if (this.#items.length) return /** @type {T} */ (this.#items.shift());
    return inTime(new Promise((resolve) => this.#waiting.push(resolve)), what);
  }
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {string} [what]
 * @param {number} [seconds]
 * @returns {Promise<T>}
 */
export async function inTime(promise, what = "what was waited for", seconds = PATIENCE_SECONDS) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), seconds * 1000);
  });
  try {
    return /** @type {T} */ (await Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}

/** Something that happens once: `await it.happened`. */
export class Happening {
  /** @type {(value?: any) => void} */
  happen = () => {};
  #promise = new Promise((resolve) => (this.happen = resolve));

  get happened() {
    return inTime(this.#promise);
  }
}
