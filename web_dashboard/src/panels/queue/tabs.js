/** The states as links, with how many are stored in each. */

import { html, useEffect, useRef } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { compact, grouped } from "../../format.js";
import { STATE_NAMES } from "../../states.js";

/** @import { TypeCounts } from "/sdk/colonies.js" */
/** @import { Address } from "../../address.js" */

/** @param {{ address: Address, current: string, counts: TypeCounts | null }} props */
export function Tabs({ address, current, counts }) {
  const tabs = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => reveal(tabs.current), [current]);
  return html`<nav class="tabs" aria-label="States" ref=${tabs}>
    ${[...STATE_NAMES, "all"].map((name) => {
      const number = counts ? numberOf(counts, name) : null;
      return html`<a key=${name} href=${format({ ...address, cursor: "", filter: { ...address.filter, state: name } })} aria-current=${name === current ? "true" : undefined}>
        ${name} <span class="count" title=${number === null ? "" : `${grouped(number)} stored`}>${number === null ? "–" : compact(number)}</span>
      </a>`;
    })}
  </nav>`;
}

/** @param {TypeCounts} counts @param {string} name */
function numberOf(counts, name) {
  if (name !== "all") return /** @type {Record<string, any>} */ (counts)[name];
  return counts.waiting + counts.running + counts.successful + counts.failed + counts.cancelled;
}

/** Bring the one that is open into sight where not all have room, and move nothing else. @param {HTMLElement | null} tabs */
function reveal(tabs) {
  const open = /** @type {HTMLElement | null} */ (tabs?.querySelector("[aria-current]"));
  if (tabs && open) tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
}
