/** The client against a real broker: every method once, the guide's way of calling, keys and frames. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { METHOD_NAMES } from "../src/client.js";
import * as errors from "../src/errors.js";
import { Colonies, ExecutorState, Identity, State } from "../src/index.js";
import { METHODS } from "../src/wire/messages.js";
import { Broker, clientOf, spec } from "./support/broker.js";

const broker = await Broker.running({ after });

// — every method —

test("every method of the wire has a method of the client", () => {
  assert.deepEqual(Object.keys(METHOD_NAMES).sort(), Object.keys(METHODS).sort());
  for (const name of Object.values(METHOD_NAMES)) {
    assert.equal(typeof (/** @type {any} */ (Colonies.prototype)[name]), "function", name);
  }
});

test("a server owner looks after colonies", async (t) => {
  const owner = Identity.generate();
  const client = clientOf(t, broker.address, { key: broker.owner });
  assert.equal((await client.serverInfo()).store, "sqlite");
  assert.deepEqual(await client.addColony(owner.id, `of ${owner.id}`), { colonyid: owner.id, name: `of ${owner.id}` });
  assert((await client.getColonies()).some(({ colonyid }) => colonyid === owner.id));
  assert.equal((await client.getColony(owner.id)).name, `of ${owner.id}`);
  assert.equal((await client.getColony(null, { prvkey: owner })).colonyid, owner.id);
  assert.equal(await client.removeColony(owner.id), undefined);
  await assert.rejects(client.getColony(owner.id), errors.NotFound);
});

test("a client of a colony names it where nobody else does", async (t) => {
  const { owner } = await broker.colony();
  const client = clientOf(t, broker.address, { key: broker.owner, colony: owner.id });
  assert.equal((await client.getColony()).colonyid, owner.id);
});

test("a colony owner looks after members", async (t) => {
  const { owner } = await broker.colony({ executors: 0 });
  const client = clientOf(t, broker.address, { key: owner });
  const [lamp, user] = [Identity.generate(), Identity.generate()];
  assert.equal((await client.addExecutor(lamp.id, "lamp-1", "lamp")).state, ExecutorState.PENDING);
  assert.equal((await client.approveExecutor(lamp.id)).state, ExecutorState.APPROVED);
  assert.equal((await client.rejectExecutor(lamp.id)).state, ExecutorState.REJECTED);
  assert.equal(await client.resolveExecutor("lamp-1"), lamp.id);
  assert.equal((await client.getExecutor({ executorname: "lamp-1" })).executorid, lamp.id);
  assert.equal((await client.getExecutor({ executorid: lamp.id })).executorname, "lamp-1");
  assert.equal((await client.getExecutors({ executortype: "lamp" })).length, 1);
  assert.equal((await client.getExecutors({ online: true })).length, 0);
  assert.equal((await client.removeExecutor(lamp.id)).executorid, lamp.id);
  assert.equal((await client.addUser(user.id, "ann", "viewer")).role, "viewer");
  assert((await client.getUsers()).some(({ name }) => name === "ann"));
  assert.equal(await client.removeUser(user.id), undefined);
});

test("an executor says what it can do, and takes it back", async (t) => {
  const { executor } = await broker.colony();
  const client = clientOf(t, broker.address, { key: executor });
  const added = await client.addFunction("set_lamp", { description: "turns it on or off", args: ["state"] });
  assert.deepEqual(await client.getFunctions(executor.id), [added]);
  assert.deepEqual(await client.getFunctions(), [added]);
  await client.removeFunction("set_lamp");
  assert.deepEqual(await client.getFunctions(), []);
});

