/**
 * The history of a process as rows that people read: who, when, how long, how it ended, and where that lies in time.
 *
 * Pure. Of long histories the broker keeps the last attempts; `missing` says how many are not there any more.
 */

/** @import { Process } from "/sdk/colonies.js" */
/** @typedef {Process["history"][number]} Attempt */

const ENDED = Object.freeze(
  /** @type {Record<string, string>} */ ({
    successful: "closed as successful",
    failed: "closed as failed",
    overrun: "ran too long",
    handed_back: "handed back by its executor",
    removed: "its executor was removed",
    cancelled: "cancelled",
  }),
);

/**
 * start, end: ms, end 0 while it runs. from, width: where it lies between submission and the end, in parts of one.
 * kind: good, bad, late, back or running.
 * @typedef {{ attempt: number, executorid: string, start: number, end: number, ended: string, kind: string, from: number,
 *   width: number }} Row
 */

/**
 * @param {Process} process
 * @param {number} now ms, of the broker's clock
 * @returns {{ rows: Row[], missing: number, from: number, to: number }}
 */
export function timeline(process, now) {
  const from = process.submissiontime;
  const last = process.endtime || Math.max(now, ...process.history.map(({ end, start }) => end || start));
  const span = Math.max(1, last - from);
  const rows = process.history.map((attempt) => rowOf(attempt, { from, span, last }));
  return { rows, missing: Math.max(0, process.attempt - process.history.length), from, to: last };
}

/**
 * @param {Attempt} attempt
 * @param {{ from: number, span: number, last: number }} axis
 * @returns {Row}
 */
function rowOf({ attempt, executorid, start, end, ended }, { from, span, last }) {
  const until = end || last;
  return {
    attempt,
    executorid,
    start,
    end,
    ended: ended ? (ENDED[ended] ?? ended) : "is running",
    kind: kindOf(ended),
    from: within((start - from) / span),
    width: within((until - start) / span),
  };
}

/** @param {string} ended */
function kindOf(ended) {
  if (ended === "") return "running";
  if (ended === "successful") return "good";
  if (ended === "failed") return "bad";
  return ended === "overrun" ? "late" : "back";
}

/** @param {number} part */
function within(part) {
  return Math.min(1, Math.max(0, part));
}
