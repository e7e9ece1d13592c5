/** What was done in this tab, past a reload of the page. */

/** @import { Action } from "./state.js" */

const KEPT = "colonies-dashboard-actions";

/** What the tab remembers; what was under way when it was left is out of its sight. @returns {Action[]} */
export function keptActions() {
  try {
    /** @type {Action[]} */
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return kept.map((action) => (action.standing === "running" ? { ...action, standing: "lost" } : action));
  } catch {
    return [];
  }
}

/** @param {Action[]} actions */
export function keepActions(actions) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(actions));
  } catch {
    // A full or forbidden storage costs the memory of a reload, nothing else.
  }
}

/** Whoever signs in next did none of it. */
export function forgetActions() {
  sessionStorage.removeItem(KEPT);
}
