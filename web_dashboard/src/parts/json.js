/** Values as JSON text, whole or in a line. What JSON has no form for is said in words. Pure. */

import { cut } from "../format.js";

/** @param {unknown} value */
export function pretty(value) {
  return JSON.stringify(value, spoken, 2) ?? String(value);
}

/** In one line, cut. @param {unknown} value @param {number} [most] */
export function brief(value, most = 120) {
  const text = typeof value === "string" ? value : (JSON.stringify(value, spoken) ?? String(value));
  return cut(text, most);
}

/** @param {string} _key @param {unknown} value */
export function spoken(_key, value) {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return value;
}
