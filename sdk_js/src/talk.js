/** Talk to a broker over one line, from the handshake until the line has ended: one writer empties the dialogue. */

import { steadySeconds } from "./clock.js";

/** @import { Bell } from "./clock.js" */
/** @import { Dialogue } from "./dialogue.js" */
/** @import { Ending, Line } from "./websocket.js" */

export class Talk {
  #said = false;
  #dialogue;
  #changed;
  #isOver;
  #stepSeconds;

  /**
   * @param {Line} line
   * @param {Dialogue} dialogue
   * @param {Bell} changed rung when there may be something to say
   * @param {object} options
   * @param {() => boolean} options.isOver whether the client was closed
   * @param {number} options.stepSeconds the limit for each step of connecting
   */
  constructor(line, dialogue, changed, { isOver, stepSeconds }) {
    this.line = line;
    this.#dialogue = dialogue;
    this.#changed = changed;
    this.#isOver = isOver;
    this.#stepSeconds = stepSeconds;
  }

  /**
   * Shake hands, then read and write until the line ends. Throws an Error in words when no broker answered.
   * @returns {Promise<Ending>}
   */
  async run() {
    const { line } = this;
    await line.opened(this.#stepSeconds);
    // The hello may have come already, together with the handshake.
    let isTooLate = false;
    const unsaid = setTimeout(() => {
      isTooLate = !this.#dialogue.isOpen;
      if (isTooLate) line.drop();
    }, this.#stepSeconds * 1000);
    void this.#write().catch((bug) => line.fail(bug));
    const ending = await line.ended;
    clearTimeout(unsaid);
    this.#changed.ring(); // so that the writer sees it
    if (isTooLate) throw new Error("no answer in time");
    return ending;
  }

  async #write() {
    while (!this.line.isOver) {
      const frames = await this.#sendAll();
      if (frames.includes(null)) continue; // a signer failed, and what it was to sign has made room
      // What was assigned in this very moment still comes, and is handed back: a browser hears it no more, Node.js does.
      if (this.#mayLeave()) return this.line.leave();
      await this.#changed.wait();
    }
  }

  async #sendAll() {
    const frames = [];
    for (const signing of this.#dialogue.frames(steadySeconds())) {
      const frame = await signing;
      if (frame) this.line.send(frame);
      frames.push(frame);
      this.#said = true;
    }
    return frames;
  }

  #mayLeave() {
    if (!this.#dialogue.isOpen) return false;
    if (this.#isOver()) return !this.#dialogue.hasLastWords;
    // A broker closes for good what connects and then says nothing.
    return this.#dialogue.mayLeave || (!this.#said && this.#dialogue.isIdle);
  }

  /** Say what there is to say and leave: before this returns, where the signers can sign at once. */
  leave() {
    const frames = this.#dialogue.frames(steadySeconds(), { atOnce: true });
    const sendAndLeave = (/** @type {(Uint8Array | null)[]} */ signed) => {
      for (const frame of signed) if (frame) this.line.send(frame);
      this.line.drop();
    };
    if (frames.some((frame) => frame instanceof Promise)) void Promise.all(frames).then(sendAndLeave);
    else sendAndLeave(/** @type {(Uint8Array | null)[]} */ (frames));
  }
}
