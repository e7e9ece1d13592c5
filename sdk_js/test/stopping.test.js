/** How a worker begins and ends on a real broker: approval, removal, its grace, and nothing left behind. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import * as errors from "../src/errors.js";
import { Identity, State, Worker } from "../src/index.js";
import { Broker, clientOf, spec } from "./support/broker.js";
import { Happening, inTime } from "./support/queue.js";
import { aborted, forever, working } from "./support/working.js";

/** @import { TestContext } from "node:test" */

const broker = await Broker.running({ after });

/** @param {TestContext} t @param {{ executors?: number }} [options] */
async function colonyOf(t, options) {
  const colony = await broker.colony(options);
  return { colony, client: clientOf(t, broker.address, { key: colony.operator }), key: colony.executor };
}

// — approval —

test("a worker waits until it is approved", async (t) => {
  const { colony, client } = await colonyOf(t);
  const trying = new Happening();
  t.mock.method(console, "warn", trying.happen);
  const key = Identity.generate();
  await client.addExecutor(key.id, "pending", "cli", { prvkey: colony.owner });
  working(t, broker.address, { key, functions: { f: () => 1 } });
  const done = client.submit(spec("f"), { wait: true });
  assert.match(await trying.happened, /trying on/);
  await client.approveExecutor(key.id);
  assert.deepEqual((await inTime(done)).out, [1]);
});

test("a key that may not work ends the worker with a sentence", async () => {
  const running = new Worker(broker.address, { key: Identity.generate() }).run();
  await assert.rejects(inTime(running), { name: "UnknownIdentity", message: /nobody here knows the key/ });
});

test("a worker without a key says what is missing", async (t) => {
  await assert.rejects(new Worker(broker.address).run(), { name: "BadRequest", message: /prvkey/ });
  await assert.rejects(new Worker(clientOf(t, broker.address)).run(), errors.BadRequest);
});

test("an executor that is removed ends its worker", async (t) => {
  const { client, colony, key } = await colonyOf(t);
  const started = new Happening();
  const worker = new Worker(broker.address, { key }).function("f", started.happen);
  const refused = assert.rejects(worker.run(), errors.UnknownIdentity);
  await client.submit(spec("f"));
  await started.happened;
  await client.removeExecutor(key.id, { prvkey: colony.owner });
  await inTime(refused);
});

// — stopping —

test("a stopping worker lets what runs finish, and takes nothing more", async (t) => {
  const { client, key } = await colonyOf(t);
  const [started, release] = [new Happening(), new Happening()];
  const slow = async () => {
    started.happen();
    await release.happened;
    return "in time";
  };
  const { worker, running } = working(t, broker.address, { key, graceSeconds: 30, functions: { slow } });
  const first = await client.submit(spec("slow"));
  await started.happened;
  const second = await client.submit(spec("slow"));
  worker.stop();
  release.happen();
  await inTime(running);
  assert.deepEqual((await client.getProcess(first.processid)).out, ["in time"]);
  assert.equal((await client.getProcess(second.processid)).attempt, 0);
});

test("a stopping worker hands back what it does not finish, and its function is told", async (t) => {
  const { client, key } = await colonyOf(t);
  const [started, told] = [new Happening(), new Happening()];
  /** @type {import("../src/functions.js").WorkFunction} */
  const heeds = async (_args, { signal }) => {
    started.happen();
    told.happen((await aborted(signal)).message);
  };
  const { worker, running } = working(t, broker.address, { key, functions: { heeds } });
  const { processid } = await client.submit(spec("heeds"));
  await started.happened;
  worker.stop();
  assert.equal(await told.happened, "the worker stops");
  await inTime(running);
  const { state, retries, history } = await client.getProcess(processid);
  assert.deepEqual([state, retries, history[0].ended], [State.WAITING, 0, "handed_back"]);
});

test("a stopping worker does not wait for ever for a function that heeds nothing", async (t) => {
  const { client, key } = await colonyOf(t);
  const started = new Happening();
  const { worker, running } = working(t, broker.address, { key, functions: { deaf: () => forever(started.happen()) } });
  const { processid } = await client.submit(spec("deaf"));
  await started.happened;
  worker.stop();
  await inTime(running);
  assert.equal((await client.getProcess(processid)).history[0].ended, "handed_back");
});

test("a worker that stops while it waits leaves the line, and its client to others", async (t) => {
  const { client, colony, key } = await colonyOf(t, { executors: 2 });
  const shared = clientOf(t, broker.address, { key });
  const { worker, running } = working(t, shared, { concurrency: 3, functions: { quick: () => 1 } });
  await client.submit(spec("quick"), { wait: true });
  worker.stop();
  await inTime(running);
  // The client is still there, and so are the places in line that nobody stands in any more.
  assert.equal(shared.state, "open");
  const submitted = await client.submit(spec("quick"));
  const given = await client.assign({ timeout: 20, prvkey: colony.executors[1] });
  assert.equal(given.processid, submitted.processid);
});

test("two workers with one key do not fight over a process", async (t) => {
  const { client, key } = await colonyOf(t);
  /** @type {string[]} */ const ran = [];
  const record = (/** @type {string} */ who) => ({
    f: (/** @type {any[]} */ _args, /** @type {any} */ { process }) => void ran.push(`${process.processid} ${who}`),
  });
  working(t, broker.address, { key, functions: record("one"), concurrency: 2 });
  working(t, broker.address, { key, functions: record("two"), concurrency: 2 });
  const done = await Promise.all(Array.from({ length: 40 }, () => client.submit(spec("f"), { wait: true })));
  assert(done.every(({ state, attempt }) => state === State.SUCCESSFUL && attempt === 1));
  assert.deepEqual(ran.map((line) => line.split(" ")[0]).sort(), done.map(({ processid }) => processid).sort());
});

test("a client that is closed under its worker hands back what the worker is at", async (t) => {
  const { client, key } = await colonyOf(t);
  const [begins, ends] = [new Happening(), new Happening()];
  const shared = clientOf(t, broker.address, { key });
  const worker = new Worker(shared, { graceSeconds: 0.05 }).function("f", (_args, { signal }) => {
    begins.happen();
    return aborted(signal).then(ends.happen);
  });
  const refused = assert.rejects(worker.run(), errors.Closed);
  const { processid } = await client.submit(spec("f"));
  await begins.happened;
  await shared.close();
  await inTime(Promise.all([ends.happened, refused]));
  const { state, history } = await client.getProcess(processid);
  assert.deepEqual([state, history.map(({ ended }) => ended)], [State.WAITING, ["handed_back"]]);
});
