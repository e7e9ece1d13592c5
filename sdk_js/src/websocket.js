/**
 * One WebSocket to a broker: opened within a limit, its frames handed on as they come, and over at once
 * when it is let go, whatever the other side or the network says to that.
 */

import { newSocket } from "#socket";

import { BadFrame } from "./errors.js";
import { SUBPROTOCOL } from "./wire/frames.js";

/** How a socket ended. code: 1006 where nobody said why. @typedef {{ code: number, reason: string }} Ending */

const LEAVE_SECONDS = 1;
const NOBODY_SAID_WHY = { code: 1006, reason: "" };

export class Line {
  #socket;
  #take;
  /** @type {(ending: Ending) => void} */
  #end = () => {};
  isOver = false;

  /**
   * @param {WebSocket} socket
   * @param {(frame: Uint8Array) => void} take called with each frame; what it throws ends the line
   */
  constructor(socket, take) {
    this.#socket = socket;
    this.#take = take;
    /** What a frame was refused for, if that is what ended it. @type {unknown} */
    this.refused = null;
    /** @type {Promise<Ending>} */
    this.ended = new Promise((resolve) => (this.#end = resolve));
    socket.addEventListener("message", (message) => this.#hear(message.data));
    socket.addEventListener("close", ({ code, reason }) => this.#over({ code, reason }));
    socket.addEventListener("error", () => {}); // the close that follows it says as much
  }

  /**
   * Wait until hands are shaken. Throws an Error whose message says what went wrong, in a few words.
   * @param {number} seconds the limit for all of it
   */
  async opened(seconds) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
    try {
      await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error("no answer in time")), seconds * 1000);
        this.#socket.addEventListener("open", resolve);
        this.#socket.addEventListener("error", (event) => reject(new Error(inWords(event))));
        void this.ended.then(() => reject(new Error("it hung up")));
      });
    } catch (error) {
      this.drop();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {Uint8Array} frame */
  send(frame) {
    if (!this.isOver) this.#socket.send(/** @type {any} */ (frame));
  }

  /** Say good-bye, and hear what the other side says before it has heard that; then be over, at the latest soon. */
  leave() {
    this.#socket.close(1000);
    const late = setTimeout(() => this.drop(), LEAVE_SECONDS * 1000);
    void this.ended.then(() => clearTimeout(late));
  }

  /** Say good-bye, where it is not too late for that, and be over. */
  drop() {
    this.#over(NOBODY_SAID_WHY);
    this.#socket.close(1000);
  }

  /** @param {unknown} raw */
  #hear(raw) {
    if (this.isOver) return;
    try {
      if (!(raw instanceof ArrayBuffer)) throw new BadFrame("a text frame");
      this.#take(new Uint8Array(raw));
    } catch (error) {
      this.fail(error);
    }
  }

  /** Be over because of this. @param {unknown} error */
  fail(error) {
    this.refused = error;
    this.drop();
  }

  /** @param {Ending} ending */
  #over(ending) {
    this.isOver = true;
    this.#end(ending);
  }
}

/**
 * Begin to connect. The line is there at once, so that it can be dropped before it is open.
 * @param {string} address
 * @param {(frame: Uint8Array) => void} take called with each frame; what it throws ends the line
 */
export function newLine(address, take) {
  const socket = newSocket(address, SUBPROTOCOL);
  socket.binaryType = "arraybuffer";
  return new Line(socket, take);
}

/**
 * A browser tells a page nothing of what went wrong; Node.js does.
 * @param {Event & { error?: { code?: string }, message?: string }} event
 */
function inWords(event) {
  const status = /server response: (\d+)/.exec(event.message ?? "");
  // What a balancer or another proxy says by itself: bad gateway, service unavailable, gateway timeout.
  const answered = ["502", "503", "504"].includes(status?.[1] ?? "")
    ? "a balancer answers there, and no broker behind it is ready"
    : "what answers there is no broker";
  if (status) return `${answered} (HTTP ${status[1]})`;
  /** @type {Record<string, string>} */
  const known = { ECONNREFUSED: "connection refused", ENOTFOUND: "nobody knows a host of this name" };
  return known[event.error?.code ?? ""] ?? (event.message || "no connection could be made");
}
