/** What is said on a connection, without one: batches, limits, ids and answers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Asked } from "../src/asked.js";
import * as errors from "../src/errors.js";
import { ANN, BOB, Heard, methods, PROCESS, Talk } from "./support/talk.js";
import { frameOf, response } from "./support/wire.js";

/** @import { Signer } from "../src/wire/identity.js" */

// — frames —

test("nothing is said before the hello", () => {
  const talk = new Talk();
  talk.ask("server.info");
  assert.deepEqual(talk.hear(), []);
  talk.open();
  assert.equal(talk.one().method, "server.info");
});

test("what is asked in one turn with one key is one frame", () => {
  const talk = Talk.opened();
  talk.ask("process.close");
  talk.ask("server.info", {}, BOB);
  talk.ask("process.assign");
  talk.ask("stats.get", {}, BOB);
  const expected = [
    ["process.close", "process.assign"],
    ["server.info", "stats.get"],
  ];
  assert.deepEqual(talk.hear().map(methods), expected);
  assert.deepEqual(talk.hear(), []);
});

test("a frame holds no more requests than a batch may", () => {
  const talk = Talk.opened({ batch: 3 });
  for (let count = 0; count < 7; count++) talk.ask("server.info");
  assert.deepEqual(
    talk.hear().map(({ length }) => length),
    [3, 3, 1],
  );
});

test("a frame holds no more bytes than it may", () => {
  const talk = Talk.opened({ frame: 1000 });
  for (let count = 0; count < 4; count++) talk.ask("log.add", { processid: "p".repeat(8), message: "x".repeat(300) });
  assert.deepEqual(
    talk.hear().map(({ length }) => length),
    [2, 2],
  );
});

test("what is too large for any frame fails alone", () => {
  const talk = Talk.opened({ frame: 1000 });
  const { heard } = talk.ask("log.add", { message: "x".repeat(1000) });
  talk.ask("server.info");
  assert.equal(talk.one().method, "server.info");
  assert(heard.errors[0] instanceof errors.TooLarge);
  assert.match(heard.errors[0].message, /log\.add has \d+ bytes, a frame holds 1000/);
});

test("an answer makes room for what was over the limit", () => {
  const talk = Talk.opened({ inflight: 2 });
  for (let count = 0; count < 3; count++) talk.ask("server.info");
  const [first] = talk.said();
  assert.deepEqual(talk.hear(), []);
  talk.answer(first);
  talk.one();
});

test("waiting assigns leave room for what is answered at once", () => {
  const talk = Talk.opened({ inflight: 16 });
  for (let count = 0; count < 40; count++) talk.ask("process.assign", { timeout: 30 });
  assert(talk.said().length < 16);
  talk.ask("process.close", { processid: "p".repeat(8), successful: true });
  assert.equal(talk.one().method, "process.close");
});

test("what has to wait keeps its order", () => {
  const talk = Talk.opened({ inflight: 4 });
  for (let mark = 0; mark < 6; mark++) talk.ask("process.assign", { timeout: 30 + mark });
  talk.ask("server.info");
  const said = talk.said();
  while (said.length < 7) {
    talk.answer([...talk.unanswered.values()][0], PROCESS);
    said.push(...talk.said());
  }
  const assigns = said.filter((request) => request.method === "process.assign");
  assert.deepEqual(
    assigns.map((request) => request.params.timeout),
    [30, 31, 32, 33, 34, 35],
  );
});

for (const [how, sign] of /** @type {[string, Signer["sign"]][]} */ ([
  [
    "at once",
    () => {
      throw new Error("the card was pulled out");
    },
  ],
  ["later", () => Promise.reject(new Error("the card was pulled out"))],
  ["with what is no error", () => Promise.reject("the card was pulled out")],
])) {
  test(`a key that cannot sign, and says so ${how}, fails its own requests only`, async () => {
    const talk = Talk.opened();
    const heard = new Heard();
    talk.dialogue.ask(new Asked("server.info", {}, { id: BOB.id, sign }, { settle: heard.settle }));
    const other = talk.ask("stats.get");
    const [, frame, ...more] = [...(await Promise.all(talk.dialogue.frames(0)))];
    assert(frame instanceof Uint8Array && more.length === 0);
    assert(heard.errors[0] instanceof errors.BadSignature);
    assert.match(heard.errors[0].message, /pulled out/);
    assert.equal(other.heard.times, 0);
    assert.equal(talk.dialogue.isIdle, false);
    talk.dialogue.take(frameOf(response(2, "counted")));
    assert.deepEqual(other.heard.results, ["counted"]);
    assert.equal(talk.dialogue.isIdle, true);
  });
}

