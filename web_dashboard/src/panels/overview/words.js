/** What is wrong, the most urgent first; or that nothing is, and what that means. */

import { html } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { absent, approvals, troubles, WELL } from "../../words.js";

/** @import { Executor, Stats } from "/sdk/colonies.js" */
/** @import { Trouble } from "../../words.js" */

const SIGNS = Object.freeze(["", "!", "!!", "!!!"]);
const URGENCY = Object.freeze(["", "look at it", "wrong", "nothing goes on"]);

/** What is as urgent stays in its order. @param {Trouble} one @param {Trouble} other */
const byUrgency = (one, other) => other.urgency - one.urgency;

/** @param {{ stats: Stats, executors: Executor[] }} props */
export function Words({ stats, executors }) {
  const found = [...troubles(stats), ...absent(executors, stats), ...approvals(executors)].sort(byUrgency);
  if (!found.length) {
    return html`<section class="words well" aria-labelledby="words-title">
      <h2 id="words-title">All is well</h2>
      <p>${WELL}</p>
    </section>`;
  }
  return html`<section class="words" aria-labelledby="words-title">
    <h2 id="words-title" class="unseen">What is wrong</h2>
    <ul>
      ${found.map(
        ({ urgency, type, text, to }) => html`<li key=${`${urgency} ${type} ${to.panel}`} class=${`urgency-${urgency}`}>
        <a href=${format(to)}>
          <span class="sign" aria-hidden="true">${SIGNS[urgency]}</span>
          <span class="unseen">${URGENCY[urgency]}: </span><bdi>${text}</bdi>
        </a>
      </li>`,
      )}
    </ul>
  </section>`;
}
