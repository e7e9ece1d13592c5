/**
 * The switch of the lamp.
 *
 * Each press submits what the lamp shall be, under one `latestkey`: however often it is pressed while the
 * lamp is away, one spec waits. The rocker shows what was asked last, by this switch or another, and under it
 * stands what became of that.
 */

import { Colonies, State } from "/sdk/colonies.js";
import { keyOf } from "../pages/key.js";
import { Link } from "../pages/link.js";
import { showAsking, showFate, showPresence, showUnsent } from "./fate.js";

// Whoever asked for light an hour ago has found another.
const LIMITS = { maxwaittime: 3600, maxexectime: 10, maxretries: 3 };
// The wire tells no subscriber who comes and goes, so it is asked.
const PRESENCE_MS = 3000;
const ANY_STATE = Object.values(State);

const rocker = /** @type {HTMLButtonElement} */ (document.querySelector("#rocker"));
const client = new Colonies(location.origin, { key: await keyOf("the switch") });
const link = new Link(client, /** @type {HTMLElement} */ (document.querySelector("#link")));

/** @type {import("colonies").Process | undefined} the newest that was asked, whoever did */
let last;
/** @type {import("colonies").Subscription | undefined} */
let watching;
let unanswered = 0;

rocker.disabled = false;
rocker.addEventListener("click", () => press(isOn() ? "off" : "on"));
client.addEventListener("statechange", () => (client.state === "open" ? void catchUp() : showPresence(undefined)));
setInterval(() => client.state === "open" && !document.hidden && void lookForLamp(), PRESENCE_MS);
void hearOfOthers();
void catchUp();

function isOn() {
  return rocker.getAttribute("aria-checked") === "true";
}

/** @param {string} wanted "on" or "off" */
function turn(wanted) {
  rocker.setAttribute("aria-checked", String(wanted === "on"));
}

/** @param {"on" | "off"} wanted */
async function press(wanted) {
  turn(wanted); // at once, and not when the broker has answered
  watching?.close(); // what became of the press before is of no interest any more
  showAsking();
  unanswered += 1;
  const spec = { conditions: { executortype: "lamp" }, func: "set_lamp", args: [wanted], latestkey: "lamp", ...LIMITS };
  try {
    const process = await client.submit(spec);
    unanswered -= 1;
    follow(process);
  } catch (error) {
    unanswered -= 1;
    unsent(error);
  }
}

/** @param {unknown} error */
function unsent(error) {
  if (unanswered) return; // a later press is still on its way, and the last one counts
  turn(last ? String(last.spec.args[0]) : "off");
  showUnsent(error);
}

/** Hear of what other switches ask. */
async function hearOfOthers() {
  try {
    for await (const process of client.subscribe("lamp", { state: State.WAITING })) follow(process);
  } catch (error) {
    link.refuse(error);
  }
}

/** See what was asked last, at the start and after every reconnect. */
async function catchUp() {
  try {
    const { processes } = await client.getProcesses({ executortype: "lamp", func: "set_lamp", limit: 1 });
    processes.forEach(follow);
    await lookForLamp();
  } catch (error) {
    if (!(/** @type {{ retry?: boolean }} */ (error).retry)) link.refuse(error);
  }
}

/**
 * Show the fate of a process from now on, unless something newer was asked.
 * @param {import("colonies").Process} process
 */
function follow(process) {
  if (process.spec.func !== "set_lamp") return;
  if (last && (process.processid === last.processid || process.submissiontime < last.submissiontime)) return;
  last = process;
  if (!unanswered) turn(String(process.spec.args[0])); // otherwise whoever presses here is ahead of it
  void showWhatBecomesOf(process);
}

/** @param {import("colonies").Process} process */
async function showWhatBecomesOf(process) {
  watching?.close();
  const moves = client.watch(process.processid, { states: ANY_STATE });
  watching = moves;
  try {
    for await (const now of moves) {
      if (moves !== watching) return;
      showFate(now);
      if (now.state >= State.SUCCESSFUL) return;
    }
  } catch (error) {
    if (moves === watching) console.info("no longer watched:", error);
  }
}

async function lookForLamp() {
  try {
    const lamps = await client.getExecutors({ executortype: "lamp", online: true });
    showPresence(lamps.length);
  } catch {
    // The state of the connection says it already.
  }
}
