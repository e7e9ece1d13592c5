/** What was done with everything that matched, and what is being done: with how far it is, and the result, which stays. */

import { html } from "../../vendor/ui.js";
import { outcome } from "../matching.js";
import { Ago } from "./time.js";

/** @import { Action } from "../state.js" */

/** @param {{ actions: Action[], dispatch: import("../live.js").Dispatch }} props */
export function Actions({ actions, dispatch }) {
  if (!actions.length) return null;
  return html`<section class="actions" aria-label="What was done here">
    <ul>
      ${actions.map(
        (action) => html`<li key=${action.id} class=${`card action ${action.standing}`}>
        <p><strong role="status">${outcome(action)}</strong> <span class="quiet"><bdi>${action.words}</bdi>, <${Ago} at=${action.at} /></span></p>
        ${
          action.standing === "running"
            ? html`<progress max=${action.matched || 1} value=${action.done} aria-label=${`${action.move} in progress`}></progress>`
            : html`<button type="button" class="button small" onClick=${() => dispatch({ kind: "dismiss", id: action.id })} aria-label="Forget this result">Dismiss</button>`
        }
      </li>`,
      )}
    </ul>
  </section>`;
}
