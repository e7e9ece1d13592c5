import assert from "node:assert/strict";
import test from "node:test";

import { countsOf, together, token } from "../src/counts.js";
import { NO_TYPE } from "../src/filters.js";
import { typeChoices } from "../src/types.js";

const NONE = {
  ...{ waiting: 0, running: 0, successful: 0, failed: 0, cancelled: 0, successfulminute: 0, failedminute: 0 },
  ...{ oldest: 0, executors: 0, online: 0, busy: 0, lastseen: 0 },
};
/** @type {any} */
const STATS = {
  time: 1,
  types: [
    { ...NONE, executortype: "lamp", waiting: 2, oldest: 50, lastseen: 7 },
    { ...NONE, executortype: "", waiting: 1, oldest: 40 },
    { ...NONE, executortype: "cli", failed: 5, executors: 3, online: 1 },
  ],
};

test("counts are those of one type, of none, or of all", () => {
  const names = (/** @type {string} */ type) => countsOf(STATS, type).map(({ executortype }) => executortype);
  assert.deepEqual(names("lamp"), ["lamp"]);
  assert.deepEqual(names(NO_TYPE), [""]);
  assert.deepEqual(names(""), ["lamp", "", "cli"]);
  assert.deepEqual(countsOf(null, "lamp"), []);
});

test("together they add up, and the oldest of all is the oldest", () => {
  const { waiting, failed, executors, oldest, lastseen } = together(STATS.types);
  assert.deepEqual([waiting, failed, executors, oldest, lastseen], [3, 5, 3, 40, 7]);
  assert.deepEqual([together([]).waiting, together([]).oldest], [0, 0]);
});

test("a token is another one whenever a state has gained or lost, and for nothing else", () => {
  const [lamp] = STATS.types;
  assert.notEqual(token([lamp]), token([{ ...lamp, waiting: 1, running: 1 }]));
  assert.equal(token([lamp]), token([{ ...lamp, online: 9, lastseen: 99 }]));
});

test("every type can be chosen, the one that is asked for among them, and none where there is some of it", () => {
  const values = (/** @type {any} */ stats, /** @type {string} */ chosen) =>
    typeChoices(stats, chosen).map(([value]) => value);
  assert.deepEqual(values(STATS, "mill"), ["", "cli", "lamp", "mill", NO_TYPE]);
  assert.deepEqual(values(null, ""), [""]);
});
