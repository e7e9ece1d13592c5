/**
 * What the open panel asks: again whenever what it hangs on changes, and never all the time.
 *
 * A query that is on its way is not asked a second time; what changed meanwhile makes it be asked once more afterwards.
 * Answers to parameters that nobody asks for any more are dropped by the state.
 */

/** @import { Colonies } from "/sdk/colonies.js" */
/** @import { Dispatch } from "./live.js" */

/**
 * ask: a method of the client; params: its arguments; on: whenever this changes the answer may have. activity, log: what
 * is followed rather than asked.
 * @typedef {{ name: string, ask: string, params: any[], on?: string | number }} Asking
 * @typedef {Asking | { activity: true } | { log: string }} Need
 */

export const PAUSE_MS = 700;
/** What takes long to answer, as text in a million arguments, may take this part of the time at most: one in … */
const SHARE = 5;
const LONGEST_PAUSE_MS = 30_000;

export class Queries {
  #client;
  #dispatch;
  /** @type {Map<string, Query>} */
  #queries = new Map();

  /**
   * @param {Colonies} client
   * @param {Dispatch} dispatch
   */
  constructor(client, dispatch) {
    this.#client = client;
    this.#dispatch = dispatch;
  }

  /** @param {Asking[]} needs */
  want(needs) {
    const names = new Set(needs.map(({ name }) => name));
    const gone = [...this.#queries.keys()].filter((name) => !names.has(name));
    for (const name of gone) {
      this.#queries.get(name)?.stop();
      this.#queries.delete(name);
    }
    if (gone.length) this.#dispatch({ kind: "forget", names: gone });
    for (const need of needs) this.#query(need.name).want(need);
  }

  /** Ask everything once more: the connection was lost in between. */
  again() {
    for (const query of this.#queries.values()) query.again();
  }

  /** @param {string} name */
  #query(name) {
    const found = this.#queries.get(name) ?? new Query(this.#client, this.#dispatch, name);
    this.#queries.set(name, found);
    return found;
  }
}

class Query {
  #client;
  #dispatch;
  #name;
  /** @type {Asking | null} */
  #need = null;
  #key = "";
  /** @type {string | number | undefined} */
  #on = undefined;
  #isOld = false;
  #askedAt = 0;
  #took = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer = undefined;
  /** @type {AbortController | null} */
  #asking = null;

  /**
   * @param {Colonies} client
   * @param {Dispatch} dispatch
   * @param {string} name
   */
  constructor(client, dispatch, name) {
    this.#client = client;
    this.#dispatch = dispatch;
    this.#name = name;
  }

  /** @param {Asking} need */
  want(need) {
    const key = `${need.ask} ${JSON.stringify(need.params)}`;
    const isOther = key !== this.#key;
    if (!isOther && need.on === this.#on) return;
    this.#need = need;
    this.#key = key;
    this.#on = need.on;
    if (isOther) this.#ask();
    else this.again();
  }

  again() {
    this.#isOld = true;
    if (this.#asking || this.#timer !== undefined) return;
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, SHARE * this.#took));
    const wait = Math.max(0, this.#askedAt + pause - Date.now());
    this.#timer = setTimeout(() => this.#ask(), wait);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#need = null;
  }

  async #ask() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asking?.abort();
    if (!this.#need) return;
    const { name, key, need } = { name: this.#name, key: this.#key, need: this.#need };
    const asking = new AbortController();
    this.#asking = asking;
    this.#isOld = false;
    this.#askedAt = Date.now();
    this.#dispatch({ kind: "asking", name, key });
    const answer = await this.#answer(need, asking.signal);
    if (this.#asking !== asking) return; // something else is asked by now
    this.#asking = null;
    // One answer that came late because the connection was lost says nothing of the next.
    this.#took = Math.min(Date.now() - this.#askedAt, 2 * this.#took + PAUSE_MS);
    this.#dispatch({ kind: "answer", name, key, ...answer, at: Date.now() });
    if (this.#isOld) this.again();
  }

  /**
   * @param {Asking} need
   * @param {AbortSignal} signal
   */
  async #answer({ ask, params }, signal) {
    try {
      return { value: await /** @type {any} */ (this.#client)[ask](...withSignal(params, signal)) };
    } catch (error) {
      const { code } = /** @type {{ code?: string }} */ (error);
      return { error: error instanceof Error ? error.message : String(error), code };
    }
  }
}

/**
 * The arguments of a method, with what takes them back: in the last map, as the SDK's options are.
 * @param {any[]} params
 * @param {AbortSignal} signal
 */
function withSignal(params, signal) {
  const last = params.at(-1);
  const hasMap = typeof last === "object" && last !== null;
  return hasMap ? [...params.slice(0, -1), { ...last, signal }] : [...params, { signal }];
}
