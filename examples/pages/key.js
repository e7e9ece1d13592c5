/**
 * The key that a page speaks with.
 *
 * It comes in the fragment of the address, which a browser sends to nobody, and leaves the address bar at
 * once, so that it is in no history, bookmark or screenshot. It is kept for this tab and this page alone.
 * Without one the page asks. What the key is allowed to do is the broker's affair.
 */

const HEX = /^[0-9a-f]{64}$/i;
const KEPT = `colonies-key ${location.pathname.replace(/index\.html$/, "")}`;

/**
 * Give the key of this page: from the address, from before, or from whoever sits in front of it.
 * @param {string} whose whose key is asked for, as in "the lamp"
 * @returns {Promise<string>} a private key in hex
 */
export async function keyOf(whose) {
  takeFromAddress();
  // An address with another key, opened where this page is open already, loads nothing by itself.
  addEventListener("hashchange", () => takeFromAddress() && location.reload());
  return sessionStorage.getItem(KEPT) ?? ask(whose);
}

/** Forget the key and start again, with the question for another. */
export function forgetKey() {
  sessionStorage.removeItem(KEPT);
  location.reload();
}

/** What the fragment of the address says beside the key. */
export function restOfAddress() {
  return new URLSearchParams(location.hash.slice(1));
}

/** Whether there was a key in the address. */
function takeFromAddress() {
  const said = restOfAddress();
  const key = said.get("key") ?? "";
  if (!said.has("key")) return false;
  said.delete("key");
  const rest = said.toString();
  history.replaceState(null, "", location.pathname + location.search + (rest && `#${rest}`));
  if (HEX.test(key)) sessionStorage.setItem(KEPT, key.toLowerCase());
  return HEX.test(key);
}

/**
 * @param {string} whose
 * @returns {Promise<string>}
 */
function ask(whose) {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "ask-title");
  dialog.innerHTML = `
    <form method="dialog">
      <h2 id="ask-title"></h2>
      <p>A key says who this page is. <code>make run</code> starts a broker and prints addresses that carry it;
        opened from there, the page asks nothing.</p>
      <label for="ask-key">Private key</label>
      <input id="ask-key" type="password" required pattern="\\s*[0-9a-fA-F]{64}\\s*" title="64 letters and digits, 0–9 and a–f"
        autocomplete="off" autocapitalize="none" spellcheck="false">
      <button class="button first">Use this key</button>
    </form>`;
  /** @type {HTMLElement} */ (dialog.querySelector("h2")).textContent = `Which key is ${whose}’s?`;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const key = /** @type {HTMLInputElement} */ (dialog.querySelector("input")).value.trim().toLowerCase();
      // Escape closes it whatever one does against that, and without a key there is nothing behind it.
      if (HEX.test(key)) resolve(keep(dialog, key));
      else dialog.showModal();
    });
  });
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {string} key
 */
function keep(dialog, key) {
  dialog.remove();
  sessionStorage.setItem(KEPT, key);
  return key;
}
