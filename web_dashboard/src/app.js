/**
 * The frame around every panel: where one is, how the connection stands, who one is, and the ways to the others.
 *
 * It is drawn from the state alone. Whoever comes to another panel finds the focus at its title, as on a page of its own.
 */

import { html, useEffect, useRef, useState } from "../vendor/ui.js";
import { format } from "./address.js";
import { listenToKeys } from "./keyboard.js";
import { Actions } from "./parts/actions.js";
import { Connection } from "./parts/connection.js";
import { Fresh } from "./parts/fresh.js";
import { Help } from "./parts/help.js";
import { Mark } from "./parts/mark.js";
import { Navigation } from "./parts/navigation.js";
import { setOffset } from "./parts/time.js";
import { WhoAmI } from "./parts/whoami.js";
import { name, troubles } from "./words.js";

/** @import { Panel, View } from "./panels/index.js" */

/** @import { Address } from "./address.js" */

/** @param {Omit<View, "go"> & { panel: Panel }} props */
export function App({ state, panel, moves, dispatch }) {
  const [helps, setHelps] = useState(false);
  const title = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => listenToKeys(() => setHelps(true)), []);
  useTitle(state, panel);
  useFocusAt(title, `${panel.id} ${state.address.id}`);
  setOffset(state.offset);
  return html`<div class="app">
    <button type="button" class="skip" onClick=${() => title.current?.focus()}>Skip to the panel</button>
    <header class="top">
      <a class="brand" href="#/overview"><${Mark} /><span>${state.me?.colonyname || "Colonies"}</span></a>
      <${Connection} link=${state.link} statsAt=${state.statsAt} />
      <${WhoAmI} me=${state.me} onHelp=${() => setHelps(true)} />
    </header>
    <${Navigation} state=${state} panel=${panel} />
    <main class=${`panel ${panel.id}`}>
      <h1 tabindex="-1" ref=${title}>${panel.title}${place(state.address)}</h1>
      <${Fresh} state=${state}>
        <${panel.view} key=${panel.id} state=${state} moves=${moves} dispatch=${dispatch} go=${goFrom(state.address)} />
      <//>
      <${Actions} actions=${state.actions} dispatch=${dispatch} />
    </main>
    <p class="unseen" role="status">${state.said}</p>
    ${helps && html`<${Help} onClose=${() => setHelps(false)} />`}
  </div>`;
}

/**
 * The way to the same place with another filter: no step in the browser's history, which a word that is typed would fill.
 * @param {Address} address
 * @returns {View["go"]}
 */
function goFrom({ panel, id }) {
  return (filter) => location.replace(format({ panel, id, filter }));
}

/** What a panel is about, in its title. @param {{ panel: string, id: string }} address */
function place({ panel, id }) {
  return panel === "queue" && id ? html` <bdi class="about">${name(id)}</bdi>` : "";
}

/** The tab's title says what is wrong before one comes back to it. @param {View["state"]} state @param {Panel} panel */
function useTitle({ stats, me }, panel) {
  const number = stats ? troubles(stats).length : 0;
  const title = `${number ? `(${number}) ` : ""}${panel.title} · ${me?.colonyname || "Colonies"}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/**
 * @param {{ current: HTMLElement | null }} title
 * @param {string} place
 */
function useFocusAt(title, place) {
  const last = useRef(place);
  useEffect(() => {
    if (last.current === place) return; // a page that was just opened has its focus where the browser puts it
    last.current = place;
    title.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [place]);
}
