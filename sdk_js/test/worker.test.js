/** The worker against a real broker: how functions end, and what becomes of what they say, return and throw. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Failed, State } from "../src/index.js";
import { Broker, clientOf, spec } from "./support/broker.js";
import { Happening, inTime, Queue } from "./support/queue.js";
import { aborted, forever, working } from "./support/working.js";

/** @import { TestContext } from "node:test" */

const broker = await Broker.running({ after });

/**
 * An operator's client, and the key of an executor.
 * @param {TestContext} t
 */
async function colonyOf(t) {
  const { operator, executor: key } = await broker.colony();
  return { client: clientOf(t, broker.address, { key: operator }), key };
}

test("what a function returns is out, and what it throws is the error", async (t) => {
  const { client, key } = await colonyOf(t);
  const functions = {
    add: (/** @type {number[]} */ [left, right]) => left + right,
    nothing: () => {},
    several: async () => [1, [2], null],
    fail: () => {
      throw new RangeError("by nothing");
    },
    give_up: () => {
      throw new Failed(["no", "really no"], { out: [1] });
    },
    give_up_in_words: () => Promise.reject(new Failed("no")),
  };
  working(t, broker.address, { key, functions, concurrency: 2 });
  const outcome = async (/** @type {string} */ func, /** @type {any[]} */ args = []) => {
    const { state, out, errors } = await client.submit(spec(func, { args }), { wait: true });
    return { state, out, errors };
  };
  const successful = { state: State.SUCCESSFUL, errors: [] };
  assert.deepEqual(await outcome("add", [1, 2]), { ...successful, out: [3] });
  assert.deepEqual(await outcome("nothing"), { ...successful, out: [] });
  assert.deepEqual(await outcome("several"), { ...successful, out: [1, [2], null] });
  assert.match((await outcome("fail")).errors[0], /RangeError: by nothing/);
  assert.deepEqual(await outcome("give_up"), { state: State.FAILED, out: [1], errors: ["no", "really no"] });
  assert.deepEqual(await outcome("give_up_in_words"), { state: State.FAILED, out: [], errors: ["no"] });
  assert.match((await outcome("unheard_of")).errors[0], /no function "unheard_of"; it has: add, fail, give_up/);
});

test("a function is told of its process, and what it says is there when it is closed", async (t) => {
  const { client, key } = await colonyOf(t);
  working(t, broker.address, {
    key,
    functions: {
      greet: ([name], context) => {
        context.log("hello"); // not awaited, and yet it is there
        context.setAttribute("greeted", name);
        return [context.env.LANG, context.kwargs.loud, context.process.attempt, context.signal.aborted];
      },
    },
  });
  const asked = spec("greet", { args: ["you"], env: { LANG: "se" }, kwargs: { loud: true } });
  const done = await client.submit(asked, { wait: true });
  assert.deepEqual(done.out, ["se", true, 1, false]);
  assert.deepEqual(done.attributes.map(({ key: name }) => name).sort(), ["LANG", "greeted"]);
  assert.deepEqual(
    (await client.getLogs(done.processid)).map(({ message }) => message),
    ["hello"],
  );
});

test("whatever a function throws the worker goes on", async (t) => {
  const { client, key } = await colonyOf(t);
  const treacherous = Object.defineProperty(new Error("x"), "stack", {
    get() {
      throw new Error("not even a stack");
    },
  });
  const thrown = [
    null,
    undefined,
    "words",
    7,
    Symbol("sign"),
    Object.create(null),
    treacherous,
    new Error("å".repeat(9000)),
  ];
  const functions = {
    throws: (/** @type {number[]} */ [which]) => {
      throw thrown[which];
    },
    quick: () => "done",
  };
  working(t, broker.address, { key, functions });
  for (const which of thrown.keys()) {
    const done = await inTime(client.submit(spec("throws", { args: [which] }), { wait: true }), `the end of ${which}`);
    assert.deepEqual([done.state, done.errors.length], [State.FAILED, 1]);
  }
  assert.deepEqual((await client.submit(spec("quick"), { wait: true })).out, ["done"]);
});

test("a result that cannot be stored fails the process with a sentence", async (t) => {
  const { client, key } = await colonyOf(t);
  /** @type {Record<string, any>} */
  const results = {
    huge: "x".repeat(400_000),
    larger: "x".repeat(2_000_000),
    date: new Date(0),
    call: [() => 1],
    big: 1n,
  };
  working(t, broker.address, { key, functions: { give: ([name]) => results[name] } });
  for (const name of Object.keys(results)) {
    const done = await inTime(client.submit(spec("give", { args: [name] }), { wait: true }), name);
    assert.equal(done.state, State.FAILED);
    assert.match(done.errors[0], /^the result was refused: /);
  }
});

test("a fallback is called for what has no function of its own", async (t) => {
  const { client, key } = await colonyOf(t);
  const { worker } = working(t, broker.address, { key, functions: { own: () => "own" } });
  worker.fallback((context) => [context.process.spec.func, ...context.process.spec.args]);
  assert.deepEqual((await client.submit(spec("own"), { wait: true })).out, ["own"]);
  assert.deepEqual((await client.submit(spec("other", { args: [1] }), { wait: true })).out, ["other", 1]);
});

