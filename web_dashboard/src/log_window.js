/** Which lines of a long log are drawn. Pure. */

/** @import { Log } from "/sdk/colonies.js" */

/**
 * most: how many at most. until: the last line, by its seq, for a reader who left the end; 0: whatever is the last.
 * earlier, later: how many there are before and after those that are shown.
 * @param {Log[]} lines oldest first
 * @param {{ most: number, until: number }} view
 * @returns {{ shown: Log[], earlier: number, later: number }}
 */
export function visible(lines, { most, until }) {
  const found = until ? lines.findIndex(({ seq }) => seq > until) : -1;
  // At 0 all that the reader saw is kept no longer: what is oldest by now is nearest to it.
  const end = found < 0 ? lines.length : found || Math.min(most, lines.length);
  const start = Math.max(0, end - most);
  return { shown: lines.slice(start, end), earlier: start, later: lines.length - end };
}
