/** A worker's functions: how one is called, what it is told, and what becomes of what it returns or throws. */

import { Overloaded } from "./errors.js";

/** @import { Caller } from "./caller.js" */
/** @import { Signer } from "./wire/identity.js" */
/** @import { AttributeKind, Process } from "./wire/model.js" */

const MAX_ERROR_CHARACTERS = 8192;
// More than this without an answer: a function must wait, with `await`, before it says more.
const MAX_UNANSWERED = 256;

/** Thrown by a function to close its process as failed, with exactly these errors and this output. */
export class Failed extends Error {
  name = "Failed";

  /**
   * @param {string | string[]} errors
   * @param {{ out?: any[] }} [options]
   */
  constructor(errors, { out = [] } = {}) {
    super([errors].flat().join("; "));
    this.errors = [errors].flat();
    this.out = out;
  }
}

/** What a process is closed with. @typedef {{ successful: boolean, out: any[], errors: string[] }} Outcome */

/**
 * What a function is told of its work.
 * @typedef {object} WorkContext
 * @property {Process} process as it was assigned
 * @property {Record<string, any>} kwargs of its spec
 * @property {Record<string, string>} env of its spec
 * @property {AbortSignal} signal aborted when the work is no longer wanted: cancelled, out of time, or handed back
 * @property {(message: string) => Promise<void>} log add a line to the process's log; awaiting it is optional
 * @property {(key: string, value: any, options?: { kind?: AttributeKind }) => Promise<void>} setAttribute set a named
 *   value on the process, at once; awaiting it is optional
 */

/**
 * Called with the arguments of the spec, as one array, and the context. What it returns, or resolves to, is `out`:
 * undefined nothing, an array its values, anything else one value.
 * @typedef {(args: any[], context: WorkContext) => any} WorkFunction
 */

/**
 * Call it, and say what its process is closed with.
 * @param {WorkFunction} call
 * @param {WorkContext} context
 * @returns {Promise<Outcome>}
 */
export async function outcomeOf(call, context) {
  try {
    return { successful: true, out: outOf(await call(context.process.spec.args, context)), errors: [] };
  } catch (error) {
    if (error instanceof Failed) return { successful: false, out: error.out, errors: error.errors };
    return { successful: false, out: [], errors: [inWords(error)] };
  }
}

/** @param {any} returned */
function outOf(returned) {
  if (returned === undefined) return [];
  return Array.isArray(returned) ? returned : [returned];
}

/** What was thrown, which may be anything. @param {unknown} error */
export function inWords(error) {
  try {
    return told(error).trim().slice(0, MAX_ERROR_CHARACTERS);
  } catch {
    return "it threw what cannot be put into words";
  }
}

/** @param {unknown} error */
function told(error) {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? "";
  // Some browsers leave the message out of the stack.
  return stack.includes(error.message) ? stack : `${error.name}: ${error.message}\n${stack}`;
}

/** What a function says beside its result: each is sent at once, and answered before its process is closed. */
export class Sayings {
  /** @type {Set<Promise<void>>} */
  #unanswered = new Set();
  #caller;
  #signer;
  #processid;

  /**
   * @param {Caller} caller
   * @param {Signer} signer
   * @param {string} processid
   */
  constructor(caller, signer, processid) {
    this.#caller = caller;
    this.#signer = signer;
    this.#processid = processid;
  }

  /** @param {string} message */
  log(message) {
    return this.#say("log.add", { message: String(message) });
  }

  /**
   * @param {string} key
   * @param {any} value
   * @param {{ kind?: AttributeKind }} [options]
   */
  setAttribute(key, value, { kind = "out" } = {}) {
    return this.#say("attribute.set", { key, value, kind });
  }

  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   */
  #say(method, params) {
    if (this.#unanswered.size >= MAX_UNANSWERED) {
      throw new Overloaded(`${MAX_UNANSWERED} calls are unanswered; \`await\` what \`log\` and the like return`);
    }
    const said = this.#caller.ask(method, { processid: this.#processid, ...params }, { prvkey: this.#signer });
    this.#unanswered.add(said);
    said
      .catch((error) => console.warn(`something said about process ${this.#processid} was refused: ${error.message}`))
      .finally(() => this.#unanswered.delete(said));
    return said;
  }

  /** Wait until all that was said is answered: after the close it would be refused. */
  async settled() {
    await Promise.allSettled(this.#unanswered);
  }
}
