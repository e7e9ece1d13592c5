/** Content that somebody made to do harm, or by mistake: it never costs a client its connection, nor anybody else's. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { BadFrame, BadRequest } from "../src/errors.js";
import { pack, unpack } from "../src/wire/frames.js";
import { bytesOfHex } from "../src/wire/hex.js";
import { Broker, clientOf, spec } from "./support/broker.js";
import { Talk } from "./support/talk.js";

const broker = await Broker.running({ after });

/** @param {string} text */
const bytes = (text) => new TextEncoder().encode(text);

/** A map of one pair, whose key is encoded already. @param {Uint8Array} key @param {unknown} value */
function mapOf(key, value) {
  return Uint8Array.from([0x81, ...key, ...pack(value)]);
}

// — what comes —

test("a key that JavaScript cannot have is renamed, and no prototype is touched", () => {
  for (const key of [pack("__proto__"), pack(bytes("__proto__")), pack(["__proto__"])]) {
    const value = unpack(mapOf(key, { isAdmin: true }));
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal(value.isAdmin, undefined);
    assert.deepEqual(Object.keys(value), ["[__proto__]"]);
  }
  assert.equal(/** @type {any} */ ({}).isAdmin, undefined);
});

test("keys that are no text become text", () => {
  for (const [key, name] of /** @type {[unknown, string][]} */ ([
    [bytes("abc"), "abc"],
    [7, "7"],
    [null, "null"],
    [true, "true"],
    [[1, 2], "1,2"],
  ])) {
    assert.deepEqual(Object.entries(unpack(mapOf(pack(key), 1))), [[name, 1]]);
  }
});

test("keys that every object has are keys as any other", () => {
  const value = unpack(pack(Object.fromEntries(["constructor", "hasOwnProperty", "toString"].map((key) => [key, 1]))));
  assert.deepEqual(Object.keys(value), ["constructor", "hasOwnProperty", "toString"]);
});

test("an extension of MessagePack is a bad frame, a time stamp as well", () => {
  for (const hex of ["d40100", "d6ff00000000", "c70c01000000000000000000000000"]) {
    assert.throws(() => unpack(bytesOfHex(hex)), BadFrame);
  }
});

test("lengths that nothing stands behind are a bad frame, and cost no memory", () => {
  for (const hex of ["ddffffffff", "dfffffffff", "dbffffffff", "c6ffffffff"]) {
    assert.throws(() => unpack(bytesOfHex(hex)), BadFrame);
  }
});

test("text that is no UTF-8 is read as far as it goes", () => {
  assert.equal(typeof unpack(bytesOfHex("a2c328")), "string");
  assert.equal(typeof unpack(Uint8Array.from([0xd9, 0xff, ...new Uint8Array(255).fill(0xc3)])), "string");
});

// — what is sent —

class Lamp {
  isOn = true;
}

for (const [what, value, words] of /** @type {[string, unknown, RegExp][]} */ ([
  ["a date", new Date(0), /a Date/],
  ["a map", new Map(), /a Map/],
  ["a set", new Set(), /a Set/],
  ["a function", () => 1, /a function/],
  ["a symbol", Symbol("x"), /a symbol/],
  ["a bigint", 1n, /a bigint/],
  ["a promise", Promise.resolve(), /a Promise/],
  ["an error", new TypeError("x"), /a TypeError/],
  ["half a surrogate pair", "a\ud800", /half a surrogate pair/],
  ["the other half", "\udc00b", /half a surrogate pair/],
  ["a key with half a surrogate pair", { "\ud800": 1 }, /half a surrogate pair/],
  ["what is nested too deep", nested(30), /at most 30 levels/],
])) {
  test(`what no broker could read is refused before it is sent, with its path: ${what}`, () => {
    const talk = Talk.opened();
    assert.throws(
      () => talk.ask("process.submit", { spec: { args: [0, { lamp: value }] } }),
      (/** @type {BadRequest} */ error) => {
        assert(error instanceof BadRequest);
        assert.match(String(error.data.field), /^spec\.args\[1\]\.lamp/);
        return words.test(error.message);
      },
    );
    assert.deepEqual(talk.hear(), []);
  });
}

test("what holds itself is refused with a sentence", () => {
  /** @type {any} */ const round = { name: "round" };
  round.self = round;
  assert.throws(() => Talk.opened().ask("process.submit", { spec: round }), /something that holds itself/);
});

