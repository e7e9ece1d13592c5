/** Brokers that turn a client away or stop, and a client that goes in the wrong moment. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as errors from "../src/errors.js";
import { Colonies, Worker } from "../src/index.js";
import { clientOf } from "./support/broker.js";
import { inTime } from "./support/queue.js";
import { INFO, KEY, PROCESS, StrangeBroker } from "./support/strange_broker.js";
import { tcpServer } from "./support/tcp.js";
import { frameOf, notification } from "./support/wire.js";

/** @import { TestContext } from "node:test" */

/** @param {TestContext} t */
async function met(t) {
  const strange = await StrangeBroker.open(t);
  return { strange, client: clientOf(t, strange.address, { key: KEY }) };
}

/** @param {TestContext} t */
async function metTwo(t) {
  const [stopping, other] = [await StrangeBroker.open(t), await StrangeBroker.open(t)];
  const chance = t.mock.method(Math, "random", () => 0); // it goes to them in this order
  const client = clientOf(t, [stopping.address, other.address], { key: KEY });
  chance.mock.restore();
  return { stopping, other, client };
}

// — being sent away —

for (const [code, words] of /** @type {[number, RegExp][]} */ ([
  [4500, /could not read/],
  [4501, /a signature did not hold/],
  [4502, /came twice/],
  [4503, /larger than it takes/],
  [4504, /nothing signed/],
  [4505, /does not let this client in/],
  [4999, /close code 4999/],
])) {
  test(`a close code that says stay away is believed: ${code}`, async (t) => {
    const { strange, client } = await met(t);
    const calls = [client.serverInfo(), client.assign({ timeout: 30 }), client.subscribe("cli").nextEvent()];
    const refused = calls.map((call) => assert.rejects(call, { name: "TurnedAway", message: words }));
    const guest = await strange.guest();
    await guest.asked("server.info");
    guest.close(code, "go");
    await Promise.all(refused);
    await assert.rejects(client.serverInfo(), { message: /\(go\)/, data: { close_code: code } });
    assert.equal(client.state, "closed");
    assert.match(client.trouble, words);
    assert.equal(strange.guests, 1);
  });
}

test("a broker of another protocol is not visited twice", async (t) => {
  const strange = await StrangeBroker.open(t, { greets: false });
  const client = clientOf(t, strange.address, { key: KEY });
  const refused = assert.rejects(client.serverInfo(), {
    name: "TurnedAway",
    message: /speaks protocol 2, this client 1/,
  });
  const guest = await strange.guest();
  guest.say(frameOf(notification("hello", { protocol: 2, challenge: new Uint8Array(32) })));
  await refused;
  await guest.gone();
  assert.equal(strange.guests, 1);
});

test("a worker that is turned away ends with the reason", async (t) => {
  const strange = await StrangeBroker.open(t);
  const working = new Worker(strange.address, { key: KEY }).run();
  const refused = assert.rejects(working, { name: "TurnedAway", message: /does not let this client in/ });
  const guest = await strange.guest();
  await guest.asked("process.assign");
  guest.close(4505);
  await refused;
});

for (const code of [4001, 4002, 4003]) {
  test(`a close code that says come back is believed too: ${code}`, async (t) => {
    const { strange, client } = await met(t);
    const asking = client.serverInfo();
    for (let visits = 0; visits < 3; visits++) {
      const guest = await strange.guest();
      await guest.asked("server.info");
      guest.close(code);
    }
    const guest = await strange.guest();
    guest.answer(await guest.asked("server.info"), INFO);
    await asking;
  });
}

test("a draining broker is left for another with all that waits", async (t) => {
  const { stopping, other, client } = await metTwo(t);
  const hearing = client.subscribe("cli").nextEvent();
  const assigning = client.assign({ timeout: 30 });
  let guest = await stopping.guest();
  guest.answer(await guest.asked("subscribe"), { subscription: 1 });
  const assign = await guest.asked("process.assign");
  guest.notify("draining", { reconnect: 1 });
  guest.refuse(assign, new errors.Draining("ask another"));
  await guest.gone(); // with everything answered it leaves by itself
  guest = await other.guest();
  guest.answer(await guest.asked("subscribe"), { subscription: 5 });
  guest.answer(await guest.asked("process.assign"), PROCESS);
  guest.notify("process", { subscription: 5, event: "backlog", process: PROCESS });
  assert.deepEqual([(await hearing).event, (await assigning).attempt], ["backlog", 2]);
});

