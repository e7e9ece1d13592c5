/**
 * A page of processes, one a row, whatever they are called; the same on every panel that lists some.
 *
 * Rows keep their place in the document while they are the same process. And no row comes or goes under the hand of
 * whoever is about to press its button: the list waits until they have left, and says that it waits.
 */

import { html, useRef, useState } from "../../vendor/ui.js";
import { Answer, Empty } from "./answer.js";
import { Pager } from "./pager.js";
import { Row } from "./row.js";

/** @import { Page } from "/sdk/colonies.js" */
/** @import { Address } from "../address.js" */
/** @import { Query } from "../state.js" */
/** @import { Manner } from "./row.js" */

/**
 * what: is listed, as "failed processes". nothing: what is said where nothing matches.
 * @typedef {{ address: Address, manner: Manner, what: string, isNewest: boolean, nothing: string }} About
 */

/** @param {{ query: Query | undefined } & About} props */
export function Listing({ query, ...about }) {
  return html`<${Answer} query=${query} what="processes">
    ${(/** @type {Page} */ page) => html`<${Rows} key=${query?.key} page=${page} about=${about} />`}
  <//>`;
}

/** @param {{ page: Page, about: About }} props */
function Rows({ page: newest, about }) {
  const [isAtButton, setAtButton] = useState(false);
  const shown = useRef(newest);
  if (!isAtButton) shown.current = newest;
  const { address, manner, what, isNewest, nothing } = about;
  const page = shown.current;
  const isHeld = isAtButton && !hasSame(page, newest);
  const at = (/** @type {any} */ { target }) => setAtButton(isButton(target));
  return html`
    ${
      page.processes.length
        ? html`<ul class="rows processes" onPointerOver=${at} onPointerLeave=${() => setAtButton(false)} onFocusIn=${at} onFocusOut=${() => setAtButton(false)}>
        ${page.processes.map((process) => html`<${Row} key=${process.processid} process=${process} manner=${manner} />`)}
      </ul>`
        : html`<${Empty}>${nothing}<//>`
    }
    ${isHeld && html`<p class="quiet held">The list has changed. It waits while you are at a button.</p>`}
    <${Pager} page=${page} address=${address} what=${what} isNewest=${isNewest} />
  `;
}

/** Whether somebody is about to press it: with the pointer on it, or with the keyboard. @param {Element} element */
function isButton(element) {
  return element.closest(".moves") !== null && (element.matches(":hover") || element.matches(":focus-visible"));
}

/** @param {Page} one @param {Page} other */
function hasSame(one, other) {
  const said = (/** @type {Page} */ { processes }) => processes.map(({ processid, state }) => processid + state).join();
  return said(one) === said(other);
}
