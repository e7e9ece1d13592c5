import assert from "node:assert/strict";
import test from "node:test";

import { asked, inWords, localOf, NO_TYPE, stateOf, timeOf, utcOf } from "../src/filters.js";

const words = (/** @type {any} */ filter, /** @type {any} */ about = undefined) =>
  inWords(filter, (ms) => `T${ms}`, about);

test("a filter is asked for as the broker takes it", () => {
  const filter = {
    state: "failed",
    type: "cli",
    func: "convert",
    label: "l",
    cause: "c",
    text: "t",
    since: "2026-01-01Z",
  };
  assert.deepEqual(asked(filter), {
    state: 3,
    executortype: "cli",
    func: "convert",
    label: "l",
    cause: "c",
    text: "t",
    since: Date.parse("2026-01-01Z"),
  });
  assert.deepEqual(asked({}), {});
});

test("what means nothing is left out", () => {
  assert.deepEqual(asked({ state: "broken", since: "yesterday", executor: "bob", type: "" }), {});
});

test("named executors are a type that is none", () => {
  assert.deepEqual(asked({ type: NO_TYPE }), { executortype: "" });
  assert.equal(words({ type: NO_TYPE, state: "failed" }), "failed processes for named executors");
});

test("a text is no longer than the broker takes", () => {
  assert.equal(asked({ text: "x".repeat(1000) }).text?.length, 256);
});

test("a filter is said in words", () => {
  assert.equal(words({}), "processes");
  assert.equal(words({ state: "failed", type: "cli" }), "failed processes of type “cli”");
  assert.equal(words({ state: "1", func: "convert" }), "running processes, with the function “convert”");
  assert.equal(
    words({ state: "failed", type: "cli", text: "disk", before: "1700000000000" }),
    "failed processes of type “cli”, with “disk” in an argument or error, submitted before T1700000000000",
  );
});

test("states that a move takes are said where the filter names none, and one is one", () => {
  const states = ["successful", "failed", "cancelled"];
  assert.equal(words({}, { states }), "successful, failed and cancelled processes");
  assert.equal(words({ state: "failed" }, { states, number: 1 }), "failed process");
});

test("a state is known by its name and by its number", () => {
  assert.deepEqual(["waiting", "Failed", "4", "5", "all", "", undefined].map(stateOf), [
    0,
    3,
    4,
    ...Array(4).fill(undefined),
  ]);
});

test("a time in an address is the same whoever reads it, and a field has it in their own zone", () => {
  const local = "2026-03-01T14:05";
  assert.match(utcOf(local), /^2026-0[23]-\d\dT\d\d:\d\dZ$/);
  assert.equal(timeOf(utcOf(local)), Date.parse(local));
  assert.equal(localOf(utcOf(local)), local);
  assert.equal(localOf(String(Date.parse(local))), local);
  assert.equal(localOf(utcOf("0002-03-01T14:05")), "0002-03-01T14:05"); // as somebody types a year
  assert.deepEqual([utcOf(""), utcOf("soon"), localOf("soon")], ["", "", ""]);
});
