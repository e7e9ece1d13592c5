/** Subscriptions as whoever iterates sees them: what is heard, what is passed over, and every way in which they end. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as errors from "../src/errors.js";
import { MAX_UNREAD } from "../src/following.js";
import { clientOf } from "./support/broker.js";
import { inTime } from "./support/queue.js";
import { KEY, PROCESS, StrangeBroker } from "./support/strange_broker.js";
import { frameOf, notification } from "./support/wire.js";

/** @import { TestContext } from "node:test" */
/** @import { Subscription } from "../src/index.js" */

/**
 * A subscription that a strange broker has made, under the number 7.
 * @param {TestContext} t
 * @param {import("../src/client.js").SubscribeOptions} [options]
 */
async function subscribed(t, options) {
  const strange = await StrangeBroker.open(t);
  const client = clientOf(t, strange.address, { key: KEY });
  const subscription = client.subscribe("cli", options);
  const { made } = subscription;
  const guest = await strange.guest();
  const request = await guest.asked("subscribe");
  guest.answer(request, { subscription: 7 });
  await made;
  return { strange, client, subscription, guest, request };
}

/** @param {number} number */
function pushed(number) {
  const process = { ...PROCESS, processid: String(number) };
  return notification("process", { subscription: 7, event: "submitted", process });
}

/** @param {Subscription} subscription */
async function processids(subscription) {
  const heard = [];
  for await (const { processid } of subscription) heard.push(processid);
  return heard;
}

test("a subscription says what it wants to hear", async (t) => {
  const { request } = await subscribed(t, { state: 3, wake: "one", timeout: 60 });
  const { timeout, ...others } = request.params;
  assert.deepEqual(others, { executortype: "cli", state: 3, wake: "one" });
  assert(timeout > 59 && timeout <= 60);
});

test("it is made once, however often that is waited for", async (t) => {
  const { subscription, guest } = await subscribed(t);
  await Promise.all([subscription.made, subscription.made]);
  assert.deepEqual(guest.frames, [["subscribe"]]);
});

test("what came before its end is heard, and then its end", async (t) => {
  const { subscription, guest } = await subscribed(t, { timeout: 60 });
  guest.say(frameOf(pushed(1), pushed(2), notification("ended", { subscription: 7, reason: "timeout" })));
  assert.deepEqual(await processids(subscription), ["1", "2"]);
  await assert.rejects(subscription.nextEvent(), { name: "SubscriptionEnded", reason: "timeout", retry: true });
});

test("it ends by itself soon after its time where the broker does not say so", async (t) => {
  const { subscription } = await subscribed(t, { timeout: 0.05 });
  assert.deepEqual(await processids(subscription), []);
  await assert.rejects(subscription.nextEvent(), { reason: "timeout" });
});

test("one for longer than a timer holds waits", async (t) => {
  const { subscription, guest } = await subscribed(t, { timeout: 30 * 86400 });
  const hearing = subscription.nextEvent();
  const [first] = await Promise.all([hearing, guest.say(frameOf(pushed(1)))]);
  assert.equal(first.process.processid, "1");
  const waiting = subscription.nextEvent();
  assert.equal(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 5, "waits"))]), "waits");
  subscription.close();
  await assert.rejects(waiting, { reason: "cancelled" });
});

test("leaving the loop ends it at the broker", async (t) => {
  const { subscription, guest } = await subscribed(t);
  guest.say(frameOf(pushed(1), pushed(2)));
  for await (const { event } of subscription.events()) {
    assert.equal(event, "submitted");
    break;
  }
  assert.deepEqual((await guest.asked("subscription.cancel")).params, { subscription: 7 });
});

test("an error in the loop ends it as well", async (t) => {
  const { subscription, guest } = await subscribed(t);
  guest.say(frameOf(pushed(1)));
  const looping = (async () => {
    for await (const _ of subscription) throw new Error("in the loop");
  })();
  await assert.rejects(looping, /in the loop/);
  await guest.asked("subscription.cancel");
});

test("closing it ends the loop of whoever waits, without an error", async (t) => {
  const { subscription, guest } = await subscribed(t);
  const heard = processids(subscription);
  subscription.close();
  subscription.close();
  assert.deepEqual(await heard, []);
  await guest.asked("subscription.cancel");
});

test("what the broker ends for another reason is thrown", async (t) => {
  const { subscription, guest } = await subscribed(t);
  guest.notify("ended", { subscription: 7, reason: "cancelled" });
  await assert.rejects(processids(subscription), { name: "SubscriptionEnded", reason: "cancelled" });
});

test("closing the client ends the loop", async (t) => {
  const { client, subscription } = await subscribed(t);
  const heard = processids(subscription);
  await client.close();
  assert.deepEqual(await heard, []);
});

test("a refusal is thrown to whoever waits, and to whoever comes later", async (t) => {
  const strange = await StrangeBroker.open(t);
  const client = clientOf(t, strange.address, { key: KEY });
  const subscription = client.subscribe("cli");
  const refused = Promise.all([
    assert.rejects(subscription.made, errors.UnknownIdentity),
    assert.rejects(processids(subscription), errors.UnknownIdentity),
  ]);
  const guest = await strange.guest();
  guest.refuse(await guest.asked("subscribe"), new errors.UnknownIdentity("who?"));
  await refused;
  await assert.rejects(subscription.made, errors.UnknownIdentity);
});

test("what cannot be asked for is thrown, each time", async (t) => {
  const client = clientOf(t, "http://127.0.0.1:9", { key: KEY });
  const subscription = client.subscribe("cli\ud800");
  for (let count = 0; count < 2; count++) {
    await assert.rejects(inTime(subscription.nextEvent()), errors.BadRequest);
    await assert.rejects(inTime(subscription.made), errors.BadRequest);
  }
});

test("one that was closed before it was made says so at once", async (t) => {
  const client = clientOf(t, "http://127.0.0.1:9", { key: KEY, connectSeconds: 1000 });
  const subscription = client.subscribe("cli");
  subscription.close();
  await assert.rejects(subscription.made, { reason: "cancelled" });
  assert.deepEqual(await processids(subscription), []);
});

test("whoever does not read has what is oldest passed over, and is told how much", async (t) => {
  const { client, subscription, guest } = await subscribed(t);
  const more = 10;
  for (let number = 0; number < MAX_UNREAD + more; number++) guest.say(frameOf(pushed(number)));
  const asking = client.serverInfo();
  guest.answer(await guest.asked("server.info"), {});
  await asking;
  assert.equal(subscription.missed, more);
  assert.equal((await subscription.nextEvent()).process.processid, String(more));
});

test("the guide's call hands each process on, one after the other, and throws what its callback throws", async (t) => {
  const strange = await StrangeBroker.open(t);
  const client = clientOf(t, strange.address);
  /** @type {string[]} */ const told = [];
  const calling = client.subscribeProcesses("cli", 30, 0, KEY.privateKey, async ({ processid }) => {
    told.push(`begin ${processid}`);
    await null;
    told.push(`end ${processid}`);
    if (processid === "2") throw new Error("the callback's");
  });
  const refused = assert.rejects(calling, /the callback's/);
  const guest = await strange.guest();
  guest.answer(await guest.asked("subscribe"), { subscription: 7 });
  guest.say(frameOf(pushed(1), pushed(2), pushed(3)));
  await refused;
  assert.deepEqual(told, ["begin 1", "end 1", "begin 2", "end 2"]);
  await guest.asked("subscription.cancel");
});
