/**
 * A picture that all open tabs compute together.
 *
 * Each tab works: a Web Worker computes tiles, so this page stays free to paint and to be touched. Each tab
 * shows the newest picture, whoever asked for it. Closing a tab loses nothing: what it held goes back.
 */

import { Colonies, Worker } from "/sdk/colonies.js";
import { keyOf, restOfAddress } from "../pages/key.js";
import { Link } from "../pages/link.js";
import { hearHands } from "./gestures.js";
import { Painter } from "./painter.js";
import { offerPalettes, say, showTally } from "./panel.js";
import { Newest, ask } from "./picture.js";
import { newName } from "./tabs.js";
import { Tally } from "./tally.js";
import { PLACES, TILE, addressOf, moved, placeIn, tilesOf, viewOf } from "./view.js";

const SHOW_MS = 1000;

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const canvas = (/** @type {string} */ id) => /** @type {HTMLCanvasElement} */ (part(id));

const self = newName();
const tally = new Tally(self);
const palette = offerPalettes((chosen) => painter.recolour(chosen));
const painter = new Painter(canvas("picture"), canvas("outlines"), palette);
const client = new Colonies(location.origin, { key: await keyOf("the fractal") });
const link = new Link(client, part("link"));

// — working —

const worker = new Worker(client);
worker.functionsIn(new URL(`tiles.js?tab=${encodeURIComponent(self)}`, import.meta.url));
worker.run().catch((error) => link.refuse(error));

// — showing —

const newest = new Newest(client, { begin, finished, failed });
newest.hear().catch((error) => link.refuse(error));
client.addEventListener("statechange", () => client.state === "open" && void lookUp());
setInterval(() => showTally(tally, self), SHOW_MS); // also when nothing comes: that a tab is slow, or away

/** @param {import("./mandelbrot.js").View} view */
function begin(view) {
  target = next ?? view; // somebody here may have gone on already
  shape(view);
  painter.begin(view);
  tally.begin(tilesOf(view).length);
  part("stage").dataset.at = addressOf(view);
  history.replaceState(null, "", `#${addressOf(view)}`);
  showTally(tally, self);
}

/** @param {import("./mandelbrot.js").View} view */
function shape({ width, height }) {
  const { style } = part("stage");
  style.setProperty("--columns", String(width / TILE));
  style.setProperty("--rows", String(height / TILE));
}

/** @param {import("colonies").Process} process */
function finished(process) {
  const [left, top] = /** @type {number[]} */ (process.spec.args);
  const [tab, bytes] = /** @type {[string, Uint8Array]} */ (process.out);
  if (!painter.add({ left, top, tab, bytes })) return;
  tally.add(tab, process, performance.now());
  showTally(tally, self);
}

/** @param {import("colonies").Process} process */
function failed(process) {
  tally.failed.add(process.processid);
  showTally(tally, self);
}

// — asking —

/** @type {import("./mandelbrot.js").View | undefined} what is shown, or asked already and shown in a moment */
let target;
/** @type {import("./mandelbrot.js").View | undefined} what is asked next */
let next;
let isAsking = false;
let isNew = true;

/** Show what there is. The first time, ask for what the address names, or for something to begin with. */
async function lookUp() {
  const place = isNew ? placeIn(restOfAddress()) : undefined;
  try {
    const isThere = await newest.lookUp();
    if (isNew && place && !isShown(place)) void go(place);
    else if (isNew && !isThere) void go(Object.values(PLACES)[0]);
    isNew = false;
  } catch (error) {
    if (!(/** @type {{ retry?: boolean }} */ (error).retry)) link.refuse(error);
  }
}

/** @typedef {{ re: number, im: number, span: number }} Place */

/** Whether this is what one sees, or will in a moment. @param {Place} place */
function isShown(place) {
  return target !== undefined && addressOf(target) === addressOf(viewFor(place));
}

/** @param {Place} place */
function viewFor(place) {
  return viewOf(place, { isUpright: innerHeight > innerWidth });
}

/** Ask for a place. Of several in quick succession only the last is computed. @param {Place} place */
async function go(place) {
  next = target = viewFor(place);
  if (isAsking) return;
  isAsking = true;
  try {
    while (next) {
      const view = next;
      next = undefined;
      say("Asking…");
      await ask(client, view);
    }
  } catch (error) {
    say(`Not asked: ${error instanceof Error ? error.message : error}`);
  } finally {
    isAsking = false;
  }
}

/** Ask for a place, so that the browser's way back leads here. @param {Place} place */
function visit(place) {
  history.pushState(null, "", `#${addressOf(viewFor(place))}`);
  void go(place);
}

/** @param {Partial<import("./gestures.js").Move>} move */
function move(move) {
  if (target) visit(moved(target, { x: 0.5, y: 0.5, toX: 0.5, toY: 0.5, factor: 1, ...move }));
}

hearHands(part("surface"), part("frame"), move);
part("nearer").addEventListener("click", () => move({ factor: 2 }));
part("farther").addEventListener("click", () => move({ factor: 0.5 }));
part("render").addEventListener("click", () => (target ? move({}) : visit(Object.values(PLACES)[0])));
// Opened by this page it has this page's key, which no address carries.
part("another").addEventListener("click", () => window.open(location.href));
part("keep").addEventListener("change", () => part("stage").classList.toggle("outlined"));
part("places").append(...Object.entries(PLACES).map(([name, place]) => placeButton(name, place)));
addEventListener("popstate", () => {
  const place = placeIn(restOfAddress());
  if (place && !isShown(place)) void go(place);
});

/** @param {string} name @param {Place} place */
function placeButton(name, place) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
  button.className = "place";
  button.addEventListener("click", () => visit(place));
  return button;
}
