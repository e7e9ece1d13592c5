/**
 * Keys for those who do not want to reach for the mouse: `/` searches, `?` explains, `g` and a letter go somewhere.
 *
 * A key that means something where it is pressed, in a field, a dialog or with a modifier, is left to what it means
 * there. Where to search is whatever says `data-search`.
 */

import { format } from "./address.js";

const PLACES = Object.freeze(
  /** @type {Record<string, string>} */ ({ o: "overview", q: "queue", f: "failures", e: "executors", a: "activity" }),
);
const SECOND_KEY_MS = 1500;

/** What the help says of them. @type {readonly (readonly [string, string])[]} */
export const KEYS = Object.freeze([
  ["/", "Search or filter what is shown"],
  ["g o", "Overview"],
  ["g q", "Queue"],
  ["g f", "Failures"],
  ["g e", "Executors"],
  ["g a", "Activity"],
  ["Esc", "Leave a field, close a dialog"],
  ["?", "This help"],
]);

/**
 * Listen for them for as long as the page lives. Returns how to end it.
 * @param {() => void} showHelp
 */
export function listenToKeys(showHelp) {
  let goes = 0;
  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTaken(event)) return;
    const place = Date.now() - goes < SECOND_KEY_MS ? PLACES[event.key] : undefined;
    goes = event.key === "g" ? Date.now() : 0;
    if (place) location.hash = format({ panel: place });
    else if (event.key === "?") showHelp();
    else if (event.key !== "/" || !search()) return;
    event.preventDefault();
  }
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

/** Whether the key is meant for what has the focus. @param {KeyboardEvent} event */
function isTaken({ key, target }) {
  if (document.querySelector("dialog[open]")) return true;
  if (!(target instanceof HTMLElement) || !target.matches("input, textarea, select, [contenteditable]")) return false;
  if (key === "Escape") target.blur();
  return true;
}

/** Put the cursor into the search of what is shown. Whether there is one. */
function search() {
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-search]"));
  field?.focus();
  field?.select();
  return field !== null;
}
