import assert from "node:assert/strict";
import test from "node:test";

import { INITIAL, isCurrent, mayAct, reduce } from "../src/state.js";

/** @type {(state: any, ...messages: any[]) => any} */
const after = (state, ...messages) => messages.reduce(reduce, state);
const link = (/** @type {string} */ state, since = 0, trouble = "") => ({
  kind: "link",
  link: { state, trouble, since },
});
const stats = (/** @type {number} */ failed) => ({ time: 1000, types: [{ executortype: "cli", failed }] });

test("what is not known is null and never zero", () => {
  assert.equal(INITIAL.stats, null);
  assert.equal(INITIAL.me, null);
  assert.equal(mayAct(INITIAL), false);
});

test("owners and operators may act, viewers and executors may not", () => {
  const may = (/** @type {string} */ role) => mayAct(after(INITIAL, { kind: "me", me: { role } }));
  assert.deepEqual(["owner", "operator", "viewer", "executor"].map(may), [true, true, false, false]);
});

test("the age of a loss is that of the loss, however often it is tried again", () => {
  const state = after(
    INITIAL,
    link("open", 1),
    link("waiting", 5, "gone"),
    link("connecting", 6),
    link("waiting", 7, "refused"),
  );
  assert.deepEqual(state.link, { state: "waiting", trouble: "refused", since: 5 });
  assert.equal(after(state, link("open", 9)).link.since, 9);
});

test("a key that is not wanted stays unwanted", () => {
  assert.equal(after(INITIAL, link("refused", 1, "unknown"), link("open", 2)).link.state, "refused");
});

test("figures are those of now while the connection is open and they keep coming", () => {
  const state = after(INITIAL, link("open"), { kind: "stats", stats: stats(0), at: 1000 });
  assert.equal(isCurrent(state, 6000), true);
  assert.equal(isCurrent(state, 60_000), false);
  assert.equal(isCurrent(after(state, link("waiting")), 1001), false);
});

test("an answer to other parameters is never taken for the current one", () => {
  const asked = after(INITIAL, { kind: "asking", name: "list", key: "a" });
  const answered = after(asked, { kind: "answer", name: "list", key: "a", value: 1, at: 5 });
  assert.deepEqual(answered.queries.list, { key: "a", value: 1, at: 5, error: "", isAsking: false });
  const other = after(answered, { kind: "asking", name: "list", key: "b" });
  assert.equal(other.queries.list.value, null);
  assert.equal(after(other, { kind: "answer", name: "list", key: "a", value: 2, at: 6 }).queries.list.value, null);
});

test("the last answer stays beside the error of a later one, with its age", () => {
  const state = after(
    INITIAL,
    { kind: "asking", name: "list", key: "a" },
    { kind: "answer", name: "list", key: "a", value: 1, at: 5 },
    { kind: "asking", name: "list", key: "a" },
    { kind: "answer", name: "list", key: "a", error: "no store", at: 9 },
  );
  assert.deepEqual(state.queries.list, { key: "a", value: 1, at: 5, error: "no store", isAsking: false });
});

test("what no panel asks for any more is forgotten", () => {
  const state = after(INITIAL, { kind: "asking", name: "list", key: "a" }, { kind: "forget", names: ["list"] });
  assert.deepEqual(state.queries, {});
});

test("new failures are worth reading aloud, those that were there are not", () => {
  const first = after(INITIAL, { kind: "stats", stats: stats(7), at: 1 });
  assert.equal(first.said, "");
  assert.equal(after(first, { kind: "stats", stats: stats(8), at: 2 }).said, "1 more process failed, 8 in all");
  assert.equal(after(first, { kind: "stats", stats: stats(10), at: 2 }).said, "3 more processes failed, 10 in all");
});

test("lines of a log come once, in order, and no more than are kept", () => {
  const lines = (/** @type {number} */ from, /** @type {number} */ to) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({ seq: from + index }));
  let state = after(
    INITIAL,
    { kind: "log", processid: "p", lines: lines(1, 3) },
    { kind: "log", processid: "p", lines: lines(2, 5) },
  );
  assert.deepEqual(
    state.log.lines.map((/** @type {any} */ { seq }) => seq),
    [1, 2, 3, 4, 5],
  );
  state = after(state, { kind: "log", processid: "p", lines: lines(6, 20_000) });
  assert.equal(state.log.lines.length, 10_000);
  assert.deepEqual(after(state, { kind: "log", processid: "q", lines: [] }).log.lines, []);
});

test("actions are told by their id, newest first, and a few are kept", () => {
  let state = INITIAL;
  for (let at = 0; at < 50; at += 1) state = after(state, { kind: "action", action: { id: `a${at}`, at, done: 0 } });
  state = after(state, { kind: "action", action: { id: "a49", at: 49, done: 7 } });
  assert.equal(state.actions.length, 20);
  assert.deepEqual(state.actions[0], { id: "a49", at: 49, done: 7 });
  assert.equal(after(state, { kind: "dismiss", id: "a49" }).actions[0].id, "a48");
});
