/** An AbortSignal ends every wait at once, and leaves nothing behind: no place in line, no subscription, no listener. */

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, test } from "node:test";

import { State, Worker } from "../src/index.js";
import { Broker, clientOf, spec } from "./support/broker.js";
import { inTime } from "./support/queue.js";
import { KEY, PROCESS, StrangeBroker } from "./support/strange_broker.js";

/** @import { TestContext } from "node:test" */

const broker = await Broker.running({ after });
const why = new Error("changed my mind");

/** @param {TestContext} t */
async function met(t) {
  const strange = await StrangeBroker.open(t);
  return { strange, client: clientOf(t, strange.address, { key: KEY }), calling: new AbortController() };
}

test("a signal that is aborted already asks nothing of anybody", async (t) => {
  const { strange, client } = await met(t);
  const signal = AbortSignal.abort(why);
  const calls = [
    client.serverInfo({ signal }),
    client.submit(spec(), { signal, wait: true }),
    client.assign({ signal }),
    client.assignLatest(null, null, { signal }),
    client.closeProcess("p".repeat(32), true, null, { signal }),
    client.subscribe("cli", { signal }).made,
    client.watch("p".repeat(32), { signal }).nextEvent(),
    client.subscribeProcesses("cli", 0, State.WAITING, null, () => {}, { signal }),
  ];
  for (const call of calls) await assert.rejects(call, why);
  assert.deepEqual([strange.guests, client.state], [0, "idle"]);
});

test("an abort throws the signal's reason out of every call that waits", async (t) => {
  const { strange, client, calling } = await met(t);
  const { signal } = calling;
  const calls = [
    client.serverInfo({ signal }),
    client.submit(spec(), { signal, wait: true }),
    client.assign({ timeout: 60, signal }),
    client.subscribe("cli", { signal }).made,
    client.subscribe("cli", { signal }).nextEvent(),
    client.watch("p".repeat(32), { signal }).nextEvent(),
    client.subscribeProcesses("cli", 0, State.WAITING, null, () => {}, { signal }),
  ];
  const refused = calls.map((call) => assert.rejects(call, why));
  const guest = await strange.guest();
  await guest.asked("server.info");
  calling.abort(why);
  await Promise.all(refused);
});

test("an abort while a submitted process is waited for leaves it going on, and stops watching", async (t) => {
  const { strange, client, calling } = await met(t);
  const refused = assert.rejects(client.submit(spec(), { wait: true, signal: calling.signal }), why);
  const guest = await strange.guest();
  guest.answer(await guest.asked("process.submit"), { ...PROCESS, state: State.WAITING });
  guest.answer(await guest.asked("watch"), { subscription: 4 });
  const asking = client.serverInfo();
  guest.answer(await guest.asked("server.info"), {});
  await asking;
  calling.abort(why);
  await refused;
  assert.deepEqual((await guest.asked("subscription.cancel")).params, { subscription: 4 });
});

test("an abort ends a loop over a subscription with its reason, and the subscription at the broker", async (t) => {
  const { strange, client, calling } = await met(t);
  const subscription = client.subscribe("cli", { signal: calling.signal });
  /** @type {import("../src/wire/model.js").Process[]} */ const heard = [];
  const looping = (async () => {
    for await (const process of subscription) heard.push(process);
  })();
  const refused = assert.rejects(looping, why);
  const guest = await strange.guest();
  guest.answer(await guest.asked("subscribe"), { subscription: 3 });
  await subscription.made;
  calling.abort(why);
  await refused;
  assert.deepEqual((await guest.asked("subscription.cancel")).params, { subscription: 3 });
  assert.deepEqual(heard, []);
});

test("an aborted assign leaves the line: the next process goes to somebody else", async (t) => {
  const colony = await broker.colony({ executors: 2 });
  const client = clientOf(t, broker.address, { key: colony.operator });
  const calling = new AbortController();
  const refused = assert.rejects(client.assign({ timeout: 60, prvkey: colony.executor, signal: calling.signal }), why);
  await client.serverInfo();
  calling.abort(why);
  await refused;
  const submitted = await client.submit(spec());
  const given = await client.assign({ timeout: 20, prvkey: colony.executors[1] });
  assert.equal(given.processid, submitted.processid);
});

test("an aborted worker stops as one that was told to, even before it began", async (t) => {
  const { executor } = await broker.colony();
  const client = clientOf(t, broker.address, { key: executor });
  const calling = new AbortController();
  const running = new Worker(client, { signal: calling.signal }).run();
  await client.serverInfo();
  calling.abort(why);
  await inTime(running);
  await inTime(new Worker(client, { signal: calling.signal }).run());
});

test("a signal that lives long is not listened to by what is over", async (t) => {
  const colony = await broker.colony();
  const client = clientOf(t, broker.address, { key: colony.operator });
  const { signal } = new AbortController();
  const worker = new Worker(client, { key: colony.executor });
  worker.function("f", () => 1);
  const running = worker.run();
  for (let round = 0; round < 3; round++) {
    const done = await client.submit(spec("f"), { wait: true, signal });
    assert.deepEqual(done.out, [1]);
    await client.getStats({ signal });
    const events = client.watch(done.processid, { signal });
    for await (const _ of events) break;
  }
  await assert.rejects(client.subscribeProcesses("cli", 0.1, State.WAITING, colony.executor, () => {}, { signal }));
  assert.equal(getEventListeners(signal, "abort").length, 0);
  worker.stop();
  await running;
});