test("whole text, bytes, plain objects and instances with fields are sent", () => {
  const talk = Talk.opened();
  const args = ["🌈", "\ud83c\udf08", new Uint8Array([1]), new Lamp(), Object.create(null), [undefined, null]];
  talk.ask("process.submit", { spec: { args, left: undefined } });
  const { spec: sent } = talk.one().params;
  assert.deepEqual(Object.keys(sent), ["args"]);
  assert.deepEqual(sent.args, ["🌈", "🌈", new Uint8Array([1]), { isOn: true }, {}, [null, null]]);
});

test("as deep as a broker reads is sent", () => {
  const talk = Talk.opened();
  talk.ask("process.submit", { spec: nested(28) });
  talk.one();
  assert.throws(() => talk.ask("process.submit", { spec: nested(29) }), BadRequest);
});

/** @param {number} levels */
function nested(levels) {
  /** @type {unknown[]} */ let value = [];
  for (; levels; levels--) value = [value];
  return value;
}

// — through a real broker —

const CONTENT = /** @type {[string, unknown][]} */ ([
  ["a key __proto__", JSON.parse('{"__proto__": {"isAdmin": true}}')],
  ["100 KB of text", "å".repeat(50_000)],
  ["100 KB of bytes", new Uint8Array(100_000).fill(255)],
  ["numbers of every size", [2 ** 53, -(2 ** 53), 2 ** 64, 1e308, 5e-324, -0, 0.1]],
  ["text of control characters", "\u0000\u001b[2J\u202e\ufeff"],
  ["as deep as it goes", nested(26)],
  ["an array of 10000", Array.from({ length: 10_000 }, (_, index) => index)],
]);

for (const [what, value] of CONTENT) {
  test(`content goes through a broker and back, and the connection stays: ${what}`, async (t) => {
    const colony = await broker.colony();
    const client = clientOf(t, broker.address, { key: colony.operator });
    let losses = 0;
    await client.serverInfo();
    client.addEventListener("statechange", () => (losses += Number(client.state !== "open")));
    const submitted = await client.submit(spec("f", { args: [value] }));
    const process = await client.assign({ timeout: 10, prvkey: colony.executor });
    await client.closeProcess(process, true, colony.executor, { out: [value] });
    const done = await client.getProcess(submitted.processid);
    const [found] = (await client.getProcesses()).processes;
    const expected = what === "a key __proto__" ? { "[__proto__]": { isAdmin: true } } : value;
    for (const held of [process.spec.args, done.out, found.out]) assert.deepEqual(plain(held), plain([expected]));
    assert.equal(losses, 0);
  });
}

/** Minus zero is an integer on the wire, and that has no sign. Bytes are bytes. @param {unknown} value */
function plain(value) {
  return JSON.stringify(value, (_key, item) => (item instanceof Uint8Array ? Buffer.from(item).toString("hex") : item));
}

for (const [what, args] of /** @type {[string, unknown[]][]} */ ([
  ["NaN", [Number.NaN]],
  ["infinity", [Infinity]],
  ["more than a broker keeps", ["x".repeat(900_000)]],
  ["more than a frame holds", ["x".repeat(2_000_000)]],
])) {
  test(`what a broker refuses, or takes, leaves the connection as it was: ${what}`, async (t) => {
    const { operator } = await broker.colony();
    const client = clientOf(t, broker.address, { key: operator });
    await client.serverInfo();
    let losses = 0;
    client.addEventListener("statechange", () => (losses += Number(client.state !== "open")));
    const answer = await client.submit(spec("f", { args })).catch((error) => error);
    assert(answer.processid || ["bad_request", "too_large"].includes(answer.code), String(answer));
    assert.equal((await client.getProcesses()).total, answer.processid ? 1 : 0);
    assert.equal(losses, 0);
  });
}

test("names of what every object has reach a subscriber, who goes on", async (t) => {
  const colony = await broker.colony();
  const client = clientOf(t, broker.address, { key: colony.operator });
  const subscription = client.subscribe("cli", { prvkey: colony.executor });
  await subscription.made;
  const kwargs = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": 2}}');
  const { processid } = await client.submit(spec("f", { kwargs }));
  const { process } = await subscription.nextEvent();
  assert.equal(process.processid, processid);
  assert.equal(process.spec.kwargs.polluted, undefined);
  assert.deepEqual(process.spec.kwargs.constructor, { prototype: 2 });
});
