/**
 * The filter of a list: as the address has it, as the broker is asked, and in words.
 *
 * Pure. What an address says that is no filter is passed over, for people write addresses by hand; a filter that means
 * nothing is never turned into one that means everything without the list saying so in words.
 */

import { STATE_NAMES } from "./states.js";

/** @import { ProcessFilter } from "/sdk/colonies.js" */

/** The names that a filter may have in an address, in the order in which they are said. */
export const NAMES = Object.freeze(["state", "type", "func", "label", "cause", "text", "since", "before", "executor"]);

/** The type of processes that name their executors and no type. In an address, where an empty one would say: of any type. */
export const NO_TYPE = "(none)";

const EXECUTOR = /^[0-9a-f]{64}$/;
/** More of a text the broker does not look for. */
const MOST_TEXT = 256;

/** @typedef {Record<string, string>} Filter */

/**
 * The parameters of `process.list` for a filter of the address.
 * @param {Filter} filter
 * @returns {ProcessFilter & { cause?: string, assigneeid?: string }}
 */
export function asked(filter) {
  const state = stateOf(filter.state);
  const [since, before] = [timeOf(filter.since), timeOf(filter.before)];
  return {
    ...(state !== undefined && { state }),
    ...(filter.type && { executortype: filter.type === NO_TYPE ? "" : filter.type }),
    ...(filter.func && { func: filter.func }),
    ...(filter.label && { label: filter.label }),
    ...(filter.cause && { cause: filter.cause }),
    ...(filter.text && { text: filter.text.slice(0, MOST_TEXT) }),
    ...(since !== undefined && { since }),
    ...(before !== undefined && { before }),
    ...(EXECUTOR.test(filter.executor ?? "") && { assigneeid: filter.executor }),
  };
}

/**
 * What a filter means: "failed processes of type “cli”, with “disk” in an argument or error".
 * @param {Filter} filter
 * @param {(ms: number) => string} time how a time is said
 * @param {{ states?: string[], number?: number }} [about] states: those that are meant where the filter names none.
 *   number: how many there are; else it is said of all
 */
export function inWords(filter, time, { states = [], number = 2 } = {}) {
  const { state, executortype, func, label, cause, text, since, before, assigneeid } = asked(filter);
  const named = state === undefined ? states : [STATE_NAMES[state]];
  const kind = [listed(named), number === 1 ? "process" : "processes"].filter(Boolean).join(" ");
  const parts = [
    executortype && `of type “${executortype}”`,
    executortype === "" && "for named executors",
    func && `with the function “${func}”`,
    label && `labelled “${label}”`,
    cause && `that failed with “${cause}”`,
    text && `with “${text}” in an argument or error`,
    since !== undefined && `submitted since ${time(since)}`,
    before !== undefined && `submitted before ${time(before)}`,
    assigneeid && `on executor ${assigneeid.slice(0, 8)}…`,
  ];
  return [kind, ...parts.filter(Boolean)].join(", ").replace(/, (of type|for named)/, " $1");
}

/** "failed", "failed and cancelled" @param {string[]} words */
function listed(words) {
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : (words[0] ?? "");
}

/**
 * What of a filter was not understood, in words: it narrows nothing, and whoever wrote it believes that it does.
 * @param {Filter} filter
 * @returns {string[]}
 */
export function misread({ state, text, since, before, executor }) {
  /** @type {[unknown, string][]} */
  const doubts = [
    [state && state !== "all" && stateOf(state) === undefined, `“${state}” is no state of a process`],
    [since && timeOf(since) === undefined, `“${since}” is no time (since)`],
    [before && timeOf(before) === undefined, `“${before}” is no time (before)`],
    [executor && !EXECUTOR.test(executor), `“${executor}” is no executor’s id`],
    [text && text.length > MOST_TEXT, `the text is longer than ${MOST_TEXT} characters`],
  ];
  return doubts.filter(([holds]) => holds).map(([, words]) => words);
}

/**
 * A state by its number or its name.
 * @param {string | undefined} said
 */
export function stateOf(said) {
  if (said === undefined || said === "") return undefined;
  const found = STATE_NAMES.indexOf(said.toLowerCase());
  if (found >= 0) return found;
  return /^[0-4]$/.test(said) ? Number(said) : undefined;
}

/**
 * A time in ms of an address: in ms, or as a date that people write. Without a zone it is that of whoever reads.
 * @param {string | undefined} said
 */
export function timeOf(said) {
  if (!said) return undefined;
  const time = /^\d{11,15}$/.test(said) ? Number(said) : Date.parse(said);
  return Number.isFinite(time) ? time : undefined;
}

/** A time that a field has, as of the reader's zone, as it is said in an address: of no zone but UTC. @param {string} local */
export function utcOf(local) {
  const time = timeOf(local);
  return time === undefined ? "" : new Date(time).toISOString().replace(/(:00)?\.000Z$/, "Z");
}

/** A time of an address as a field takes it: to the minute, in the reader's zone. @param {string} said */
export function localOf(said) {
  const time = timeOf(said);
  if (time === undefined) return "";
  const date = new Date(time);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
