/**
 * What is said on a connection, without the connection: no socket, no clock, no event loop.
 *
 * Requests are asked; frames to send are taken; frames that came are handed in. What was asked in
 * one turn with one key leaves as one signed frame, and never more is unanswered than the broker
 * allows. When a connection is lost, what may be repeated is said again on the next one, and what
 * may not fails, for it may or may not have happened. A process or subscription whose asker has gone
 * is given back rather than left with nobody.
 */

import { Asked, Standing } from "./asked.js";
import { Batches, USUAL_LIMITS } from "./batches.js";
import { BadFrame, ColoniesError, ConnectionLost, errorOf, TooLarge } from "./errors.js";
import { helloOf } from "./hello.js";
import { signedFrame } from "./signing.js";
import { Standings } from "./standings.js";
import { Unanswered } from "./unanswered.js";
import { Waiting } from "./waiting.js";
import { decodeMessages, isMap } from "./wire/frames.js";

/** @import { Limits } from "./batches.js" */
/** @import { Notification, Response } from "./wire/frames.js" */

export const LOST = "connection lost";

export class Dialogue {
  /** The broker answers what it has, and takes nothing more. */
  isDraining = false;
  #reconnectSeconds = 0;
  #waiting = new Waiting();
  #unanswered = new Unanswered();
  #standing = new Standings();
  /** A broker could not do it just now. @type {Set<Asked>} */
  #resting = new Set();
  /** @type {Uint8Array | null} */
  #challenge = null;
  /** @type {Limits} */
  #limits = USUAL_LIMITS;
  #again;
  #cancelled;

  /**
   * @param {object} heard
   * @param {(asked: Asked) => void} heard.again called with what a broker cannot do now; ask it again in a while
   * @param {(processid: string, attempt: number) => void} [heard.cancelled] a process that runs here was cancelled
   */
  constructor({ again, cancelled = () => {} }) {
    this.#again = again;
    this.#cancelled = cancelled;
  }

  get isOpen() {
    return this.#challenge !== null;
  }

