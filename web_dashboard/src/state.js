/**
 * What the dashboard knows: (state, message) → state.
 *
 * Pure: no DOM, no clock, no SDK. Every list in it is bounded, so that a page that is open for weeks is as small as one
 * that was opened just now. What is not known is null and never zero.
 */

import { hearEvents, NO_ACTIVITY, pause, wake } from "./activity.js";
import { HOME } from "./address.js";

/** @import { Executor, Stats, StatsHistory, Whoami } from "/sdk/colonies.js" */
/** @import { ActivityState } from "./activity.js" */
/** @import { Address } from "./address.js" */
/** @import { Move } from "./matching.js" */

const KEPT_ACTIONS = 20;
const KEPT_LINES = 10_000;

/** state: as the SDK says it, or "refused". since: when it came to be so (ms of this machine's clock). @typedef {{ state: string, trouble: string, since: number }} Link */
/** value: the last answer, of the params of `key`. at: when it came. code: of the error. @typedef {{ key: string, value: any, at: number, error: string, code?: string, isAsking: boolean }} Query */
/**
 * @typedef {object} Action
 * @property {string} id
 * @property {Move} move
 * @property {string} words what it is about
 * @property {number} matched
 * @property {number} done
 * @property {number} most how many of them it may be about
 * @property {"running" | "done" | "failed" | "lost"} standing
 * @property {string} error
 * @property {number} at
 */
/** @typedef {{ processid: string, lines: import("/sdk/colonies.js").Log[], isWhole: boolean, error: string }} LogLines */

/**
 * @typedef {object} State
 * @property {Link} link
 * @property {number} offset the broker's clock minus this machine's (ms)
 * @property {Whoami | null} me
 * @property {Stats | null} stats
 * @property {number} statsAt when they came (ms of this machine's clock)
 * @property {StatsHistory | null} history
 * @property {ActivityState} activity
 * @property {LogLines} log
 * @property {Record<string, Query>} queries
 * @property {Action[]} actions newest first
 * @property {string} said the last thing worth reading aloud
 * @property {Address} address
 */

/** @type {State} */
export const INITIAL = Object.freeze({
  link: { state: "idle", trouble: "", since: 0 },
  offset: 0,
  me: null,
  stats: null,
  statsAt: 0,
  history: null,
  activity: NO_ACTIVITY,
  log: { processid: "", lines: [], isWhole: true, error: "" },
  queries: {},
  actions: [],
  said: "",
  address: { panel: HOME, id: "", filter: {}, cursor: "" },
});

/**
 * What may be said to the state, by its kind.
 * @type {Record<string, (state: State, message: any) => Partial<State>>}
 */
const HEARD = {
  link: ({ link: before }, { link }) => ({ link: turned(before, link) }),
  me: (_, { me }) => ({ me }),
  stats: (state, { stats, at }) => ({ stats, statsAt: at, offset: stats.time - at, said: newFailures(state, stats) }),
  history: (_, { history }) => ({ history }),
  activity: ({ activity }, message) => ({ activity: hearEvents(activity, message) }),
  pause: ({ activity }, { isPaused }) => ({ activity: pause(activity, isPaused) }),
  gap: ({ activity }, message) => ({ activity: wake(activity, message) }),
  asking: ({ queries }, { name, key }) => ({ queries: { ...queries, [name]: asking(queries[name], key) } }),
  answer: ({ queries }, message) => ({ queries: answered(queries, message) }),
  forget: ({ queries }, { names }) => ({ queries: without(queries, names) }),
  log: (state, message) => ({ log: logged(state.log, message) }),
  action: ({ actions }, { action }) => ({ actions: acted(actions, action) }),
  dismiss: ({ actions }, { id }) => ({ actions: actions.filter((action) => action.id !== id) }),
  address: (_, { address }) => ({ address }),
  say: (_, { text }) => ({ said: text }),
  seen: () => ({}),
};

/**
 * @param {State} state
 * @param {{ kind: string } & Record<string, any>} message
 * @returns {State}
 */
export function reduce(state, message) {
  return { ...state, ...HEARD[message.kind](state, message) };
}

/** Whether this member may do more than look. @param {State} state */
export function mayAct({ me }) {
  return me !== null && (me.role === "owner" || me.role === "operator");
}

/** Whether the figures are those of now. now: ms of this machine's clock. @param {State} state @param {number} now */
export function isCurrent({ link, statsAt }, now) {
  return link.state === "open" && now - statsAt < STALE_MS;
}

/** The broker says its figures every five seconds at least. */
export const STALE_MS = 12_000;

// — connection —

/**
 * From one try to the next it is lost all the time: its age is that of the loss. And a broker that does not want this
 * key does not want it on the next connection either.
 * @param {Link} before
 * @param {Link} link
 * @returns {Link}
 */
function turned(before, link) {
  if (before.state === "refused") return before;
  return isAway(before) && isAway(link) ? { ...link, since: before.since } : link;
}

/** @param {Link} link */
function isAway({ state }) {
  return state === "waiting" || state === "connecting";
}

// — figures —

/** @param {State} state @param {Stats} stats */
function newFailures({ stats: before, said }, stats) {
  if (!before) return said;
  const rose = failed(stats) - failed(before);
  // With the sum, for the same words twice are read aloud once.
  return rose > 0 ? `${rose} more ${rose === 1 ? "process" : "processes"} failed, ${failed(stats)} in all` : said;
}

/** @param {Stats} stats */
function failed({ types }) {
  return types.reduce((sum, counts) => sum + counts.failed, 0);
}

// — queries —

/** @param {Query | undefined} before @param {string} key @returns {Query} */
function asking(before, key) {
  if (before?.key === key) return { ...before, isAsking: true };
  return { key, value: null, at: 0, error: "", isAsking: true };
}

/**
 * @param {Record<string, Query>} queries
 * @param {{ name: string, key: string, value?: any, error?: string, code?: string, at: number }} message
 */
function answered(queries, { name, key, value, error = "", code, at }) {
  const query = queries[name];
  if (query?.key !== key) return queries; // something else is asked by now
  const answer = error
    ? { ...query, error, ...(code && { code }), isAsking: false }
    : { key, value, at, error: "", isAsking: false };
  return { ...queries, [name]: answer };
}

/** @param {Record<string, Query>} queries @param {string[]} names */
function without(queries, names) {
  return Object.fromEntries(Object.entries(queries).filter(([name]) => !names.includes(name)));
}

// — log —

/**
 * @param {LogLines} log
 * @param {Partial<LogLines>} message lines: those that came, added to what is there of the same process
 * @returns {LogLines}
 */
function logged(log, { processid = "", lines = [], isWhole = true, error = "" }) {
  const before = log.processid === processid ? log.lines : [];
  const last = before.at(-1)?.seq ?? 0;
  const all = before.concat(lines.filter(({ seq }) => seq > last));
  return { processid, lines: all.slice(-KEPT_LINES), isWhole, error };
}

// — actions —

/** @param {Action[]} actions @param {Action} action */
function acted(actions, action) {
  const others = actions.filter(({ id }) => id !== action.id);
  return [action, ...others].sort((one, other) => other.at - one.at).slice(0, KEPT_ACTIONS);
}
