import assert from "node:assert/strict";
import test from "node:test";

import { hearEvents, KEPT_ENTRIES, NO_ACTIVITY, pause, wake } from "../src/activity.js";

const event = (/** @type {string} */ processid) => /** @type {any} */ ({ processid, event: "submitted" });
const events = (/** @type {number} */ count, from = 0) =>
  Array.from({ length: count }, (_, index) => event(`p${from + index}`));
const heard = (/** @type {any} */ activity, /** @type {any[]} */ those, missed = 0) =>
  hearEvents(activity, { events: those, missed, at: 1 });
const ids = (/** @type {any} */ { entries }) =>
  entries.map((/** @type {any} */ entry) => entry.event?.processid ?? entry.gap);

test("the newest is on top", () => {
  const activity = heard(heard(NO_ACTIVITY, events(2)), events(2, 2));
  assert.deepEqual(ids(activity), ["p3", "p2", "p1", "p0"]);
});

test("however much comes, no more is kept than the bound", () => {
  let activity = NO_ACTIVITY;
  for (let round = 0; round < 20; round += 1) activity = heard(activity, events(200, 200 * round));
  assert.equal(activity.entries.length, KEPT_ENTRIES);
  assert.equal(ids(activity)[0], "p3999");
});

test("every entry has a number of its own, whatever happens in between", () => {
  let activity = heard(NO_ACTIVITY, events(3), 5);
  activity = wake(activity, { why: "hidden", at: 2 });
  activity = pause(heard(pause(activity, true), events(3)), false);
  const numbers = activity.entries.map(({ number }) => number);
  assert.equal(new Set(numbers).size, numbers.length);
  assert.deepEqual(
    numbers,
    [...numbers].sort((one, other) => other - one),
  );
});

test("what the broker left out is a gap with its number", () => {
  const [gap] = heard(NO_ACTIVITY, events(1), 340).entries;
  assert.deepEqual(gap, { number: 2, gap: "too many at once", missed: 340, time: 1 });
});

test("a pause holds what comes, counts it with what was left out, and gives it back", () => {
  const before = heard(NO_ACTIVITY, events(1));
  const paused = heard(pause(before, true), events(2, 1), 10);
  assert.deepEqual(ids(paused), ["p0"]);
  assert.equal(paused.unseen, 12);
  const after = pause(paused, false);
  assert.deepEqual(ids(after), ["too many at once", "p2", "p1", "p0"]);
  assert.equal(after.unseen, 0);
});

test("what is held during a pause is bounded too", () => {
  let activity = pause(NO_ACTIVITY, true);
  for (let round = 0; round < 20; round += 1) activity = heard(activity, events(200));
  assert.equal(activity.held.length, KEPT_ENTRIES);
  assert.equal(activity.unseen, 4000);
});

test("a time in which nothing was heard is a gap, but not before anything was heard", () => {
  assert.equal(wake(NO_ACTIVITY, { why: "hidden", at: 1 }), NO_ACTIVITY);
  assert.deepEqual(ids(wake(heard(NO_ACTIVITY, events(1)), { why: "hidden", at: 1 })), ["hidden", "p0"]);
});

test("pausing twice is pausing once", () => {
  const paused = heard(pause(NO_ACTIVITY, true), events(2));
  assert.equal(pause(paused, true), paused);
});
