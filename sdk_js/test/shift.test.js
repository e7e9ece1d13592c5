/** How a worker takes, closes and lets go: what must never be lost, whatever happens around it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as errors from "../src/errors.js";
import { Worker } from "../src/index.js";
import { clientOf } from "./support/broker.js";
import { Happening, inTime } from "./support/queue.js";
import { KEY, PROCESS, StrangeBroker } from "./support/strange_broker.js";
import { frameOf, notification, response } from "./support/wire.js";
import { forever, working } from "./support/working.js";

/** @import { TestContext } from "node:test" */
/** @import { WorkerOptions } from "../src/worker.js" */
/** @import { WorkFunction } from "../src/functions.js" */

/**
 * A worker on a strange broker, and the guest that it is there.
 * @param {TestContext} t
 * @param {WorkerOptions & { functions?: Record<string, WorkFunction> }} [options]
 */
async function atWork(t, options) {
  const strange = await StrangeBroker.open(t);
  const functions = { f: () => "done", other: () => {} };
  const { worker, running } = working(t, strange.address, { key: KEY, functions, ...options });
  return { strange, worker, running, guest: await strange.guest() };
}

const OTHER = { ...PROCESS, processid: "q".repeat(32), spec: { ...PROCESS.spec, func: "other" } };

test("a close and the next assign leave in one frame", async (t) => {
  const { guest } = await atWork(t);
  guest.answer(await guest.asked("process.assign"), PROCESS);
  const close = await guest.asked("process.close");
  await guest.asked("process.assign");
  assert.deepEqual(guest.frames.at(-1), ["process.close", "process.assign"]);
  assert.deepEqual(close.params, {
    processid: PROCESS.processid,
    attempt: 2,
    successful: true,
    out: ["done"],
    errors: [],
  });
  guest.answer(close, PROCESS);
});

test("a close whose answer was lost is said again, and so is one that a broker could not do", async (t) => {
  const { strange, guest } = await atWork(t);
  guest.answer(await guest.asked("process.assign"), PROCESS);
  const close = await guest.asked("process.close");
  guest.close(1011);
  const next = await strange.guest();
  const again = await next.asked("process.close");
  assert.deepEqual(again.params, close.params);
  next.refuse(again, new errors.Unavailable("no store just now"));
  await next.asked("process.assign");
  next.answer(await next.asked("process.close"), PROCESS);
});

for (const refusal of [errors.DeadlinePassed, errors.NotAssignedToYou, errors.WrongState, errors.NotFound]) {
  test(`a close that comes too late is let go: ${refusal.code}`, async (t) => {
    const warned = t.mock.method(console, "warn", () => {});
    const { guest } = await atWork(t);
    guest.answer(await guest.asked("process.assign"), PROCESS);
    guest.refuse(await guest.asked("process.close"), new refusal("too late"));
    guest.answer(await guest.asked("process.assign"), OTHER);
    const close = await guest.asked("process.close");
    assert.equal(close.params.processid, OTHER.processid);
    guest.answer(close, OTHER);
    assert.equal(warned.mock.callCount(), 0);
  });
}

test("a cancel that comes with the process itself is heard, and its function is not called", async (t) => {
  let calls = 0;
  const { guest } = await atWork(t, { functions: { f: () => forever((calls += 1)) } });
  const request = await guest.asked("process.assign");
  const cancelled = notification("cancelled", { processid: PROCESS.processid, attempt: 2 });
  guest.say(frameOf(response(request.id, PROCESS), cancelled));
  await guest.asked("process.assign"); // and no close
  assert.equal(calls, 0);
});

test("a cancel of an attempt before is not one of this", async (t) => {
  const { guest } = await atWork(t);
  const request = await guest.asked("process.assign");
  const cancelled = notification("cancelled", { processid: PROCESS.processid, attempt: 1 });
  guest.say(frameOf(cancelled, response(request.id, PROCESS)));
  guest.answer(await guest.asked("process.close"), PROCESS);
});

