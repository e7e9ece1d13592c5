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
// The last hour is asked for again while something ends, and now and then so that its minutes move on.
const HISTORY_MS = 5_000;
const QUIET_HISTORY_MS = 60_000;
// The broker says its figures every five seconds at least.
const SILENCE_MS = 10_000;

export class Live {
  #client;
  #dispatch;
  #queries;
  #log;
  /** @type {AbortController | null} */
  #watching = null;
  #wasOpen = false;
  #hasBeenOpen = false;
  #heardAt = 0;
  #historyAt = 0;
  #isMoving = false;

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
    setInterval(() => this.#lookAtHistory(), HISTORY_MS);
    setInterval(() => this.#doubt(), SILENCE_MS / 2);
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
    if (isOpen && !this.#wasOpen) this.#comeBack();
    this.#wasOpen = isOpen;
  }

  /** Nothing was heard for a while: everything may be another. */
  #comeBack() {
    this.#queries.again();
    void this.#history();
    if (this.#hasBeenOpen) this.#run(() => this.#introduce()); // a role may have been taken away meanwhile
    if (this.#hasBeenOpen && this.#watching) this.#tellGap("the connection was lost");
    this.#hasBeenOpen = true;
  }

  /** @param {string} why */
  #tellGap(why) {
    this.#dispatch({ kind: "gap", why: `nothing was heard until here: ${why}`, at: Date.now() });
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
      this.#heardAt = Date.now();
      this.#isMoving = stats.types.some(({ successfulminute, failedminute }) => successfulminute || failedminute);
      this.#dispatch({ kind: "stats", stats, at: this.#heardAt });
    }
  }

  /** A connection over which not even figures come is asked whether it is one, long before the SDK would doubt it. */
  #doubt() {
    if (this.#client.state === "open" && this.#heardAt && Date.now() - this.#heardAt > SILENCE_MS) {
      this.#client.check();
    }
  }

  #lookAtHistory() {
    const wait = this.#isMoving ? 0 : QUIET_HISTORY_MS;
    if (!document.hidden && Date.now() - this.#historyAt >= wait) void this.#history();
  }

  async #history() {
    this.#historyAt = Date.now();
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
    this.#tellGap("this panel was not shown");
    while (!signal.aborted) {
      try {
        for await (const { events, missed } of this.#client.subscribeActivity({ signal })) {
          this.#dispatch({ kind: "activity", events, missed, at: Date.now() });
        }
      } catch (error) {
        if (signal.aborted) return;
        const { retry = true, message } = /** @type {{ retry?: boolean, message: string }} */ (error);
        this.#dispatch({ kind: "asking", name: "activity", key: "" }); // an answer is only taken where one is awaited
        this.#dispatch({ kind: "answer", name: "activity", key: "", error: message, at: Date.now() });
        if (!retry) return;
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
