/**
 * The broker's side of the wire, for tests: opens what a client sends and writes what a broker says. What is not
 * exactly of the protocol throws, so that a test that hears nonsense fails. Signatures are checked by Node's own
 * OpenSSL, which neither signs for the SDK's library nor shares a line with it.
 */

import { createPublicKey, verify } from "node:crypto";

import { pack, signedBytes, unpack } from "../../src/wire/frames.js";
import { hexOfBytes } from "../../src/wire/hex.js";

/** @import { ColoniesError } from "../../src/errors.js" */

/** @typedef {{ key: string, id: number, method: string, params: any }} Request */

/**
 * The requests of an envelope. Throws when its shape is wrong or its signature does not hold.
 * @param {Uint8Array} frame
 * @param {Uint8Array} challenge of the connection
 * @returns {Request[]}
 */
export function openedFrame(frame, challenge) {
  const { key, signature, body } = envelopeOf(frame);
  if (!holds(key, signature, signedBytes(challenge, body))) throw new Error("the signature does not hold");
  return requestsOf(body).map((request) => ({ key: hexOfBytes(key), ...request }));
}

/** @param {Uint8Array} frame */
export function envelopeOf(frame) {
  const [key, signature, body, ...more] = unpack(frame);
  const areBytes = [key, signature, body].every((part) => part instanceof Uint8Array);
  if (!areBytes || more.length || key.length !== 32 || signature.length !== 64) throw new Error("no envelope");
  return { key, signature, body };
}

/**
 * @param {Uint8Array} body
 * @returns {{ id: number, method: string, params: any }[]}
 */
export function requestsOf(body) {
  const value = unpack(body);
  const isBatch = Array.isArray(value[0]);
  return (isBatch ? value : [value]).map((/** @type {any[]} */ [kind, id, method, params, ...more]) => {
    if (kind !== 0 || more.length) throw new Error("no request");
    return { id, method, params };
  });
}

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} signature
 * @param {Uint8Array} message
 */
export function holds(key, signature, message) {
  const x = Buffer.from(key).toString("base64url");
  return verify(null, message, createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }), signature);
}

/**
 * @param {number} id
 * @param {unknown} result
 * @param {ColoniesError | null} [error]
 */
export function response(id, result, error = null) {
  return error ? [1, id, errorMap(error), null] : [1, id, null, result];
}

/** @param {ColoniesError} error */
function errorMap({ code, message, retry, data }) {
  return { code, message, retry, data };
}

/**
 * @param {string} name
 * @param {Record<string, unknown>} params
 */
export function notification(name, params) {
  return [2, name, params];
}

/**
 * @param {Uint8Array} challenge
 * @param {Record<string, unknown>} [limits]
 */
export function hello(challenge, limits = {}) {
  return notification("hello", { protocol: 1, challenge, limits });
}

/** One frame of these messages. @param {unknown[][]} messages */
export function frameOf(...messages) {
  return pack(messages.length === 1 ? messages[0] : messages);
}
