/**
 * A key that a page keeps: made or brought once, found again by the next visit.
 *
 * Where the browser has Ed25519 in WebCrypto the private half never leaves it: not even the page can read it.
 * Elsewhere (plain http, older browsers) a key that was made lies in `localStorage`, where every script of the origin
 * can read it, and one that somebody brought is not kept at all.
 */

import { bytesOfHex, hexOfBytes } from "./wire/hex.js";
import { Identity, importKey, seedOf, signWith } from "./wire/identity.js";

/** @import { Signer } from "./wire/identity.js" */

const DATABASE = "colonies";
const STORE = "keys";

/**
 * The key of this name, made when there is none. Its `id` is what a colony's owner adds as an executor.
 * @param {string} [name]
 * @returns {Promise<Signer>}
 */
export async function pageKey(name = "default") {
  const made = hasPlace() ? await madePair() : null;
  if (!made) return keptIdentity(name) ?? madeIdentity(name);
  // One transaction: of two tabs that come at once, both get the key of the first.
  const pair = await inStore("readwrite", async (store) => {
    const kept = await settled(store.get(name));
    if (!kept) await settled(store.add(made, name));
    return kept ?? made;
  });
  return signerOfPair(pair);
}

/**
 * Keep this key under this name, in place of another, so that nothing can read it out again.
 * @param {string} name
 * @param {string} privateKey 64 hex characters; anything else throws a RangeError, which never repeats the key
 * @returns {Promise<Signer>} Throws an Error in words where the browser cannot keep it so
 */
export async function keepKey(name, privateKey) {
  const pair = hasPlace() ? await broughtPair(privateKey) : null;
  if (!pair) {
    throw new Error(
      "this browser cannot keep a key that nothing can read out: it has no Ed25519 in WebCrypto, or the page did not come over https or from localhost",
    );
  }
  await inStore("readwrite", (store) => settled(store.put(pair, name)));
  return signerOfPair(pair);
}

/**
 * The key of this name, made or brought before.
 * @param {string} [name]
 * @returns {Promise<Signer | null>} null when there is none
 */
export async function keptKey(name = "default") {
  const pair = hasPlace() ? await inStore("readonly", (store) => settled(store.get(name))) : null;
  return pair ? signerOfPair(pair) : keptIdentity(name);
}

/** Keep the key of this name no longer: nobody has it then. @param {string} [name] @returns {Promise<void>} */
export async function forgetKey(name = "default") {
  if (hasPlace()) await inStore("readwrite", (store) => settled(store.delete(name)));
  globalThis.localStorage?.removeItem(placeOf(name));
}

// — keys that nothing can read out —

function hasPlace() {
  return Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);
}

/** @returns {Promise<CryptoKeyPair | null>} null in a browser of before Ed25519 */
async function madePair() {
  try {
    return /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]));
  } catch {
    return null;
  }
}

/** @param {string} written @returns {Promise<CryptoKeyPair | null>} null in a browser of before Ed25519 */
async function broughtPair(written) {
  const privateKey = await importKey(seedOf(written));
  if (!privateKey) return null;
  const id = /** @type {BufferSource} */ (bytesOfHex(new Identity(written).id));
  return { privateKey, publicKey: await crypto.subtle.importKey("raw", id, "Ed25519", true, ["verify"]) };
}

/** @param {CryptoKeyPair} pair @returns {Promise<Signer>} */
async function signerOfPair({ privateKey, publicKey }) {
  const id = hexOfBytes(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)));
  return { id, sign: (message) => signWith(privateKey, message) };
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function inStore(mode, work) {
  const database = await settled(openDatabase());
  try {
    return await work(database.transaction(STORE, mode).objectStore(STORE));
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

// — keys where there is nothing better —

/** @param {string} name */
function placeOf(name) {
  return `${DATABASE}.${name}`;
}

/** @param {string} name */
function keptIdentity(name) {
  const kept = globalThis.localStorage?.getItem(placeOf(name));
  return kept ? new Identity(kept) : null;
}

/** @param {string} name */
function madeIdentity(name) {
  const made = Identity.generate();
  localStorage.setItem(placeOf(name), made.privateKey);
  return made;
}