test("an executor works: log, attributes, close, hand back", async (t) => {
  const colony = await broker.colony();
  const client = clientOf(t, broker.address, { key: colony.executor });
  const { processid } = await client.submit(spec("f", { env: { LANG: "se" } }), { prvkey: colony.operator });
  const first = await client.assign({ timeout: 10 });
  assert.equal((await client.handBack(first)).state, State.WAITING);
  const process = await client.assign({ timeout: 10 });
  assert.deepEqual([process.processid, process.attempt], [processid, 2]);
  await assert.rejects(client.closeProcess(first), errors.NotAssignedToYou); // of the attempt before
  await client.addLog(processid, "hello");
  await client.setAttribute(processid, "colour", "red");
  await client.setAttribute(processid, "part", [1], { kind: "err" });
  const closed = await client.closeProcess(process, false, null, {
    out: [1],
    errors: ["no"],
    attributes: [{ key: "last", value: 2, kind: "out" }],
  });
  assert.deepEqual([closed.state, closed.out, closed.errors], [State.FAILED, [1], ["no"]]);
  assert.deepEqual(
    (await client.getLogs(processid)).map(({ message }) => message),
    ["hello"],
  );
  const attributes = await client.getAttributes(processid);
  assert.deepEqual(attributes.map(({ key, kind }) => `${key} ${kind}`).sort(), [
    "LANG env",
    "colour out",
    "last out",
    "part err",
  ]);
});

test("an operator looks, cancels, retries and removes", async (t) => {
  const { operator } = await broker.colony();
  const client = clientOf(t, broker.address, { key: operator });
  const { processid } = await client.submit(spec());
  assert.equal((await client.getProcess(processid)).processid, processid);
  assert.equal((await client.getProcesses({ state: State.WAITING })).total, 1);
  assert.equal((await client.explain(processid)).executors, 1);
  assert.equal((await client.getStats()).types[0].waiting, 1);
  assert.equal((await client.cancel(processid)).state, State.CANCELLED);
  const again = await client.retry(processid);
  assert.equal(again.retryof, processid);
  assert.equal(await client.removeProcess(processid), undefined);
  await assert.rejects(client.getProcess(processid), errors.NotFound);
});

test("all processes are gone through, page after page", async (t) => {
  const { operator } = await broker.colony();
  const client = clientOf(t, broker.address, { key: operator });
  const made = await Promise.all(
    Array.from({ length: 25 }, (_, number) => client.submit(spec("f", { args: [number] }))),
  );
  const seen = [];
  for await (const { processid } of client.iterProcesses({ limit: 7, newest: false })) seen.push(processid);
  assert.deepEqual(seen.sort(), made.map(({ processid }) => processid).sort());
});

test("one process is watched until it is over", async (t) => {
  const colony = await broker.colony();
  const client = clientOf(t, broker.address, { key: colony.operator });
  const { processid } = await client.submit(spec());
  const moves = client.watch(processid, { states: [State.WAITING, State.CANCELLED] });
  assert.equal((await moves.nextEvent()).event, "submitted");
  await client.cancel(processid);
  assert.equal((await moves.nextEvent()).event, "cancelled");
  moves.close();
});

// — the guide's way of calling —

test("the guide's loop: subscribe, assign the latest, close", async (t) => {
  const colony = await broker.colony();
  const prvkey = colony.executor.privateKey;
  const client = clientOf(t, broker.address);
  const submitted = await client.submitProcessSpec(spec(), colony.operator.privateKey);
  /** @type {string[]} */ const closed = [];
  const hearing = client.subscribeProcesses("cli", 0.5, State.WAITING, prvkey, async () => {
    const process = await client.assignLatest(colony.owner.id, prvkey);
    closed.push((await client.closeProcess(process.processid, true, prvkey)).processid);
  });
  await assert.rejects(hearing, { name: "SubscriptionEnded", reason: "timeout" });
  assert.deepEqual(closed, [submitted.processid]);
  await assert.rejects(client.assign(colony.owner.id, 0, prvkey), errors.NothingToAssign);
});

test("the latest is the newest, whatever its turn", async (t) => {
  const colony = await broker.colony();
  const client = clientOf(t, broker.address, { key: colony.operator, colony: colony.owner.id });
  await client.submit(spec("first", { priority: 5 }));
  await client.submit(spec("second"));
  const { executor: prvkey } = colony;
  assert.equal((await client.assign({ latest: true, timeout: 0, prvkey })).spec.func, "second");
  assert.equal((await client.assignLatest({ timeout: 0, prvkey })).spec.func, "first");
});

test("submitting with wait gives the process once it is over", async (t) => {
  const colony = await broker.colony();
  const client = clientOf(t, broker.address, { key: colony.operator.privateKey });
  const waiting = client.submit(spec("echo"), { wait: true });
  const process = await client.assign({ timeout: 20, prvkey: colony.executor });
  await client.closeProcess(process, true, colony.executor, { out: ["hello"] });
  const done = await waiting;
  assert.deepEqual([done.state, done.out], [State.SUCCESSFUL, ["hello"]]);
});

