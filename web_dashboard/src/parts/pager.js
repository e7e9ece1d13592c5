/**
 * From page to page of a list that the broker cuts: on by its cursor, back by what was seen on the way.
 *
 * A cursor does not say how many stand before it. Where one came to it by going on, that is known; where an address led
 * there at once it is not, and nothing is made up.
 */

import { html } from "../../vendor/ui.js";
import { format } from "../address.js";
import { grouped } from "../format.js";

/** @import { Page } from "/sdk/colonies.js" */
/** @import { Address } from "../address.js" */

/** before: how many stand before a page. back: the cursor of the page before it. @typedef {{ before: number, back: string }} Place */

const KEPT = 500;
const FIRST = Object.freeze({ before: 0, back: "" });
/**
 * How one came to the pages of this tab, past the process that one looks at in between.
 * @type {Map<string, Place>}
 */
const trail = new Map();

/** what: what is listed, as "failed". @param {{ page: Page, address: Address, what: string, isNewest: boolean }} props */
export function Pager({ page: { processes, total, cursor }, address, what, isNewest }) {
  const place = address.cursor ? trail.get(address.cursor) : FIRST;
  if (!total && !address.cursor) return null; // an empty list says so itself
  if (cursor && place) remember(cursor, { before: place.before + processes.length, back: address.cursor });
  const to = (/** @type {string} */ at) => format({ ...address, cursor: at });
  const [newer, older] = isNewest ? ["Newer", "Older"] : ["Older", "Newer"];
  return html`<nav class="pager" aria-label="Pages">
    <span class="quiet">${said({ place, shown: processes.length, total, what })}</span>
    ${!place && html`<a class="button small" href=${to("")}>To the first page</a>`}
    ${place && address.cursor && html`<a class="button small" href=${to(place.back)}>${newer}</a>`}
    ${cursor && html`<a class="button small" rel="next" href=${to(cursor)}>${older}</a>`}
  </nav>`;
}

/** "1–50 of 12,345 failed" @param {{ place: Place | undefined, shown: number, total: number, what: string }} props */
function said({ place, shown, total, what }) {
  const of = `of ${grouped(total)} ${what}`;
  if (!shown) return `none ${of}`;
  if (!place) return `${grouped(shown)} ${of}, further on`;
  const first = place.before + 1;
  return `${grouped(first)}–${grouped(place.before + shown)} ${of}`;
}

/** @param {string} cursor @param {Place} place */
function remember(cursor, place) {
  trail.delete(cursor);
  trail.set(cursor, place);
  const [oldest] = trail.keys();
  if (trail.size > KEPT) trail.delete(oldest);
}
