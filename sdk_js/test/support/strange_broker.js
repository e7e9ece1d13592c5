/** A broker that misbehaves on demand: what a real broker cannot be made to do. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { WebSocketServer } from "ws";

import { Identity } from "../../src/index.js";
import { atEnd } from "./ending.js";
import { inTime, Queue } from "./queue.js";
import { frameOf, hello, notification, openedFrame, response } from "./wire.js";

/** @import { AddressInfo } from "node:net" */
/** @import { TestContext } from "node:test" */
/** @import { WebSocket } from "ws" */
/** @import { ColoniesError } from "../../src/errors.js" */
/** @import { Colonies } from "../../src/index.js" */
/** @import { Request } from "./wire.js" */

export const KEY = new Identity("07".repeat(32));
export const INFO = { name: "strange", version: "0", time: 0, store: "none" };
export const PROCESS = {
  processid: "p".repeat(32),
  colonyid: "c".repeat(64),
  submitterid: "5".repeat(64),
  spec: { conditions: { executortype: "cli" }, func: "f", args: [], kwargs: {}, env: {} },
  state: 1,
  attempt: 2,
  submissiontime: 1,
  starttime: 1,
  execdeadline: 0,
  out: [],
  errors: [],
};

/** One client on a strange broker. */
export class Guest {
  /** The methods of each frame that came. @type {string[][]} */
  frames = [];
  /** @type {Queue<Request>} */
  #requests = new Queue();
  #challenge = randomBytes(32);
  #socket;

  /** @param {WebSocket} socket */
  constructor(socket) {
    this.#socket = socket;
    this.#gone = new Promise((resolve) => socket.on("close", (code) => resolve(code)));
    socket.on("message", (frame) => this.#hear(/** @type {Buffer} */ (frame)));
    socket.on("error", () => {}); // its close says as much
  }

  #gone;

  /** @param {Buffer} frame */
  #hear(frame) {
    const requests = openedFrame(frame, this.#challenge);
    this.frames.push(requests.map((request) => request.method));
    for (const request of requests) this.#requests.put(request);
  }

  /** @param {Record<string, unknown>} [limits] */
  hello(limits) {
    this.say(frameOf(hello(this.#challenge, limits)));
  }

  /**
   * The next request, which must be of this method.
   * @param {string} method
   */
  async asked(method) {
    const request = await this.#requests.take(`a request (${method})`);
    assert.equal(request.method, method);
    return request;
  }

  /** How many requests came that no test looked at. */
  get unread() {
    return this.#requests.size;
  }

  /** @param {Request} request @param {any} [result] */
  answer(request, result = null) {
    this.say(frameOf(response(request.id, result)));
  }

  /** @param {Request} request @param {ColoniesError} error */
  refuse(request, error) {
    this.say(frameOf(response(request.id, null, error)));
  }

  /** @param {string} name @param {Record<string, unknown>} params */
  notify(name, params) {
    this.say(frameOf(notification(name, params)));
  }

  /** @param {string | Uint8Array} frame */
  say(frame) {
    this.#socket.send(frame);
  }

  /** @param {number} [code] @param {string} [reason] */
  close(code = 1000, reason = "") {
    this.#socket.close(code, reason);
  }

  /** Break the TCP connection, without a word. */
  break() {
    this.#socket.terminate();
  }

  /** Wait until the client has left. The close code that it said. @returns {Promise<number>} */
  gone() {
    return inTime(this.#gone, "the end of a connection");
  }
}

/** Shakes hands, says hello where it `greets`, and leaves the rest to the test. */
export class StrangeBroker {
  guests = 0;
  greets = true;
  /** @type {Queue<Guest>} */
  #arrived = new Queue();
  #server;

  /** @param {WebSocketServer} server */
  constructor(server) {
    this.#server = server;
    server.on("connection", (socket) => this.#meet(socket));
  }

  /**
   * It is there until the test has ended.
   * @param {TestContext} t
   * @param {{ port?: number, greets?: boolean }} [options]
   */
  static async open(t, { port = 0, greets = true } = {}) {
    const server = new WebSocketServer({ port, host: "127.0.0.1", handleProtocols: () => "colonies.v1" });
    await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
    const made = new StrangeBroker(server);
    made.greets = greets;
    atEnd(t, () => made.#end());
    return made;
  }

  get port() {
    return /** @type {AddressInfo} */ (this.#server.address()).port;
  }

  get address() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** @param {WebSocket} socket */
  #meet(socket) {
    this.guests += 1;
    const guest = new Guest(socket);
    if (this.greets) guest.hello();
    this.#arrived.put(guest);
  }

  /** The next client that connects. */
  guest() {
    return this.#arrived.take("a client");
  }

  #end() {
    for (const socket of this.#server.clients) socket.terminate();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

/**
 * Wait until the client has heard everything that was said before.
 * @param {Colonies} client
 * @param {Guest} guest
 */
export async function untilHeard(client, guest) {
  const asking = client.serverInfo();
  guest.answer(await guest.asked("server.info"), {});
  await asking;
}
