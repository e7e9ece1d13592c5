/**
 * Envelopes and messages as bytes.
 *
 * A frame to a broker is an envelope: key, signature, body. A frame from a broker is a message or an
 * array of them; whatever is not exactly of this protocol is a BadFrame. What is inside a process is
 * its submitter's affair and never makes one. Knows no methods and no sockets.
 */

import { Decoder, Encoder } from "@msgpack/msgpack";

import { BadFrame } from "./errors.js";

export const PROTOCOL = 1;
export const SUBPROTOCOL = "colonies.v1";
export const CHALLENGE_BYTES = 32;
export const MAX_FRAME_BYTES = 1 << 20;
export const MAX_DEPTH = 32;
export const MAX_BATCH = 256;
export const MAX_INFLIGHT = 64;

const DOMAIN = new TextEncoder().encode(`${SUBPROTOCOL}\0`);
const REQUEST = 0;
const RESPONSE = 1;
const NOTIFICATION = 2;
// What a client sent at the deepest comes back inside a page of processes, a few levels further down.
const MAX_MESSAGE_DEPTH = MAX_DEPTH + 8;

/** @typedef {{ kind: "response", id: number, error: Record<string, unknown> | null, result: any }} Response */
/** @typedef {{ kind: "notification", name: string, params: Record<string, any> }} Notification */

// — bytes and values —

const encoder = new Encoder({ ignoreUndefined: true, maxDepth: 2 * MAX_DEPTH });

const decoder = new Decoder({
  extensionCodec: {
    tryToEncode: () => null,
    decode(_bytes, type) {
      throw new BadFrame(`MessagePack extension type ${type} is not used here`);
    },
  },
  keyDecoder: {
    // The decoder would refuse the whole frame because of what one submitter wrote into one process.
    canBeCached: (byteLength) => byteLength === 9,
    decode: (bytes, offset, byteLength) => keyOf(utf8.decode(bytes.subarray(offset, offset + byteLength))),
  },
  mapKeyConverter: (key) => keyOf(key instanceof Uint8Array ? utf8.decode(key) : String(key)),
});

const utf8 = new TextDecoder();

/** An object of JavaScript cannot have this key: it would become the object's prototype. @param {string} key */
function keyOf(key) {
  return key === "__proto__" ? "[__proto__]" : key;
}

/**
 * Encode one value as MessagePack.
 * @param {unknown} value
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function pack(value) {
  return encoder.encode(value);
}

/**
 * Decode exactly one MessagePack value; anything else is a BadFrame. Extension types are refused.
 * Integers beyond ±(2^53 − 1) come as the nearest number.
 * @param {Uint8Array} raw
 * @param {number} [maxDepth]
 * @returns {any}
 */
export function unpack(raw, maxDepth = MAX_DEPTH) {
  let value;
  try {
    value = decoder.decode(raw);
  } catch (error) {
    if (error instanceof BadFrame) throw error;
    throw new BadFrame(`not MessagePack: ${error instanceof Error ? error.message : error}`);
  }
  if (isDeeper(value, maxDepth)) throw new BadFrame(`nested more than ${maxDepth} levels deep`);
  return value;
}

/**
 * @param {unknown} value
 * @param {number} levels
 * @returns {boolean}
 */
function isDeeper(value, levels) {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof item === "object" && isDeeper(item, levels - 1)) return true;
  }
  return false;
}

// — the envelope —

/**
 * What a signature covers: it holds on one connection only, and never for another protocol.
 * @param {Uint8Array} challenge
 * @param {Uint8Array} body
 */
export function signedBytes(challenge, body) {
  return concatenated([DOMAIN, challenge, body]);
}

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} signature
 * @param {Uint8Array} body
 */
export function encodeEnvelope(key, signature, body) {
  return pack([key, signature, body]);
}

// — messages —

/**
 * Encode a request from its parameters, which are encoded already.
 * @param {number} id
 * @param {string} method
 * @param {Uint8Array} params
 */
export function encodeRequest(id, method, params) {
  return concatenated([arrayHeader(4), pack(REQUEST), pack(id), pack(method), params]);
}

/**
 * Make one body of encoded requests: one as it is, several as an array of requests.
 * @param {Uint8Array[]} messages
 */
export function join(messages) {
  return messages.length === 1 ? messages[0] : concatenated([arrayHeader(messages.length), ...messages]);
}

/**
 * Decode a frame of the server: one message, or an array of them.
 * @param {Uint8Array} frame
 * @returns {(Response | Notification)[]}
 */
export function decodeMessages(frame) {
  const value = unpack(frame, MAX_MESSAGE_DEPTH);
  if (!Array.isArray(value) || value.length === 0) throw new BadFrame("a frame is a message or an array of messages");
  return (Array.isArray(value[0]) ? value : [value]).map(messageOf);
}

/**
 * @param {any} item
 * @returns {Response | Notification}
 */
function messageOf(item) {
  if (Array.isArray(item)) {
    const [kind, second, third, result] = item;
    if (kind === RESPONSE && item.length === 4 && Number.isInteger(second) && (third === null || isMap(third))) {
      return { kind: "response", id: second, error: third, result };
    }
    if (kind === NOTIFICATION && item.length === 3 && typeof second === "string" && isMap(third)) {
      return { kind: "notification", name: second, params: third };
    }
  }
  throw new BadFrame("a message is [1, id, error, result] or [2, name, params]");
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
export function isMap(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** @param {number} length at most 65535 */
function arrayHeader(length) {
  return Uint8Array.from(length < 16 ? [0x90 | length] : [0xdc, length >> 8, length & 0xff]);
}

/** @param {Uint8Array[]} parts */
function concatenated(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
