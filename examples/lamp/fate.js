/** What became of the last press, and whether there is a lamp, in words. */

import { State } from "/sdk/colonies.js";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** How it is told: the name of the state, how many steps it has taken, words, and what else there is to say. */
const FATES = /** @type {Record<number, [string, number, string, string]>} */ ({
  [State.WAITING]: ["waiting", 1, "Waiting for the lamp", "It takes the last press only, however many there were."],
  [State.RUNNING]: ["running", 2, "The lamp has it", ""],
  [State.SUCCESSFUL]: ["successful", 3, "Done", ""],
  [State.FAILED]: ["failed", 1, "Failed", ""],
  [State.CANCELLED]: ["cancelled", 1, "Cancelled", ""],
});

/** @param {import("colonies").Process} process */
export function showFate(process) {
  const [state, steps, words, detail] = FATES[process.state];
  const wanted = `“${process.spec.args[0]}”`;
  const done = process.state === State.SUCCESSFUL ? `The lamp is ${process.out[0]}` : `${words}: ${wanted}`;
  tell(state, steps, done, process.errors.join("; ") || took(process) || detail);
}

/** How long it took, where it is done. @param {import("colonies").Process} process */
function took({ state, submissiontime, endtime }) {
  if (state !== State.SUCCESSFUL) return "";
  const seconds = (endtime - submissiontime) / 1000;
  return seconds < 1 ? `${endtime - submissiontime} ms after the press` : `${duration(seconds)} after the press`;
}

/** @param {number} seconds */
function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A press that no broker has answered yet. */
export function showAsking() {
  tell("asking", 0, "Asking…", "");
}

/** @param {unknown} error */
export function showUnsent(error) {
  tell("failed", 0, "Not sent", error instanceof Error ? error.message : String(error));
}

/** @param {number | undefined} lamps how many are connected; undefined while nobody can tell */
export function showPresence(lamps) {
  part("presence").dataset.online = lamps === undefined ? "unknown" : lamps ? "yes" : "no";
  const words = presenceOf(lamps);
  if (part("presence").textContent !== words) part("presence").textContent = words; // said once, not each time
}

/** @param {number | undefined} lamps */
function presenceOf(lamps) {
  if (lamps === undefined) return "Not known whether a lamp is connected";
  if (lamps > 1) return `${lamps} lamps are connected`;
  return lamps ? "The lamp is connected" : "No lamp is connected";
}

/**
 * @param {string} state
 * @param {number} steps
 * @param {string} words
 * @param {string} detail
 */
function tell(state, steps, words, detail) {
  part("fate").dataset.state = state;
  document.querySelectorAll(".steps li").forEach((step, index) => step.classList.toggle("passed", index < steps));
  part("words").textContent = words;
  part("detail").textContent = detail;
}
