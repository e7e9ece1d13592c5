/**
 * The start: a key, the state, and one rendering a frame at most, however much comes.
 */

import { html, render } from "../vendor/ui.js";
import { parse } from "./address.js";
import { App } from "./app.js";
import { findKey } from "./key.js";
import { Live } from "./live.js";
import { panelOf } from "./panels/index.js";
import { keptActions, keepActions } from "./memory.js";
import { SignIn } from "./signin.js";
import { INITIAL, reduce } from "./state.js";

/** @import { Key } from "/sdk/colonies.js" */
/** @import { State } from "./state.js" */

const root = /** @type {HTMLElement} */ (document.getElementById("page"));
const key = await findKey();
if (key === null) render(html`<${SignIn} />`, root);
else begin(key);

/** @param {Key} key */
function begin(key) {
  /** @type {State} */
  let state = { ...INITIAL, address: parse(location.hash), actions: keptActions() };
  let isDue = false;
  /** @type {Set<string>} */
  const painted = new Set();

  /** @param {{ kind: string } & Record<string, any>} message */
  function dispatch(message) {
    const before = state;
    state = reduce(state, message);
    if (state.actions !== before.actions) keepActions(state.actions);
    if (!isDue) requestAnimationFrame(draw);
    isDue = true;
  }

  function draw() {
    isDue = false;
    const panel = panelOf(state.address);
    live.want(isSeen(panel) ? panel.needs(state) : []);
    render(html`<${App} state=${state} panel=${panel} moves=${live.moves} dispatch=${dispatch} />`, root);
    markPainted(panel.id);
  }

  /** Whether what a panel follows is worth following. @param {{ id: string }} _panel */
  function isSeen(_panel) {
    return !document.hidden;
  }

  /** Say when a panel first stood there with all that it shows. @param {string} id */
  function markPainted(id) {
    const answers = Object.values(state.queries);
    if (painted.has(id) || !state.stats || answers.some(({ at, error }) => !at && !error)) return;
    painted.add(id);
    requestAnimationFrame(() => performance.mark("panel-painted", { detail: id }));
  }

  const live = new Live(key, dispatch);
  addEventListener("hashchange", () => dispatch({ kind: "address", address: parse(location.hash) }));
  // A hidden page draws no frames: it lets go at once of what only eyes need, and asks anew when it is seen again.
  document.addEventListener("visibilitychange", () => (document.hidden ? live.want([]) : dispatch({ kind: "seen" })));
  live.start();
  dispatch({ kind: "seen" });
}
