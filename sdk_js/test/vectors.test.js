/** The JavaScript wire is held to the vectors as they stand in the files. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BadFrame } from "../src/errors.js";
import { decodeMessages, encodeEnvelope, encodeRequest, join, pack, signedBytes, unpack } from "../src/wire/frames.js";
import { bytesOfHex, hexOfBytes } from "../src/wire/hex.js";
import { Identity, importKey } from "../src/wire/identity.js";
import { comparable, isExpressible, read, vectors } from "./support/notation.js";
import { envelopeOf, holds, requestsOf } from "./support/wire.js";

const { keys, no_private_keys: noPrivateKeys } = vectors("keys");
const { bodies } = vectors("bodies");
const { challenge, envelopes } = vectors("envelopes");
const messages = vectors("messages");

/** @param {string} name @returns {string} */
const privateKeyOf = (name) => keys.find((/** @type {any} */ key) => key.name === name).private_key;
/** @param {string} name @returns {string} */
const bodyOf = (name) => bodies.find((/** @type {any} */ body) => body.name === name).body;

for (const vector of keys) {
  test(`a private key gives its id: ${vector.name}`, () => {
    const key = new Identity(vector.private_key);
    assert.deepEqual([key.id, key.privateKey], [vector.id, vector.private_key]);
  });
}

for (const vector of noPrivateKeys) {
  test(`what is no private key is refused and not repeated: ${vector.name}`, () => {
    assert.throws(
      () => new Identity(vector.text),
      (/** @type {Error} */ error) => {
        assert.match(error.message, /64 hex characters/);
        return !vector.text || !error.message.includes(vector.text);
      },
    );
  });
}

for (const vector of bodies) {
  test(`a body is decoded to its requests: ${vector.name}`, () => {
    const decoded = requestsOf(bytesOfHex(vector.body));
    assert.deepEqual(comparable(decoded), comparable(read(vector.requests)));
  });
}

const said = bodies.filter((/** @type {any} */ vector) => vector.shortest && isExpressible(vector.requests));

for (const vector of said) {
  test(`requests are encoded to their body: ${vector.name}`, () => {
    const encoded = read(vector.requests).map((/** @type {any} */ { id, method, params }) =>
      encodeRequest(id, method, pack(params)),
    );
    const isBatchOfOne = encoded.length === 1 && vector.body.startsWith("91");
    assert.equal((isBatchOfOne ? "91" : "") + hexOfBytes(join(encoded)), vector.body);
  });
}

test("JavaScript says all bodies byte for byte but those of floats that are integers, and integers beyond its own", () => {
  const unsaid = bodies.filter((/** @type {any} */ vector) => vector.shortest && !said.includes(vector));
  assert.deepEqual(
    unsaid.map((/** @type {any} */ { name }) => name),
    ["every field of a spec, and unicode", "integers at the edges", "floats at the edges"],
  );
});

test("of those it says each value that it has byte for byte", () => {
  const bodyHas = (/** @type {string} */ name, /** @type {any} */ value) => {
    assert.equal(bodyOf(name).split(hexOfBytes(pack(value))).length > 1, true, `${name}: ${value}`);
  };
  for (const value of ["färg", "🌈", "\0", 0.5, 0.75, -50000, "灯"])
    bodyHas("every field of a spec, and unicode", value);
  for (const value of edges("integers at the edges")) bodyHas("integers at the edges", value);
  for (const value of edges("floats at the edges")) bodyHas("floats at the edges", value);
});

/** The numbers in this body that JavaScript has exactly. @param {string} name @returns {number[]} */
function edges(name) {
  const [{ params }] = bodies.find((/** @type {any} */ body) => body.name === name).requests;
  const numbers = numbersIn(params).filter(isExpressible);
  assert(numbers.length > 3);
  return numbers.map(read);
}

/** @param {any} value @returns {any[]} */
function numbersIn(value) {
  if (typeof value !== "object" || value === null || "$float" in value || "$int" in value) return [value];
  return Object.values(value).flatMap(numbersIn);
}

for (const vector of envelopes) {
  const key = new Identity(privateKeyOf(vector.key));
  const body = bytesOfHex(bodyOf(vector.name));

  test(`a body is signed and enveloped as written, by WebCrypto and by the library: ${vector.name}`, async () => {
    const signed = signedBytes(bytesOfHex(challenge), body);
    const signature = await key.sign(signed);
    assert.deepEqual([hexOfBytes(signed), hexOfBytes(signature)], [vector.signed, vector.signature]);
    assert.equal(hexOfBytes(key.signNow(signed)), vector.signature);
    assert.equal(hexOfBytes(encodeEnvelope(bytesOfHex(key.id), signature, body)), vector.frame);
  });

  test(`an envelope opens and its signature holds: ${vector.name}`, () => {
    const envelope = envelopeOf(bytesOfHex(vector.frame));
    assert.equal(hexOfBytes(envelope.key), key.id);
    assert(holds(envelope.key, envelope.signature, signedBytes(bytesOfHex(challenge), envelope.body)));
    assert.equal(hexOfBytes(envelope.body), bodyOf(vector.name));
  });
}

test("WebCrypto knows Ed25519 here, so that both ways of signing were held to the vectors", async () => {
  assert.notEqual(await importKey(bytesOfHex(privateKeyOf("first"))), null);
});

for (const missing of ["crypto.subtle", "Ed25519 in it"]) {
  test(`where there is no ${missing} the library signs the same`, async (t) => {
    const importing = t.mock.method(crypto.subtle, "importKey", () => Promise.reject(new Error("no such algorithm")));
    if (missing === "crypto.subtle") t.mock.getter(crypto, "subtle", () => undefined);
    const [vector] = envelopes;
    const signature = await new Identity(privateKeyOf(vector.key)).sign(bytesOfHex(vector.signed));
    assert.equal(hexOfBytes(signature), vector.signature);
    assert.equal(importing.mock.callCount(), missing === "crypto.subtle" ? 0 : 1);
  });
}

for (const vector of messages.frames) {
  test(`a frame of a server is decoded to its messages: ${vector.name}`, () => {
    const decoded = decodeMessages(bytesOfHex(vector.frame));
    assert.deepEqual(comparable(decoded), comparable(read(vector.messages)));
  });
}

for (const vector of messages.refused) {
  test(`a frame that no server sends is refused: ${vector.name}`, () => {
    assert.throws(() => decodeMessages(bytesOfHex(vector.frame)), BadFrame);
  });
}

test("what was packed is unpacked to the same", () => {
  const value = { a: [new Uint8Array([0, 255]), 2 ** 53 - 1, -(2 ** 53), 0.5, true, null, "x"], b: { c: Infinity } };
  assert.deepEqual(comparable(unpack(pack(value))), comparable(value));
  assert.equal(unpack(pack(-0)), 0); // as the integer: its sign is not kept
  assert(Number.isNaN(unpack(pack(Number.NaN))));
});
