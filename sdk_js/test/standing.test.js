/** Subscriptions in a dialogue: heard, made again, taken back; and frames that no broker would send. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Standing } from "../src/asked.js";
import * as errors from "../src/errors.js";
import { BadFrame } from "../src/errors.js";
import { seeded } from "./support/chance.js";
import { ANN, Heard, methods, PROCESS, Talk } from "./support/talk.js";
import { frameOf, hello, notification, response } from "./support/wire.js";

/** @typedef {{ until?: number | null, lasts?: boolean }} How */

class Events {
  /** @type {[string, any][]} */
  heard = [];
  /** @type {string[]} */
  reasons = [];
  settled = new Heard();

  /** @param {Talk} talk @param {How} [how] */
  constructor(talk, { until = null, lasts = true } = {}) {
    const params = { executortype: "cli", timeout: until ?? 0 };
    this.standing = new Standing("subscribe", params, ANN, {
      push: ({ event, process }) => this.heard.push([event, process]),
      ended: (reason) => this.reasons.push(reason),
      until,
      lasts,
      settle: this.settled.settle,
    });
    talk.dialogue.ask(this.standing);
  }
}

/** @param {Talk} talk @param {number} number @param {How} [how] */
function subscribed(talk, number, how) {
  const events = new Events(talk, how);
  talk.answer(talk.one(), { subscription: number });
  return events;
}

// — subscriptions —

test("events go to their subscription even in the frame of its reply", () => {
  const talk = Talk.opened();
  const other = subscribed(talk, 7);
  const events = new Events(talk);
  const pushed = notification("process", { subscription: 8, event: "backlog", process: PROCESS });
  talk.dialogue.take(frameOf(response(talk.one().id, { subscription: 8 }), pushed));
  assert.deepEqual(events.heard, [["backlog", PROCESS]]);
  assert.deepEqual(other.heard, []);
});

test("a subscription is made again before everything else and heard under its new number", () => {
  const talk = Talk.opened();
  const events = subscribed(talk, 7);
  talk.ask("server.info");
  talk.hear();
  talk.lose();
  talk.open();
  const [first, second] = talk.said();
  assert.deepEqual(methods([first, second]), ["subscribe", "server.info"]);
  talk.answer(first, { subscription: 1 });
  talk.notify("process", { subscription: 7, event: "submitted", process: {} });
  talk.notify("process", { subscription: 1, event: "submitted", process: PROCESS });
  assert.deepEqual(events.heard, [["submitted", PROCESS]]);
});

test("only the time that is left is asked for again", () => {
  const talk = Talk.opened();
  const events = subscribed(talk, 7, { until: 100 });
  talk.lose();
  talk.open();
  assert.equal(talk.one(90).params.timeout, 10);
  talk.lose();
  talk.open();
  assert.deepEqual(talk.hear(101), []);
  assert.deepEqual(events.reasons, ["timeout"]);
});

test("what a stopping broker ends is made again and what ends by itself is not", () => {
  const talk = Talk.opened();
  const events = subscribed(talk, 7);
  const timed = subscribed(talk, 8);
  talk.notify("ended", { subscription: 8, reason: "timeout" });
  talk.notify("ended", { subscription: 7, reason: "draining" });
  assert.deepEqual([events.reasons, timed.reasons], [[], ["timeout"]]);
  talk.lose();
  talk.open();
  assert.deepEqual(methods(talk.said()), ["subscribe"]);
});

test("one that does not last ends with the connection", () => {
  const talk = Talk.opened();
  const events = subscribed(talk, 7, { lasts: false });
  talk.lose();
  assert.deepEqual(events.reasons, ["connection lost"]);
  assert(talk.dialogue.isIdle);
});

test("passing trouble of the next broker does not end a subscription but a refusal does", () => {
  const talk = Talk.opened();
  const events = subscribed(talk, 7);
  talk.lose();
  talk.open();
  talk.refuse(talk.one(), new errors.Overloaded("too many"));
  assert.deepEqual(talk.later, [events.standing]);
  talk.dialogue.ask(events.standing);
  talk.refuse(talk.one(), new errors.UnknownIdentity("who?"));
  assert(events.settled.errors[0] instanceof errors.UnknownIdentity);
});

test("a subscription that is let go is taken back at the broker", () => {
  const talk = Talk.opened();
  const events = subscribed(talk, 7);
  talk.dialogue.forget(events.standing);
  const cancel = talk.one();
  assert.deepEqual([cancel.method, cancel.params], ["subscription.cancel", { subscription: 7 }]);
  talk.notify("process", { subscription: 7, event: "submitted", process: PROCESS });
  assert.deepEqual(events.heard, []);
  const late = new Events(talk);
  const asked = talk.one();
  talk.dialogue.forget(late.standing);
  talk.answer(asked, { subscription: 9 });
  assert.deepEqual(talk.one().params, { subscription: 9 });
});

