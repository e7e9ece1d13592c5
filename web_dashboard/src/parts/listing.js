/**
 * A page of processes, one a row, whatever they are called; the same on every panel that lists some.
 *
 * Rows keep their place in the document while they are the same process: what is open in one stays open. A row that goes
 * with the focus in it leaves the focus to the list, for whoever uses keys goes on from there.
 */

import { html, useRef } from "../../vendor/ui.js";
import { misread } from "../filters.js";
import { Answer, Empty } from "./answer.js";
import { useFocusKept } from "./focus.js";
import { Pager } from "./pager.js";
import { Row } from "./row.js";

/** @import { Page } from "/sdk/colonies.js" */
/** @import { Address } from "../address.js" */
/** @import { Query } from "../state.js" */
/** @import { Manner } from "./row.js" */

/**
 * what: is listed, as "failed". nothing: what is said where nothing matches.
 * @param {{ query: Query | undefined, address: Address, manner: Manner, what: string, isNewest: boolean, nothing: string }} props
 */
export function Listing({ query, address, manner, what, isNewest, nothing }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useFocusKept(place);
  return html`<div class="listing" tabindex="-1" ref=${place}><${Misread} filter=${address.filter} /><${Answer} query=${query} what="processes">
    ${(/** @type {Page} */ page) => html`
      ${
        page.processes.length
          ? html`<ul class="rows processes">
          ${page.processes.map((process) => html`<${Row} key=${process.processid} process=${process} manner=${manner} />`)}
        </ul>`
          : html`<${Empty}>${nothing}<//>`
      }
      <${Pager} page=${page} address=${address} what=${what} isNewest=${isNewest} />
    `}
  <//></div>`;
}

/** @param {{ filter: Address["filter"] }} props */
function Misread({ filter }) {
  const words = misread(filter);
  if (!words.length) return null;
  return html`<p class="trouble" role="status"><bdi>Passed over in the filter: ${words.join("; ")}.</bdi></p>`;
}
