/** Brokers that do not answer, hang up, or turn a client away; and a client that goes in the wrong moment. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../src/connection.js";
import * as errors from "../src/errors.js";
import { Colonies } from "../src/index.js";
import { clientOf, spec } from "./support/broker.js";
import { INFO, KEY, PROCESS, StrangeBroker } from "./support/strange_broker.js";
import { freePort, tcpServer } from "./support/tcp.js";

/** @import { TestContext } from "node:test" */
/** @import { Guest } from "./support/strange_broker.js" */

/** @param {TestContext} t @param {import("../src/caller.js").ClientOptions} [options] */
async function met(t, options) {
  const strange = await StrangeBroker.open(t);
  return { strange, client: clientOf(t, strange.address, { key: KEY, ...options }) };
}

/** @param {Guest} guest */
async function inform(guest) {
  guest.answer(await guest.asked("server.info"), INFO);
}

/** A guest that was answered, however impatient its client is. @param {StrangeBroker} strange @param {Colonies} client */
async function opened(strange, client) {
  const asking = client.caller.begin("server.info", {}, null, 30).wait();
  const guest = await strange.guest();
  await inform(guest);
  await asking;
  return guest;
}

// — before there is a broker —

for (const [what, greets] of /** @type {[string, boolean][]} */ ([
  ["a hello that never comes", false],
  ["a handshake that is never answered", true],
])) {
  test(`${what} ends in a sentence`, async (t) => {
    let visits = 0;
    const port = greets ? await tcpServer(t, () => visits++) : (await StrangeBroker.open(t, { greets })).port;
    const connection = new Connection([`ws://127.0.0.1:${port}/ws`], { connectSeconds: 2, stepSeconds: 0.1 });
    t.after(() => connection.close());
    const answer = connection.ask("server.info", {}, KEY, 5);
    await assert.rejects(answer.wait(), { name: "Unreachable", message: /no answer in time; is it running/ });
    assert(!greets || visits > 1, "it was given up in time and tried again");
  });
}

