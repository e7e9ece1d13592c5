/**
 * What an operator does: with one process, with one executor, with everything that matches a filter.
 *
 * A move on many goes on at the broker for as long as this page is connected, and what it says of it becomes an action
 * in the state. The broker refuses whoever may not; the buttons are only courtesy.
 */

import { asked } from "./filters.js";
import { cut, ending } from "./format.js";

/** @import { Colonies, Process } from "/sdk/colonies.js" */
/** @import { Filter } from "./filters.js" */
/** @import { Dispatch } from "./live.js" */
/** @import { Move } from "./matching.js" */
/** @import { Action } from "./state.js" */

const DONE = Object.freeze({ retry: "Retried", cancel: "Cancelled", remove: "Removed" });

const MATCHING = Object.freeze(
  /** @type {const} */ ({ retry: "retryMatching", cancel: "cancelMatching", remove: "removeMatching" }),
);

export class Mover {
  #client;
  #dispatch;

  /**
   * @param {Colonies} client
   * @param {Dispatch} dispatch
   */
  constructor(client, dispatch) {
    this.#client = client;
    this.#dispatch = dispatch;
  }

  // — one —

  /**
   * What became of it is said by the page, for its row may be gone before the broker has answered.
   * @param {Move} move
   * @param {Process} process
   * @returns {Promise<Process | null>} the new one for a retry, as it is now for a cancel, null for what is gone
   */
  async one(move, { processid, spec: { func } }) {
    const about = `${cut(func, 80)} ${ending(processid)}`;
    try {
      const made = await this.#one(move, processid);
      this.#dispatch({ kind: "say", text: `${DONE[move]}: ${about}` });
      return made;
    } catch (error) {
      this.#dispatch({ kind: "say", text: `Not ${DONE[move].toLowerCase()}: ${about}. ${message(error)}` });
      throw error;
    }
  }

  /** @param {Move} move @param {string} processid */
  async #one(move, processid) {
    if (move === "retry") return this.#client.retry(processid);
    if (move === "cancel") return this.#client.cancel(processid);
    await this.#client.removeProcess(processid);
    return null;
  }

  /**
   * @param {"approve" | "reject" | "remove"} move
   * @param {string} executorid
   */
  async executor(move, executorid) {
    const method = /** @type {const} */ ({
      approve: "approveExecutor",
      reject: "rejectExecutor",
      remove: "removeExecutor",
    });
    await this.#client[method[move]](executorid);
  }

  /**
   * What an executor runs, the newest hundred of it; or why that cannot be said.
   * @param {string} executorid
   * @returns {Promise<Process[] | string>}
   */
  async held(executorid) {
    try {
      return (await this.#client.getProcesses({ state: 1, assigneeid: executorid, limit: 100 })).processes;
    } catch (error) {
      return message(error);
    }
  }

  /**
   * What a process was submitted again as; null where it was not, or where the page cannot know: its id is a digest, and
   * a page that did not come over TLS has none.
   * @param {string} processid
   * @returns {Promise<Process | null>}
   */
  async retryOf(processid) {
    try {
      const made = new TextEncoder().encode(`retry${processid}`);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", made));
      const id = [...digest.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const found = await this.#client.getProcess(id);
      return found.retryof === processid ? found : null;
    } catch {
      return null;
    }
  }

  // — everything that matches —

  /**
   * How many a move would be about.
   * @param {Move} move
   * @param {Filter} filter
   * @returns {Promise<number>}
   */
  async count(move, filter) {
    const { matched } = await this.#client[MATCHING[move]]({ ...asked(filter), limit: 1, dryrun: true });
    return matched;
  }

  /**
   * Do it with everything that matches, at most `most`; how it goes is told as an action.
   * @param {Move} move
   * @param {Filter} filter
   * @param {{ most: number, words: string, matched: number }} about
   */
  async all(move, filter, { most, words, matched }) {
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    /** @type {Action} */
    let action = { id, move, words, matched, done: 0, most, standing: "running", error: "", at: Date.now() };
    const tell = (/** @type {Partial<Action>} */ change) => {
      action = { ...action, ...change };
      this.#dispatch({ kind: "action", action });
    };
    let before = 0; // done on connections that were lost since: the SDK asks a retry again, which counts from nothing
    let last = 0;
    tell({});
    try {
      const progress = (/** @type {number} */ done, /** @type {number} */ matched) => {
        if (done < last) before += last;
        last = done;
        tell({ done: before + done, matched });
      };
      const result = await this.#client[MATCHING[move]]({ ...asked(filter), limit: most, progress });
      tell({ matched: result.matched, done: before + result.done, standing: "done" });
    } catch (error) {
      tell({ standing: "failed", error: message(error) });
    }
  }
}

/** @param {unknown} error */
function message(error) {
  return error instanceof Error ? error.message : String(error);
}
