/** A program that has closed its client, or stopped its worker, ends by itself: nothing of the SDK keeps it alive. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

import { Broker, clientOf, spec } from "./support/broker.js";
import { atEnd } from "./support/ending.js";
import { inTime, Queue } from "./support/queue.js";
import { Wire } from "./support/tcp.js";
import { begun } from "./support/working.js";

/** @import { TestContext } from "node:test" */

const broker = await Broker.running({ after });
// Well below the thirty that ws waits for a good-bye.
const SECONDS = 15;
const HEAD = `
  import { Colonies, Worker } from ${JSON.stringify(new URL("../src/index.js", import.meta.url))};
  const [address, key, module] = process.argv.slice(2);
  const told = () => new Promise((resolve) => process.stdin.once("data", resolve).unref());
`;

/**
 * Run a program of Node.js. What it is told is on its standard input; what it says comes line by line.
 * @param {TestContext} t
 * @param {string} code
 * @param {string[]} args
 */
function program(t, code, ...args) {
  const folder = mkdtempSync(join(tmpdir(), "colonies-"));
  const file = join(folder, "program.mjs");
  writeFileSync(file, HEAD + code);
  const child = spawn(process.execPath, [file, ...args]);
  atEnd(t, () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  /** @type {Queue<string>} */ const said = new Queue();
  createInterface({ input: child.stdout }).on("line", (line) => said.put(line));
  let errors = "";
  child.stderr.on("data", (piece) => (errors += piece));
  const ended = new Promise((resolve) => child.on("exit", (status) => resolve(`${status} ${errors}`.trim())));
  return {
    says: () => said.take("a line of a program"),
    tell: () => child.stdin.write("\n"),
    ended: () => inTime(ended, "the end of a program", SECONDS),
  };
}

test("a client that asked, waited, subscribed and was closed", async (t) => {
  const { executor } = await broker.colony();
  const code = `
    const client = new Colonies(address, { key });
    const calls = [client.assign({ timeout: 60 }), client.subscribe("cli").nextEvent(), client.serverInfo()];
    const settled = Promise.allSettled(calls);
    await calls[2];
    await client.close();
    console.log((await settled).map(({ reason }) => reason?.code ?? "done").join());
  `;
  const ran = program(t, code, broker.address, executor.privateKey);
  assert.equal(await ran.says(), "closed,closed,done");
  assert.equal(await ran.ended(), "0");
});

test("a client without a broker, closed while it tries", async (t) => {
  const code = `
    const client = new Colonies("http://127.0.0.1:9", { key });
    const asking = client.serverInfo().catch((error) => error.code);
    await new Promise((resolve) => client.addEventListener("statechange", () => client.state === "waiting" && resolve()));
    await client.close();
    console.log(await asking);
  `;
  const ran = program(t, code, "", "07".repeat(32));
  assert.equal(await ran.says(), "closed");
  assert.equal(await ran.ended(), "0");
});

test("a client whose network went silent", async (t) => {
  const { executor } = await broker.colony();
  const wire = await Wire.to(t, broker.port);
  const code = `
    const client = new Colonies(address, { key });
    await client.serverInfo();
    console.log("open");
    await told();
    await client.close();
    console.log("closed");
  `;
  const ran = program(t, code, wire.address, executor.privateKey);
  assert.equal(await ran.says(), "open");
  wire.goSilent();
  ran.tell();
  assert.equal(await ran.says(), "closed");
  assert.equal(await ran.ended(), "0");
});

for (const where of ["here", "in a thread"]) {
  test(`a worker that was stopped after a cancel, with its functions ${where}`, async (t) => {
    const colony = await broker.colony();
    const client = clientOf(t, broker.address, { key: colony.operator });
    const code = `
      const worker = new Worker(address, { key });
      if (module) worker.functionsIn(module);
      else worker.function("heeds", async (_args, { log, signal }) => {
        await log("begun");
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      });
      const running = worker.run();
      await told();
      worker.stop();
      await running;
      console.log("stopped");
    `;
    const module = where === "here" ? "" : new URL("support/served.js", import.meta.url).href;
    const ran = program(t, code, broker.address, colony.executor.privateKey, module);
    const { processid } = await client.submit(spec("heeds"));
    await begun(client, processid);
    await client.cancel(processid);
    ran.tell();
    assert.equal(await ran.says(), "stopped");
    assert.equal(await ran.ended(), "0");
  });
}