test("no more run at a time than the worker may", async (t) => {
  const { client, key } = await colonyOf(t);
  /** @type {Queue<() => void>} */ const running = new Queue();
  let most = 0;
  let now = 0;
  const functions = {
    hold: async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => running.put(() => resolve(null)));
      now -= 1;
    },
  };
  working(t, broker.address, { key, functions, concurrency: 3 });
  const ended = Array.from({ length: 9 }, () => client.submit(spec("hold"), { wait: true }));
  for (let count = 0; count < 9; count++) {
    if (count === 0) {
      const first = [await running.take(), await running.take(), await running.take()];
      assert.equal((await client.getProcesses({ state: State.RUNNING })).total, 3);
      for (const release of first) running.put(release);
    }
    (await running.take())();
  }
  await Promise.all(ended);
  assert.equal(most, 3);
});

test("a cancel aborts the function's signal, closes nothing, and the worker goes on", async (t) => {
  const { client, key } = await colonyOf(t);
  const started = new Happening();
  const told = new Happening();
  const functions = {
    heeds: async (/** @type {any[]} */ _args, /** @type {any} */ { signal }) => {
      started.happen();
      told.happen(await aborted(signal));
      return "too late";
    },
    quick: () => 1,
  };
  working(t, broker.address, { key, functions });
  const { processid } = await client.submit(spec("heeds"));
  await started.happened;
  await client.cancel(processid);
  assert.match((await told.happened).message, /cancelled/);
  assert.deepEqual((await client.submit(spec("quick"), { wait: true })).out, [1]);
  const cancelled = await client.getProcess(processid);
  assert.deepEqual([cancelled.state, cancelled.out], [State.CANCELLED, []]);
});

test("a function that does not heed a cancel is left behind", async (t) => {
  const { client, key } = await colonyOf(t);
  const started = new Happening();
  const functions = { deaf: () => forever(started.happen()), quick: () => 1 };
  working(t, broker.address, { key, functions });
  const { processid } = await client.submit(spec("deaf"));
  await started.happened;
  await client.cancel(processid);
  assert.deepEqual((await inTime(client.submit(spec("quick"), { wait: true }))).out, [1]);
});

test("what runs too long is told so and left to the broker", async (t) => {
  const { client, key } = await colonyOf(t);
  /** @type {Queue<string>} */ const told = new Queue();
  const functions = {
    slow: async (/** @type {any[]} */ _args, /** @type {any} */ { signal, process }) => {
      told.put(`${process.attempt}: ${(await aborted(signal)).message}`);
    },
  };
  working(t, broker.address, { key, functions });
  const done = await client.submit(spec("slow", { maxexectime: 0.2, maxretries: 1 }), { wait: true });
  assert.deepEqual(done.errors, ["maxexectime 0.2 s exceeded, 1 retry used up"]);
  assert.deepEqual([await told.take(), await told.take()], ["1: its time is up", "2: its time is up"]);
});

test("a function that says too much without waiting is told", async (t) => {
  const { client, key } = await colonyOf(t);
  const functions = {
    chatter: (/** @type {any[]} */ _args, /** @type {any} */ context) => {
      for (let number = 0; number < 10_000; number++) context.log(String(number));
    },
    patient: async (/** @type {any[]} */ _args, /** @type {any} */ context) => {
      for (let number = 0; number < 300; number++) await context.log(String(number));
    },
  };
  working(t, broker.address, { key, functions });
  const done = await client.submit(spec("chatter"), { wait: true });
  assert.match(done.errors[0], /256 calls are unanswered; `await` what `log` and the like return/);
  assert.equal((await client.submit(spec("patient"), { wait: true })).state, State.SUCCESSFUL);
});

test("what a function says of a process that is not its own any more is refused, and costs nothing else", async (t) => {
  const { client, key } = await colonyOf(t);
  const warned = t.mock.method(console, "warn", () => {});
  const started = new Happening();
  const refused = new Happening();
  const functions = {
    late: async (/** @type {any[]} */ _args, /** @type {any} */ context) => {
      started.happen();
      await aborted(context.signal);
      context.log("not awaited");
      await context.log("awaited").catch(refused.happen);
    },
    quick: () => 1,
  };
  working(t, broker.address, { key, functions });
  const { processid } = await client.submit(spec("late"));
  await started.happened;
  await client.cancel(processid);
  assert.equal((await refused.happened).code, "wrong_state");
  assert.deepEqual((await client.submit(spec("quick"), { wait: true })).out, [1]);
  assert.equal(warned.mock.callCount(), 2);
});

test("a result that throws when it is read fails its process", async (t) => {
  const { client, key } = await colonyOf(t);
  const result = {
    get value() {
      throw new RangeError("not to be read");
    },
  };
  working(t, broker.address, { key, functions: { hide: () => result } });
  const done = await client.submit(spec("hide"), { wait: true });
  assert.equal(done.state, State.FAILED);
  assert.match(done.errors[0], /^the result was refused: .*not to be read/);
});
