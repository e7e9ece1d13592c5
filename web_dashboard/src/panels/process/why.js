/** Why a process waits, in the broker's own words, which say what to do about it. */

import { html } from "../../../vendor/ui.js";
import { Answer } from "../../parts/answer.js";

/** @import { Explanation } from "/sdk/colonies.js" */
/** @import { Query } from "../../state.js" */

/** @param {{ query: Query | undefined }} props */
export function Why({ query }) {
  return html`<section class="card why" aria-labelledby="why-title">
    <h2 id="why-title">Why it is waiting</h2>
    <${Answer} query=${query} what="the reason">
      ${(/** @type {Explanation} */ { reasons }) => html`<ul>${reasons.map((reason) => html`<li key=${reason}><bdi>${reason}</bdi></li>`)}</ul>`}
    <//>
  </section>`;
}
