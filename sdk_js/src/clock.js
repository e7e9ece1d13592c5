/** Time as the client needs it: a steady clock, pauses that can be cut short, and turns of the event loop. */

/** Seconds of a clock that nobody sets. */
export function steadySeconds() {
  return performance.now() / 1000;
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

/** Something that happened, once for each wait: what rings while nobody waits is heard by the next wait. */
export class Bell {
  #rung = false;
  /** @type {(() => void) | null} */
  #heard = null;

  ring() {
    this.#rung = true;
    this.#heard?.();
  }

  /**
   * Return once it has been rung since the last wait, or after so many seconds. Whether it was rung.
   * @param {number} [seconds]
   * @returns {Promise<boolean>}
   */
  async wait(seconds = Infinity) {
    if (!this.#rung && seconds > 0) {
      await new Promise((resolve) => {
        const timer = seconds === Infinity ? undefined : setTimeout(resolve, seconds * 1000);
        this.#heard = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
      this.#heard = null;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
