/** Times: said as how long ago or how long yet, with the exact one on hover. One clock ticks for all of them. */

import { html, useEffect, useState } from "../../vendor/ui.js";
import { ago, exact, span } from "../format.js";

/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {ReturnType<typeof setInterval> | undefined} */
let ticking;
let offset = 0;

/** How much the broker's clock is before this machine's (ms): all times here are the broker's. @param {number} ms */
export function setOffset(ms) {
  // A single late message is no other clock.
  if (Math.abs(ms - offset) > 250) offset = ms;
}

/** Now by the broker's clock (ms). */
export function brokerNow() {
  return Date.now() + offset;
}

/** Now by the broker's clock (ms), once a second. */
export function useNow() {
  const [now, setNow] = useState(brokerNow);
  useEffect(() => {
    const tick = () => setNow(brokerNow());
    listeners.add(tick);
    ticking ??= setInterval(() => listeners.forEach((listener) => listener()), 1000);
    return () => {
      listeners.delete(tick);
      if (listeners.size) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  }, []);
  return now;
}

/** How long ago. at: ms; 0: never. @param {{ at: number, never?: string }} props */
export function Ago({ at, never = "never" }) {
  const now = useNow();
  if (!at) return html`<span class="quiet">${never}</span>`;
  return html`<time dateTime=${new Date(at).toISOString()} title=${exact(at)}>${ago(now - at)}</time>`;
}

/** How long since, without "ago". @param {{ at: number, until?: number }} props */
export function Since({ at, until }) {
  const now = useNow();
  if (!at) return html`<span class="quiet">–</span>`;
  const title = until ? `${exact(at)} – ${exact(until)}` : `since ${exact(at)}`;
  return html`<time dateTime=${new Date(at).toISOString()} title=${title}>${until ? span(until - at) : seconds(now - at)}</time>`;
}

/** What counts up before one's eyes, in whole seconds. @param {number} ms */
export function seconds(ms) {
  return ms < 1000 ? "under 1 s" : span(Math.floor(ms / 1000) * 1000);
}

/** How long yet. @param {{ at: number }} props */
export function Until({ at }) {
  const now = useNow();
  const left = at - now;
  return html`<time dateTime=${new Date(at).toISOString()} title=${exact(at)}>${left > 0 ? `in ${span(Math.ceil(left / 1000) * 1000)}` : "now"}</time>`;
}
