/** What was said on this connection and not answered yet, by the ids of its requests. Bounded by what a broker allows. */

import { BadFrame, BadSignature } from "./errors.js";

/** @import { Asked } from "./asked.js" */
/** @import { Signer } from "./wire/identity.js" */

export class Unanswered {
  /** @type {Map<number, Asked>} */
  #byId = new Map();
  // Rises over all keys and connections, and so for each of them.
  #lastId = 0;

  get size() {
    return this.#byId.size;
  }

  get all() {
    return [...this.#byId.values()];
  }

  /** What the next request is called. */
  get nextId() {
    return this.#lastId + 1;
  }

  /** It is said, under `nextId`. @param {Asked} asked */
  add(asked) {
    this.#byId.set(++this.#lastId, asked);
  }

  /** @param {number} id */
  get(id) {
    return this.#byId.get(id);
  }

  /** @param {number} id */
  remove(id) {
    this.#byId.delete(id);
  }

  takeAll() {
    const all = this.all;
    this.#byId = new Map();
    return all;
  }

  /**
   * Everything that was to leave in one frame fails with its signer.
   * @param {Signer} signer
   * @param {Iterable<number>} ids
   * @param {unknown} error
   */
  fail(signer, ids, error) {
    const why = error instanceof Error ? error.message : String(error);
    for (const id of ids) {
      const asked = this.#byId.get(id);
      this.#byId.delete(id);
      asked?.settle(null, new BadSignature(`the key ${signer.id.slice(0, 8)}… could not sign: ${why}`));
    }
  }

  /** Hand on how far a request is. Throws BadFrame. @param {Record<string, any>} params */
  progress({ id, done, matched }) {
    if (![done, matched].every(Number.isInteger)) throw new BadFrame("progress without its numbers");
    const asked = this.#byId.get(id);
    if (!asked) return;
    asked.hasBegun = true;
    if (!asked.isForgotten) asked.progress(done, matched);
  }
}
