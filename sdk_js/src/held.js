/** The processes that this client was assigned and has not closed yet: what it must give back when it goes. */

import { isFinal } from "./wire/model.js";

/** @import { Asked } from "./asked.js" */
/** @import { Signer } from "./wire/identity.js" */

/** @typedef {{ processid: string, attempt: number, signer: Signer }} HeldProcess */

// Whoever holds more than this does not close what it was assigned; the oldest are left to their deadlines.
const MAX_HELD = 1024;

export class Held {
  /** @type {Map<string, HeldProcess>} */
  #processes = new Map();

  /**
   * Learn from an answer what is held now.
   * @param {Asked} asked
   * @param {any} result
   * @param {boolean} isRefused
   */
  heed(asked, result, isRefused) {
    if (asked.method === "process.assign" && !isRefused) {
      this.#take({ processid: result.processid, attempt: result.attempt, signer: asked.signer });
    } else if (["process.close", "process.hand_back"].includes(asked.method)) {
      this.letGo(String(asked.params.processid));
    } else if (!isRefused && isFinal(result?.state)) {
      this.letGo(result.processid);
    }
  }

  /** @param {HeldProcess} process */
  #take(process) {
    this.#processes.set(process.processid, process);
    if (this.#processes.size > MAX_HELD) this.letGo(this.#processes.keys().next().value ?? "");
  }

  /** @param {string} processid */
  letGo(processid) {
    this.#processes.delete(processid);
  }

  /** Everything that is held; afterwards nothing is. */
  takeAll() {
    const all = [...this.#processes.values()];
    this.#processes.clear();
    return all;
  }
}
