/** A worker at work for the length of a test. */

import { Worker } from "../../src/index.js";
import { atEnd } from "./ending.js";
import { inTime } from "./queue.js";

/** @import { TestContext } from "node:test" */
/** @import { WorkFunction } from "../../src/functions.js" */
/** @import { Colonies } from "../../src/index.js" */
/** @import { WorkerOptions } from "../../src/worker.js" */

/**
 * A worker with these functions. When the test ends it is stopped, and must have ended without an error.
 * @param {TestContext} t
 * @param {Colonies | string} client
 * @param {WorkerOptions & { functions?: Record<string, WorkFunction>, module?: URL }} options
 */
export function working(t, client, { functions = {}, module, ...options }) {
  const worker = new Worker(client, { graceSeconds: 0.05, ...options });
  for (const [name, call] of Object.entries(functions)) worker.function(name, call);
  if (module) worker.functionsIn(module);
  const running = worker.run();
  running.catch(() => {}); // it is thrown below
  atEnd(t, () => {
    worker.stop();
    return inTime(running, "the end of a worker");
  });
  return { worker, running };
}

/** Never resolves: a function that does not heed anything. @param {unknown} [_begun] @returns {Promise<never>} */
export function forever(_begun) {
  return new Promise(() => {});
}

/** Resolves when it is aborted. @param {AbortSignal} signal @returns {Promise<any>} its reason */
export function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener("abort", () => resolve(signal.reason));
  });
}

/** Wait until a process's function has logged its first line. @param {Colonies} client @param {string} processid */
export function begun(client, processid) {
  const look = async () => {
    while ((await client.getLogs(processid)).length === 0);
  };
  return inTime(look(), "the first line of a function");
}
