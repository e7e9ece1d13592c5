/** The filter of the failures, as fields. */

import { html } from "../../../vendor/ui.js";
import { Choice, Field } from "../../parts/fields.js";
import { typeChoices } from "../../types.js";

/** @import { Filter } from "../../filters.js" */
/** @import { Go } from "../../parts/fields.js" */
/** @import { Stats } from "/sdk/colonies.js" */

/** @param {{ filter: Filter, stats: Stats | null, go: Go }} props */
export function Filters({ filter, stats, go }) {
  return html`<form class="filters" role="search" aria-label="Failures" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <${Field} name="text" label="Text in errors or arguments" filter=${filter} go=${go} isSearch />
    <${Choice} name="type" label="Type" filter=${filter} go=${go} choices=${typeChoices(stats, filter.type ?? "")} />
    <${Field} name="func" label="Function" filter=${filter} go=${go} />
    <${Field} name="since" label="Submitted since" type="datetime-local" filter=${filter} go=${go} />
    ${Object.keys(filter).length > 0 && html`<button type="button" class="button" onClick=${() => go({})}>Clear</button>`}
  </form>`;
}
