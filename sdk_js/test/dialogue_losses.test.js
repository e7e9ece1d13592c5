/** What becomes of what was asked when a connection is lost, or its broker stops: said again, or told. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as errors from "../src/errors.js";
import { methods, Talk } from "./support/talk.js";

test("what may be repeated is said again in its order with new ids", () => {
  const talk = Talk.opened();
  const heard = ["server.info", "stats.get", "colony.list"].map((method) => talk.ask(method).heard);
  const before = talk.said();
  talk.lose();
  talk.ask("user.list");
  talk.open();
  const [frame, ...more] = talk.hear();
  assert.equal(more.length, 0);
  assert.deepEqual(methods(frame), [...methods(before), "user.list"]);
  assert(frame[0].id > before[2].id);
  talk.answer(frame[1], "counted");
  assert.deepEqual(heard[1].results, ["counted"]);
});

test("a wait that begins again lasts as long as is left of it", () => {
  const talk = Talk.opened();
  talk.ask("process.assign", { timeout: 30 });
  const first = talk.one(100);
  talk.refuse(first, new errors.Draining("ask another"));
  const waits = [first.params.timeout];
  for (const now of [112, 200]) {
    talk.lose();
    talk.open();
    waits.push(talk.one(now).params.timeout);
  }
  assert.deepEqual(waits, [30, 18, 0]);
});

test("what may not be repeated fails as perhaps done", () => {
  const talk = Talk.opened();
  const { heard } = talk.ask("log.add", { processid: "p".repeat(8), message: "once" });
  talk.hear();
  talk.lose();
  assert(heard.errors[0] instanceof errors.ConnectionLost);
  assert.match(heard.errors[0].message, /before log\.add was answered; it may or may not have happened/);
  assert(heard.errors[0].retry);
  talk.open();
  assert.deepEqual(talk.hear(), []);
});

test("what was never said is said on the next connection whatever it is", () => {
  const talk = Talk.opened();
  talk.lose();
  talk.ask("log.add", { processid: "p".repeat(8), message: "once" });
  talk.lose();
  talk.open();
  assert.equal(talk.one().method, "log.add");
});

test("what is forgotten is not said again", () => {
  const talk = Talk.opened();
  const { asked } = talk.ask("process.assign", { timeout: 5 });
  talk.hear();
  talk.dialogue.forget(asked);
  talk.lose();
  assert(talk.dialogue.isIdle);
});

test("a draining broker is told nothing more and its refusals go to the next", () => {
  const talk = Talk.opened();
  const assigned = talk.ask("process.assign", { timeout: 5 }).heard;
  const logged = talk.ask("log.add", { processid: "p".repeat(8), message: "m" }).heard;
  const [first, second] = talk.said();
  talk.notify("draining", { reconnect: 1500 });
  talk.ask("server.info");
  assert.deepEqual(talk.hear(), []);
  assert.deepEqual([talk.dialogue.takeReconnectSeconds(), talk.dialogue.mayLeave], [1.5, false]);
  assert.equal(talk.dialogue.takeReconnectSeconds(), 0);
  talk.refuse(first, new errors.Draining("go elsewhere"));
  talk.refuse(second, new errors.Draining("go elsewhere"));
  assert(talk.dialogue.mayLeave);
  talk.lose();
  talk.open();
  assert.deepEqual(methods(talk.said()).sort(), ["log.add", "process.assign", "server.info"]);
  assert.equal(assigned.times + logged.times, 0);
});

test("a broker that refuses because it stops is left even if it never said so", () => {
  const talk = Talk.opened();
  talk.ask("process.assign", { timeout: 5 });
  talk.refuse(talk.one(), new errors.Draining("go elsewhere"));
  assert.deepEqual(talk.hear(), []);
  assert(talk.dialogue.mayLeave);
});

test("when there will be no connection all fail with the reason", () => {
  const talk = Talk.opened();
  const heard = [talk.ask("server.info").heard];
  talk.hear();
  heard.push(talk.ask("log.add", { processid: "p".repeat(8), message: "m" }).heard);
  const reason = new errors.TurnedAway("for good");
  talk.dialogue.failAll(reason);
  talk.lose();
  assert.deepEqual(
    heard.map((each) => each.errors),
    [[reason], [reason]],
  );
  assert(talk.dialogue.isIdle);
});
