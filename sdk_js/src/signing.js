/** A frame and its signature: at once where its signer can, later where the signer takes its time. */

import { encodeEnvelope, join, signedBytes } from "./wire/frames.js";
import { bytesOfHex } from "./wire/hex.js";

/** @import { Signer } from "./wire/identity.js" */

/**
 * The frame of these requests; null when the signer, which may be a device, cannot sign.
 * @param {Signer} signer
 * @param {Uint8Array} challenge
 * @param {Uint8Array[]} requests
 * @param {{ atOnce: boolean, failed: (error: unknown) => null }} how atOnce: without waiting, where the signer can
 * @returns {Uint8Array | null | Promise<Uint8Array | null>}
 */
export function signedFrame(signer, challenge, requests, { atOnce, failed }) {
  const body = join(requests);
  const message = signedBytes(challenge, body);
  const envelope = (/** @type {Uint8Array} */ signature) => encodeEnvelope(bytesOfHex(signer.id), signature, body);
  try {
    const signature = atOnce && signer.signNow ? signer.signNow(message) : signer.sign(message);
    return signature instanceof Uint8Array ? envelope(signature) : signature.then(envelope).catch(failed);
  } catch (error) {
    return failed(error);
  }
}
