/** TCP as it may be: a port where nobody is, a server that never says a word, and a wire that can be cut or go dead. */

import { connect, createServer } from "node:net";

import { atEnd } from "./ending.js";
import { Happening } from "./queue.js";

/** @import { AddressInfo, Server, Socket } from "node:net" */
/** @import { TestContext } from "node:test" */

/** A port where nobody listens. @returns {Promise<number>} */
export async function freePort() {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @param {Server} server @returns {Promise<number>} */
async function listening(server) {
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", () => resolve(null)));
  return /** @type {AddressInfo} */ (server.address()).port;
}

/**
 * A server of whatever `meet` does with a connection, until the test has ended.
 * @param {TestContext} t
 * @param {(socket: Socket) => void} meet
 * @returns {Promise<number>} its port
 */
export async function tcpServer(t, meet) {
  /** @type {Set<Socket>} */ const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    meet(socket);
  });
  atEnd(t, () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return listening(server);
}

/** A TCP connection to a broker that can hold back what the broker says, be cut, and go silent. */
export class Wire {
  address = "";
  /** How many connections came. */
  connections = 0;
  #holds = false;
  #held = new Happening();
  #port;
  /** @type {Set<{ here: Socket, there: Socket, isDead: boolean }>} */
  #pairs = new Set();

  /** @param {number} port */
  constructor(port) {
    this.#port = port;
  }

  /** @param {TestContext} t @param {number} port */
  static async to(t, port) {
    const wire = new Wire(port);
    wire.address = `http://127.0.0.1:${await tcpServer(t, (socket) => wire.#carry(socket))}`;
    atEnd(t, () => wire.cut());
    return wire;
  }

  /** @param {Socket} here */
  #carry(here) {
    this.connections += 1;
    const there = connect(this.#port, "127.0.0.1").on("error", () => {});
    const pair = { here, there, isDead: false };
    this.#pairs.add(pair);
    here.on("data", (piece) => there.destroyed || there.write(piece)).on("close", () => there.destroy());
    there.on("data", (piece) => this.#bring(piece, here)).on("close", () => pair.isDead || here.destroy());
  }

  /** @param {Buffer} piece @param {Socket} here */
  #bring(piece, here) {
    if (this.#holds) this.#held.happen();
    else here.write(piece);
  }

  /** From now on nothing that the broker says arrives. */
  hold() {
    this.#holds = true;
    this.#held = new Happening();
  }

  /** Wait until the broker has said something that does not arrive. */
  held() {
    return this.#held.happened;
  }

  /** The broker is told that the connections are gone, the client is not: a router that forgot. New ones are whole. */
  goSilent() {
    for (const pair of this.#pairs) {
      pair.isDead = true;
      pair.there.destroy();
    }
  }

  /** Break what connections there are, with all that was on its way. New ones are whole. */
  cut() {
    for (const { here, there } of this.#pairs) {
      here.destroy();
      there.destroy();
    }
    this.#pairs.clear();
    this.#holds = false;
  }
}
