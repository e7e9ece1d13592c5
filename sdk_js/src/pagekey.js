/**
 * A key that a page keeps: made once, found again by the next visit.
 *
 * Where the browser has Ed25519 in WebCrypto the private half never leaves it: not even the page can read it.
 * Elsewhere (plain http, older browsers) it lies in `localStorage`, where every script of the origin can.
 */

import { hexOfBytes } from "./wire/hex.js";
import { Identity, signWith } from "./wire/identity.js";

/** @import { Signer } from "./wire/identity.js" */

const DATABASE = "colonies";
const STORE = "keys";

/**
 * The key of this name, made when there is none. Its `id` is what a colony's owner adds as an executor.
 * @param {string} [name]
 * @returns {Promise<Signer>}
 */
export async function pageKey(name = "default") {
  const pair = await keptPair(name);
  if (!pair) return keptIdentity(name);
  const id = hexOfBytes(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  return { id, sign: (message) => signWith(pair.privateKey, message) };
}

/**
 * @param {string} name
 * @returns {Promise<CryptoKeyPair | null>} null where there is no such thing
 */
async function keptPair(name) {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB) return null;
  /** @type {CryptoKeyPair} */ let made;
  try {
    made = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]));
  } catch {
    return null; // a browser of before Ed25519
  }
  const database = await settled(openDatabase());
  try {
    // One transaction: of two tabs that come at once, both get the key of the first.
    const store = database.transaction(STORE, "readwrite").objectStore(STORE);
    const kept = await settled(store.get(name));
    if (kept) return kept;
    await settled(store.add(made, name));
    return made;
  } finally {
    database.close();
  }
}

function openDatabase() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return request;
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {string} name */
function keptIdentity(name) {
  const place = `${DATABASE}.${name}`;
  const kept = localStorage.getItem(place);
  if (kept) return new Identity(kept);
  const made = Identity.generate();
  localStorage.setItem(place, made.privateKey);
  return made;
}
