/**
 * Nothing moves under the hand of whoever is about to press a button.
 *
 * While the pointer moves over buttons of rows, what is shown stays as it is; it goes on once the pointer leaves or has
 * lain still for a while, for a page on a wall may have its pointer anywhere. Keys need none of this: the focus moves
 * with its row. Where one is, and who one is, is never held back.
 */

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { spoken } from "./json.js";

/** @import { Query, State } from "../state.js" */

const REST_MS = 5000;

/** The state as it is to be shown. @param {State} state @returns {State} */
export function useStill(state) {
  const isAtButton = useIsAtButton();
  const held = useRef(state);
  if (!isAtButton || !isSame(held.current, state)) held.current = state;
  const { queries, stats, history } = held.current;
  return { ...state, queries, stats, history };
}

/** Whether both are about the same, and the first is known. @param {State} held @param {State} state */
function isSame(held, state) {
  const keys = (/** @type {State} */ { queries }) =>
    Object.values(queries)
      .map(({ key }) => key)
      .join();
  const isKnown = Object.values(held.queries).every(({ at, error }) => at || error);
  return isKnown && held.address === state.address && keys(held) === keys(state);
}

/** What is said while something newer is held back. @param {{ state: State, shown: State }} props */
export function Held({ state, shown }) {
  const isOld = Object.keys(shown.queries).some((name) => isOther(shown.queries[name], state.queries[name]));
  return html`<p class="held" role="status">${isOld && "There is news. It waits while you are at a button."}</p>`;
}

/** Whether there is another answer, and not the same one once more. @param {Query} shown @param {Query | undefined} newest */
function isOther(shown, newest) {
  if (shown.value === newest?.value) return false;
  return JSON.stringify(shown.value, spoken) !== JSON.stringify(newest?.value, spoken);
}

function useIsAtButton() {
  const [isAt, setAt] = useState(false);
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let rest;
    const moved = (/** @type {PointerEvent} */ { target, pointerType }) => {
      const isButton = pointerType === "mouse" && target instanceof Element && target.closest("main .moves") !== null;
      clearTimeout(rest);
      if (isButton) rest = setTimeout(() => setAt(false), REST_MS);
      setAt(isButton);
    };
    document.addEventListener("pointermove", moved);
    document.addEventListener("pointerover", moved);
    return () => {
      clearTimeout(rest);
      document.removeEventListener("pointermove", moved);
      document.removeEventListener("pointerover", moved);
    };
  }, []);
  return isAt;
}
