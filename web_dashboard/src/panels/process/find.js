/** The way to a process by its id, and what is said where there is none with it. */

import { html, useEffect, useRef } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { cut } from "../../format.js";

export function Find() {
  /** @param {SubmitEvent} event */
  function go(event) {
    event.preventDefault();
    const id = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("id")).trim();
    if (id) location.hash = format({ panel: "process", id });
  }
  return html`<form class="card find" role="search" onSubmit=${go}>
    <label for="find-id">Id of a process</label>
    <div class="row"><input id="find-id" name="id" required autocomplete="off" spellcheck=${false} data-search /><button class="button primary">Show it</button></div>
  </form>`;
}

/** @param {{ id: string }} props */
export function NotFound({ id }) {
  return html`<p class="card" role="status">There is no process <code><bdi>${cut(id, 80)}</bdi></code> in this colony.
    It may have been removed, or it is one of another colony.</p><${Find} />`;
}

/** What takes the place of one that was removed here, and the focus of the button that did it. @param {{ id: string, type: string }} props */
export function Removed({ id, type }) {
  const said = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => said.current?.focus(), []);
  const queue = format({ panel: "queue", ...(type && { id: type }) });
  return html`<p class="card" role="status" tabindex="-1" ref=${said}>Process <code>${cut(id, 80)}</code> was removed, with its log and
    all that it had. <a href=${queue}>To its queue</a></p>`;
}
