/** The ways to the panels, each with the one figure for which one would go there. */

import { html } from "../../vendor/ui.js";
import { format } from "../address.js";
import { compact, grouped } from "../format.js";
import { isCurrent } from "../state.js";
import { Icon } from "./icons.js";
import { useNow } from "./time.js";

/** @import { Stats } from "/sdk/colonies.js" */
/** @import { Panel } from "../panels/index.js" */
/** @import { State } from "../state.js" */

const WAYS = Object.freeze(
  /** @type {const} */ ([
    ["overview", "Overview", null, ""],
    ["queue", "Queue", "waiting", "waiting"],
    ["failures", "Failures", "failed", "failed, stored"],
    ["executors", "Executors", "online", "connected"],
    ["activity", "Activity", null, ""],
  ]),
);

/** @param {{ state: State, panel: Panel }} props */
export function Navigation({ state, panel }) {
  useNow();
  const isOld = !isCurrent(state, Date.now());
  return html`<nav class=${isOld ? "ways old" : "ways"} aria-label="Panels">
    <ul>
      ${WAYS.map(
        ([id, title, count, what]) => html`<li key=${id}>
        <a href=${format({ panel: id })} aria-current=${isAt(panel.id, id) ? "page" : undefined}>
          <${Icon} name=${id} /><span class="way">${title}</span>
          ${count && state.stats && html`<${Figure} number=${sum(state.stats, count)} what=${what} />`}
        </a>
      </li>`,
      )}
    </ul>
  </nav>`;
}

/** A process is looked at from its queue. @param {string} here @param {string} id */
function isAt(here, id) {
  return here === id || (here === "process" && id === "queue");
}

/** @param {{ number: number, what: string }} props */
function Figure({ number, what }) {
  return html`<span class="tally" title=${`${grouped(number)} ${what}`}>${compact(number)}<span class="unseen"> ${what}</span></span>`;
}

/** @param {Stats} stats @param {"waiting" | "failed" | "online"} count */
function sum({ types }, count) {
  return types.reduce((all, counts) => all + counts[count], 0);
}
