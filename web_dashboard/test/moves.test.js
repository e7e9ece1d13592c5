import assert from "node:assert/strict";
import test from "node:test";

import { Mover } from "../src/moves.js";

/**
 * What becomes of a move on many whose progress and end the broker says so.
 * @param {(progress: (done: number, matched: number) => void) => { matched: number, done: number }} broker
 */
async function told(broker) {
  /** @type {any[]} */
  const actions = [];
  const client = /** @type {any} */ ({
    retryMatching: async (/** @type {any} */ { progress }) => broker(progress),
  });
  const mover = new Mover(client, ({ action }) => actions.push(action));
  await mover.all("retry", { state: "failed" }, { most: 100, words: "w", matched: 10 });
  return actions;
}

test("how far it is is told as one action, up to its end", async () => {
  const actions = await told((progress) => {
    progress(0, 10);
    progress(6, 10);
    return { matched: 10, done: 10 };
  });
  assert.deepEqual(
    actions.map(({ standing, done }) => [standing, done]),
    [
      ["running", 0],
      ["running", 0],
      ["running", 6],
      ["done", 10],
    ],
  );
  assert.equal(new Set(actions.map(({ id }) => id)).size, 1);
});

test("a retry that the SDK asked again on another connection counts on", async () => {
  const actions = await told((progress) => {
    progress(0, 10);
    progress(6, 10);
    progress(0, 10); // the connection was lost: it begins again, and finds six that were retried
    progress(3, 10);
    return { matched: 10, done: 4 };
  });
  assert.deepEqual(
    actions.map(({ done }) => done),
    [0, 0, 6, 6, 9, 10],
  );
});

test("what fails keeps how far it was, and says why", async () => {
  const actions = await told((progress) => {
    progress(6, 10);
    throw new Error("the broker is gone");
  });
  const { standing, done, error } = actions.at(-1);
  assert.deepEqual([standing, done, error], ["failed", 6, "the broker is gone"]);
});

/**
 * What the page says of a move on one which the broker answers so, and what whoever asked for it gets.
 * @param {"cancel" | "retry"} move
 * @param {() => Promise<any>} broker
 */
async function saidOf(move, broker) {
  /** @type {string[]} */
  const said = [];
  const mover = new Mover(/** @type {any} */ ({ cancel: broker, retry: broker }), ({ text }) => said.push(text));
  const about = /** @type {any} */ ({ processid: "0123456789abcdef", spec: { func: "render" } });
  const made = await mover.one(move, about).catch((error) => error);
  return { said, made };
}

test("what became of one is said by the page, which stays where its row goes", async () => {
  const { said, made } = await saidOf("cancel", async () => "cancelled");
  assert.deepEqual([said, made], [["Cancelled: render …89abcdef"], "cancelled"]);
});

test("what the broker says against one is said as well, and reaches whoever asked", async () => {
  const refused = new Error("there is no process");
  const { said, made } = await saidOf("retry", () => Promise.reject(refused));
  assert.deepEqual([said, made], [["Not retried: render …89abcdef. there is no process"], refused]);
});
