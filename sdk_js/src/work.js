/** What a client asks as a submitter and as an executor. */

import { newClaimid } from "./asked.js";
import { Looking } from "./looking.js";
import { randomHex } from "./wire/hex.js";
import { isFinal } from "./wire/model.js";

/** @import { Key, Options } from "./caller.js" */
/** @import { Attribute, AttributeKind, Process, ProcessSpec } from "./wire/model.js" */

/** @typedef {Options & { timeout?: number, latest?: boolean, colonyid?: string | null }} AssignOptions */

/**
 * out: the result, values. errors: why it failed, in words. attributes: named values. All or nothing is written.
 * @typedef {Options & { attempt?: number, out?: any[], errors?: string[], attributes?: Attribute[] }} CloseOptions
 */

/** An id that nobody else has. It rises with time: so brokers store what is new together. */
function newId() {
  return Date.now().toString(16).padStart(12, "0") + randomHex(10);
}

export class Work extends Looking {
  // — submitting —

  /**
   * Submit a process spec.
   * @param {ProcessSpec} spec
   * @param {Options & { processid?: string, wait?: boolean }} [options]
   *   processid: chosen here when not given, so that saying it again after a lost reply is safe.
   *   wait: return the process once it is successful, failed or cancelled. Aborting then leaves it going on.
   * @returns {Promise<Process>}
   */
  async submit(spec, { processid = newId(), wait = false, ...options } = {}) {
    const process = await this.caller.ask("process.submit", { spec, processid }, options);
    return wait && !isFinal(process.state) ? this.#waitFinal(process.processid, options) : process;
  }

  /**
   * @param {string} processid
   * @param {Options} options
   */
  async #waitFinal(processid, options) {
    const moves = this.caller.subscription("watch", { processid }, { ...options, seconds: 0 });
    try {
      return (await moves.nextEvent()).process;
    } finally {
      moves.close();
    }
  }

  /**
   * Submit a process spec: `submit` with its key in the second place.
   * @param {ProcessSpec} spec
   * @param {Key} [prvkey]
   */
  submitProcessSpec(spec, prvkey) {
    return this.submit(spec, { prvkey });
  }

  // — working —

  /**
   * Be assigned a process, waiting up to `timeout` seconds (0 … 60) for one. As `assign(colonyid, timeout, prvkey)`
   * or as `assign({ timeout, latest, signal })`.
   *
   * latest: the newest one, rather than the one whose turn it is. Throws NothingToAssign when none came, which is
   * no fault: ask again. Aborting loses nothing: a process that was assigned meanwhile is handed back.
   * @param {string | null | AssignOptions} [colonyid]
   * @param {number} [timeout]
   * @param {Key | null} [prvkey]
   * @param {AssignOptions} [options]
   * @returns {Promise<Process>}
   */
  assign(colonyid, timeout = 10, prvkey, options = {}) {
    if (typeof colonyid === "object" && colonyid !== null) return this.#assign({ timeout, ...colonyid });
    return this.#assign({ timeout, prvkey, ...options, colonyid });
  }

  /**
   * Be assigned the process that was submitted last, at once or within `timeout` seconds. As
   * `assignLatest(colonyid, prvkey)` or as `assignLatest({ timeout, signal })`.
   * @param {string | null | AssignOptions} [colonyid]
   * @param {Key | null} [prvkey]
   * @param {AssignOptions} [options]
   * @returns {Promise<Process>}
   */
  assignLatest(colonyid, prvkey, options = {}) {
    if (typeof colonyid === "object" && colonyid !== null) return this.#assign({ ...colonyid, latest: true });
    return this.#assign({ prvkey, ...options, latest: true, colonyid });
  }

  /** @param {AssignOptions} options */
  #assign({ timeout = 0, latest = false, colonyid, ...options }) {
    return this.caller.ask("process.assign", { colonyid, timeout, latest, claimid: newClaimid() }, options, timeout);
  }

  /**
   * Close a process that this executor holds, as successful or failed.
   *
   * Throws DeadlinePassed, NotAssignedToYou or WrongState when it comes too late; nothing is changed then.
   * @param {string | Process} process its id; or the process itself, and then the close holds for its attempt alone
   * @param {boolean} [successful]
   * @param {Key | null} [prvkey]
   * @param {CloseOptions} [options]
   * @returns {Promise<Process>}
   */
  closeProcess(
    process,
    successful = true,
    prvkey,
    { attempt, out = [], errors = [], attributes = [], ...options } = {},
  ) {
    const params = { ...named(process, attempt), successful, out, errors, attributes };
    return this.caller.ask("process.close", params, { prvkey, ...options });
  }

  /**
   * Give a process that this executor holds back to the queue, without using up a retry.
   * @param {string | Process} process
   * @param {Options & { attempt?: number }} [options]
   * @returns {Promise<Process>}
   */
  handBack(process, { attempt, ...options } = {}) {
    return this.caller.ask("process.hand_back", named(process, attempt), options);
  }

  /**
   * Set a named value on a process that this executor holds. One for a (key, kind): a second replaces it.
   * @param {string} processid
   * @param {string} key
   * @param {any} value
   * @param {Options & { kind?: AttributeKind }} [options]
   * @returns {Promise<Attribute>}
   */
  setAttribute(processid, key, value, { kind = "out", ...options } = {}) {
    return this.caller.ask("attribute.set", { processid, key, value, kind }, options);
  }

  /**
   * Add a line to the log of a process that this executor holds.
   * @param {string} processid
   * @param {string} message
   * @param {Options} [options]
   * @returns {Promise<void>}
   */
  async addLog(processid, message, options) {
    await this.caller.ask("log.add", { processid, message }, options);
  }
}

/**
 * The parameters that name a process, and the attempt that fences what is done to it.
 * @param {string | Process} process
 * @param {number} [attempt]
 */
export function named(process, attempt) {
  if (typeof process === "string") return { processid: process, attempt };
  return { processid: process.processid, attempt: attempt ?? process.attempt };
}
