/** The other side of a dialogue: it opens every frame as a broker would, and answers as the test says. */

import assert from "node:assert/strict";

import { Asked } from "../../src/asked.js";
import { Dialogue } from "../../src/dialogue.js";
import { Identity } from "../../src/index.js";
import { frameOf, hello, notification, openedFrame, response } from "./wire.js";

/** @import { ColoniesError } from "../../src/errors.js" */
/** @import { Signer } from "../../src/wire/identity.js" */
/** @import { Request } from "./wire.js" */

export const ANN = instant(new Identity("01".repeat(32)));
export const BOB = instant(new Identity("02".repeat(32)));
export const PROCESS = { processid: "p".repeat(32), attempt: 3 };

/** A signer that does not make a dialogue wait. @param {Identity} identity @returns {Signer} */
function instant(identity) {
  return { id: identity.id, sign: (message) => identity.signNow(message) };
}

/** What became of a request. */
export class Heard {
  /** @type {any[]} */
  results = [];
  /** @type {ColoniesError[]} */
  errors = [];

  /** @param {any} result @param {ColoniesError | null} error */
  settle = (result, error) => {
    if (error) this.errors.push(error);
    else this.results.push(result);
  };

  get times() {
    return this.results.length + this.errors.length;
  }
}

export class Talk {
  /** What a broker could not do just now. @type {Asked[]} */
  later = [];
  /** @type {[string, number][]} */
  cancelled = [];
  /** @type {Map<number, Request>} */
  unanswered = new Map();
  challenge = new Uint8Array();
  #connections = 0;
  /** @type {Map<string, number>} */
  #lastIds = new Map();

  /** @param {{ frame?: number, batch?: number, inflight?: number }} [limits] */
  constructor(limits = {}) {
    this.limits = { frame: 1 << 20, batch: 256, inflight: 64, ...limits };
    this.dialogue = new Dialogue({
      again: (asked) => this.later.push(asked),
      cancelled: (...what) => this.cancelled.push(what),
    });
  }

  /** One that has heard its hello. @param {{ frame?: number, batch?: number, inflight?: number }} [limits] */
  static opened(limits) {
    const talk = new Talk(limits);
    talk.open();
    return talk;
  }

  open() {
    this.challenge = new Uint8Array(32).fill(++this.#connections % 256);
    this.#lastIds = new Map();
    this.unanswered = new Map();
    this.dialogue.take(frameOf(hello(this.challenge, { ...this.limits, idle: 40 })));
  }

  lose() {
    this.challenge = new Uint8Array();
    this.dialogue.lost();
    this.unanswered = new Map();
  }

  /**
   * @param {string} method
   * @param {Record<string, unknown>} [params]
   * @param {Signer} [signer]
   */
  ask(method, params = {}, signer = ANN) {
    const heard = new Heard();
    const asked = new Asked(method, params, signer, { settle: heard.settle });
    this.dialogue.ask(asked);
    return { asked, heard };
  }

  /** Every frame that is sent now, as its requests. */
  hear(now = 0) {
    const frames = this.dialogue.frames(now).filter((frame) => frame !== null);
    return frames.map((frame) => {
      assert(frame instanceof Uint8Array, "these signers sign at once");
      return this.#opened(frame);
    });
  }

  /** @param {Uint8Array} frame */
  #opened(frame) {
    const requests = openedFrame(frame, this.challenge);
    assert(frame.length <= this.limits.frame, "a frame is over its limit");
    assert(requests.length <= this.limits.batch, "a batch is over its limit");
    for (const request of requests) {
      assert(request.id > (this.#lastIds.get(request.key) ?? 0), "an id did not rise");
      this.#lastIds.set(request.key, request.id);
      this.unanswered.set(request.id, request);
    }
    assert(this.unanswered.size <= this.limits.inflight, "too much is unanswered");
    return requests;
  }

  /** The requests that are sent now, whatever the frames. */
  said(now = 0) {
    return this.hear(now).flat();
  }

  /** The one request that is sent now. */
  one(now = 0) {
    const said = this.said(now);
    assert.equal(said.length, 1);
    return said[0];
  }

  /** @param {Request} request @param {any} [result] */
  answer(request, result = null) {
    this.unanswered.delete(request.id);
    this.dialogue.take(frameOf(response(request.id, result)));
  }

  /** @param {Request} request @param {ColoniesError} error */
  refuse(request, error) {
    this.unanswered.delete(request.id);
    this.dialogue.take(frameOf(response(request.id, null, error)));
  }

  /** @param {string} name @param {Record<string, unknown>} params */
  notify(name, params) {
    this.dialogue.take(frameOf(notification(name, params)));
  }
}

/** @param {Request[]} requests */
export function methods(requests) {
  return requests.map((request) => request.method);
}
