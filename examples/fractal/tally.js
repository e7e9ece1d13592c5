/** Who computed how much of a picture, and how fast this tab is. Pure: the times are given. */

// A tab that has finished nothing for so long is not said to be at work.
const LATELY_MS = 4000;

export class Tally {
  /** @type {Map<string, { tiles: number, last: number }>} of this picture, by tab; last: ms by the broker's clock */
  tabs = new Map();
  /** @type {Set<string>} */
  failed = new Set();
  total = 0;
  done = 0;
  /** Tiles of this tab since it was opened, whichever pictures they are of. */
  own = 0;
  #self;
  #started = 0;
  #ended = 0;
  /** @type {number[]} when this tab's last tiles came, ms by this machine's clock */
  #recent = [];

  /** @param {string} self the name of this tab */
  constructor(self) {
    this.#self = self;
  }

  /** @param {number} total how many tiles the picture has */
  begin(total) {
    this.tabs.clear();
    this.failed.clear();
    [this.total, this.done, this.#started, this.#ended] = [total, 0, Infinity, 0];
  }

  /**
   * @param {string} tab
   * @param {{ submissiontime: number, endtime: number }} process
   * @param {number} now ms
   */
  add(tab, { submissiontime, endtime }, now) {
    const { tiles = 0, last = 0 } = this.tabs.get(tab) ?? {};
    this.tabs.set(tab, { tiles: tiles + 1, last: Math.max(last, endtime) });
    this.done += 1;
    this.#started = Math.min(this.#started, submissiontime);
    this.#ended = Math.max(this.#ended, endtime);
    if (tab !== this.#self) return;
    this.own += 1;
    this.#recent.push(now);
  }

  get isOver() {
    return this.done + this.failed.size >= this.total;
  }

  /** How long the picture has taken so far, as the broker saw it. */
  get seconds() {
    return this.done ? (this.#ended - this.#started) / 1000 : 0;
  }

  /** How many tabs finished a tile lately. Once all is done: how many had a part in it. */
  get atWork() {
    if (this.isOver) return this.tabs.size;
    return [...this.tabs.values()].filter(({ last }) => last > this.#ended - LATELY_MS).length;
  }

  /** Tiles a second of this tab, lately. Once all is done: in the whole. @param {number} now ms */
  rate(now) {
    this.#recent = this.#recent.filter((time) => time > now - LATELY_MS);
    if (this.isOver) return (this.tabs.get(this.#self)?.tiles ?? 0) / Math.max(1, this.seconds);
    return (1000 * this.#recent.length) / Math.min(LATELY_MS, Math.max(1000, now - (this.#recent[0] ?? now)));
  }
}
