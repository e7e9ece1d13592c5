/**
 * What a page learns about its own life, passed on to its connection.
 *
 * Browsers put pages to sleep, throttle their timers, take their network away and give it back; none of
 * this closes a socket. So whenever something of the kind is over the connection is checked at once, and
 * when the page goes it leaves nothing in its hands.
 */

/** @typedef {{ check(): void, goAway(): void, comeBack(): void }} Affected */

/**
 * Pass it on until the function that is returned is called. Where there is no page nothing happens.
 * @param {Affected} connection
 * @returns {() => void}
 */
export function followPage(connection) {
  const document = globalThis.document;
  const listening = new AbortController();
  const on = (
    /** @type {EventTarget | undefined} */ target,
    /** @type {string} */ name,
    /** @type {() => void} */ act,
  ) => target?.addEventListener?.(name, act, { signal: listening.signal });
  const checkIfVisible = () => {
    if (document.visibilityState === "visible") connection.check();
  };
  on(document, "visibilitychange", checkIfVisible);
  on(document, "resume", () => connection.check());
  // In a Web Worker there is no document, but there as well the network comes and goes.
  on(globalThis, "online", () => connection.check());
  on(globalThis, "offline", () => connection.check());
  if (document) {
    on(globalThis, "pagehide", () => connection.goAway());
    on(globalThis, "pageshow", () => connection.comeBack());
  }
  return () => listening.abort();
}
