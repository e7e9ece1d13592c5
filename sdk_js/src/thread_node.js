/** Threads of Node.js, from without and from within. */

import { parentPort, Worker } from "node:worker_threads";

/** @import { Port, PortListener } from "./threads.js" */

/**
 * @param {string | URL} url
 * @param {PortListener} listener
 * @returns {Port}
 */
export function startThread(url, listener) {
  const worker = new Worker(new URL(url));
  worker.on("message", (message) => listener.message(message));
  worker.on("messageerror", () => listener.broken("a message could not be read"));
  worker.on("error", (error) => listener.broken(error instanceof Error ? error.message : String(error)));
  worker.on("exit", () => listener.broken("it ended"));
  return { post: (message) => worker.postMessage(message), end: () => void worker.terminate() };
}

/**
 * @param {(message: any) => void} hear
 * @returns {(message: unknown) => void} how to answer
 */
export function listenInside(hear) {
  const port = parentPort;
  if (!port) throw new Error("serveFunctions belongs into the module that a worker names in functionsIn");
  port.on("message", hear);
  return (message) => port.postMessage(message);
}
