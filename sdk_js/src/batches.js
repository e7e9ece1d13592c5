/** Requests on their way into frames, within what a broker takes. */

import { MAX_BATCH, MAX_FRAME_BYTES, MAX_INFLIGHT } from "./wire/frames.js";

/** @import { Signer } from "./wire/identity.js" */

/**
 * What a broker takes: bytes of a frame, requests of a batch, unanswered requests of a connection.
 * @typedef {{ frame: number, batch: number, inflight: number }} Limits
 */

/** @type {Limits} */
export const USUAL_LIMITS = { frame: MAX_FRAME_BYTES, batch: MAX_BATCH, inflight: MAX_INFLIGHT };

// Key, signature and the headers around them and around a batch.
const AROUND_A_BODY_BYTES = 128;

/** Requests of one key that leave together: request id → encoded request. */
class Batch {
  bytes = 0;
  /** @type {Map<number, Uint8Array>} */
  requests = new Map();

  /** @param {Signer} signer */
  constructor(signer) {
    this.signer = signer;
  }
}

/** One open batch a key; what does not fit any more begins another. */
export class Batches {
  /** @type {Batch[]} */
  all = [];
  /** @type {Map<string, Batch>} */
  #open = new Map();

  /** @param {Limits} limits */
  constructor(limits) {
    this.limits = limits;
  }

  /**
   * Put a request in. False when no frame is large enough for it.
   * @param {Signer} signer
   * @param {number} id
   * @param {Uint8Array} request
   */
  add(signer, id, request) {
    const room = this.limits.frame - AROUND_A_BODY_BYTES;
    if (request.length > room) return false;
    let batch = this.#open.get(signer.id);
    if (!batch || batch.requests.size >= this.limits.batch || batch.bytes + request.length > room) {
      batch = new Batch(signer);
      this.#open.set(signer.id, batch);
      this.all.push(batch);
    }
    batch.requests.set(id, request);
    batch.bytes += request.length;
    return true;
  }
}
