/**
 * What a page says of its connection: whether there is one, and why not.
 *
 * It shows what the client knows and adds what only a request can tell: that the broker does not want this
 * key. That stands until the page is loaded again, since no new connection would mend it.
 */

import { forgetKey } from "./key.js";

const WORDS = /** @type {Record<string, string>} */ ({
  idle: "Not connected yet",
  connecting: "Connecting…",
  open: "Connected",
  waiting: "Connection lost, trying again",
  closed: "Disconnected",
  refused: "Refused",
});

/** The line in the head of a page, for as long as the page lives. */
export class Link {
  #client;
  #element;
  #text = document.createElement("span");
  #refusal = "";

  /**
   * @param {import("colonies").Colonies} client
   * @param {HTMLElement} element an element with role="status"
   */
  constructor(client, element) {
    this.#client = client;
    this.#element = element;
    element.replaceChildren(this.#text);
    client.addEventListener("statechange", () => this.#show());
    this.#show();
  }

  /**
   * Say that the broker does not let this page do its work, and offer the way out.
   * @param {unknown} error
   */
  refuse(error) {
    this.#refusal = error instanceof Error ? error.message : String(error);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Use another key";
    button.addEventListener("click", forgetKey);
    this.#element.replaceChildren(this.#text, button);
    this.#show();
  }

  #show() {
    const state = this.#refusal ? "refused" : this.#client.state;
    const why = this.#refusal || this.#client.trouble;
    const text = why && state !== "open" ? `${WORDS[state]}: ${why}` : WORDS[state];
    this.#element.dataset.state = state;
    // Said again it would be read aloud again, at every try.
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}
