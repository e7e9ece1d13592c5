/** What a client asks to see what there is, and what operators do about it. */

import { Members } from "./members.js";

/** @import { Progress } from "./asked.js" */
/** @import { Options } from "./caller.js" */
/** @import { Attribute, Explanation, FailureGroup, Log, Matched, Page } from "./wire/model.js" */
/** @import { Process, Stats, StatsHistory } from "./wire/model.js" */

/**
 * Which processes. since, before: submission time in ms, from and up to but not including. text: part of an
 * error or an argument, in any case of letters, within their first 4096 characters. cause: of a failed one, as
 * `getFailures` says it. assigneeid: who runs it, or ran it last.
 * @typedef {object} ProcessFilter
 * @property {number} [state]
 * @property {string} [executortype]
 * @property {string} [func]
 * @property {string} [label]
 * @property {string} [text]
 * @property {number} [since]
 * @property {number} [before]
 * @property {string} [cause]
 * @property {string} [assigneeid]
 * @property {boolean} [newest] newest first; the default
 * @property {number} [limit] of a page, 1 … 500
 */

/**
 * What to do something with, oldest first. limit: how many at most, 1 … 100000, unless given 10000. dryrun: only say how
 * many match. progress: called with how far it is, several times a second.
 * @typedef {Omit<ProcessFilter, "newest" | "limit"> & Options & { limit?: number, dryrun?: boolean, progress?: Progress }}
 *   Matching
 */

// Before the first sign of a move on many they are counted; afterwards one comes every few moments.
const MATCHING_SECONDS = 60;

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
   * Get lines of the log of a process, oldest first.
   * @param {string} processid
   * @param {Options & { since?: number, after?: number, limit?: number }} [options] since: ms, lines of that time
   *   included. after: only lines with a higher seq; an answer ends where it would not fit a frame, so ask again after
   *   its last line until nothing comes
   * @returns {Promise<Log[]>}
   */
  getLogs(processid, { since = 0, after = 0, limit = 1000, ...options } = {}) {
    return this.caller.ask("log.list", { processid, since, after, limit }, options);
  }

  /** Say in words why a process waits. @param {string} processid @param {Options} [options] @returns {Promise<Explanation>} */
  explain(processid, options) {
    return this.caller.ask("process.explain", { processid }, options);
  }

  /** Count processes and executors, by executor type and state. @param {Options} [options] @returns {Promise<Stats>} */
  getStats(options) {
    return this.caller.ask("stats.get", {}, options);
  }

  /** Count what was successful and failed in each of the last 60 minutes. @param {Options} [options] @returns {Promise<StatsHistory>} */
  getStatsHistory(options) {
    return this.caller.ask("stats.history", {}, options);
  }

  /**
   * Get the failed processes in groups of one cause, the one that failed last first.
   * @param {Options & { executortype?: string, limit?: number }} [options] limit: 1 … 500
   * @returns {Promise<FailureGroup[]>}
   */
  getFailures({ executortype, limit = 100, ...options } = {}) {
    return this.caller.ask("failure.list", { executortype, limit }, options);
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
   *
   * A repeat makes nothing twice: it returns the process that the first one made, or retries that where it is over and
   * was not successful.
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

  /**
   * Retry every failed or cancelled process that matches.
   *
   * The broker does it in batches, for as long as this client is connected; what was done stays done, and a repeat makes
   * nothing twice. Only what was submitted before it began is touched. Aborting only stops the waiting.
   * @param {Matching} [wanted]
   * @returns {Promise<Matched>}
   */
  retryMatching(wanted) {
    return this.#move("process.retry_matching", wanted);
  }

  /**
   * Cancel everything that waits or runs and matches; see `retryMatching`. Throws ConnectionLost when the connection
   * ends before it has: some of it is done, and the same call does the rest.
   * @param {Matching} [wanted]
   * @returns {Promise<Matched>}
   */
  cancelMatching(wanted) {
    return this.#move("process.cancel_matching", wanted);
  }

  /**
   * Remove everything that is over and matches, with the logs; see `cancelMatching`.
   * @param {Matching} [wanted]
   * @returns {Promise<Matched>}
   */
  removeMatching(wanted) {
    return this.#move("process.remove_matching", wanted);
  }

  /** @param {string} method @param {Matching} [wanted] @returns {Promise<Matched>} */
  #move(method, { prvkey, signal, progress, ...filter } = {}) {
    return this.caller.ask(method, filter, { prvkey, signal, progress }, MATCHING_SECONDS);
  }
}