// — keys and frames —

test("calls of one turn leave as one frame", async (t) => {
  const { operator } = await broker.colony();
  const client = clientOf(t, broker.address, { key: operator });
  await client.serverInfo();
  const before = await broker.metric("colonies_verifications_total");
  await Promise.all(Array.from({ length: 50 }, (_, number) => client.submit(spec("f", { args: [number] }))));
  assert.equal((await broker.metric("colonies_verifications_total")) - before, 1);
});

test("several keys speak over one connection, each for itself", async (t) => {
  const colony = await broker.colony({ executors: 3 });
  const client = clientOf(t, broker.address, { key: colony.operator });
  await client.serverInfo();
  const before = await broker.metric("colonies_connections");
  await Promise.all(colony.executors.map(() => client.submit(spec())));
  const taken = await Promise.all(colony.executors.map((prvkey) => client.assign({ timeout: 10, prvkey })));
  assert.deepEqual(taken.map(({ assigneeid }) => assigneeid).sort(), colony.executors.map(({ id }) => id).sort());
  assert.equal(await broker.metric("colonies_connections"), before);
});

test("a signer signs where it likes, at once or later", async (t) => {
  const { operator } = await broker.colony();
  const kept = new Identity(operator.privateKey);
  let signatures = 0;
  for (const sign of /** @type {import("../src/wire/identity.js").Signer["sign"][]} */ ([
    (message) => kept.signNow(message),
    (message) => kept.sign(message),
  ])) {
    /** @type {typeof sign} */
    const counting = (message) => {
      signatures += 1;
      return sign(message);
    };
    const signer = { id: operator.id, sign: counting };
    const client = clientOf(t, broker.address, { key: signer });
    assert.equal(client.id, operator.id);
    assert.equal((await client.submit(spec())).submitterid, operator.id);
  }
  assert.equal(signatures, 2);
});

test("a signer that signs for another costs its client the connection, with a reason", async (t) => {
  const { operator } = await broker.colony();
  const other = Identity.generate();
  const client = clientOf(t, broker.address, { key: { id: operator.id, sign: (bytes) => other.sign(bytes) } });
  await assert.rejects(client.getStats(), { name: "TurnedAway", message: /is the signer the one of its id/ });
});

test("what is no key is refused at once, and not repeated", () => {
  for (const key of ["", "ab", "x".repeat(64), 7, {}, { id: "short", sign() {} }, null]) {
    assert.throws(
      () => new Colonies(broker.address, { key: /** @type {any} */ (key) }),
      (/** @type {Error} */ error) => /64 hex characters/.test(error.message) && !error.message.includes("xxxx"),
    );
  }
  assert.equal(JSON.stringify(Identity.generate()).includes("privateKey"), false);
});

test("calls without a key say what is missing", async (t) => {
  const client = clientOf(t, broker.address);
  assert.equal(client.id, "");
  await assert.rejects(client.serverInfo(), { name: "BadRequest", message: /prvkey/ });
});

test("a refusal says which field, and the connection goes on", async (t) => {
  const { operator } = await broker.colony();
  const client = clientOf(t, broker.address, { key: operator });
  const wrong = client.submit(spec("f", { priority: 50_001 }));
  const known = client.getStats();
  await assert.rejects(wrong, (/** @type {errors.BadRequest} */ error) => {
    assert(error instanceof errors.BadRequest);
    return error.data.field === "spec.priority" && error.retry === false;
  });
  assert.equal(typeof (await known).time, "number");
});

test("what waited for room is said when a signer has failed", async (t) => {
  const { operator: identity } = await broker.colony();
  const { inflight } = await broker.limits();
  let fails = true;
  const signer = {
    id: identity.id,
    sign: async (/** @type {Uint8Array} */ message) => {
      if (!fails) return identity.sign(message);
      fails = false;
      throw new Error("no finger on the button");
    },
  };
  const client = clientOf(t, broker.address, { key: signer });
  const asked = await Promise.allSettled(Array.from({ length: inflight + 36 }, () => client.getStats()));
  const refused = asked.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, inflight);
  assert(refused.every((one) => one.status === "rejected" && one.reason.code === "bad_signature"));
});
