import assert from "node:assert/strict";
import test from "node:test";

import { timeline } from "../src/timeline.js";

const START = 1_800_000_000_000;
const PROCESS = /** @type {any} */ ({ submissiontime: START, endtime: 0, attempt: 0, history: [] });
const of = (/** @type {any} */ change, now = START) => timeline({ ...PROCESS, ...change }, now);
const attempt = (/** @type {number} */ number, /** @type {any} */ change) => ({
  attempt: number,
  executorid: "e",
  start: START,
  end: 0,
  ended: "",
  ...change,
});

test("attempts lie where they were between the submission and the end", () => {
  const { rows, missing, to } = of({
    attempt: 2,
    endtime: START + 1000,
    history: [
      attempt(1, { start: START + 100, end: START + 350, ended: "overrun" }),
      attempt(2, { start: START + 500, end: START + 1000, ended: "successful" }),
    ],
  });
  assert.deepEqual(
    rows.map(({ kind, from, width }) => [kind, from, width]),
    [
      ["late", 0.1, 0.25],
      ["good", 0.5, 0.5],
    ],
  );
  assert.deepEqual([missing, to], [0, START + 1000]);
});

test("one that runs ends now, also by a clock that is behind", () => {
  const history = [attempt(1, { start: START + 500 })];
  const [running] = of({ attempt: 1, history }, START + 1000).rows;
  assert.deepEqual([running.kind, running.from, running.width], ["running", 0.5, 0.5]);
  const [behind] = of({ attempt: 1, history }, START - 60_000).rows;
  assert.deepEqual([behind.from, behind.width], [1, 0]);
});

test("what the broker did not keep is counted, and an end that nobody knows is said as it is", () => {
  const history = Array.from({ length: 20 }, (_, index) => attempt(index + 6, { end: START + 1, ended: "evaporated" }));
  const { rows, missing } = of({ attempt: 25, history });
  assert.equal(missing, 5);
  assert.deepEqual([rows[0].attempt, rows[0].ended, rows[0].kind], [6, "evaporated", "back"]);
});
