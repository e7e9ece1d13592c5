import assert from "node:assert/strict";
import test from "node:test";

import { byUrgency, isStanding, standing, STANDINGS } from "../src/presence.js";

const NOW = 1_800_000_000_000;
const IDLE = /** @type {any} */ ({ state: 1, online: true, running: 0, lastseen: NOW, lastasked: NOW });
const how = (/** @type {any} */ change, waiting = 0) => standing({ ...IDLE, ...change }, waiting, NOW);
const kind = (/** @type {any} */ change, waiting = 0) => how(change, waiting).kind;

test("connected is not at work", () => {
  assert.equal(kind({}), "idle");
  assert.equal(kind({ running: 2 }, 9), "busy");
  assert.equal(kind({ lastasked: NOW - 180_000 }, 40), "quiet");
  assert.equal(kind({ lastasked: NOW - 180_000 }, 0), "idle");
  assert.match(how({ lastasked: NOW - 180_000 }, 40).text, /not asked for work for 3 min while 40 processes wait/);
});

test("whoever stands in line is ready, whatever waits for others", () => {
  assert.deepEqual(how({}, 3), { kind: "idle", text: "connected, ready for work" });
});

test("since when one does not ask is said while nothing waits as well", () => {
  assert.match(how({ lastasked: NOW - 180_000 }).text, /nothing to do; has not asked for work for 3 min/);
  assert.match(how({ lastasked: 0 }).text, /nothing to do; has not asked for work yet/);
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

test("every state that can be chosen finds some, and one that means nothing finds all", () => {
  const kinds = ["quiet", "pending", "busy", "idle", "away", "rejected"].map((name) => ({ kind: name, text: "" }));
  const found = STANDINGS.map(([wanted]) => kinds.filter((one) => isStanding(one, wanted)).length);
  assert.deepEqual(found, [6, 1, 1, 3, 1, 1, 4, 1]);
  assert.equal(kinds.filter((one) => isStanding(one, "toString")).length, 6);
});
