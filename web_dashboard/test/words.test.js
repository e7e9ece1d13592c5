import assert from "node:assert/strict";
import test from "node:test";

import { absent, approvals, troubles } from "../src/words.js";

const NOW = 1_800_000_000_000;
const QUIET = {
  executortype: "cli",
  waiting: 0,
  running: 0,
  successful: 0,
  failed: 0,
  cancelled: 0,
  successfulminute: 0,
  failedminute: 0,
  oldest: 0,
  executors: 3,
  online: 2,
  busy: 0,
  lastseen: NOW,
};
const MINUTE = 60_000;

const said = (/** @type {any[]} */ ...types) =>
  troubles({ time: NOW, left: 0, types: types.map((type) => ({ ...QUIET, ...type })) }).map(({ text }) => text);

test("nothing is wrong where nothing waits, or not for long", () => {
  assert.deepEqual(said({}), []);
  assert.deepEqual(said({ waiting: 40, oldest: NOW - 5000 }), []);
});

test("what waits for nobody says since when there is nobody", () => {
  const waiting = { waiting: 40, oldest: NOW - 13 * MINUTE, online: 0 };
  assert.deepEqual(said({ ...waiting, lastseen: NOW - 12 * MINUTE }), [
    "cli: 40 waiting, no executor connected for 12 min",
  ]);
  assert.deepEqual(said({ ...waiting, lastseen: 0 }), ["cli: 40 waiting, no executor was ever connected"]);
  assert.deepEqual(said({ ...waiting, lastseen: 0, executors: 0 }), [
    "cli: 40 waiting, there is no executor of this type",
  ]);
});

test("a page that is loaded again is no executor that is gone", () => {
  assert.deepEqual(said({ waiting: 1, oldest: NOW - 2000, online: 0, lastseen: NOW - 2000 }), []);
  assert.deepEqual(said({ waiting: 1, oldest: NOW - 5 * MINUTE, online: 0, lastseen: NOW - 2000 }), []);
});

test("executors that are connected and take nothing are said", () => {
  assert.deepEqual(said({ waiting: 3, oldest: NOW - 4 * MINUTE }), [
    "cli: 3 waiting for up to 4 min, 2 executors connected and none takes anything",
  ]);
});

test("a queue that is only long says who is busy", () => {
  assert.deepEqual(said({ waiting: 1200, oldest: NOW - 4 * MINUTE, busy: 2, running: 2 }), [
    "cli: 1,200 waiting for up to 4 min, 2 of 2 connected executors busy",
  ]);
});

test("failures are said from the third in a minute, with their part of what ended", () => {
  assert.deepEqual(said({ failedminute: 2 }), []);
  assert.deepEqual(said({ failedminute: 120, successfulminute: 80 }), [
    "cli: 120 failures in the last minute, 60 % of what ended",
  ]);
});

test("the most urgent comes first, and equal ones by name", () => {
  const found = said(
    { executortype: "b", failedminute: 3, successfulminute: 97 },
    { executortype: "z", waiting: 1, oldest: NOW, online: 0, lastseen: 0 },
    { executortype: "a", waiting: 9, oldest: NOW - 5 * MINUTE, busy: 1, running: 1 },
    { executortype: "y", waiting: 1, oldest: NOW, online: 0, lastseen: 0 },
  );
  assert.deepEqual(
    found.map((text) => text[0]),
    ["y", "z", "b", "a"],
  );
});

test("what names its executors is not judged by a type", () => {
  assert.deepEqual(said({ executortype: "", waiting: 9, oldest: 1, executors: 0, online: 0, lastseen: 0 }), []);
});

test("each leads to where something can be done", () => {
  const [waiting, failing] = troubles({
    time: NOW,
    left: 0,
    types: [
      { ...QUIET, waiting: 1, oldest: 1, executors: 0 },
      { ...QUIET, failedminute: 3, successfulminute: 97 },
    ],
  });
  assert.deepEqual(waiting.to, { panel: "queue", id: "cli", filter: { state: "waiting" } });
  assert.deepEqual(failing.to, { panel: "failures", filter: { type: "cli" } });
});

test("executors that wait for approval are counted", () => {
  const executor = (/** @type {number} */ state) => /** @type {any} */ ({ state });
  assert.deepEqual(approvals([executor(1), executor(2)]), []);
  assert.equal(approvals([executor(0)])[0].text, "1 executor waits for approval");
  assert.equal(approvals([executor(0), executor(0)])[0].text, "2 executors wait for approval");
});

const GONE = { executortype: "cli", online: false, running: 3, lastseen: NOW - 4 * MINUTE };
const absence = (/** @type {any} */ counts, /** @type {any[]} */ ...executors) =>
  absent(
    executors.map((executor) => ({ ...GONE, ...executor })),
    { time: NOW, left: 0, types: [{ ...QUIET, busy: 1, ...counts }] },
  );

test("what runs on executors that are gone is said, and leads to them", () => {
  const [one] = absence({}, {}, { online: true }, { running: 0 });
  assert.equal(one.text, "cli: 3 running on an executor that has not been connected for 4 min");
  assert.deepEqual(one.to, { panel: "executors", filter: { type: "cli", state: "away" } });
  const found = absence({}, {}, { running: 1, lastseen: NOW - MINUTE }, { executortype: "lamp", running: 1 });
  assert.deepEqual(
    found.map(({ text }) => text),
    [
      "cli: 4 running on 2 executors that have not been connected for up to 4 min",
      "lamp: 1 running on an executor that has not been connected for 4 min",
    ],
  );
});

test("who is gone for a moment is not said, and for less than a minute quietly", () => {
  assert.deepEqual(absence({}, { lastseen: NOW - 2000 }), []);
  assert.equal(absence({}, { lastseen: NOW - 20_000 })[0].urgency, 1);
  assert.equal(absence({}, {})[0].urgency, 2);
});

test("an old list of executors is not believed against newer figures", () => {
  assert.deepEqual(absence({ executors: 2, online: 2 }, {}), []);
  assert.deepEqual(absence({ busy: 0 }, {}), []);
});
