/** Who the page speaks as, and the way out. */

import { html } from "../../vendor/ui.js";
import { signOut } from "../key.js";

/** @import { Whoami } from "/sdk/colonies.js" */

const ROLES = Object.freeze({
  owner: "owns the colony",
  operator: "operator",
  viewer: "viewer: sees all, changes nothing",
  executor: "executor: sees, changes nothing",
});

/** @param {{ me: Whoami | null, onHelp: () => void }} props */
export function WhoAmI({ me, onHelp }) {
  return html`<div class="whoami">
    ${me && html`<span class="who" title=${`${me.id}\n${ROLES[me.role]}`}><bdi>${me.name || me.id.slice(0, 8)}</bdi> <span class="role">${me.role}</span></span>`}
    <button type="button" class="icon-button" aria-label="Help: keys" title="Keys (?)" onClick=${onHelp}>?</button>
    <button type="button" class="button small quiet-button" onClick=${signOut}>Sign out</button>
  </div>`;
}
