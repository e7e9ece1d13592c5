/**
 * The one place that talks to the broker: what comes from there becomes messages to the state.
 *
 * Statistics are pushed for as long as the page is visible or not; activity only while somebody looks at it. What a
 * panel needs beside them is asked when its parameters change and again when the figures that it hangs on do, at most
 * every `PAUSE_MS`, and again after a reconnect. What fails is said where it was asked for, beside the last answer; the
 * SDK reconnects for ever by itself.
 */

import { Colonies } from "/sdk/colonies.js";
import { LogFollower } from "./log.js";
import { Mover } from "./moves.js";
import { Queries } from "./queries.js";

/** @import { Key } from "/sdk/colonies.js" */
/** @import { Need } from "./queries.js" */
/** @typedef {(message: { kind: string } & Record<string, any>) => void} Dispatch */

const STATS_SECONDS = 0.5;
const HISTORY_MS = 30_000;

export class Live {
  #client;
  #dispatch;
  #queries;
  #log;
  /** @type {AbortController | null} */
  #watching = null;
  #wasOpen = false;

  /**
   * @param {Key} key
   * @param {Dispatch} dispatch
   */
  constructor(key, dispatch) {
    this.#client = new Colonies(location.origin, { key });
    this.#dispatch = dispatch;
    this.#queries = new Queries(this.#client, dispatch);
    this.#log = new LogFollower(this.#client, dispatch);
    this.moves = new Mover(this.#client, dispatch);
    this.#client.addEventListener("statechange", () => this.#tell());
  }

  /** Begin, and go on until the page is gone. */
  start() {
    this.#tell();
    this.#run(() => this.#introduce());
    this.#run(() => this.#hearStats());
    const look = () => void this.#history();
    look();
    setInterval(look, HISTORY_MS);
  }

  /**
   * Ask for what is needed now, and for nothing else any more.
   * @param {Need[]} needs
   */
  want(needs) {
    this.#queries.want(needs.filter((need) => "ask" in need));
    const [log] = needs.filter((need) => "log" in need);
    this.#log.follow(log?.log ?? "");
    this.#watch(needs.some((need) => "activity" in need));
  }

  // — who this is, and how it stands —

  #tell() {
    const { state, trouble } = this.#client;
    this.#dispatch({ kind: "link", link: { state, trouble, since: Date.now() } });
    const isOpen = state === "open";
    if (isOpen && !this.#wasOpen) this.#queries.again();
    this.#wasOpen = isOpen;
  }

  async #introduce() {
    this.#dispatch({ kind: "me", me: await this.#client.whoami() });
  }

  /**
   * Do something that the broker may refuse for good: then this key is not wanted, and the page says so.
   * @param {() => Promise<void>} work
   */
  async #run(work) {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const { retry = true, message } = /** @type {{ retry?: boolean, message: string }} */ (error);
        if (!retry)
          return this.#dispatch({ kind: "link", link: { state: "refused", trouble: message, since: Date.now() } });
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }

  // — figures —

  async #hearStats() {
    for await (const stats of this.#client.subscribeStats({ interval: STATS_SECONDS })) {
      this.#dispatch({ kind: "stats", stats, at: Date.now() });
    }
  }

  async #history() {
    if (document.hidden) return;
    try {
      this.#dispatch({ kind: "history", history: await this.#client.getStatsHistory() });
    } catch {
      // The line of the connection says what is wrong; the last hour is drawn as it was known.
    }
  }

  // — activity —

  /** @param {boolean} isWanted */
  #watch(isWanted) {
    if (isWanted === Boolean(this.#watching)) return;
    this.#watching?.abort();
    this.#watching = isWanted ? new AbortController() : null;
    if (this.#watching) void this.#hearActivity(this.#watching.signal);
  }

  /** @param {AbortSignal} signal */
  async #hearActivity(signal) {
    this.#dispatch({ kind: "gap", why: "not listened before this", at: Date.now() });
    try {
      for await (const { events, missed } of this.#client.subscribeActivity({ signal })) {
        this.#dispatch({ kind: "activity", events, missed, at: Date.now() });
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#dispatch({ kind: "answer", name: "activity", key: "", error: String(error), at: Date.now() });
    }
  }
}
