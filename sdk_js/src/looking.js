/** What a client asks to see what there is, and what operators do about it. */

import { Members } from "./members.js";

/** @import { Options } from "./caller.js" */
/** @import { Attribute, Explanation, Log, Page, Process, Stats } from "./wire/model.js" */

/**
 * Which processes. since, before: submission time in ms, from and up to but not including. text: part of an
 * argument or an error, in any case of letters.
 * @typedef {object} ProcessFilter
 * @property {number} [state]
 * @property {string} [executortype]
 * @property {string} [func]
 * @property {string} [label]
 * @property {string} [text]
 * @property {number} [since]
 * @property {number} [before]
 * @property {boolean} [newest] newest first; the default
 * @property {number} [limit] of a page, 1 … 500
 */

// Members in one class more: what a client can do is one class, told in three files.
export class Looking extends Members {
  /** Get one process. @param {string} processid @param {Options} [options] @returns {Promise<Process>} */
  getProcess(processid, options) {
    return this.caller.ask("process.get", { processid }, options);
  }

  /**
   * Get one page of the processes that match, in the order of submission.
   * @param {ProcessFilter & Options & { cursor?: string }} [filter] cursor: of the page before; the last page has none
   * @returns {Promise<Page>}
   */
  getProcesses({ prvkey, signal, ...filter } = {}) {
    return this.caller.ask("process.list", filter, { prvkey, signal });
  }

  /**
   * Go through all processes that match, page after page; see `getProcesses`.
   * @param {ProcessFilter & Options} [filter]
   * @returns {AsyncGenerator<Process, void, void>}
   */
  async *iterProcesses(filter = {}) {
    let cursor = "";
    do {
      const page = await this.getProcesses({ ...filter, cursor });
      yield* page.processes;
      cursor = page.cursor;
    } while (cursor);
  }

  /**
   * Get the named values of a process, those of its env included.
   * @param {string} processid
   * @param {Options} [options]
   * @returns {Promise<Attribute[]>}
   */
  getAttributes(processid, options) {
    return this.caller.ask("attribute.list", { processid }, options);
  }

  /**
   * Get the log of a process, oldest line first.
   * @param {string} processid
   * @param {Options & { since?: number, limit?: number }} [options] since: ms, lines of that time included
   * @returns {Promise<Log[]>}
   */
  getLogs(processid, { since = 0, limit = 1000, ...options } = {}) {
    return this.caller.ask("log.list", { processid, since, limit }, options);
  }

  /** Say in words why a process waits. @param {string} processid @param {Options} [options] @returns {Promise<Explanation>} */
  explain(processid, options) {
    return this.caller.ask("process.explain", { processid }, options);
  }

  /** Count processes and executors, by executor type and state. @param {Options} [options] @returns {Promise<Stats>} */
  getStats(options) {
    return this.caller.ask("stats.get", {}, options);
  }

  // — an operator's moves —

  /**
   * Cancel what waits or runs. For operators, the colony owner, and whoever submitted it.
   * @param {string} processid
   * @param {Options} [options]
   * @returns {Promise<Process>}
   */
  cancel(processid, options) {
    return this.caller.ask("process.cancel", { processid }, options);
  }

  /**
   * Submit the spec of a failed or cancelled process again, as a new process.
   * @param {string} processid
   * @param {Options} [options]
   * @returns {Promise<Process>}
   */
  retry(processid, options) {
    return this.caller.ask("process.retry", { processid }, options);
  }

  /** Remove a process that is over, with its log. @param {string} processid @param {Options} [options] @returns {Promise<void>} */
  async removeProcess(processid, options) {
    await this.caller.ask("process.remove", { processid }, options);
  }
}