test("a number of one connection is never cancelled on the next", () => {
  const talk = Talk.opened();
  const said = subscribed(talk, 7);
  const unsaid = subscribed(talk, 8);
  talk.dialogue.forget(said.standing);
  talk.hear();
  talk.dialogue.forget(unsaid.standing);
  talk.lose();
  assert(talk.dialogue.isIdle);
  talk.open();
  assert.deepEqual(talk.hear(), []);
});

test("a subscription that rests is still there to be let go or to fail", () => {
  const talk = Talk.opened();
  const letGo = subscribed(talk, 7);
  const failing = subscribed(talk, 8);
  talk.lose();
  talk.open();
  for (const request of talk.said()) talk.refuse(request, new errors.Unavailable("no store"));
  assert.equal(talk.dialogue.isIdle, false);
  talk.dialogue.forget(letGo.standing);
  talk.dialogue.failAll(new errors.Closed("closed"));
  assert(failing.settled.errors[0] instanceof errors.Closed);
  for (const asked of talk.later) talk.dialogue.ask(asked);
  assert.deepEqual(talk.hear(), []);
});

test("a cancel of what runs is passed on, and what nobody knows yet is passed over", () => {
  const talk = Talk.opened();
  talk.notify("cancelled", { processid: "p".repeat(8), attempt: 2 });
  talk.notify("something_new", { field: 1 });
  assert.deepEqual(talk.cancelled, [["p".repeat(8), 2]]);
});

// — brokers that are none —

const challenge = new Uint8Array(32);
for (const [what, frame] of /** @type {[string, Uint8Array][]} */ ([
  ["nothing", new Uint8Array()],
  ["HTTP", Buffer.from("HTTP/1.1 200 OK")],
  ["an answer", frameOf(response(1, {}))],
  ["another notification", frameOf(notification("draining", {}))],
  ["a hello without a challenge", frameOf(notification("hello", { protocol: 1 }))],
  ["a hello with a short challenge", frameOf(hello(new Uint8Array(5)))],
  ["a hello with a challenge in words", frameOf(notification("hello", { protocol: 1, challenge: "c".repeat(32) }))],
  ["a hello that allows nothing", frameOf(hello(challenge, { inflight: 0 }))],
  ["a hello whose limit is a word", frameOf(hello(challenge, { frame: "much" }))],
])) {
  test(`a hello that is none is a bad frame: ${what}`, () => {
    assert.throws(() => new Talk().dialogue.take(frame), BadFrame);
  });
}

test("another protocol is no reason to come back", () => {
  const frame = frameOf(notification("hello", { protocol: 2, challenge }));
  assert.throws(() => new Talk().dialogue.take(frame), { name: "TurnedAway", message: /speaks protocol 2/ });
});

test("an event without a process is a bad frame", () => {
  const talk = Talk.opened();
  subscribed(talk, 7);
  assert.throws(() => talk.notify("process", { subscription: 7, event: "submitted" }), BadFrame);
});

for (const name of ["ended", "cancelled", "draining"]) {
  test(`a notification without its fields ends no subscription and cancels no process: ${name}`, () => {
    const talk = Talk.opened();
    const events = subscribed(talk, 7);
    talk.notify(name, {});
    assert.deepEqual([events.reasons, talk.cancelled.filter(([processid]) => processid)], [[], []]);
    assert.equal(talk.dialogue.takeReconnectSeconds(), 0);
  });
}

for (const [method, params, result] of /** @type {[string, Record<string, unknown>, unknown][]} */ ([
  ["process.assign", { timeout: 1 }, null],
  ["process.assign", { timeout: 1 }, { attempt: 1 }],
  ["process.assign", { timeout: 1 }, "p"],
])) {
  test(`a result that lacks what is looked into is a bad frame: ${method} ${JSON.stringify(result)}`, () => {
    const talk = Talk.opened();
    const { heard } = talk.ask(method, params);
    assert.throws(() => talk.answer(talk.one(), result), BadFrame);
    assert.equal(heard.times, 0); // it is asked again on the next connection
    talk.lose();
    talk.open();
    assert.equal(talk.one().method, method);
  });
}

test("any bytes are taken or refused as a bad frame", () => {
  const chance = seeded(1);
  for (let round = 0; round < 5000; round++) {
    const raw = mutated(chance);
    try {
      Talk.opened().dialogue.take(raw);
    } catch (error) {
      assert(error instanceof BadFrame, `${Buffer.from(raw).toString("hex")}: ${error}`);
    }
  }
});

/** Bytes at random, or a good frame with some of them changed. @param {import("./support/chance.js").Chance} chance */
function mutated(chance) {
  if (chance.below(2)) return Uint8Array.from({ length: chance.below(64) }, () => chance.below(256));
  const pushed = { subscription: 1, event: "backlog", process: { a: [1, "x", null, new Uint8Array(3)] } };
  const raw = frameOf(response(1, { subscription: 1 }), notification("process", pushed));
  for (let count = 1 + chance.below(4); count; count--) raw[chance.below(raw.length)] = chance.below(256);
  return raw;
}
