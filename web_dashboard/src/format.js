/** Numbers and times as people read them. Pure; times and spans are ms. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const EXACT = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
});
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const GROUPED = new Intl.NumberFormat("en-GB");
const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** 12,345 @param {number} number */
export function grouped(number) {
  return GROUPED.format(number);
}

/** 12,345 and 1.2M: exact as long as that can be read at a glance. @param {number} number */
export function compact(number) {
  return number < 100_000 ? GROUPED.format(number) : COMPACT.format(number);
}

/** "1 process", "2 processes" @param {number} number @param {string} one @param {string} [many] */
export function counted(number, one, many = `${one}s`) {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

/** The beginning of a text, with a sign that it is cut, and never with half a character at its end. @param {string} text @param {number} most */
export function cut(text, most) {
  return text.length > most ? `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
}

/** A process's id, short: its end, for the beginning is the time at which it was submitted. @param {string} processid */
export function ending(processid) {
  return processid.length > 8 ? `…${processid.slice(-8)}` : processid;
}

/** A span in its largest unit or two: 4 s, 12 min, 3 h 20 min, 2 d 4 h. @param {number} ms */
export function span(ms) {
  const time = Math.max(0, ms);
  if (time < SECOND) return `${Math.round(time)} ms`;
  if (time < 10 * SECOND) return `${(time / SECOND).toFixed(1).replace(".0", "")} s`;
  if (time < MINUTE) return `${Math.floor(time / SECOND)} s`;
  if (time < HOUR) return `${Math.floor(time / MINUTE)} min`;
  if (time < DAY) return two(time, HOUR, "h", MINUTE, "min");
  return two(time, DAY, "d", HOUR, "h");
}

/** How long ago, in whole seconds: "just now", "12 s ago". @param {number} ms */
export function ago(ms) {
  return ms < SECOND ? "just now" : `${span(Math.floor(ms / SECOND) * SECOND)} ago`;
}

/** Day and time to the second, in the reader's zone. @param {number} time */
export function exact(time) {
  return EXACT.format(time);
}

/** 10:04:31 @param {number} time */
export function clock(time) {
  return CLOCK.format(time);
}

/** 3.4 KB @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/**
 * @param {number} time
 * @param {number} large
 * @param {string} name
 * @param {number} small
 * @param {string} smallName
 */
function two(time, large, name, small, smallName) {
  const rest = Math.floor((time % large) / small);
  const whole = `${Math.floor(time / large)} ${name}`;
  return rest ? `${whole} ${rest} ${smallName}` : whole;
}