test("a signature that comes after the connection has gone is of no use, and its requests are said again", async () => {
  const talk = Talk.opened();
  /** @type {(signature: Uint8Array) => void} */ let sign = () => {};
  const signer = { id: ANN.id, sign: () => new Promise((/** @type {typeof sign} */ resolve) => (sign = resolve)) };
  const { heard } = talk.ask("server.info", {}, signer);
  const [signing] = talk.dialogue.frames(0);
  talk.lose();
  talk.open();
  sign(new Uint8Array(64));
  await signing;
  const [again, ...more] = talk.dialogue.frames(0);
  assert(again instanceof Promise && more.length === 0);
  talk.dialogue.take(frameOf(response(2, "said again")));
  assert.deepEqual(heard.results, ["said again"]);
});

// — answers —

test("each answer goes to who asked", () => {
  const talk = Talk.opened();
  const heard = [1, 2, 3].map(() => talk.ask("server.info").heard);
  const [one, two, three] = talk.said();
  talk.answer(three, "third");
  talk.answer(one, "first");
  talk.refuse(two, new errors.NotFound("nothing there"));
  assert.deepEqual(
    heard.map(({ results }) => results),
    [["first"], [], ["third"]],
  );
  assert(heard[1].errors[0] instanceof errors.NotFound);
  assert(talk.dialogue.isIdle);
});

test("an answer that nobody asked for is passed over", () => {
  const talk = Talk.opened();
  talk.dialogue.take(frameOf(response(77, {})));
  assert(talk.dialogue.isIdle);
});

test("an answer that comes twice is heard once", () => {
  const talk = Talk.opened();
  const { heard } = talk.ask("server.info");
  const request = talk.one();
  talk.answer(request, "first");
  talk.answer(request, "second");
  assert.deepEqual(heard.results, ["first"]);
});

test("an error of a newer broker keeps its code and says whether to try again", () => {
  const talk = Talk.opened();
  const { heard } = talk.ask("server.info");
  talk.refuse(talk.one(), new errors.ColoniesError("no work today", { until: 7 }, { code: "on_strike", retry: true }));
  const [{ code, retry, data, message }] = heard.errors;
  assert.deepEqual(
    { code, retry, data, message },
    { code: "on_strike", retry: true, data: { until: 7 }, message: "no work today" },
  );
});

test("what is forgotten before it is said is not said", () => {
  const talk = Talk.opened();
  const { asked, heard } = talk.ask("process.assign", { timeout: 5 });
  talk.dialogue.forget(asked);
  assert.deepEqual(talk.hear(), []);
  assert.equal(heard.times, 0);
});

test("a process for somebody who has gone is handed back", () => {
  const talk = Talk.opened();
  const { asked, heard } = talk.ask("process.assign", { timeout: 5 });
  const request = talk.one();
  talk.dialogue.forget(asked);
  talk.answer(request, PROCESS);
  const back = talk.one();
  assert.deepEqual([back.method, back.params, back.key], ["process.hand_back", PROCESS, ANN.id]);
  assert.equal(heard.times, 0);
});

test("handing back goes on until it is done", () => {
  const talk = Talk.opened();
  const { asked } = talk.ask("process.assign", { timeout: 5 });
  const request = talk.one();
  talk.dialogue.forget(asked);
  talk.answer(request, PROCESS);
  talk.refuse(talk.one(), new errors.Unavailable("no store"));
  assert.equal(talk.later.length, 1);
  assert.equal(talk.dialogue.isIdle, false);
  talk.dialogue.ask(talk.later[0]);
  assert.equal(talk.one().method, "process.hand_back");
  talk.lose();
  talk.open();
  assert.equal(talk.one().method, "process.hand_back");
  assert(talk.dialogue.hasLastWords);
});
