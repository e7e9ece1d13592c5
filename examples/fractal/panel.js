/** The numbers beside the picture, and the choice of colours. It shows what it is told and knows nothing itself. */

import { PALETTES, STEPS } from "./palettes.js";
import { colourOf } from "./tabs.js";

const KEPT = "colonies-fractal-palette";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {import("./tally.js").Tally} tally @param {string} self the name of this tab */
export function showTally(tally, self) {
  const now = performance.now();
  part("own").textContent = String(tally.own);
  part("rate").textContent = tally.rate(now).toFixed(1);
  part("at-work").textContent = String(tally.atWork);
  part("at-work-name").textContent =
    `${tally.atWork === 1 ? "tab" : "tabs"} ${tally.isOver ? "had a part" : "at work"}`;
  const progress = /** @type {HTMLProgressElement} */ (part("progress"));
  [progress.max, progress.value] = [tally.total || 1, tally.done];
  part("stage").dataset.state = tally.isOver ? "over" : "computing";
  say(sentence(tally));
  const tabs = [...tally.tabs].sort(([, one], [, other]) => other.tiles - one.tiles);
  part("tabs").replaceChildren(...tabs.map(([tab, { tiles }]) => bar(tab, tiles / tally.total, tiles, tab === self)));
}

/** Say what is going on; the same is not read aloud twice. @param {string} words */
export function say(words) {
  if (part("said").textContent !== words) part("said").textContent = words;
}

/** @param {import("./tally.js").Tally} tally */
function sentence({ total, done, failed, isOver, seconds, tabs }) {
  if (!total) return "No picture yet.";
  if (!isOver) return done ? `Computing ${total} tiles…` : `${total} tiles wait for a tab that takes them…`;
  if (failed.size) return `${failed.size} of ${total} tiles failed. Render asks for them again.`;
  return `${total} tiles in ${seconds.toFixed(1)} s by ${tabs.size === 1 ? "one tab" : `${tabs.size} tabs`}.`;
}

/**
 * @param {string} tab
 * @param {number} share 0 … 1
 * @param {number} tiles
 * @param {boolean} isSelf
 */
function bar(tab, share, tiles, isSelf) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = isSelf ? `${tab} (this tab)` : tab;
  const count = document.createElement("b");
  count.textContent = String(tiles);
  item.append(name, count);
  item.style.setProperty("--tab", colourOf(tab));
  item.style.setProperty("--share", `${share * 100}%`);
  return item;
}

/**
 * Offer the palettes. Returns the one that was chosen last.
 * @param {(palette: Uint8Array) => void} choose
 */
export function offerPalettes(choose) {
  const kept = localStorage.getItem(KEPT) ?? "";
  const chosen = Object.hasOwn(PALETTES, kept) ? kept : Object.keys(PALETTES)[0];
  part("palettes").append(...Object.keys(PALETTES).map((name) => option(name, name === chosen)));
  part("palettes").addEventListener("change", (event) => {
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    localStorage.setItem(KEPT, value);
    choose(PALETTES[value]);
  });
  return PALETTES[chosen];
}

/** @param {string} name @param {boolean} isChosen */
function option(name, isChosen) {
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "palette", value: name });
  input.checked = isChosen;
  input.className = "unseen";
  const words = Object.assign(document.createElement("span"), { textContent: name });
  label.append(input, swatch(PALETTES[name]), words);
  return label;
}

/** @param {Uint8Array} palette */
function swatch(palette) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 1 });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(64, 1);
  for (let x = 0; x < 64; x += 1) {
    const step = Math.floor((x / 64) * STEPS) * 3;
    image.data.set([palette[step], palette[step + 1], palette[step + 2], 255], x * 4);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
