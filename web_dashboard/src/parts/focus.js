/** The focus of what goes: whoever uses keys goes on from where it was, and not from the top of the page. */

import { useEffect, useRef } from "../../vendor/ui.js";

/**
 * Gives the focus to a place once what had it there is gone from the document. The place takes it with `tabindex="-1"`.
 * @param {{ current: HTMLElement | null }} place
 */
export function useFocusKept(place) {
  const last = useRef(/** @type {Element | null} */ (null));
  useEffect(() => {
    const isLost = last.current?.isConnected === false && document.activeElement === document.body;
    if (isLost) place.current?.focus({ preventScroll: true });
  });
  useEffect(() => {
    const focused = (/** @type {FocusEvent} */ { target }) => {
      last.current = target instanceof Element && place.current?.contains(target) ? target : null;
    };
    document.addEventListener("focusin", focused);
    return () => document.removeEventListener("focusin", focused);
  }, []);
}
