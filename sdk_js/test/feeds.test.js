/** What a client is told without asking: figures, activity and log lines, and what is kept of them. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Standing } from "../src/asked.js";
import { BadFrame } from "../src/errors.js";
import { Broker, clientOf, spec } from "./support/broker.js";
import { KEY, StrangeBroker, untilHeard } from "./support/strange_broker.js";
import { ANN, Heard, Talk } from "./support/talk.js";
import { frameOf, notification } from "./support/wire.js";

const broker = await Broker.running({ after });

// — without a connection —

/** @param {Talk} talk @param {string} method @param {number} number */
function followed(talk, method, number) {
  /** @type {any[]} */ const told = [];
  const settled = new Heard();
  const standing = new Standing(method, {}, ANN, {
    push: (value) => told.push(value),
    ended: () => {},
    until: null,
    lasts: true,
    settle: settled.settle,
  });
  talk.dialogue.ask(standing);
  talk.answer(talk.one(), { subscription: number });
  return told;
}

test("each notification reaches the subscription of its number, and says what it says", () => {
  const talk = Talk.opened();
  const stats = followed(talk, "stats.subscribe", 1);
  const activity = followed(talk, "activity.subscribe", 2);
  const log = followed(talk, "log.subscribe", 3);
  talk.notify("stats", { subscription: 1, stats: { time: 5, types: [] } });
  talk.notify("activity", { subscription: 2, events: [{ event: "failed" }], missed: 7 });
  talk.notify("log", { subscription: 3, processid: "p", seq: 9 });
  talk.notify("log", { subscription: 4, processid: "p", seq: 9 });
  talk.notify("stats", { subscription: 3, stats: { time: 5, types: [] } });
  assert.deepEqual(stats, [{ time: 5, types: [] }]);
  assert.deepEqual(activity, [{ events: [{ event: "failed" }], missed: 7 }]);
  assert.deepEqual(log, [{ processid: "p", seq: 9 }]);
});

for (const [name, params] of /** @type {[string, Record<string, unknown>][]} */ ([
  ["stats", { subscription: 1 }],
  ["stats", { subscription: 1, stats: [] }],
  ["activity", { subscription: 1, missed: 1 }],
  ["progress", { id: 1, done: 1 }],
  ["progress", { id: 1, done: "many", matched: 2 }],
])) {
  test(`a notification without what belongs into it is a bad frame: ${name} ${JSON.stringify(params)}`, () => {
    assert.throws(() => Talk.opened().notify(name, params), BadFrame);
  });
}

// — what is kept for whoever does not read —

test("of figures that nobody has read only the newest are kept, and none count as missed", async (t) => {
  const strange = await StrangeBroker.open(t);
  const client = clientOf(t, strange.address, { key: KEY });
  const figures = client.subscribeStats({ interval: 0.5 });
  const { made } = figures;
  const guest = await strange.guest();
  const request = await guest.asked("stats.subscribe");
  assert.deepEqual(request.params, { interval: 0.5 });
  guest.answer(request, { subscription: 7 });
  await made;
  const told = (/** @type {number} */ time) => notification("stats", { subscription: 7, stats: { time, types: [] } });
  guest.say(frameOf(told(1), told(2), told(3)));
  await untilHeard(client, guest);
  assert.equal((await figures.nextEvent()).time, 3);
  guest.say(frameOf(told(4)));
  for await (const { time } of figures) {
    assert.equal(time, 4);
    break;
  }
  assert.equal(figures.missed, 0);
  assert.deepEqual((await guest.asked("subscription.cancel")).params, { subscription: 7 });
});

test("a log's follower is woken when it was made, when there is a line, and after a reconnect", async (t) => {
  const strange = await StrangeBroker.open(t);
  const client = clientOf(t, strange.address, { key: KEY });
  const lines = client.subscribeLogs("p".repeat(32));
  const first = lines.nextEvent();
  const guest = await strange.guest();
  guest.answer(await guest.asked("log.subscribe"), { subscription: 1 });
  assert.equal((await first).seq, 0);
  guest.notify("log", { subscription: 1, processid: "p", seq: 4 });
  assert.equal((await lines.nextEvent()).seq, 4);
  guest.break();
  const next = await strange.guest();
  next.answer(await next.asked("log.subscribe"), { subscription: 2 });
  assert.equal((await lines.nextEvent()).seq, 0);
  lines.close();
});

// — with a real broker —

test("figures, activity and log lines come by themselves", async (t) => {
  const colony = await broker.colony();
  const client = clientOf(t, broker.address, { key: colony.operator });
  const activity = client.subscribeActivity();
  await activity.made;
  const { processid } = await client.submit(spec("live"));
  for await (const { types } of client.subscribeStats({ interval: 0.25 })) {
    if (types.some(({ waiting }) => waiting === 1)) break;
  }
  const { events } = await activity.nextEvent();
  assert.deepEqual([events[0].event, events[0].processid, events[0].func], ["submitted", processid, "live"]);
  await client.assign({ timeout: 30, prvkey: colony.executor });
  for await (const { seq } of client.subscribeLogs(processid)) {
    if (seq === 1) break;
    await client.addLog(processid, "hello", { prvkey: colony.executor });
  }
});
