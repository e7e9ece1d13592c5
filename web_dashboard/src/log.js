/**
 * The log of the process that is looked at, line by line as it grows.
 *
 * The broker says that there is a new line, and the lines since the last one known are asked for: however fast a log
 * grows, one request is on its way at a time. A lost connection only makes it ask again.
 */

/** @import { Colonies, Log } from "/sdk/colonies.js" */
/** @import { Dispatch } from "./live.js" */

const PAGE = 1000;
const AGAIN_MS = 2000;

export class LogFollower {
  #client;
  #dispatch;
  #processid = "";
  /** @type {AbortController | null} */
  #following = null;

  /**
   * @param {Colonies} client
   * @param {Dispatch} dispatch
   */
  constructor(client, dispatch) {
    this.#client = client;
    this.#dispatch = dispatch;
  }

  /** Follow the log of this process and of no other; empty: of none. @param {string} processid */
  follow(processid) {
    if (processid === this.#processid) return;
    this.#processid = processid;
    this.#following?.abort();
    this.#following = null;
    if (!processid) return;
    this.#following = new AbortController();
    this.#dispatch({ kind: "log", processid, isWhole: false });
    void this.#read(processid, this.#following.signal);
  }

  /**
   * @param {string} processid
   * @param {AbortSignal} signal
   */
  async #read(processid, signal) {
    let last = 0;
    while (!signal.aborted) {
      try {
        const hints = this.#client.subscribeLogs(processid, { signal });
        await hints.made; // before the first look: a line that came between the two would go unseen
        last = await this.#catchUp(processid, last, signal);
        for await (const { seq } of hints) if (!seq || seq > last) last = await this.#catchUp(processid, last, signal);
      } catch (error) {
        if (signal.aborted) return;
        const { message, retry = true } = /** @type {{ message: string, retry?: boolean }} */ (error);
        this.#dispatch({ kind: "log", processid, error: message });
        if (!retry) return;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  /**
   * Ask for the lines after the last one, page after page until nothing comes. Returns the last one then.
   * @param {string} processid
   * @param {number} last its seq
   * @param {AbortSignal} signal
   */
  async #catchUp(processid, last, signal) {
    for (;;) {
      /** @type {Log[]} */
      const lines = await this.#client.getLogs(processid, { after: last, limit: PAGE, signal });
      const isWhole = lines.length === 0;
      this.#dispatch({ kind: "log", processid, lines, isWhole });
      if (isWhole) return last;
      last = lines[lines.length - 1].seq;
    }
  }
}
