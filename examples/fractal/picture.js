/**
 * A picture, as processes of a broker: each tile is one, and all tiles of a picture have its label.
 *
 * Everybody shows the newest picture. A tab that comes later, or was away, looks up what is finished; what it
 * is told meanwhile may be told twice, and is the same. What becomes of a tile whose tab is closed is not
 * written here, and need not be: the broker gives it to another.
 */

import { State } from "/sdk/colonies.js";
import { TILE, tilesOf } from "./view.js";

const TYPE = "fractal";
const LIMITS = { maxwaittime: 600, maxexectime: 15, maxretries: 5 };
const HEARD = [State.WAITING, State.SUCCESSFUL, State.FAILED];
// A page of results travels as one frame, which ought to stay well under a megabyte.
const PAGE = 16;

/**
 * Ask for a picture. What still waits of the ones before is cancelled, for nobody looks at them any more.
 * @param {import("colonies").Colonies} client
 * @param {import("./mandelbrot.js").View} view
 */
export async function ask(client, view) {
  await cancelWaiting(client);
  const label = `picture ${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  const specs = tilesOf(view).map(([left, top]) => ({
    conditions: { executortype: TYPE },
    func: "tile",
    args: [left, top, TILE, view],
    label,
    ...LIMITS,
  }));
  await Promise.all(specs.map((spec) => client.submit(spec))); // in one turn: they leave together
}

/** @param {import("colonies").Colonies} client */
async function cancelWaiting(client) {
  const waiting = [];
  for await (const process of client.iterProcesses({ executortype: TYPE, func: "tile", state: State.WAITING })) {
    waiting.push(process.processid);
  }
  // Some are taken by now, and some may be another key's to cancel: they are computed, and shown to nobody.
  await Promise.allSettled(waiting.map((processid) => client.cancel(processid)));
}

/**
 * Follow the newest picture.
 *
 * begin(view) is called for each picture, then finished(process) and failed(process) for its tiles.
 */
export class Newest {
  #client;
  #shown;
  #label = "";
  #since = 0;
  /** @type {Set<string>} pictures that were shown: two that are asked at once must not take turns */
  #left = new Set();

  /**
   * @typedef {import("colonies").Process} Process
   * @param {import("colonies").Colonies} client
   * @param {{ begin(view: import("./mandelbrot.js").View): void, finished(process: Process): void,
   *   failed(process: Process): void }} shown
   */
  constructor(client, shown) {
    this.#client = client;
    this.#shown = shown;
  }

  /** Hear of tiles for as long as the page lives. Throws what says that this key may not. */
  async hear() {
    await Promise.all(HEARD.map((state) => this.#hear(state)));
  }

  /** @param {number} state */
  async #hear(state) {
    for await (const process of this.#client.subscribe(TYPE, { state })) this.#take(process);
  }

  /** Look up the newest picture and what is finished of it. False where nobody has asked for any. */
  async lookUp() {
    const { processes } = await this.#client.getProcesses({ executortype: TYPE, func: "tile", limit: 1 });
    processes.forEach((process) => this.#take(process));
    const label = this.#label;
    for (const state of [State.SUCCESSFUL, State.FAILED]) {
      if (!label) break;
      for await (const process of this.#client.iterProcesses({ label, state, limit: PAGE })) this.#take(process);
    }
    return label !== "";
  }

  /** @param {Process} process */
  #take(process) {
    const { label } = process.spec;
    if (!isTile(process) || (label !== this.#label && !this.#turnTo(process))) return;
    if (process.state === State.SUCCESSFUL) this.#shown.finished(process);
    if (process.state === State.FAILED) this.#shown.failed(process);
  }

  /** Whether it is of a newer picture, which then is the one. @param {Process} process */
  #turnTo({ spec, submissiontime }) {
    if (this.#left.has(spec.label) || submissiontime < this.#since) return false;
    this.#left.add(this.#label);
    [this.#label, this.#since] = [spec.label, submissiontime];
    this.#shown.begin(/** @type {import("./mandelbrot.js").View} */ (spec.args[3]));
    return true;
  }
}

// More than this nobody here asks for; what others submit under our type may be anything.
const MOST_PIXELS = 4096;

/** Whether it can be shown: whoever may submit may submit nonsense. @param {import("colonies").Process} process */
function isTile({ spec, state, out }) {
  const [left, top, size, view] = spec.args;
  const numbers = [left, top, view?.re, view?.im, view?.span, view?.width, view?.height, view?.iterations];
  if (spec.func !== "tile" || size !== TILE || !numbers.every(Number.isFinite)) return false;
  if (Math.min(view.width, view.height, view.span) <= 0 || Math.max(view.width, view.height) > MOST_PIXELS)
    return false;
  return state !== State.SUCCESSFUL || (typeof out[0] === "string" && out[1]?.length === TILE * TILE * 3);
}