for (const [status, said] of [
  ["404 Not Found", "what answers there is no broker"],
  ["503 Service Unavailable", "a balancer answers there, and no broker behind it is ready"],
]) {
  test(`something else on the port is said to be no broker: ${status}`, async (t) => {
    const port = await tcpServer(t, (socket) => {
      socket.once("data", () => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
    });
    const client = clientOf(t, `127.0.0.1:${port}`, { key: KEY, connectSeconds: 2 });
    await assert.rejects(client.serverInfo(), {
      name: "Unreachable",
      message: new RegExp(`${said} \\(HTTP ${status.slice(0, 3)}\\)`),
    });
  });
}

test("nobody there is said in a sentence", async (t) => {
  const client = clientOf(t, `127.0.0.1:${await freePort()}`, { key: KEY, connectSeconds: 1 });
  await assert.rejects(client.serverInfo(), { name: "Unreachable", message: /connection refused; is it running/ });
});

test("what nobody heard is not said to a broker that comes later", async (t) => {
  const port = await freePort();
  const client = clientOf(t, `127.0.0.1:${port}`, { key: KEY, connectSeconds: 0.2 });
  await assert.rejects(client.addLog("p".repeat(32), "too late"), errors.Unreachable);
  const strange = await StrangeBroker.open(t, { port });
  const asking = client.serverInfo();
  await inform(await strange.guest());
  assert.equal((await asking).name, "strange");
});

test("iterating waits for a broker for as long as it takes", async (t) => {
  const port = await freePort();
  const client = clientOf(t, `127.0.0.1:${port}`, { key: KEY, connectSeconds: 0.01 });
  const hearing = client.subscribe("cli").nextEvent();
  await assert.rejects(client.serverInfo(), errors.Unreachable);
  const guest = await (await StrangeBroker.open(t, { port })).guest();
  guest.answer(await guest.asked("subscribe"), { subscription: 1 });
  guest.notify("process", { subscription: 1, event: "submitted", process: PROCESS });
  assert.equal((await hearing).event, "submitted");
});

test("waiting for a subscription to be made says that there is no broker", async (t) => {
  const client = clientOf(t, `127.0.0.1:${await freePort()}`, { key: KEY, connectSeconds: 1 });
  await assert.rejects(client.subscribe("cli").made, { name: "Unreachable", message: /connection refused/ });
});

test("the next address is tried when one does not answer", async (t) => {
  const strange = await StrangeBroker.open(t);
  const client = clientOf(t, [`http://127.0.0.1:${await freePort()}`, strange.address], { key: KEY });
  const asking = client.serverInfo();
  await inform(await strange.guest());
  assert.equal((await asking).name, "strange");
});

test("a wrong address is refused at once, and so is none", () => {
  for (const address of ["ftp://somewhere", "http://", "", []]) {
    assert.throws(() => new Colonies(address, { key: KEY }), RangeError);
  }
  assert.throws(() => new Colonies(undefined, { key: KEY }), /http:\/\/127\.0\.0\.1:8080/);
});

// — losses —

test("a submit whose answer was lost is said again with the same processid", async (t) => {
  const { strange, client } = await met(t);
  const submitting = client.submit(spec());
  let guest = await strange.guest();
  const first = await guest.asked("process.submit");
  guest.close(1011);
  guest = await strange.guest();
  const again = await guest.asked("process.submit");
  assert.deepEqual(again.params, first.params);
  assert.equal(first.params.processid.length, 32);
  guest.answer(again, PROCESS);
  assert.equal((await submitting).processid, PROCESS.processid);
});

test("what must not be repeated fails when its answer is lost", async (t) => {
  const { strange, client } = await met(t);
  const logging = client.addLog("p".repeat(32), "once");
  const guest = await strange.guest();
  await guest.asked("log.add");
  guest.break();
  await assert.rejects(logging, {
    name: "ConnectionLost",
    message: /log\.add was answered; it may or may not have happened/,
  });
});

test("a frame that is none costs the connection and not the client", async (t) => {
  const { strange, client } = await met(t);
  const asking = client.serverInfo();
  for (const rubbish of ["text", Buffer.from([0xc1]), Buffer.from("9302a770726f6365737380", "hex")]) {
    const guest = await strange.guest();
    await guest.asked("server.info");
    guest.say(rubbish);
    await guest.gone();
  }
  await inform(await strange.guest());
  assert.equal((await asking).name, "strange");
});

test("with nothing to say it stays away until it has", async (t) => {
  const { strange, client } = await met(t);
  for (const number of [1, 2]) {
    const asking = client.serverInfo();
    const guest = await strange.guest();
    assert.equal(strange.guests, number);
    await inform(guest);
    await asking;
    const idle = new Promise((resolve) =>
      client.addEventListener("statechange", () => client.state === "idle" && resolve(null)),
    );
    guest.close(1012);
    await guest.gone();
    await idle;
  }
});

test("what is called off before the hello leaves no silent connection behind", async (t) => {
  const slow = await StrangeBroker.open(t, { greets: false });
  const client = clientOf(t, slow.address, { key: KEY });
  const calling = new AbortController();
  const asking = client.serverInfo({ signal: calling.signal });
  const guest = await slow.guest();
  calling.abort(new Error("called off"));
  await assert.rejects(asking, /called off/);
  guest.hello();
  await guest.gone();
});

test("no answer in time says whether a repeat is safe", async (t) => {
  const { strange, client } = await met(t, { requestSeconds: 0.2 });
  await opened(strange, client);
  const safe = /server\.info was not answered within 0\.2 s.*a repeat is safe/;
  await assert.rejects(client.serverInfo(), { name: "NoAnswer", message: safe });
  await assert.rejects(client.addLog("p".repeat(32), "m"), { name: "NoAnswer", message: /look before you repeat it/ });
});

test("a subscription that is not answered in time says so", async (t) => {
  const { client } = await met(t, { requestSeconds: 0.2 });
  await assert.rejects(client.subscribe("cli").made, {
    name: "NoAnswer",
    message: /subscribe was not answered within 0\.2 s/,
  });
});

test("after a loss without end a call says that nobody answers", async (t) => {
  const { strange, client } = await met(t, { requestSeconds: 0.5 });
  const guest = await opened(strange, client);
  strange.greets = false;
  guest.close(1012);
  await guest.gone();
  await assert.rejects(client.serverInfo(), errors.Unreachable);
});

test("what stands in the way is told while it does, and forgotten when it does not", async (t) => {
  const port = await freePort();
  const client = clientOf(t, `127.0.0.1:${port}`, { key: KEY, connectSeconds: 30 });
  /** @type {string[]} */ const told = [];
  const waiting = new Promise((resolve) => {
    client.addEventListener("statechange", () => {
      told.push(`${client.state} ${client.trouble}`.trim());
      if (client.state === "waiting") resolve(null);
    });
  });
  const asking = client.serverInfo();
  await waiting;
  const guest = await (await StrangeBroker.open(t, { port })).guest();
  await inform(guest);
  await asking;
  await client.close();
  assert.deepEqual(told, ["connecting", "waiting connection refused", "open", "closed the client was closed"]);
});

test("patience without end is no impatience", async (t) => {
  const { strange, client } = await met(t, { requestSeconds: Infinity, connectSeconds: Infinity });
  const calls = [client.serverInfo(), client.subscribe("cli").made];
  const guest = await strange.guest();
  await inform(guest);
  const subscribe = await guest.asked("subscribe");
  await new Promise((resolve) => setTimeout(resolve, 5)); // a timer that holds too much goes off before this one
  guest.answer(subscribe, { subscription: 1 });
  await Promise.all(calls);
});
