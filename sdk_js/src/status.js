/** How a connection stands, for whoever wants to show it. */

/**
 * idle: nothing was asked yet, or nothing is left to say. connecting: on the way. open: a broker said hello.
 * waiting: lost or not there; tried again by itself. closed: for good.
 * @typedef {"idle" | "connecting" | "open" | "waiting" | "closed"} ConnectionState
 */

export class Status {
  /** @type {ConnectionState} */
  state = "idle";
  /** Why it is not open, in words; empty when it is, or when nobody knows. */
  trouble = "";
  /** Called whenever either has changed. @type {Set<() => void>} */
  listeners = new Set();

  /**
   * @param {ConnectionState} state
   * @param {string} [trouble]
   */
  turnTo(state, trouble = "") {
    if (this.state === state && this.trouble === trouble) return;
    this.state = state;
    this.trouble = trouble;
    for (const listener of [...this.listeners]) listener();
  }
}
