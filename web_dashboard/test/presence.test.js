import assert from "node:assert/strict";
import test from "node:test";

import { byUrgency, standing } from "../src/presence.js";

const NOW = 1_800_000_000_000;
const IDLE = /** @type {any} */ ({ state: 1, online: true, running: 0, lastseen: NOW, lastasked: NOW });
const kind = (/** @type {any} */ change, waiting = 0) => standing({ ...IDLE, ...change }, waiting, NOW).kind;

test("connected is not at work", () => {
  assert.equal(kind({}), "idle");
  assert.equal(kind({ running: 2 }, 9), "busy");
  assert.equal(kind({ lastasked: NOW - 180_000 }, 40), "quiet");
  assert.equal(kind({ lastasked: NOW - 180_000 }, 0), "idle");
  assert.match(
    standing({ ...IDLE, lastasked: NOW - 180_000 }, 40, NOW).text,
    /not asked for work for 3 min while 40 processes wait/,
  );
});

test("who may not work is said before how it is connected", () => {
  assert.deepEqual([kind({ state: 0 }), kind({ state: 2 }), kind({ online: false })], ["pending", "rejected", "away"]);
});

test("what needs eyes comes first", () => {
  const kinds = ["away", "idle", "pending", "quiet", "busy"].map((name) => ({ kind: name, text: "" }));
  assert.deepEqual(
    kinds.sort(byUrgency).map(({ kind: name }) => name),
    ["quiet", "pending", "busy", "idle", "away"],
  );
});
