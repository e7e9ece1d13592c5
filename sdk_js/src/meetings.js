/**
 * Meetings with brokers: connect at the address whose turn it is, talk until the socket ends, heed how it ended.
 *
 * Whatever a name server, a proxy, a certificate or a stranger on the port can come up with is a reason to try again;
 * what a broker says on leaving is believed. Knows not when the next one is due.
 */

import { BadFrame, CloseCode, mayComeBack } from "./errors.js";
import { Talk } from "./talk.js";
import { turnedAway } from "./trouble.js";
import { newLine } from "./websocket.js";

/** @import { Attempts } from "./attempts.js" */
/** @import { Bell } from "./clock.js" */
/** @import { Dialogue } from "./dialogue.js" */
/** @import { Status } from "./status.js" */
/** @import { Ending, Line } from "./websocket.js" */

export class Meetings {
  /** The one that is on. @type {Talk | null} */
  talk = null;
  #attempts;
  #status;
  #dialogue;
  #changed;
  #how;

  /**
   * @param {object} between
   * @param {Attempts} between.attempts
   * @param {Status} between.status
   * @param {Dialogue} between.dialogue
   * @param {Bell} between.changed rung when there may be something to say
   * @param {object} how
   * @param {() => void} how.heard called after each frame that came
   * @param {() => boolean} how.isOver whether the client was closed
   * @param {number} how.stepSeconds the limit for each step of connecting
   */
  constructor({ attempts, status, dialogue, changed }, how) {
    this.#attempts = attempts;
    this.#status = status;
    this.#dialogue = dialogue;
    this.#changed = changed;
    this.#how = how;
  }

  /** Connect and talk until the socket ends. Throws TurnedAway when there must not be another. */
  async next() {
    if (this.#status.state !== "waiting") this.#status.turnTo("connecting");
    /** @type {Ending} */ let ending;
    try {
      const line = newLine(this.#attempts.begin(), (frame) => this.#take(frame));
      this.talk = new Talk(line, this.#dialogue, this.#changed, this.#how);
      ending = await this.talk.run();
    } catch (error) {
      this.talk = null;
      this.#status.turnTo("waiting", error instanceof Error ? error.message : String(error));
      return;
    }
    const { line } = this.talk;
    this.talk = null;
    this.#dialogue.lost();
    this.#heed(line, ending);
  }

  /** @param {Uint8Array} frame */
  #take(frame) {
    const isFirst = !this.#dialogue.isOpen;
    this.#dialogue.take(frame);
    this.#how.heard();
    if (isFirst) this.#attempts.hasAnswered = true;
    else this.#attempts.succeed();
    this.#status.turnTo("open");
  }

  /** @param {Line} line @param {Ending} ending */
  #heed(line, { code, reason }) {
    if (line.refused && !(line.refused instanceof BadFrame)) throw line.refused;
    if (!mayComeBack(code)) throw turnedAway(code, reason);
    if (code === CloseCode.OVERLOADED) this.#attempts.unsucceed();
    if (this.#how.isOver()) return;
    const refused = line.refused instanceof BadFrame ? `what answers there is no broker: ${line.refused.message}` : "";
    this.#status.turnTo("waiting", refused || reason || "the connection was lost");
  }
}