  /** Whether there is nothing to say and nothing to hear. */
  get isIdle() {
    return !(this.#waiting.size || this.#unanswered.size || this.#standing.size || this.#resting.size);
  }

  /** Whether a broker that drains has answered everything that it will answer. */
  get mayLeave() {
    return this.isDraining && this.#unanswered.size === 0;
  }

  get hasLastWords() {
    return [...this.#waiting.all, ...this.#unanswered.all, ...this.#resting].some((asked) => asked.isLastWord);
  }

  /** How long a draining broker has asked to be left alone: told once. */
  takeReconnectSeconds() {
    const seconds = this.#reconnectSeconds;
    this.#reconnectSeconds = 0;
    return seconds;
  }

  // — asking —

  /** @param {Asked} asked */
  ask(asked) {
    this.#resting.delete(asked);
    if (!asked.isForgotten) this.#waiting.add([asked]);
  }

  /**
   * Nobody waits for the answer any more. What was not said yet is not said; what comes of it is given back.
   * @param {Asked} asked
   */
  forget(asked) {
    asked.isForgotten = true;
    this.#resting.delete(asked);
    this.#waiting.keep((other) => other !== asked);
    const number = asked instanceof Standing ? this.#standing.remove(asked) : null;
    if (number !== null) this.undo(asked, { subscription: number });
  }

  /** Give back what was answered to somebody who has gone. @param {Asked} asked @param {any} result */
  undo(asked, result) {
    if (asked.method === "process.assign") {
      const params = { processid: result.processid, attempt: result.attempt };
      this.ask(new Asked("process.hand_back", params, asked.signer, { isLastWord: true }));
    } else if (asked instanceof Standing) {
      this.ask(new Asked("subscription.cancel", { subscription: result.subscription }, asked.signer));
    }
  }

  // — what is sent —

  /**
   * The signed frames that may be sent now, in this order; what is in them counts as said.
   * @param {number} now
   * @param {{ atOnce?: boolean }} [how] atOnce: sign without waiting where the signer can
   * @returns {(Uint8Array | null | Promise<Uint8Array | null>)[]} null: its signer failed, and so did its requests
   */
  frames(now, { atOnce = false } = {}) {
    if (this.#challenge === null || this.isDraining) return [];
    const batches = new Batches(this.#limits);
    for (const asked of this.#waiting.takeSendable(now, this.#limits.inflight, this.#unanswered)) {
      const id = this.#unanswered.nextId;
      const request = asked.encode(id, now);
      if (batches.add(asked.signer, id, request)) {
        this.#unanswered.add(asked);
      } else {
        const limit = this.#limits.frame;
        asked.settle(null, new TooLarge(`${asked.method} has ${request.length} bytes, a frame holds ${limit}`));
      }
    }
    const challenge = this.#challenge;
    return batches.all.map(({ signer, requests }) =>
      signedFrame(signer, challenge, [...requests.values()], {
        atOnce,
        failed: (error) => {
          this.#unanswered.fail(signer, requests.keys(), error);
          return null;
        },
      }),
    );
  }

  // — what comes —

  /**
   * Take a frame of the broker. Throws BadFrame for what is none; TurnedAway when it speaks another protocol.
   * @param {Uint8Array} frame
   */
  take(frame) {
    for (const message of decodeMessages(frame)) {
      if (this.#challenge === null) this.#open(message);
      else if (message.kind === "response") this.#takeAnswer(message);
      else this.#takeNotification(message);
    }
  }

  /** @param {Response | Notification} message */
  #open(message) {
    const hello = helloOf(message);
    this.#challenge = hello.challenge.slice();
    this.#limits = hello.limits;
  }

  /** @param {Response} response */
  #takeAnswer(response) {
    const asked = this.#unanswered.get(response.id);
    if (!asked) return;
    const error = response.error === null ? null : errorOf(response.error);
    if (error === null) checkResult(asked, response.result);
    this.#unanswered.remove(response.id);
    if (error?.code === "draining") this.isDraining = true;
    if (error?.code === "draining" && (asked.mayRepeat || !asked.hasBegun)) {
      // A refusal of this broker and not of the request: nothing was done, or doing it again is safe. Ask the next one.
      this.#keep(asked);
    } else if (error?.retry && (asked.isLastWord || asked.standsAgain)) {
      this.#resting.add(asked);
      this.#again(asked);
    } else if (!asked.isForgotten) {
      this.#settle(asked, response.result, error);
    } else if (error === null) {
      this.undo(asked, response.result);
    }
  }

  /** @param {Asked} asked @param {any} result @param {ColoniesError | null} error */
  #settle(asked, result, error) {
    if (asked instanceof Standing && error === null) this.#standing.add(asked, result.subscription);
    asked.settle(result, error);
  }

  /** @param {Notification} notification */
  #takeNotification({ name, params }) {
    if (this.#standing.push(name, params)) return;
    if (name === "ended") {
      this.#standing.end(params.subscription, String(params.reason));
    } else if (name === "progress") {
      this.#unanswered.progress(params);
    } else if (name === "cancelled") {
      this.#cancelled(params.processid, params.attempt);
    } else if (name === "draining") {
      this.isDraining = true;
      this.#reconnectSeconds = (Number(params.reconnect) || 0) / 1000;
    }
  }

  // — when it ends —

  /** The connection is gone. What may be repeated waits for the next one, subscriptions first; the rest fails. */
  lost() {
    this.#challenge = null;
    this.isDraining = false;
    const standing = this.#standing.takeAll();
    const unanswered = this.#unanswered.takeAll();
    // The number of a subscription means another one on the next connection.
    this.#waiting.keep((asked) => asked.method !== "subscription.cancel");
    const again = unanswered.filter((asked) => asked.mayRepeat && !asked.isForgotten);
    this.#waiting.addFirst([...standing.filter((one) => one.lasts), ...again]);
    for (const one of standing) if (!one.lasts) one.ended(LOST);
    for (const asked of unanswered) {
      if (asked.mayRepeat || asked.isForgotten) continue;
      const told = `the connection was lost before ${asked.method} was answered; it may or may not have happened`;
      asked.settle(null, new ConnectionLost(told));
    }
  }

  /** Say it again, before everything else, unless nobody waits for it. @param {Asked} asked */
  #keep(asked) {
    if (!asked.isForgotten) this.#waiting.addFirst([asked]);
  }

  /**
   * Everything that was asked fails with this. What still comes of it is given back; last words stay.
   * @param {ColoniesError} error
   */
  failAll(error) {
    const all = [...this.#standing.takeAll(), ...this.#unanswered.all, ...this.#waiting.all, ...this.#resting];
    this.#waiting.keep((asked) => asked.isLastWord);
    for (const asked of all) {
      if (asked.isForgotten || asked.isLastWord) continue;
      asked.isForgotten = true;
      asked.settle(null, error);
    }
  }
}

/** What is looked into here must be there. @param {Asked} asked @param {any} result */
function checkResult(asked, result) {
  const { needs } = asked;
  if (needs && !(isMap(result) && needs in result)) throw new BadFrame(`an answer to ${asked.method} without ${needs}`);
}
