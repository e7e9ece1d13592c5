/** Threads of a page: Web Workers, from without and from within. */

/** @import { Port, PortListener } from "./threads.js" */

/**
 * @param {string | URL} url
 * @param {PortListener} listener
 * @returns {Port}
 */
export function startThread(url, listener) {
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = ({ data }) => listener.message(data);
  worker.onmessageerror = () => listener.broken("a message could not be read");
  worker.onerror = (event) => {
    event.preventDefault();
    listener.broken(event.message || "its module could not be loaded");
  };
  return { post: (message) => worker.postMessage(message), end: () => worker.terminate() };
}

/**
 * @param {(message: any) => void} hear
 * @returns {(message: unknown) => void} how to answer
 */
export function listenInside(hear) {
  globalThis.addEventListener("message", ({ data }) => hear(data));
  return (message) => globalThis.postMessage(message);
}
