/**
 * What a client is told without asking: processes as they come, figures, log lines, across reconnects.
 *
 * A subscription to processes is made again on every new connection, and then the broker pushes what already waits; so a
 * lost event costs a moment and never a process. An event is only a wake-up.
 */

import { Following } from "./following.js";

/** @import { EventName, Process } from "./wire/model.js" */

/** @typedef {{ event: EventName, process: Process }} ProcessEvent */

/**
 * Iterate over it for processes (`for await`), over `events()` for { event, process }.
 *
 * Awaiting `made` returns once a broker has made it, and throws what a request would throw. Without that, the
 * first step of the iteration makes it and waits for a broker for as long as that takes. Leaving the loop ends it.
 * @extends {Following<ProcessEvent>}
 */
export class Subscription extends Following {
  /** @returns {AsyncGenerator<Process, void, void>} */
  async *[Symbol.asyncIterator]() {
    for await (const { process } of this.events()) yield process;
  }
}

/**
 * A subscription to something else than processes: iterate over it for what it tells.
 * @template T
 * @extends {Following<T>}
 */
export class Feed extends Following {
  [Symbol.asyncIterator]() {
    return this.events();
  }
}
