/** What operators do with many processes at once: progress, patience with it, and what came of it. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Answer } from "../src/answer.js";
import { Asked } from "../src/asked.js";
import * as errors from "../src/errors.js";
import { Broker, clientOf, spec } from "./support/broker.js";
import { KEY, StrangeBroker, untilHeard } from "./support/strange_broker.js";
import { ANN, Heard, methods, Talk } from "./support/talk.js";

/** @import { TestContext } from "node:test" */

const broker = await Broker.running({ after });

/** @param {TestContext} t */
async function operator(t) {
  const colony = await broker.colony();
  return { colony, client: clientOf(t, broker.address, { key: colony.operator }) };
}

// — progress —

/** @param {Talk} talk @param {string} method */
function moved(talk, method) {
  const heard = new Heard();
  /** @type {[number, number][]} */ const reached = [];
  const progress = (/** @type {number} */ done, /** @type {number} */ matched) => void reached.push([done, matched]);
  const asked = new Asked(method, {}, ANN, { settle: heard.settle, progress });
  talk.dialogue.ask(asked);
  return { asked, heard, reached, request: talk.one() };
}

test("progress goes to its request for as long as somebody waits for the answer", () => {
  const talk = Talk.opened();
  const [one, other] = [moved(talk, "process.retry_matching"), moved(talk, "process.retry_matching")];
  talk.notify("progress", { id: one.request.id, done: 1, matched: 9 });
  talk.notify("progress", { id: other.request.id, done: 2, matched: 8 });
  talk.dialogue.forget(other.asked);
  talk.notify("progress", { id: other.request.id, done: 3, matched: 8 });
  talk.answer(one.request, { done: 9, matched: 9 });
  talk.notify("progress", { id: one.request.id, done: 4, matched: 9 });
  assert.deepEqual([one.reached, other.reached], [[[1, 9]], [[2, 8]]]);
});

test("a move that a stopping broker has begun is not begun anew, unless that is safe", () => {
  const talk = Talk.opened();
  const [removing, cancelling, retrying] = [
    moved(talk, "process.remove_matching"),
    moved(talk, "process.cancel_matching"),
    moved(talk, "process.retry_matching"),
  ];
  for (const { request } of [removing, retrying]) talk.notify("progress", { id: request.id, done: 0, matched: 9 });
  for (const { request } of [removing, cancelling, retrying]) talk.refuse(request, new errors.Draining("stopping"));
  assert(removing.heard.errors[0] instanceof errors.Draining);
  assert.deepEqual(talk.hear(), []);
  talk.lose();
  talk.open();
  assert.deepEqual(methods(talk.said()).sort(), ["process.cancel_matching", "process.retry_matching"]);
});

test("moves on many leave room for what is answered at once", () => {
  const talk = Talk.opened({ inflight: 16 });
  for (let count = 0; count < 40; count++) talk.ask("process.remove_matching");
  assert(talk.said().length < 16);
  talk.ask("process.get");
  assert.equal(talk.one().method, "process.get");
});

// — how long it is waited for —

test("each sign of a move on many is waited for anew, and none in time is said", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {Asked[]} */ const forgotten = [];
  const forget = (/** @type {Asked} */ asked) => void forgotten.push(asked);
  const connection = /** @type {any} */ ({ hasAnswered: true, connectSeconds: 10, isOpen: true, forget });
  /** @type {number[]} */ const reached = [];
  const answer = new Answer(connection, 90, (done) => void reached.push(done));
  answer.asked = new Asked("process.remove_matching", {}, ANN);
  const late = assert.rejects(answer.wait(), { name: "NoAnswer", message: /look before you repeat it/ });
  for (const done of [1, 2, 3]) {
    t.mock.timers.tick(80_000);
    answer.progress(done, 9);
  }
  assert.deepEqual([reached, forgotten], [[1, 2, 3], []]);
  t.mock.timers.tick(90_000);
  await late;
  answer.progress(4, 9);
  assert.deepEqual([reached, forgotten], [[1, 2, 3], [answer.asked]]);
});

test("what a progress callback throws is thrown to whoever waits, and the connection goes on", async (t) => {
  const strange = await StrangeBroker.open(t);
  const client = clientOf(t, strange.address, { key: KEY });
  const moving = client.retryMatching({
    progress: () => {
      throw new Error("the callback's");
    },
  });
  const refused = assert.rejects(moving, /the callback's/);
  const guest = await strange.guest();
  const { id } = await guest.asked("process.retry_matching");
  guest.notify("progress", { id, done: 1, matched: 9 });
  await refused;
  await untilHeard(client, guest);
  assert.equal(strange.guests, 1);
});

// — with a real broker —

test("a client asks who it is", async (t) => {
  const { client, colony } = await operator(t);
  const { id, role, colonyid } = await client.whoami();
  assert.deepEqual([id, role, colonyid], [colony.operator.id, "operator", colony.owner.id]);
  assert.equal((await client.whoami({ prvkey: colony.executor })).role, "executor");
});

test("what matches is counted, cancelled, retried once, and removed, with progress", async (t) => {
  const { client } = await operator(t);
  await Promise.all([..."aab".repeat(50)].map((func) => client.submit(spec(func))));
  assert.deepEqual(await client.cancelMatching({ func: "a", dryrun: true }), { matched: 100, done: 0 });
  /** @type {[number, number][]} */ const reached = [];
  const progress = (/** @type {number} */ done, /** @type {number} */ matched) => void reached.push([done, matched]);
  assert.deepEqual(await client.cancelMatching({ func: "a", progress }), { matched: 100, done: 100 });
  assert.deepEqual(reached.at(-1), [100, 100]);
  assert.deepEqual(await client.retryMatching({ limit: 10 }), { matched: 100, done: 10 });
  assert.deepEqual(await client.retryMatching(), { matched: 100, done: 90 });
  assert.deepEqual(await client.removeMatching({ state: 4 }), { matched: 100, done: 100 });
  assert.equal((await client.getProcesses({ state: 0 })).total, 150);
  await assert.rejects(client.retryMatching({ state: 0 }), { name: "BadRequest" });
});

test("failures are told by cause, and what failed for one or on somebody is found", async (t) => {
  const { client, colony } = await operator(t);
  for (const error of ["no disk 7", "no disk 12"]) {
    await client.submit(spec("resize"));
    const process = await client.assign({ timeout: 30, prvkey: colony.executor });
    await client.closeProcess(process, false, colony.executor, { errors: [error] });
  }
  const [group, ...more] = await client.getFailures({ executortype: "cli" });
  assert.deepEqual([group.func, group.number, more], ["resize", 2, []]);
  assert.equal((await client.getProcesses({ cause: group.cause })).total, 2);
  assert.equal((await client.getProcesses({ assigneeid: colony.executor.id })).total, 2);
  assert.equal((await client.getProcesses({ assigneeid: colony.operator.id })).total, 0);
  const [{ failed }] = (await client.getStatsHistory()).types;
  assert.equal(
    failed.reduce((sum, each) => sum + each),
    2,
  );
});
