/** A question in front of everything: the browser's own dialog, which keeps the focus and gives it back. */

import { html, useEffect, useRef } from "../../vendor/ui.js";

/** @param {{ title: string, onClose: () => void, children: any }} props */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return html`<dialog ref=${dialog} class="dialog" aria-labelledby="dialog-title" onClose=${onClose}>
    <h2 id="dialog-title">${title}</h2>
    ${children}
  </dialog>`;
}
