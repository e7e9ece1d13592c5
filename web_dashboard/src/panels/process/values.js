/** What went in and what came out. It may be large, so it is drawn again only when the process is another. */

import { html, memo } from "../../../vendor/ui.js";
import { brief, pretty } from "../../parts/json.js";
import { Copy, Line } from "../../parts/text.js";
import { Tree } from "../../parts/tree.js";
import { isFinal } from "../../states.js";

/** @import { Attribute, Process } from "/sdk/colonies.js" */

const KINDS = Object.freeze(
  /** @type {const} */ ([
    ["in", "in"],
    ["out", "out"],
    ["err", "error"],
    ["env", "environment"],
  ]),
);

export const Values = memo(function Values(/** @type {{ process: Process }} */ { process }) {
  const { out, spec, attributes, state } = process;
  return html`<div class="values">
    <section class="card" aria-labelledby="args-title">
      <div class="headline">
        <h2 id="args-title">Arguments</h2>
        ${hasArguments(spec) && html`<${Copy} value=${() => pretty({ args: spec.args, kwargs: spec.kwargs })} label="the arguments as JSON" />`}
      </div>
      ${hasArguments(spec) ? html`<${Arguments} spec=${spec} />` : html`<p class="empty">None.</p>`}
    </section>
    <section class="card" aria-labelledby="out-title">
      <div class="headline">
        <h2 id="out-title">Result</h2>
        ${out.length > 0 && html`<${Copy} value=${() => pretty(out)} label="the result as JSON" />`}
      </div>
      ${out.length ? html`<div class="tree"><${Tree} value=${out} /></div>` : html`<p class="empty">${isFinal(state) ? "It gave none." : "None yet."}</p>`}
    </section>
    <section class="card" aria-labelledby="attributes-title">
      <h2 id="attributes-title">Attributes</h2>
      ${attributes.length ? KINDS.map(([kind, word]) => html`<${Kind} key=${kind} word=${word} attributes=${attributes.filter((one) => (one.kind ?? "out") === kind)} />`) : html`<p class="empty">None.</p>`}
    </section>
    <section class="card" aria-labelledby="spec-title">
      <div class="headline">
        <h2 id="spec-title">Spec</h2>
        <${Copy} value=${() => pretty(spec)} label="the spec as JSON" />
        <${Copy} value=${() => pretty(process)} label="the whole process as JSON" word="Copy the whole process" />
      </div>
      <div class="tree"><${Tree} value=${spec} depth=${2} /></div>
    </section>
  </div>`;
});

/** @param {{ spec: Process["spec"] }} props */
function Arguments({ spec: { args = [], kwargs = {} } }) {
  return html`<div class="tree">
    ${args.length > 0 && html`<${Tree} value=${args} />`}${Object.keys(kwargs).length > 0 && html`<${Tree} value=${kwargs} />`}
  </div>`;
}

/** @param {Process["spec"]} spec */
function hasArguments({ args = [], kwargs = {} }) {
  return args.length > 0 || Object.keys(kwargs).length > 0;
}

/** @param {{ word: string, attributes: Attribute[] }} props */
function Kind({ word, attributes }) {
  if (!attributes.length) return null;
  return html`<h3>${word}</h3>
    <dl class="attributes">
      ${attributes.map(
        ({ key, value }) => html`<div key=${key}>
        <dt><${Line} value=${key} mono /></dt>
        <dd><${Line} value=${brief(value, 500)} mono /><${Copy} value=${() => (typeof value === "string" ? value : pretty(value))} label=${`attribute ${key.slice(0, 40)}`} small /></dd>
      </div>`,
      )}
    </dl>`;
}
