/**
 * Where in the dashboard one is: `#/failures?type=cli&text=disk`.
 *
 * Pure. The filter is always in the address, so that it can be sent to a colleague. What is no address of ours leads
 * to the overview rather than to an error.
 */

import { NAMES } from "./filters.js";

/** panel: its id. id: of what is looked at there. cursor: of a page of a list, empty for its first. @typedef {{ panel: string, id: string, filter: Record<string, string>, cursor: string }} Address */

export const HOME = "overview";

/**
 * @param {string} hash with or without its `#`
 * @returns {Address}
 */
export function parse(hash) {
  const [path, query = ""] = split(hash.replace(/^#?\/?/, ""), "?");
  const [panel, id = ""] = split(path, "/");
  const said = new URLSearchParams(query);
  const filter = Object.fromEntries([...said].filter(([name, value]) => NAMES.includes(name) && value !== ""));
  return { panel: panel || HOME, id: decoded(id), filter, cursor: said.get("cursor") ?? "" };
}

/**
 * @param {Partial<Address>} address
 * @returns {string} with its `#`
 */
export function format({ panel = HOME, id = "", filter = {}, cursor = "" }) {
  const path = id ? `${panel}/${encodeURIComponent(id)}` : panel;
  const said = NAMES.filter((name) => filter[name]).map((name) => [name, filter[name]]);
  const query = new URLSearchParams(cursor ? [...said, ["cursor", cursor]] : said).toString();
  return `#/${path}${query && `?${query}`}`;
}

/** @param {string} text @param {string} at */
function split(text, at) {
  const place = text.indexOf(at);
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
