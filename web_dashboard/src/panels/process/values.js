/** What went in and what came out. */

import { html } from "../../../vendor/ui.js";
import { brief, Json, pretty } from "../../parts/json.js";
import { Copy, Line } from "../../parts/text.js";
import { isFinal } from "../../states.js";

/** @import { Attribute, Process } from "/sdk/colonies.js" */

const KINDS = Object.freeze({ in: "in", out: "out", err: "error", env: "environment" });

/** @param {{ process: Process }} props */
export function Values({ process }) {
  const { out, spec, attributes } = process;
  return html`<div class="pair">
    <section class="card" aria-labelledby="out-title">
      <h2 id="out-title">Result</h2>
      ${out.length ? html`<${Json} value=${out} label="the result" />` : html`<p class="empty">${isFinal(process.state) ? "It gave none." : "None yet."}</p>`}
    </section>
    <section class="card" aria-labelledby="attributes-title">
      <h2 id="attributes-title">Attributes</h2>
      ${attributes.length ? html`<${Attributes} attributes=${attributes} />` : html`<p class="empty">None.</p>`}
    </section>
    <section class="card" aria-labelledby="spec-title">
      <h2 id="spec-title">Spec</h2>
      <${Json} value=${spec} label="the spec" />
      <p class="tools"><${Copy} value=${pretty(process)} label="the whole process as JSON" /></p>
    </section>
  </div>`;
}

/** @param {{ attributes: Attribute[] }} props */
function Attributes({ attributes }) {
  return html`<dl class="attributes">
    ${attributes.map(
      ({ key, value, kind = "out" }) => html`<div key=${`${kind} ${key}`}>
      <dt><${Line} value=${key} mono /> <span class="quiet">${KINDS[kind] ?? kind}</span></dt>
      <dd><${Line} value=${brief(value, 500)} mono /><${Copy} value=${typeof value === "string" ? value : pretty(value)} label=${`attribute ${key.slice(0, 40)}`} small /></dd>
    </div>`,
    )}
  </dl>`;
}
