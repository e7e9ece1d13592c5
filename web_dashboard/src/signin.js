/** The question for a key, where there is none yet. */

import { html, useState } from "../vendor/ui.js";
import { isKey, useAndKeepKey, useKey } from "./key.js";
import { Mark } from "./parts/mark.js";

export function SignIn() {
  const [trouble, setTrouble] = useState("");
  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const [key, keep] = [String(new FormData(form).get("key")), new FormData(form).has("keep")];
    if (!isKey(key)) return setTrouble("A private key is 64 letters and digits, 0–9 and a–f.");
    try {
      if (keep) await useAndKeepKey(key);
      else useKey(key);
      location.reload();
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  }
  return html`<main class="signin">
    <form class="card" onSubmit=${submit} novalidate>
      <h1><${Mark} /> Colonies</h1>
      <p>
        A key says who you are. It stays in this page, which signs with it; the broker learns the public half. An
        operator’s key may act, a viewer’s only looks.
      </p>
      <label for="key">Private key</label>
      <input id="key" name="key" type="password" required autocomplete="off" autocapitalize="none" spellcheck=${false}
        aria-describedby="key-trouble" aria-invalid=${trouble !== ""} autofocus />
      <p id="key-trouble" class="trouble" role="alert">${trouble}</p>
      <label class="choice"><input type="checkbox" name="keep" /> Keep it in this browser, where nothing can read it out</label>
      <button class="button primary">Open the dashboard</button>
      <p class="quiet">
        <code>make run</code> starts a broker and prints an address that carries an operator’s key; opened from there, the
        page asks nothing.
      </p>
    </form>
  </main>`;
}
