/** Answers of a real broker that never arrive, and brokers that are killed: nothing is done twice, nobody is left waiting. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { State, Worker } from "../src/index.js";
import { Broker, clientOf, spec } from "./support/broker.js";
import { inTime } from "./support/queue.js";
import { Wire } from "./support/tcp.js";

/** @import { TestContext } from "node:test" */

const PATIENCE = 30;
const broker = await Broker.running({ after });

/** A client on a wire of its own, in a colony of its own. @param {TestContext} t @param {"operator" | "executor"} who */
async function wired(t, who) {
  const colony = await broker.colony();
  const wire = await Wire.to(t, broker.port);
  const client = clientOf(t, wire.address, { key: colony[who] });
  await client.serverInfo();
  return { wire, client, colony };
}

test("a submit whose answer was lost is stored once", async (t) => {
  const { wire, client } = await wired(t, "operator");
  wire.hold();
  const submitting = client.submit(spec());
  await wire.held();
  wire.cut();
  const submitted = await submitting;
  const page = await client.getProcesses();
  assert.deepEqual([page.total, page.processes[0].processid], [1, submitted.processid]);
});

test("a close whose answer was lost is answered as the first would have been", async (t) => {
  const { wire, client, colony } = await wired(t, "executor");
  await client.submit(spec(), { prvkey: colony.operator });
  const process = await client.assign({ timeout: PATIENCE });
  wire.hold();
  const closing = client.closeProcess(process, true, null, { out: [1] });
  await wire.held();
  wire.cut();
  const closed = await closing;
  assert.deepEqual([closed.state, closed.out, closed.attempt], [State.SUCCESSFUL, [1], 1]);
});

test("what was assigned in an answer that was lost is assigned again", async (t) => {
  const { wire, client, colony } = await wired(t, "executor");
  await client.submit(spec(), { prvkey: colony.operator });
  wire.hold();
  const assigning = client.assign({ timeout: PATIENCE });
  await wire.held();
  wire.cut();
  const process = await inTime(assigning);
  assert.deepEqual([process.attempt, process.retries], [2, 0]);
  assert.deepEqual(
    process.history.map(({ ended }) => ended),
    ["handed_back", ""],
  );
});

test("a log line whose answer was lost is not added twice", async (t) => {
  const { wire, client, colony } = await wired(t, "executor");
  await client.submit(spec(), { prvkey: colony.operator });
  const process = await client.assign({ timeout: PATIENCE });
  wire.hold();
  const logging = client.addLog(process.processid, "once");
  const refused = assert.rejects(logging, { name: "ConnectionLost" });
  await wire.held();
  wire.cut();
  await refused;
  assert.deepEqual(
    (await client.getLogs(process.processid)).map(({ message }) => message),
    ["once"],
  );
});

test("a connection that is cut again and again loses no call", async (t) => {
  const { wire, client } = await wired(t, "operator");
  /** @type {string[]} */ const submitted = [];
  for (let round = 0; round < 5; round++) {
    const calls = Array.from({ length: 20 }, (_, number) => client.submit(spec("cut", { args: [round, number] })));
    wire.cut();
    submitted.push(...(await inTime(Promise.all(calls))).map(({ processid }) => processid));
  }
  const stored = [];
  for await (const { processid } of client.iterProcesses({ func: "cut", limit: 30 })) stored.push(processid);
  assert.deepEqual(stored.sort(), submitted.sort());
});

// — a network that goes silent —

test("a connection in doubt that answers is kept", async (t) => {
  const { wire, client } = await wired(t, "operator");
  client.caller.connection.check();
  await client.getStats();
  assert.deepEqual([wire.connections, client.state], [1, "open"]);
});

test("a connection in doubt that does not answer is given up for another, with all that waits", async (t) => {
  const { wire, client, colony } = await wired(t, "executor");
  const assigning = client.assign({ timeout: PATIENCE });
  const subscription = client.subscribe("cli");
  await subscription.made;
  wire.goSilent();
  client.caller.connection.check();
  client.caller.connection.check(); // once in doubt is enough
  const submitted = await clientOf(t, broker.address, { key: colony.operator }).submit(spec());
  assert.equal((await inTime(assigning)).processid, submitted.processid);
  assert.equal(wire.connections, 2);
});

test("while it is away a check makes it try at once, and what it waits for goes on", async (t) => {
  const { wire, client, colony } = await wired(t, "executor");
  const subscription = client.subscribe("cli");
  await subscription.made;
  const away = new Promise((resolve) => client.addEventListener("statechange", resolve, { once: true }));
  await broker.kill();
  await away;
  await broker.start();
  client.caller.connection.check();
  await clientOf(t, broker.address, { key: colony.operator }).submit(spec("back"));
  assert.equal((await inTime(subscription.nextEvent())).process.spec.func, "back");
  assert(wire.connections > 1);
});

// — a broker that is killed —

test("subscriptions and calls survive a broker that is killed", async (t) => {
  const colony = await broker.colony();
  const client = clientOf(t, broker.address, { key: colony.executor });
  const subscription = client.subscribe("cli");
  const operator = { prvkey: colony.operator };
  const first = await client.submit(spec("first"), operator);
  assert.equal((await subscription.nextEvent()).process.processid, first.processid);
  assert.equal((await client.assign({ timeout: PATIENCE })).processid, first.processid);
  const assigning = client.assign({ timeout: 60 });
  await client.serverInfo();
  await broker.kill();
  await broker.start();
  const second = await client.submit(spec("second"), operator);
  assert.equal((await inTime(assigning)).processid, second.processid);
  // The first may be told twice, as submitted and as backlog: an event is only a wake-up.
  while ((await inTime(subscription.nextEvent())).process.processid !== second.processid);
});

test("a worker goes on after its broker was killed", async (t) => {
  const colony = await broker.colony();
  const client = clientOf(t, broker.address, { key: colony.operator });
  const worker = new Worker(broker.address, { key: colony.executor });
  worker.function("add", ([left, right]) => left + right);
  const running = worker.run();
  for (const round of [0, 1]) {
    const done = await inTime(client.submit(spec("add", { args: [round, 2] }), { wait: true }));
    assert.deepEqual(done.out, [round + 2]);
    if (round === 0) {
      await broker.kill();
      await broker.start();
    }
  }
  worker.stop();
  await inTime(running);
});

test("the guide's subscription throws when the connection goes", async (t) => {
  const { wire, client, colony } = await wired(t, "executor");
  const heard = client.subscribeProcesses("cli", 30, State.WAITING, colony.executor.privateKey, () => {});
  const ended = assert.rejects(heard, { name: "SubscriptionEnded", reason: "connection lost" });
  await client.serverInfo();
  wire.cut();
  await ended;
});