test("what a draining broker does not answer is asked elsewhere once it closes", async (t) => {
  const { stopping, other, client } = await metTwo(t);
  const asking = client.serverInfo();
  let guest = await stopping.guest();
  await guest.asked("server.info");
  guest.notify("draining", { reconnect: 1 });
  guest.close(4000);
  guest = await other.guest();
  guest.answer(await guest.asked("server.info"), INFO);
  assert.equal((await asking).name, "strange");
});

// — going in the wrong moment —

test("a process that comes after an abort is handed back", async (t) => {
  const { strange, client } = await met(t);
  const calling = new AbortController();
  const assigning = client.assign({ timeout: 30, signal: calling.signal });
  const guest = await strange.guest();
  const request = await guest.asked("process.assign");
  calling.abort();
  await assert.rejects(assigning, { name: "AbortError" });
  guest.answer(request, PROCESS);
  const back = await guest.asked("process.hand_back");
  assert.deepEqual(back.params, { processid: PROCESS.processid, attempt: 2 });
  guest.answer(back, PROCESS);
});

test("a process that comes in the moment of an abort has an owner", async (t) => {
  const { strange, client } = await met(t);
  const calling = new AbortController();
  const answer = client.caller.begin("process.assign", { timeout: 30 });
  const waiting = answer.wait(calling.signal);
  const guest = await strange.guest();
  await guest.asked("process.assign");
  answer.settle(PROCESS, null); // it is there, but whoever waits has not been woken yet
  calling.abort();
  assert.equal((await waiting).processid, PROCESS.processid);
});

test("a process that comes while the client closes is handed back", async (t) => {
  const { strange, client } = await met(t);
  const refused = assert.rejects(client.assign({ timeout: 30 }), errors.Closed);
  const guest = await strange.guest();
  guest.answer(await guest.asked("process.assign"), PROCESS); // on its way, and not read before the client closes
  const closing = client.close();
  await refused;
  const again = await strange.guest();
  const back = await again.asked("process.hand_back");
  assert.deepEqual(back.params, { processid: PROCESS.processid, attempt: 2 });
  again.answer(back, PROCESS);
  await inTime(closing);
});

test("closing ends what waits, leaves the broker, and may be done twice", async (t) => {
  const { strange, client } = await met(t);
  const subscription = client.subscribe("cli");
  const calls = [client.serverInfo(), subscription.nextEvent(), client.assign({ timeout: 30 })];
  const refused = calls.map((call) => assert.rejects(call, errors.Closed));
  const guest = await strange.guest();
  await guest.asked("server.info");
  await client.close();
  await Promise.all(refused);
  await guest.gone();
  await assert.rejects(client.serverInfo(), { name: "Closed", message: "the client was closed" });
  await assert.rejects(client.subscribe("cli").made, errors.Closed);
  for await (const _ of client.subscribe("cli")) assert.fail("nothing comes of a closed client");
  await client.close();
  assert.equal(client.state, "closed");
});

test("closing does not wait for a broker that cannot be reached", async (t) => {
  /** @type {() => void} */ let accepted = () => {};
  const visited = new Promise((resolve) => (accepted = () => resolve(null)));
  const port = await tcpServer(t, accepted); // accepts, and never says a word
  const client = new Colonies(`127.0.0.1:${port}`, { key: KEY });
  const refused = assert.rejects(client.serverInfo(), errors.Closed);
  await visited;
  await inTime(client.close(), "the end of a client", 5); // half of what the handshake may take
  await refused;
});

test("closing does not wait for ever for a broker that does not take a process back", async (t) => {
  const { strange, client } = await met(t);
  const calling = new AbortController();
  const assigning = client.assign({ timeout: 30, signal: calling.signal });
  const guest = await strange.guest();
  const request = await guest.asked("process.assign");
  calling.abort();
  await assert.rejects(assigning);
  guest.answer(request, PROCESS);
  await guest.asked("process.hand_back"); // and no answer
  await inTime(client.close());
});

test("a client that was never used closes at once", async () => {
  await new Colonies("http://127.0.0.1:9").close();
});
