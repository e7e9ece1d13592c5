/** What is shown as that of now, or is grey and says how old it is: whatever it is, and never zero instead. */

import { html } from "../../vendor/ui.js";
import { isCurrent } from "../state.js";
import { seconds, useNow } from "./time.js";

/** @import { State } from "../state.js" */

/** @param {{ state: State, children: any }} props */
export function Fresh({ state, children }) {
  useNow(); // once a second: figures grow old without anything happening
  const now = Date.now();
  const isOld = state.statsAt > 0 && !isCurrent(state, now);
  return html`<div class=${isOld ? "fresh stale" : "fresh"} data-stale=${isOld}>
    ${isOld && html`<p class="age">What is shown here was so ${seconds(now - state.statsAt)} ago.</p>`}
    ${children}
  </div>`;
}
