import assert from "node:assert/strict";
import test from "node:test";

import { movesFor, outcome, promise, statesFor } from "../src/matching.js";

test("a filter leaves the moves that some process under it could take", () => {
  assert.deepEqual(movesFor({ state: "waiting" }), ["cancel"]);
  assert.deepEqual(movesFor({ state: "running" }), ["cancel"]);
  assert.deepEqual(movesFor({ state: "successful" }), ["remove"]);
  assert.deepEqual(movesFor({ state: "failed" }), ["retry", "remove"]);
  assert.deepEqual(movesFor({}), ["retry", "cancel", "remove"]);
});

test("a move takes the states that the broker takes", () => {
  assert.deepEqual(statesFor("retry"), ["failed", "cancelled"]);
  assert.deepEqual(statesFor("cancel"), ["waiting", "running"]);
  assert.deepEqual(statesFor("remove"), ["successful", "failed", "cancelled"]);
});

test("what will happen is said with how many, and with those beyond the cap", () => {
  assert.equal(promise("remove", 1, 10_000), "It will be removed for good, with logs and results.");
  assert.match(promise("retry", 5000, 10_000), /^All 5,000 will be submitted again, as new processes; .*twice\.$/);
  assert.equal(
    promise("cancel", 25_000, 10_000),
    "The oldest 10,000 will be cancelled, and what runs is told to stop. The other 15,000 stay as they are.",
  );
});

/** @param {any} change */
const said = (change) =>
  outcome({ move: "retry", matched: 5000, done: 1234, most: 10_000, standing: "done", error: "", ...change });

test("what is under way says how far it is, of what is wanted", () => {
  assert.equal(said({ standing: "running" }), "Retrying: 1,234 of 5,000");
  assert.equal(said({ standing: "running", most: 2000 }), "Retrying: 1,234 of 2,000");
  assert.equal(said({ standing: "running", matched: 0, done: 0 }), "Retrying…");
});

test("what is over says what was done, what was not, and why", () => {
  assert.equal(said({ done: 5000 }), "5,000 processes retried.");
  assert.equal(said({ done: 1, matched: 1, move: "cancel" }), "1 process cancelled.");
  assert.equal(said({ done: 4000 }), "4,000 processes retried; 1,000 had been retried before.");
  assert.equal(said({ done: 4000, move: "cancel" }), "4,000 processes cancelled; 1,000 were over by then.");
  assert.equal(
    said({ done: 1990, most: 2000, move: "remove" }),
    "1,990 processes removed; 10 were gone by then; 3,000 more than the cap left as they were.",
  );
});

test("what was cut off says how far it came, and that a repeat is safe", () => {
  assert.equal(
    said({ standing: "lost" }),
    "Stopped after 1,234 of 5,000: the page was left. What was retried stays so. Retrying again makes nothing twice.",
  );
  assert.equal(
    said({ standing: "failed", move: "remove", error: "the connection was lost" }),
    "Stopped after 1,234 of 5,000: the connection was lost. What was removed stays so. The same again does the rest.",
  );
});

test("what an older page kept has no cap, and is said all the same", () => {
  assert.equal(outcome({ move: "retry", matched: 5, done: 5, standing: "done" }), "5 processes retried.");
});
