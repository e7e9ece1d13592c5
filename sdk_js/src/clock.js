/** Time as the client needs it: a steady clock, pauses that can be cut short, and turns of the event loop. */

/** Seconds of a clock that nobody sets. */
export function steadySeconds() {
  return performance.now() / 1000;
}

// A timer of JavaScript holds 31 bits of milliseconds, and with more it goes off at once.
const LONGEST_TIMER_SECONDS = (2 ** 31 - 1) / 1000;

/**
 * Call it after so many seconds; after more than 24 days, never. What it returns is for `clearTimeout`.
 * @param {number} seconds
 * @param {() => void} call
 */
export function inSeconds(seconds, call) {
  return seconds > LONGEST_TIMER_SECONDS ? undefined : setTimeout(call, seconds * 1000);
}

/**
 * Call it after what runs now and what follows from it at once. Unlike a timer this is not slowed down in a hidden tab.
 * @type {(call: () => void) => void}
 */
export const nextTurn = typeof setImmediate === "function" ? (call) => void setImmediate(call) : turnByMessage();

function turnByMessage() {
  const { port1, port2 } = new MessageChannel();
  /** @type {(() => void)[]} */ const calls = [];
  port1.onmessage = () => calls.shift()?.();
  return (/** @type {() => void} */ call) => {
    calls.push(call);
    port2.postMessage(null);
  };
}

/** Something that happens: everybody who waits hears it; while nobody waits, it is kept for the next who does. */
export class Bell {
  #isRung = false;
  #ringsSoon = false;
  /** @type {Set<() => void>} */
  #waiting = new Set();

  ring() {
    if (this.#waiting.size === 0) this.#isRung = true;
    for (const hear of [...this.#waiting]) hear();
  }

  /** Ring it after what runs now: once, however often that is asked for until then. */
  ringSoon() {
    if (this.#ringsSoon) return;
    this.#ringsSoon = true;
    nextTurn(() => {
      this.#ringsSoon = false;
      this.ring();
    });
  }

  /**
   * Return once it is rung, or after so many seconds. Whether it was rung.
   * @param {number} [seconds]
   * @returns {Promise<boolean>}
   */
  async wait(seconds = Infinity) {
    if (this.#isRung || seconds <= 0) {
      const wasRung = this.#isRung;
      this.#isRung = false;
      return wasRung;
    }
    return new Promise((resolve) => {
      const end = (/** @type {boolean} */ wasRung) => {
        clearTimeout(timer);
        this.#waiting.delete(hear);
        resolve(wasRung);
      };
      const hear = () => end(true);
      const timer = inSeconds(seconds, () => end(false));
      this.#waiting.add(hear);
    });
  }
}
