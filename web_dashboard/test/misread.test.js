import assert from "node:assert/strict";
import { test } from "node:test";

import { asked, misread } from "../src/filters.js";

test("what is understood is not complained of", () => {
  const filter = {
    state: "failed",
    since: "2026-11-24T02:00",
    before: "1790000000000",
    executor: "a".repeat(64),
    text: "disk",
  };
  assert.deepEqual(misread(filter), []);
  assert.deepEqual(misread({ state: "all" }), []);
  assert.deepEqual(misread({}), []);
});

test("what narrows nothing is said, each of it", () => {
  const filter = {
    state: "faild",
    since: "yesterday",
    before: "1790000000",
    executor: "camera",
    text: "x".repeat(257),
  };
  const words = misread(filter);
  assert.equal(words.length, 5);
  for (const [index, said] of ["faild", "yesterday", "1790000000", "camera", "256"].entries()) {
    assert.match(words[index], new RegExp(said));
  }
  assert.deepEqual(Object.keys(asked(filter)), ["text"]);
});
