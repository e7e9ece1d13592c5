/**
 * What may be sent: a value is looked at before it is encoded, for what a broker cannot read costs
 * the whole connection, and what JavaScript would quietly leave out costs somebody an evening.
 */

import { badRequest } from "./errors.js";
import { MAX_DEPTH } from "./frames.js";

// A batch and a request are two levels around what is given.
const MAX_PARAMS_DEPTH = MAX_DEPTH - 2;

/**
 * Throw BadRequest, with the path, for what has no form on the wire.
 * @param {Record<string, unknown>} params
 */
export function checkSendable(params) {
  look(params, "", MAX_PARAMS_DEPTH);
}

/**
 * @param {unknown} value
 * @param {string} path
 * @param {number} levels how many more levels may follow
 * @returns {void}
 */
function look(value, path, levels) {
  if (typeof value === "string") {
    // Half a surrogate pair is no text, and an encoder would make of it what is no UTF-8.
    if (!isWellFormed(value)) throw badRequest(path, "text", "half a surrogate pair");
  } else if (typeof value === "object" && value !== null) {
    lookInside(value, path, levels);
  } else if (!["undefined", "boolean", "number", "object"].includes(typeof value)) {
    throw badRequest(path, "what MessagePack has a form for", `a ${typeof value}`);
  }
}

/**
 * @param {object} value
 * @param {string} path
 * @param {number} levels
 */
function lookInside(value, path, levels) {
  if (ArrayBuffer.isView(value)) return;
  if (levels === 0)
    throw badRequest(path, `at most ${MAX_PARAMS_DEPTH} levels`, "more, or something that holds itself");
  if (Array.isArray(value)) {
    value.forEach((item, index) => look(item, `${path}[${index}]`, levels - 1));
  } else if (UNFIT.some((kind) => value instanceof kind)) {
    throw badRequest(path, "a plain value: text, number, boolean, null, array, object, Uint8Array", nameOf(value));
  } else {
    for (const [key, item] of Object.entries(value)) {
      look(key, path, levels);
      look(item, path ? `${path}.${key}` : key, levels - 1);
    }
  }
}

// Each of these would be sent as an empty map, or as something that a broker refuses.
const UNFIT = [Date, Map, Set, Promise, RegExp, Error, ArrayBuffer];

/** @param {object} value */
function nameOf(value) {
  return `a ${value.constructor?.name ?? "strange object"}`;
}

/** @param {string} text */
function isWellFormed(text) {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}
