import assert from "node:assert/strict";
import test from "node:test";

import { visible } from "../src/log_window.js";

const lines = (/** @type {number} */ first, /** @type {number} */ last) =>
  /** @type {any[]} */ (Array.from({ length: last - first + 1 }, (_, index) => ({ seq: first + index })));
const seen = (/** @type {any[]} */ all, /** @type {{ most: number, until: number }} */ view) => {
  const { shown, earlier, later } = visible(all, view);
  return [shown[0]?.seq, shown.at(-1)?.seq, earlier, later];
};

test("the end is shown, and no more than is asked for", () => {
  assert.deepEqual(seen(lines(1, 40), { most: 10, until: 0 }), [31, 40, 30, 0]);
  assert.deepEqual(seen(lines(1, 3), { most: 10, until: 0 }), [1, 3, 0, 0]);
  assert.deepEqual(seen([], { most: 10, until: 0 }), [undefined, undefined, 0, 0]);
});

test("for whoever left the end nothing moves, and what came is counted", () => {
  assert.deepEqual(seen(lines(1, 40), { most: 10, until: 40 }), [31, 40, 30, 0]);
  assert.deepEqual(seen(lines(1, 45), { most: 10, until: 40 }), [31, 40, 30, 5]);
  assert.deepEqual(seen(lines(1, 45), { most: 20, until: 40 }), [21, 40, 20, 5]);
});

test("where all that one read is kept no longer, the oldest that is kept is shown", () => {
  assert.deepEqual(seen(lines(50, 90), { most: 10, until: 40 }), [50, 59, 0, 31]);
});
