/**
 * Keys and signatures: an Ed25519 key pair is the identity, and nothing else identifies anybody.
 *
 * A private key is written as its 32-byte seed in 64 hex characters, an id as the public key in
 * 64 hex characters. WebCrypto signs where it knows Ed25519; on pages without it (plain http,
 * older browsers) a library does, with the same bytes. Knows no frames: what is signed is bytes.
 */

import { getPublicKey, hashes, sign, utils } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";

import { bytesOfHex, hexOfBytes } from "./hex.js";

hashes.sha512 = sha512;

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
// RFC 8410: what stands before the seed of an Ed25519 key in PKCS #8.
const PKCS8_HEAD = bytesOfHex("302e020100300506032b657004220420");

/**
 * Whatever can sign in somebody's name: an Identity, or a key that lives elsewhere.
 * @typedef {object} Signer
 * @property {string} id the public key, 64 hex characters
 * @property {(message: Uint8Array) => Uint8Array | Promise<Uint8Array>} sign the 64-byte Ed25519 signature
 * @property {(message: Uint8Array) => Uint8Array} [signNow] the same without waiting, for a page's last words
 */

/** A key pair that is held in memory. */
export class Identity {
  /** @type {Uint8Array} */
  #seed;
  /** @type {Promise<CryptoKey | null> | null} */
  #key = null;

  /** @param {string} privateKey 64 hex characters. Anything else throws a RangeError, which never repeats the key. */
  constructor(privateKey) {
    this.#seed = seedOf(privateKey);
    /** The public key, 64 hex characters. */
    this.id = hexOfBytes(getPublicKey(this.#seed));
  }

  /** Make a new one. */
  static generate() {
    return new Identity(hexOfBytes(utils.randomSecretKey()));
  }

  /** The 32-byte seed in 64 hex characters. Whoever has it is this identity. */
  get privateKey() {
    return hexOfBytes(this.#seed);
  }

  /**
   * @param {Uint8Array} message
   * @returns {Promise<Uint8Array>}
   */
  async sign(message) {
    this.#key ??= importKey(this.#seed);
    const key = await this.#key;
    return key ? signWith(key, message) : this.signNow(message);
  }

  /**
   * @param {Uint8Array} message
   * @returns {Uint8Array}
   */
  signNow(message) {
    return sign(message, this.#seed);
  }

  toString() {
    return `Identity(${this.id.slice(0, 8)}…)`;
  }

  /** Neither printing nor JSON shows the private key. */
  toJSON() {
    return { id: this.id };
  }
}

/**
 * @param {CryptoKey} key
 * @param {Uint8Array} message
 * @returns {Promise<Uint8Array>}
 */
export async function signWith(key, message) {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, /** @type {BufferSource} */ (message)));
}

/**
 * The key as WebCrypto holds it, which nobody can read out again; null where WebCrypto has no Ed25519.
 * @param {Uint8Array} seed
 * @returns {Promise<CryptoKey | null>}
 */
export async function importKey(seed) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return null;
  const written = new Uint8Array([...PKCS8_HEAD, ...seed]);
  try {
    return await subtle.importKey("pkcs8", written, "Ed25519", false, ["sign"]);
  } catch {
    return null; // a browser of before Ed25519
  }
}

/**
 * The signer of a private key in hex, or the signer itself.
 * @param {string | Signer} key
 * @returns {Signer}
 */
export function signerOf(key) {
  if (typeof key === "string") return new Identity(key);
  if (isId(key?.id) && typeof key.sign === "function") return key;
  throw new TypeError("a key is a private key in 64 hex characters, or a signer: { id, sign(bytes) }");
}

/**
 * Whether this is written as an id: 64 lower-case hex characters.
 * @param {unknown} text
 * @returns {text is string}
 */
export function isId(text) {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}

/**
 * @param {unknown} privateKey
 * @returns {Uint8Array}
 */
export function seedOf(privateKey) {
  const written = typeof privateKey === "string" ? privateKey.trim() : "";
  if (!/^[0-9a-f]{64}$/i.test(written)) {
    throw new RangeError(
      "a private key is 64 hex characters (the 32-byte Ed25519 seed); make one with `colonies key new`",
    );
  }
  return bytesOfHex(written);
}
