/**
 * Whose key the page speaks with. It never leaves the page: it signs, as every client's does.
 *
 * A key comes in the fragment of the address, which a browser sends to nobody, and leaves the address bar at once; then
 * it is this tab's alone. Or it is typed in, and kept by the browser in a form that not even this page can read, where
 * the browser has that.
 */

import { forgetKey, Identity, keepKey, keptKey } from "/sdk/colonies.js";
import { forgetActions } from "./memory.js";

/** @import { Key } from "/sdk/colonies.js" */

const HEX = /^[0-9a-f]{64}$/i;
const KEPT = "colonies-dashboard-key";
const NAME = "dashboard";

/** The key of this tab, else the one that the browser keeps, else none. @returns {Promise<Key | null>} */
export async function findKey() {
  takeFromAddress();
  // An address with another key, opened where this page is open already, loads nothing by itself.
  addEventListener("hashchange", () => takeFromAddress() && location.reload());
  return sessionStorage.getItem(KEPT) ?? (await kept());
}

/** Whether this is what a private key looks like. @param {string} text */
export function isKey(text) {
  return HEX.test(text.trim());
}

/** Use a key in this tab until it is closed. @param {string} text */
export function useKey(text) {
  sessionStorage.setItem(KEPT, text.trim().toLowerCase());
}

/**
 * Have the browser keep a key that nothing can read out of it. Throws where it has no such thing.
 * @param {string} text
 */
export async function useAndKeepKey(text) {
  await keepKey(NAME, new Identity(text.trim().toLowerCase()).privateKey);
  sessionStorage.removeItem(KEPT);
}

/** Forget every key that this page has, and begin again. */
export async function signOut() {
  sessionStorage.removeItem(KEPT);
  forgetActions();
  await forgetKey(NAME).catch(() => {});
  location.reload();
}

async function kept() {
  try {
    return await keptKey(NAME);
  } catch {
    return null; // a browser without a place for it
  }
}

/** Whether there was a key in the address. */
function takeFromAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  const key = said.get("key") ?? "";
  if (!said.has("key")) return false;
  history.replaceState(null, "", location.pathname);
  if (isKey(key)) useKey(key);
  return isKey(key);
}
