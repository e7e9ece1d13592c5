/** The vectors of the wire, and the values that they write in JSON: see tests/vectors/README.md. */

import { readFileSync } from "node:fs";

import { bytesOfHex, hexOfBytes } from "../../src/wire/hex.js";

/** @param {string} name @returns {any} */
export function vectors(name) {
  return JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}.json`, import.meta.url), "utf8"));
}

/**
 * A value that the vectors write. JavaScript has one kind of number, so `$int` and `$float` become the nearest one.
 * @param {any} value
 * @returns {any}
 */
export function read(value) {
  if (Array.isArray(value)) return value.map(read);
  if (typeof value !== "object" || value === null) return value;
  const [[name, text] = ["", ""], ...more] = Object.entries(value);
  if (more.length === 0 && name === "$bin") return bytesOfHex(text);
  if (more.length === 0 && name === "$int") return Number(text);
  if (more.length === 0 && name === "$float") return Number(text.replace("inf", "Infinity"));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item)]));
}

/** Whether JavaScript can say this value byte for byte: no integer too large, no float that looks like an integer. @param {any} value @returns {boolean} */
export function isExpressible(value) {
  if (typeof value !== "object" || value === null) return true;
  if ("$int" in value) return false;
  if ("$float" in value) return !Number.isSafeInteger(read(value)) && !Object.is(read(value), -0);
  return Object.values(value).every(isExpressible);
}

/** Bytes as hex, so that deepEqual compares them whatever their class. @param {any} value @returns {any} */
export function comparable(value) {
  if (value instanceof Uint8Array) return { $bin: hexOfBytes(value) };
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, comparable(item)]));
}
