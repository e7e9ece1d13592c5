/** What a client asks about a server, its colonies, and who is in them. */

import { Caller } from "./caller.js";

/** @import { ClientOptions, Options } from "./caller.js" */
/** @import { Colony, ColonyFunction, Executor, ServerInfo, User, Whoami } from "./wire/model.js" */

export class Members extends EventTarget {
  /**
   * @param {string | readonly string[]} [address]
   * @param {ClientOptions} [options]
   */
  constructor(address, options) {
    super();
    this.caller = new Caller(address, options ?? {});
  }

  // — server and colonies —

  /** Ask what the broker is. Any key will do, known or not. @param {Options} [options] @returns {Promise<ServerInfo>} */
  serverInfo(options) {
    return this.caller.ask("server.info", {}, options);
  }

  /** Ask who this key is in its colony. @param {Options} [options] @returns {Promise<Whoami>} */
  whoami(options) {
    return this.caller.ask("member.whoami", {}, options);
  }

  /**
   * Add a colony; its id is the id of its owner's key. For the server owner.
   * @param {string} colonyid
   * @param {string} name
   * @param {Options} [options]
   * @returns {Promise<Colony>}
   */
  addColony(colonyid, name, options) {
    return this.caller.ask("colony.add", { colonyid, name }, options);
  }

  /**
   * Remove a colony and everything in it. For the server owner.
   * @param {string} colonyid
   * @param {Options} [options]
   * @returns {Promise<void>}
   */
  async removeColony(colonyid, options) {
    await this.caller.ask("colony.remove", { colonyid }, options);
  }

  /** List all colonies. For the server owner. @param {Options} [options] @returns {Promise<Colony[]>} */
  getColonies(options) {
    return this.caller.ask("colony.list", {}, options);
  }

  /**
   * Get the caller's colony; the server owner names one.
   * @param {string | null} [colonyid]
   * @param {Options} [options]
   * @returns {Promise<Colony>}
   */
  getColony(colonyid, options) {
    return this.caller.ask("colony.get", { colonyid }, options);
  }

  // — executors —

  /**
   * Add an executor; it works once it is approved. For the colony owner.
   * @param {string} executorid
   * @param {string} executorname
   * @param {string} executortype
   * @param {Options & { approve?: boolean }} [options]
   * @returns {Promise<Executor>}
   */
  addExecutor(executorid, executorname, executortype, { approve = false, ...options } = {}) {
    const executor = { executorid, executorname, executortype };
    return this.caller.ask("executor.add", { executor, approve }, options);
  }

  /** Let an executor work. @param {string} executorid @param {Options} [options] @returns {Promise<Executor>} */
  approveExecutor(executorid, options) {
    return this.caller.ask("executor.approve", { executorid }, options);
  }

  /**
   * Let an executor work no longer; what it runs goes back to the queue.
   * @param {string} executorid
   * @param {Options} [options]
   * @returns {Promise<Executor>}
   */
  rejectExecutor(executorid, options) {
    return this.caller.ask("executor.reject", { executorid }, options);
  }

  /**
   * Remove an executor; what it runs goes back to the queue without using up a retry.
   * @param {string} executorid
   * @param {Options} [options]
   * @returns {Promise<Executor>}
   */
  removeExecutor(executorid, options) {
    return this.caller.ask("executor.remove", { executorid }, options);
  }

  /**
   * List the executors of the colony, with whether they are online and how much they run.
   * @param {Options & { executortype?: string, online?: boolean }} [options]
   * @returns {Promise<Executor[]>}
   */
  getExecutors({ executortype, online, ...options } = {}) {
    return this.caller.ask("executor.list", { executortype, online }, options);
  }

  /**
   * Get one executor, by its id or by its name.
   * @param {{ executorid?: string, executorname?: string }} which
   * @param {Options} [options]
   * @returns {Promise<Executor>}
   */
  getExecutor({ executorid, executorname }, options) {
    return this.caller.ask("executor.get", { executorid, executorname }, options);
  }

  /**
   * Return the id of the executor of this name.
   * @param {string} executorname
   * @param {Options} [options]
   * @returns {Promise<string>}
   */
  async resolveExecutor(executorname, options) {
    return (await this.caller.ask("executor.resolve", { executorname }, options)).executorid;
  }

  // — users and functions —

  /**
   * Add a user. For the colony owner.
   * @param {string} userid
   * @param {string} name
   * @param {"viewer" | "operator"} role
   * @param {Options} [options]
   * @returns {Promise<User>}
   */
  addUser(userid, name, role, options) {
    return this.caller.ask("user.add", { user: { userid, name, role } }, options);
  }

  /** List the users of the colony. For the colony owner. @param {Options} [options] @returns {Promise<User[]>} */
  getUsers(options) {
    return this.caller.ask("user.list", {}, options);
  }

  /** Remove a user. For the colony owner. @param {string} userid @param {Options} [options] @returns {Promise<void>} */
  async removeUser(userid, options) {
    await this.caller.ask("user.remove", { userid }, options);
  }

  /**
   * Say what this executor can do. Shown to people; it does not decide an assignment.
   * @param {string} funcname
   * @param {Options & { description?: string, args?: any[] }} [options]
   * @returns {Promise<ColonyFunction>}
   */
  addFunction(funcname, { description = "", args = [], ...options } = {}) {
    return this.caller.ask("function.add", { function: { funcname, description, args } }, options);
  }

  /**
   * List what the executors of the colony, or one of them, say that they can do.
   * @param {string | null} [executorid]
   * @param {Options} [options]
   * @returns {Promise<ColonyFunction[]>}
   */
  getFunctions(executorid, options) {
    return this.caller.ask("function.list", { executorid }, options);
  }

  /** Take back what `addFunction` said. @param {string} funcname @param {Options} [options] @returns {Promise<void>} */
  async removeFunction(funcname, options) {
    await this.caller.ask("function.remove", { funcname }, options);
  }
}
