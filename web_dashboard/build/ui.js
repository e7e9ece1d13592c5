/**
 * What the dashboard draws with: Preact, its hooks, and htm in the place of a compiler.
 */

import htm from "htm";
import { h } from "preact";

export { createRef, Fragment, h, render } from "preact";
export {
  useCallback,
  useEffect,
  useErrorBoundary,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "preact/hooks";

export const html = htm.bind(h);

/**
 * A component that is drawn again only when one of its properties is another.
 * @param {import("preact").FunctionComponent<any>} component
 * @returns {import("preact").FunctionComponent<any>}
 */
export function memo(component) {
  /** @this {any} @param {Record<string, unknown>} props */
  function Memoed(props) {
    this.shouldComponentUpdate = (/** @type {Record<string, unknown>} */ next) => differ(this.props, next);
    return h(component, props);
  }
  return Memoed;
}

/** @param {Record<string, unknown>} before @param {Record<string, unknown>} after */
function differ(before, after) {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].some((name) => before[name] !== after[name]);
}
