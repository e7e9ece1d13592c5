/**
 * A real broker as a process of its own, started the way a user starts it, and a colony on it.
 *
 * `COLONIES_BIN` names another `colonies` command than that of this checkout.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { helloOf } from "../../src/hello.js";
import { Colonies, Identity } from "../../src/index.js";
import { newSocket } from "../../src/socket_node.js";
import { decodeMessages } from "../../src/wire/frames.js";
import { atEnd } from "./ending.js";
import { inTime } from "./queue.js";

/** @import { ChildProcess } from "node:child_process" */
/** @import { TestContext } from "node:test" */

const COMMAND = process.env.COLONIES_BIN ?? fileURLToPath(new URL("../../../.venv/bin/colonies", import.meta.url));

/** @typedef {{ after(end: () => unknown): void }} Ends a test, or `{ after }` of a file of them */

export class Broker {
  address = "";
  owner = Identity.generate();
  #folder = mkdtempSync(join(tmpdir(), "colonies-"));
  /** @type {ChildProcess | null} */
  #process = null;

  /** One that serves, until the test or the file has ended. @param {Ends} ends */
  static async running(ends) {
    const broker = new Broker();
    ends.after(() => broker.#remove());
    // A file that takes too long is ended with SIGTERM, and must not leave its broker behind.
    process.once("SIGTERM", () => process.exit(143));
    process.once("exit", () => broker.#process?.kill("SIGKILL"));
    await broker.start();
    return broker;
  }

  get port() {
    return Number(this.address.split(":").at(-1) || 0);
  }

  /** Return once it serves: at first on a free port, then again on that one. */
  async start() {
    const store = `sqlite:${join(this.#folder, "broker.db")}`;
    const options = ["--host", "127.0.0.1", "--port", String(this.port), "--store", store, "--owner", this.owner.id];
    const child = spawn(COMMAND, ["server", "start", ...options], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...withoutOurs(process.env), XDG_CONFIG_HOME: this.#folder, XDG_DATA_HOME: this.#folder },
    });
    this.#process = child;
    let told = "";
    child.stderr?.on("data", (piece) => (told = (told + piece).slice(-4096)));
    const lines = createInterface({ input: /** @type {NodeJS.ReadableStream} */ (child.stdout) });
    const ready = new Promise((resolve, reject) => {
      lines.on("line", (line) => line.startsWith("ready ") && resolve(line.split(" ")[1]));
      child.on("error", reject).on("exit", (code) => reject(new Error(`the broker ended with ${code}: ${told}`)));
    });
    this.address = await inTime(ready, "the broker");
  }

  /** `kill -9`. */
  kill() {
    return this.#end("SIGKILL");
  }

  /** Ask it to stop, and see it gone. The exit code. */
  stop() {
    return this.#end("SIGTERM");
  }

  /** @param {NodeJS.Signals} signal @returns {Promise<number | null>} */
  async #end(signal) {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return child?.exitCode ?? 0;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    return inTime(gone, "the end of the broker");
  }

  async #remove() {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The value of one of its metrics. @param {string} name */
  async metric(name) {
    const text = await (await fetch(`${this.address}/metrics`)).text();
    const line = text.split("\n").find((each) => each.startsWith(`${name} `));
    if (!line) throw new Error(`there is no metric ${name}`);
    return Number(line.split(" ")[1]);
  }

  /** What its hello allows. */
  async limits() {
    const socket = newSocket(`${this.address.replace(/^http/, "ws")}/ws`, "colonies.v1");
    socket.binaryType = "arraybuffer";
    const said = new Promise((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(new Uint8Array(data));
      socket.onclose = socket.onerror = () => reject(new Error("the broker said no hello"));
    });
    const { limits } = helloOf(decodeMessages(await inTime(said, "the hello"))[0]);
    socket.close();
    return limits;
  }

  /**
   * A colony of its own, with an executor and an operator.
   * @param {{ executors?: number }} [options]
   */
  async colony({ executors = 1 } = {}) {
    const owner = Identity.generate();
    const keys = {
      owner,
      operator: Identity.generate(),
      executors: [...Array(executors)].map(() => Identity.generate()),
    };
    const admin = new Colonies(this.address, { key: this.owner });
    await admin.addColony(owner.id, `colony ${owner.id.slice(0, 12)}`);
    await admin.addUser(keys.operator.id, "operator", "operator", { prvkey: owner });
    for (const [number, key] of keys.executors.entries()) {
      await admin.addExecutor(key.id, `cli-${number}`, "cli", { approve: true, prvkey: owner });
    }
    await admin.close();
    return { ...keys, executor: keys.executors[0] };
  }
}

/** @typedef {Awaited<ReturnType<Broker["colony"]>>} Colony */

/** @param {NodeJS.ProcessEnv} environment */
function withoutOurs(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("COLONIES_")));
}

/**
 * A client that is closed when the test has ended.
 * @param {TestContext} t
 * @param {string | string[]} address
 * @param {import("../../src/caller.js").ClientOptions} [options]
 */
export function clientOf(t, address, options) {
  const client = new Colonies(address, options);
  atEnd(t, () => client.close());
  return client;
}

/**
 * @param {string} [func]
 * @param {Partial<import("../../src/wire/model.js").ProcessSpec>} [fields]
 */
export function spec(func = "sleep", fields = {}) {
  return { conditions: { executortype: "cli" }, func, ...fields };
}
