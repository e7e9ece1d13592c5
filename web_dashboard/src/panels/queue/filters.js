/** The filter of the queue, as fields. Another type is another queue; the rest narrows what is listed of it. */

import { html, useState } from "../../../vendor/ui.js";
import { format } from "../../address.js";
import { Choice, Field } from "../../parts/fields.js";
import { typeChoices } from "../../types.js";

/** @import { Address } from "../../address.js" */
/** @import { Filter } from "../../filters.js" */
/** @import { Go } from "../../parts/fields.js" */
/** @import { Stats } from "/sdk/colonies.js" */

/** @param {{ address: Address, type: string, stats: Stats | null, go: Go }} props */
export function Filters({ address, type, stats, go }) {
  const { type: _, ...filter } = address.filter;
  const goToType = (/** @type {Filter} */ { type: id }) => location.replace(format({ panel: "queue", id, filter }));
  const { state, ...narrow } = filter;
  const [isWhole, setWhole] = useState(false);
  return html`<form class=${isWhole ? "filters" : "filters folded"} role="search" aria-label="Processes" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <${Field} name="text" label="Text in arguments or errors" filter=${address.filter} go=${go} isSearch />
    <${Choice} name="type" label="Type" filter=${{ type }} go=${goToType} choices=${typeChoices(stats, type)} />
    <${Field} name="func" label="Function" filter=${address.filter} go=${go} />
    <${Field} name="label" label="Label" filter=${address.filter} go=${go} />
    <${Field} name="since" label="Submitted since" type="datetime-local" filter=${address.filter} go=${go} />
    <${Field} name="before" label="Submitted before" type="datetime-local" filter=${address.filter} go=${go} />
    <button type="button" class="button more" aria-expanded=${isWhole} onClick=${() => setWhole(!isWhole)}>${isWhole ? "Fewer filters" : "More filters"}</button>
    ${Object.keys(narrow).length > 0 && html`<button type="button" class="button" onClick=${() => go(state ? { state } : {})}>Clear</button>`}
  </form>`;
}
