/**
 * The filter of a panel, as fields. What is in them is in the address, so that a colleague sees the same.
 *
 * What is being typed takes effect when the typing pauses; no step in the browser's history for each letter.
 */

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { format } from "../address.js";

/** @import { Address } from "../address.js" */

/**
 * options: what may be chosen, value and word; without, it is a text. isSearch: `/` goes there.
 * @typedef {{ name: string, label: string, options?: (readonly [string, string])[], isSearch?: boolean, placeholder?: string }} Field
 */

const PAUSE_MS = 250;

/** @param {{ address: Address, fields: Field[], children?: any }} props */
export function Fields({ address, fields, children }) {
  const isNarrowed = fields.some(({ name }) => address.filter[name]);
  return html`<form class="fields" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    ${fields.map((field) => html`<${field.options ? Choice : TextField} key=${field.name} field=${field} value=${address.filter[field.name] ?? ""} address=${address} />`)}
    ${isNarrowed && html`<button type="button" class="button small" onClick=${() => narrow(address, Object.fromEntries(fields.map(({ name }) => [name, ""])))}>Clear</button>`}
    ${children}
  </form>`;
}

/**
 * Go to the same place with another filter; an empty value takes one away.
 * @param {Address} address
 * @param {Record<string, string>} patch
 */
export function narrow(address, patch) {
  location.replace(format({ ...address, filter: { ...address.filter, ...patch } }));
}

/** @param {{ field: Field, value: string, address: Address }} props */
function Choice({ field, value, address }) {
  return html`<label class="field"><span>${field.label}</span>
    <select value=${value} onChange=${(/** @type {{ currentTarget: HTMLSelectElement }} */ event) => narrow(address, { [field.name]: event.currentTarget.value })}>
      ${field.options?.map(([option, word]) => html`<option key=${option} value=${option} selected=${option === value}>${word}</option>`)}
    </select>
  </label>`;
}

/** @param {{ field: Field, value: string, address: Address }} props */
function TextField({ field, value, address }) {
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    // From elsewhere, as a link or the way back; what is being typed is not taken away by its own echo.
    if (value !== sent.current) setTyped((sent.current = value));
  }, [value]);
  useEffect(() => {
    if (typed === sent.current) return undefined;
    const pause = setTimeout(() => narrow(address, { [field.name]: (sent.current = typed) }), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed, address]);
  return html`<label class="field"><span>${field.label}</span>
    <input type="search" value=${typed} maxlength="256" autocomplete="off" spellcheck=${false} placeholder=${field.placeholder ?? ""}
      data-search=${field.isSearch ? "" : undefined}
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setTyped(event.currentTarget.value)} />
  </label>`;
}
