/** Functions in worker threads: what passes in and out, and threads that break, never end, or are never there. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { State, Worker } from "../src/index.js";
import { Broker, clientOf, spec } from "./support/broker.js";
import { atEnd } from "./support/ending.js";
import { inTime } from "./support/queue.js";
import { KEY, StrangeBroker } from "./support/strange_broker.js";
import { begun, working } from "./support/working.js";

/** @import { TestContext } from "node:test" */

const broker = await Broker.running({ after });

/** @param {string} name */
const moduleOf = (name) => new URL(`support/${name}.js`, import.meta.url);

/** @param {TestContext} t @param {{ concurrency?: number }} [options] */
async function atWork(t, options) {
  const { operator, executor: key } = await broker.colony();
  const client = clientOf(t, broker.address, { key: operator });
  const functions = { here: () => "beside the threads" };
  return { client, ...working(t, broker.address, { key, functions, module: moduleOf("served"), ...options }) };
}

test("what goes in and comes out is what it is without threads", async (t) => {
  const { client } = await atWork(t);
  const outcome = async (/** @type {string} */ func, fields = {}) => client.submit(spec(func, fields), { wait: true });
  assert.deepEqual((await outcome("add", { args: [1, 2] })).out, [3]);
  assert.deepEqual((await outcome("here")).out, ["beside the threads"]);
  const said = await outcome("say", { args: ["you"], env: { LANG: "se" }, kwargs: { loud: true } });
  assert.deepEqual(said.out, ["you", "se", true]);
  assert.deepEqual(
    (await client.getLogs(said.processid)).map(({ message }) => message),
    ["heard you"],
  );
  assert(said.attributes.some(({ key, value }) => key === "word" && value === "you"));
  const { errors } = await outcome("fail");
  assert.match(errors[0], /RangeError: by nothing/);
  const gaveUp = await outcome("give_up");
  assert.deepEqual([gaveUp.errors, gaveUp.out], [["no", "really no"], [1]]);
  const warned = t.mock.method(console, "warn", () => {});
  assert.match((await outcome("complain")).out[0], /expected a plain value.*got a Date/);
  assert.equal(warned.mock.callCount(), 1);
  const unknown = await outcome("unheard_of");
  assert.match(unknown.errors[0], /no function "unheard_of"; it has: add, breaks_later, complain/);
});

for (const func of ["uncloneable", "unsendable"]) {
  test(`a result that cannot leave the thread, or be sent, fails the process: ${func}`, async (t) => {
    const { client } = await atWork(t);
    const done = await client.submit(spec(func), { wait: true });
    assert.equal(done.state, State.FAILED);
    assert.match(done.errors[0], /^the result was refused: /);
    assert.deepEqual((await client.submit(spec("add", { args: [1, 2] }), { wait: true })).out, [3]);
  });
}

test("slow functions hold up neither the connection nor each other", async (t) => {
  const { client } = await atWork(t, { concurrency: 3 });
  const slow = await Promise.all([1, 2].map(() => client.submit(spec("endless"))));
  for (const { processid } of slow) await begun(client, processid);
  for (let number = 0; number < 10; number++) {
    const done = await inTime(client.submit(spec("add", { args: [number, 1] }), { wait: true }));
    assert.deepEqual(done.out, [number + 1]);
  }
  for (const { processid } of slow) assert.equal((await client.cancel(processid)).state, State.CANCELLED);
});

test("a function that never ends is ended after a cancel, and the next one has a thread", async (t) => {
  const { client } = await atWork(t);
  for (let round = 0; round < 2; round++) {
    const { processid } = await client.submit(spec("endless"));
    await begun(client, processid);
    await client.cancel(processid);
    const done = await inTime(client.submit(spec("add", { args: [round, 1] }), { wait: true }));
    assert.deepEqual(done.out, [round + 1]);
  }
});

test("a function that heeds its signal keeps its thread", async (t) => {
  const { client } = await atWork(t);
  const { processid } = await client.submit(spec("heeds"));
  await begun(client, processid);
  await client.cancel(processid);
  const done = await inTime(client.submit(spec("add", { args: [1, 1] }), { wait: true }));
  assert.deepEqual(done.out, [2]);
});

test("a thread that ends fails what it was doing, and only that", async (t) => {
  const { client } = await atWork(t);
  const done = await inTime(client.submit(spec("exit"), { wait: true }));
  assert.match(done.errors[0], /the thread of .*served\.js broke/);
  assert.deepEqual((await inTime(client.submit(spec("add", { args: [1, 1] }), { wait: true }))).out, [2]);
});

test("a thread that broke while it had nothing to do is not used again", async (t) => {
  const { client } = await atWork(t);
  const done = await client.submit(spec("breaks_later"), { wait: true });
  assert.deepEqual(done.out, ["for now"]);
  const channel = new BroadcastChannel("break");
  atEnd(t, () => channel.close());
  channel.postMessage("now");
  let failed = 0;
  for (let count = 0; count < 10; count++) {
    const { state, errors } = await inTime(client.submit(spec("add", { args: [1, 1] }), { wait: true }));
    if (state === State.SUCCESSFUL) continue;
    assert.match(errors[0], /broke: .*afterwards/); // it broke while it did this
    failed += 1;
  }
  assert(failed <= 1);
});

test("a stopping worker hands back what a thread does not finish", async (t) => {
  const { client, worker, running } = await atWork(t);
  const { processid } = await client.submit(spec("endless"));
  await begun(client, processid);
  worker.stop();
  await inTime(running);
  assert.equal((await client.getProcess(processid)).history[0].ended, "handed_back");
});

for (const [name, words] of /** @type {[string, RegExp][]} */ ([
  ["unloadable", /the thread of .*unloadable\.js broke: cannot be loaded/],
  ["mute", /the thread of .*mute\.js broke: it ended/],
  ["nowhere", /nowhere\.js/],
])) {
  test(`a module that cannot be used makes the worker end before it takes anything: ${name}`, async (t) => {
    const strange = await StrangeBroker.open(t);
    const worker = new Worker(strange.address, { key: KEY }).functionsIn(moduleOf(name));
    await assert.rejects(inTime(worker.run()), words);
    assert.equal(strange.guests, 0);
  });
}

test("what a function says after its end is not said of the next process", async (t) => {
  const { client } = await atWork(t);
  await client.submit(spec("late"), { wait: true });
  const next = await client.submit(spec("next"), { wait: true });
  assert.match(next.out[0], /its function has ended/);
  assert.deepEqual(await client.getLogs(next.processid), []);
});
