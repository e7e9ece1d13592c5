/** What was asked and not said yet, in its order. Bounded by who waits for its answers. */

import { Standing } from "./asked.js";

/** @import { Asked } from "./asked.js" */
/** @import { Unanswered } from "./unanswered.js" */

export class Waiting {
  /** @type {Asked[]} */
  all = [];

  get size() {
    return this.all.length;
  }

  /** @param {Asked[]} asked */
  add(asked) {
    this.all.push(...asked);
  }

  /** @param {Asked[]} asked */
  addFirst(asked) {
    this.all.unshift(...asked);
  }

  /** @param {(asked: Asked) => boolean} isKept */
  keep(isKept) {
    this.all = this.all.filter(isKept);
  }

  /**
   * Take out of the line what may be said now. Long waits leave room for what is answered at once.
   * @param {number} now
   * @param {number} inflight how many may be unanswered
   * @param {Unanswered} unanswered
   * @returns {Asked[]}
   */
  takeSendable(now, inflight, unanswered) {
    const mostWaits = Math.max(1, inflight - Math.floor(inflight / 8) - 1);
    let waits = unanswered.all.filter((asked) => asked.waits).length;
    /** @type {Asked[]} */ const sendable = [];
    /** @type {Asked[]} */ const left = [];
    for (const asked of this.all) {
      if (asked instanceof Standing && asked.isOver(now)) {
        asked.ended("timeout");
      } else if (unanswered.size + sendable.length >= inflight || (asked.waits && waits >= mostWaits)) {
        left.push(asked);
      } else {
        waits += Number(asked.waits);
        sendable.push(asked);
      }
    }
    this.all = left;
    return sendable;
  }
}
