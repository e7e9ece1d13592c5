/**
 * What a lamp knows of itself: on or off, and what it was last told. Knows no page and no socket.
 *
 * It outlives a reload. What was submitted before the switching that it shows is refused, whenever it comes:
 * the newest is taken first, so what is still there after it is old.
 */

const MOST = 5;
const MOST_CHARACTERS = 80;

/**
 * @typedef {{ is: "on" | "off" | "refused", at: number, asked: number, why?: string }} Switching
 *   at: when the lamp did it, ms by this machine's clock. asked: when it was submitted, ms by the broker's.
 */

export class Lamp {
  /**
   * @param {Storage} storage
   * @param {string} id whose memory this is: there may be several lamps in one browser
   */
  constructor(storage, id) {
    this.storage = storage;
    this.key = `colonies-lamp ${id}`;
    this.state = "off";
    this.newest = 0;
    /** @type {Switching[]} newest first */
    this.switchings = [];
    this.recall();
  }

  /** Be as it was left. */
  recall() {
    return Object.assign(this, JSON.parse(this.storage.getItem(this.key) ?? "{}"));
  }

  /**
   * Do what a process asks. Returns "" or, where a lamp cannot, why it is refused.
   * @param {import("colonies").Process} process
   */
  carryOut({ spec, submissiontime: asked }) {
    const [wanted] = spec.args;
    const why = this.#refusal(spec.func, wanted, asked);
    if (!why) [this.state, this.newest] = [wanted, asked];
    this.#note(why ? { is: "refused", at: Date.now(), asked, why } : { is: wanted, at: Date.now(), asked });
    return why;
  }

  /**
   * @param {string} func
   * @param {unknown} wanted
   * @param {number} asked
   */
  #refusal(func, wanted, asked) {
    if (func !== "set_lamp") return `A lamp knows only set_lamp, and not ${short(func)}.`;
    if (wanted !== "on" && wanted !== "off") {
      return `set_lamp takes "on" or "off", not ${short(JSON.stringify(wanted) ?? "nothing")}.`;
    }
    if (asked < this.newest) return `A newer switching than this "${wanted}" was carried out before it came.`;
    return "";
  }

  /** @param {Switching} switching */
  #note(switching) {
    this.switchings = [switching, ...this.switchings].slice(0, MOST);
    const { state, newest, switchings } = this;
    this.storage.setItem(this.key, JSON.stringify({ state, newest, switchings }));
  }
}

/** What somebody sent may be long, and the words about it go to the broker and into the memory. @param {string} text */
function short(text) {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