test("all that was said is answered before the close", async (t) => {
  /** @type {WorkFunction} */
  const f = async (_args, context) => {
    context.log("one");
    await context.setAttribute("two", 2);
  };
  const { guest } = await atWork(t, { concurrency: 2, functions: { f, other: () => {} } });
  const [first, second] = [await guest.asked("process.assign"), await guest.asked("process.assign")];
  guest.answer(first, PROCESS);
  const [log, attribute] = [await guest.asked("log.add"), await guest.asked("attribute.set")];
  guest.answer(attribute, { key: "two", value: 2 });
  // The function has returned, and yet it is the other process that is closed first.
  guest.answer(second, OTHER);
  const close = await guest.asked("process.close");
  assert.equal(close.params.processid, OTHER.processid);
  guest.answer(close, OTHER);
  await guest.asked("process.assign");
  guest.answer(log, {});
  guest.answer(await guest.asked("process.close"), PROCESS);
});

test("what is assigned to a worker that has just stopped is handed back", async (t) => {
  const strange = await StrangeBroker.open(t);
  const { worker, running } = working(t, clientOf(t, strange.address, { key: KEY }), {});
  const guest = await strange.guest();
  const request = await guest.asked("process.assign");
  worker.stop();
  guest.answer(request, PROCESS);
  const back = await guest.asked("process.hand_back");
  assert.deepEqual(back.params, { processid: PROCESS.processid, attempt: 2 });
  guest.answer(back, PROCESS);
  await inTime(running);
});

test("a worker that stops sees its last close through", async (t) => {
  const [started, release] = [new Happening(), new Happening()];
  const f = () => {
    started.happen();
    return release.happened;
  };
  const { worker, running, guest } = await atWork(t, { functions: { f }, graceSeconds: 30 });
  guest.answer(await guest.asked("process.assign"), PROCESS);
  await started.happened;
  let hasEnded = false;
  void running.then(() => (hasEnded = true));
  release.happen("in time");
  worker.stop();
  const close = await guest.asked("process.close");
  assert.deepEqual([close.params.out, hasEnded], [["in time"], false]);
  guest.answer(close, PROCESS);
  await inTime(running);
});

test("a worker whose client is closed ends with that", async (t) => {
  const strange = await StrangeBroker.open(t);
  const client = clientOf(t, strange.address, { key: KEY });
  const refused = assert.rejects(new Worker(client).run(), errors.Closed);
  await (await strange.guest()).asked("process.assign");
  await client.close();
  await refused;
});

test("no process to assign is no fault, and trouble that may pass is told once", async (t) => {
  const warned = t.mock.method(console, "warn", () => {});
  const { guest } = await atWork(t);
  guest.refuse(await guest.asked("process.assign"), new errors.NothingToAssign("nothing came"));
  guest.refuse(await guest.asked("process.assign"), new errors.NothingToAssign("nothing came"));
  for (let count = 0; count < 2; count++) {
    guest.refuse(await guest.asked("process.assign"), new errors.Unavailable("no store"));
  }
  guest.answer(await guest.asked("process.assign"), PROCESS);
  guest.answer(await guest.asked("process.close"), PROCESS);
  assert.deepEqual(
    warned.mock.calls.map((call) => call.arguments[0]),
    ["no process could be assigned, trying on: no store"],
  );
});

test("two workers with one key share one client, and each closes its own", async (t) => {
  const strange = await StrangeBroker.open(t);
  const client = clientOf(t, strange.address, { key: KEY });
  working(t, client, { functions: { f: () => 1, other: () => 1 } });
  working(t, client, { functions: { f: () => 2, other: () => 2 } });
  const guest = await strange.guest();
  guest.answer(await guest.asked("process.assign"), PROCESS);
  guest.answer(await guest.asked("process.assign"), OTHER);
  const closed = [];
  for (let count = 0; count < 4; count++) {
    const request = await guest.asked(count % 2 ? "process.assign" : "process.close");
    if (request.method !== "process.close") continue;
    closed.push([request.params.processid, request.params.out[0]]);
    guest.answer(request, PROCESS);
  }
  assert.deepEqual(closed, [
    [PROCESS.processid, 1],
    [OTHER.processid, 2],
  ]);
});
