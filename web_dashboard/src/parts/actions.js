/**
 * What is being done with everything that matches, with how far it is; and what was done, with its result.
 *
 * The last one stands where it is seen from everywhere in a long list, the ones before it are folded away. Only an end
 * is read aloud: progress comes ten times a second.
 */

import { html } from "../../vendor/ui.js";
import { counted } from "../format.js";
import { outcome } from "../matching.js";
import { Icon } from "./icons.js";
import { Ago } from "./time.js";

/** @import { Dispatch } from "../live.js" */
/** @import { Action } from "../state.js" */

/** @param {{ actions: Action[], dispatch: Dispatch }} props */
export function Actions({ actions, dispatch }) {
  const isUp = (/** @type {Action} */ { standing }, /** @type {number} */ index) => standing === "running" || !index;
  const [up, before] = [actions.filter(isUp), actions.filter((action, index) => !isUp(action, index))];
  return html`<section class="actions" aria-label="What was done here" hidden=${!actions.length}>
    <p class="unseen" role="status">${actions.length > 0 && actions[0].standing !== "running" && outcome(actions[0])}</p>
    ${
      before.length > 0 &&
      html`<details class="card earlier"><summary>${counted(before.length, "earlier result")}</summary>
      <ul>${before.map((action) => html`<${Done} key=${action.id} action=${action} dispatch=${dispatch} />`)}</ul>
    </details>`
    }
    <ul>${up.map((action) => html`<${Done} key=${action.id} action=${action} dispatch=${dispatch} isUp />`)}</ul>
  </section>`;
}

/** @param {{ action: Action, dispatch: Dispatch, isUp?: boolean }} props */
function Done({ action, dispatch, isUp = false }) {
  const { id, move, words, matched, most = matched, done, standing, at } = action;
  const wanted = Math.min(matched, most);
  return html`<li class=${`${isUp ? "card " : ""}action ${standing}`}>
    <p title=${words}><strong>${outcome(action)}</strong> <span class="quiet"><bdi>${words}</bdi>, <${Ago} at=${at} /></span></p>
    ${
      standing === "running"
        ? html`<progress max=${wanted || 1} value=${done} aria-label=${`${move} in progress`}></progress>`
        : html`<button type="button" class="icon-button" onClick=${() => dispatch({ kind: "dismiss", id })} aria-label="Forget this result" title="Forget this result"><${Icon} name="close" size=${14} /></button>`
    }
  </li>`;
}
