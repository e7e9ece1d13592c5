/**
 * How the connection stands, always in sight: whether there is one, since when not, and why.
 *
 * A connection over which nothing comes is said to be silent. What counts up is not read aloud at every second; the
 * words that are read aloud change only when the state does.
 */

import { html } from "../../vendor/ui.js";
import { signOut } from "../key.js";
import { STALE_MS } from "../state.js";
import { seconds, useNow } from "./time.js";

/** @import { Link } from "../state.js" */

/** What is said, and what is said after for how long it has been so. */
const WORDS = /** @type {Record<string, readonly [string, string?]>} */ ({
  idle: ["Not connected yet"],
  connecting: ["Connecting…"],
  open: ["Connected"],
  silent: ["Connected, but nothing comes"],
  waiting: ["Connection lost", ", trying again"],
  closed: ["Disconnected"],
  refused: ["Refused"],
});

/** statsAt: when figures last came (ms of this machine's clock). @param {{ link: Link, statsAt: number }} props */
export function Connection({ link, statsAt }) {
  useNow(); // once a second: the age of a loss, and silence that nobody reports
  const now = Date.now();
  const isSilent = link.state === "open" && statsAt > 0 && now - statsAt > STALE_MS;
  const state = isSilent ? "silent" : link.state;
  const since = isSilent ? statsAt : link.since;
  const isAway = state === "waiting" || state === "silent" || state === "closed";
  const why = state === "open" ? "" : link.trouble;
  const [said, after = ""] = WORDS[state] ?? [state];
  const age = isAway && since > 0 && html`<span aria-hidden="true"> for ${seconds(now - since)}</span>`;
  return html`<div class=${`connection ${state}`} data-state=${state}>
    <span class="lamp" aria-hidden="true"></span>
    <span class="said">
      <span role="status">${said}${age}${after}</span>
    ${why && html`<span class="why" title=${why}>: <bdi>${why}</bdi></span>`}
    </span>
    ${
      (state === "refused" || state === "closed") &&
      html`<button type="button" class="button small" onClick=${signOut}>Use another key</button>`
    }
  </div>`;
}
