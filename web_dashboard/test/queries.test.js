import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import test from "node:test";

import { PAUSE_MS, Queries } from "../src/queries.js";
import { INITIAL, reduce } from "../src/state.js";

/**
 * Queries whose client takes this long to answer, on a clock that the test moves.
 * @param {import("node:test").TestContext} context
 * @param {{ took?: number }} [options]
 */
function asking(context, { took = 0 } = {}) {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  /** @type {any[]} */
  const asked = [];
  /** @type {any[]} */
  const told = [];
  const client = /** @type {any} */ ({
    getThings: (/** @type {any} */ params) =>
      new Promise((resolve) => {
        asked.push(params);
        setTimeout(() => resolve(asked.length), took);
      }),
  });
  const queries = new Queries(client, (message) => told.push(message));
  const want = (/** @type {number} */ on, /** @type {any} */ params = {}) =>
    queries.want([{ name: "things", ask: "getThings", params: [params], on }]);
  /** @param {number} ms */
  async function pass(ms) {
    context.mock.timers.tick(ms);
    await setImmediate();
    await setImmediate();
  }
  return { asked, told, want, pass, queries };
}

test("a query is asked at once, and again when what it hangs on changes", async (context) => {
  const { asked, want, pass } = asking(context);
  want(1);
  assert.equal(asked.length, 1);
  await pass(0);
  await pass(PAUSE_MS);
  want(1);
  await pass(PAUSE_MS);
  assert.equal(asked.length, 1);
  want(2);
  await pass(0);
  assert.equal(asked.length, 2);
});

test("however often it changes, it is asked once in a while, and for the last change as well", async (context) => {
  const { asked, want, pass } = asking(context);
  for (let on = 0; on < 10; on++) {
    want(on);
    await pass(50);
  }
  assert.equal(asked.length, 1);
  await pass(PAUSE_MS);
  assert.equal(asked.length, 2);
});

test("what takes long is asked less often, and other parameters at once all the same", async (context) => {
  const { asked, want, pass } = asking(context, { took: 600 });
  want(1);
  await pass(600);
  want(2);
  await pass(PAUSE_MS);
  assert.equal(asked.length, 1);
  want(2, { text: "disk" });
  assert.equal(asked.length, 2);
  await pass(600);
  want(3, { text: "disk" });
  await pass(2400);
  assert.equal(asked.length, 3);
});

test("one answer that came very late slows nothing for long", async (context) => {
  const { asked, want, pass } = asking(context, { took: 60_000 });
  want(1);
  await pass(60_000);
  want(2);
  await pass(0);
  assert.equal(asked.length, 2);
});

test("what nobody asks for any more is forgotten, and its answer dropped", async (context) => {
  const { told, want, pass, queries } = asking(context, { took: 10 });
  want(1);
  queries.want([]);
  await pass(10);
  assert.deepEqual(told.reduce(reduce, INITIAL).queries, {});
});
