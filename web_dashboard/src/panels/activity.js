/**
 * What happens, as it happens: every change of every process of the colony, newest on top.
 *
 * It is a window and no record: the last five hundred, and only while somebody looks. What it did not hear of stands in
 * it as a gap.
 */

import { html, memo } from "../../vendor/ui.js";
import { format } from "../address.js";
import { clock, counted, exact, grouped } from "../format.js";
import { stateOf } from "../filters.js";
import { Badge } from "../parts/badge.js";
import { Choice, Field } from "../parts/fields.js";
import { Line } from "../parts/text.js";
import { STATE_NAMES } from "../states.js";

/** @import { Address } from "../address.js" */
/** @import { Entry } from "../activity.js" */
/** @import { View } from "./index.js" */

const SHOWN = 200;

/** @type {[string, string][]} */
const STATES = [["", "Any state"], ...STATE_NAMES.map((name) => /** @type {[string, string]} */ ([name, name]))];

/** @param {View} props */
function view({ state, dispatch, go }) {
  const { activity, address } = state;
  const matching = activity.entries.filter((entry) => isWanted(entry, address));
  const trouble = state.queries.activity?.error;
  return html`
    <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Field} name="text" label="Function, label, error or id" filter=${address.filter} go=${go} isSearch />
      <${Field} name="type" label="Type" filter=${address.filter} go=${go} options=${types(state)} />
      <${Choice} name="state" label="State" filter=${address.filter} go=${go} choices=${STATES} />
      <button type="button" class="button" aria-pressed=${activity.isPaused} onClick=${() => dispatch({ kind: "pause", isPaused: !activity.isPaused })}>
        ${activity.isPaused ? "Go on" : "Pause"}
      </button>
    </form>
    <p class="quiet standing" role="status">${standing(activity)}</p>
    ${trouble && html`<p class="trouble" role="alert">${trouble}</p>`}
    ${
      matching.length > 0 &&
      html`<ol class="activity-list" aria-label="What happened, newest first">
      ${matching.slice(0, SHOWN).map((entry) => html`<${Row} key=${entry.number} entry=${entry} />`)}
    </ol>`
    }
    ${matching.length > SHOWN && html`<p class="quiet">and ${grouped(matching.length - SHOWN)} before these</p>`}
    ${!matching.length && !state.queries.activity?.error && html`<p class="empty">${activity.entries.length ? "None of the last changes matches." : "Nothing has happened since you came here. What does will be shown at once."}</p>`}
  `;
}

/** @param {View["state"]} state */
function types({ stats }) {
  return (stats?.types ?? []).map(({ executortype }) => executortype).filter(Boolean);
}

/** @param {View["state"]["activity"]} activity */
function standing({ isPaused, unseen, entries }) {
  if (isPaused) return `Paused. ${counted(unseen, "change")} since.`;
  return entries.length ? "Live: new ones come on top." : "Listening.";
}

/** @param {Entry} entry @param {Address} address */
function isWanted(entry, { filter: { text = "", type, state } }) {
  if ("gap" in entry) return true;
  const { event } = entry;
  if (type && event.executortype !== type) return false;
  if (stateOf(state) !== undefined && event.state !== stateOf(state)) return false;
  const words = text.toLowerCase();
  return (
    !words ||
    [event.func, event.label, event.error, event.processid, event.executorid].some((said) =>
      (said ?? "").toLowerCase().includes(words),
    )
  );
}

const Row = memo(function Row(/** @type {{ entry: Entry }} */ { entry }) {
  if ("gap" in entry) {
    return html`<li class="gap"><time title=${exact(entry.time)}>${clock(entry.time)}</time>
      <span>${entry.missed ? `${counted(entry.missed, "change")} left out: ` : ""}${entry.gap}</span></li>`;
  }
  const { time, event, processid, executortype, func, label, state, executorid, error } = entry.event;
  return html`<li>
    <time dateTime=${new Date(time).toISOString()} title=${exact(time)}>${clock(time)}</time>
    <span class="event"><${Badge} state=${state} /><span class=${event === "requeued" ? "again" : "unseen"}> ${event}</span></span>
    <a class="func" href=${format({ panel: "process", id: processid })} title=${`process ${processid}: ${event}`}><${Line} value=${func} mono /></a>
    <span class="type"><${Line} value=${executortype} /></span>
    <span class="label"><${Line} value=${label ?? ""} /></span>
    <span class="rest">${error ? html`<span class="bad"><${Line} value=${error} /></span>` : executorid && html`<code title=${executorid}>${executorid.slice(0, 8)}</code>`}</span>
  </li>`;
});

export const activity = {
  id: "activity",
  title: "Activity",
  needs: () => [{ activity: /** @type {const} */ (true) }],
  view,
};
