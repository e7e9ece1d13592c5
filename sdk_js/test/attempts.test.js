/** Where clients go, and in which order. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Attempts } from "../src/attempts.js";

const ADDRESSES = ["a", "b", "c"];

test("clients of one list go through it in every order", () => {
  const orders = new Set();
  for (let clients = 0; clients < 500; clients++) {
    const attempts = new Attempts(ADDRESSES, 10);
    orders.add(ADDRESSES.map(() => attempts.begin()).join(""));
  }
  assert.deepEqual([...orders].sort(), ["abc", "acb", "bac", "bca", "cab", "cba"]);
});

test("a client goes through its list again and again", () => {
  const attempts = new Attempts(ADDRESSES, 10);
  const first = ADDRESSES.map(() => attempts.begin());
  assert.deepEqual(
    ADDRESSES.map(() => attempts.begin()),
    first,
  );
});
