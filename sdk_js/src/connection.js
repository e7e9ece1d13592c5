/**
 * The I/O: one WebSocket, there whenever somebody wants something, and back by itself when it is lost.
 *
 * It is opened by the first request and comes back for ever, with full jitter, at the next address each
 * time; with nothing to say it stays away. Every step of connecting has a limit. A connection that has
 * been silent for long, or of which the page has reason to doubt, is checked rather than trusted. A broker
 * that says to stay away is believed: everything fails with its reason.
 */

import { Answer } from "./answer.js";
import { Asked } from "./asked.js";
import { Attempts } from "./attempts.js";
import { fullJitter } from "./backoff.js";
import { Bell } from "./clock.js";
import { Dialogue } from "./dialogue.js";
import { Closed, TurnedAway } from "./errors.js";
import { Held } from "./held.js";
import { Meetings } from "./meetings.js";
import { followPage } from "./page.js";
import { Status } from "./status.js";
import { unreachable } from "./trouble.js";
import { Watchman } from "./watchman.js";

/** @import { Progress } from "./asked.js" */
/** @import { ColoniesError } from "./errors.js" */
/** @import { Signer } from "./wire/identity.js" */

const LAST_WORDS_SECONDS = 5;

export class Connection {
  status = new Status();
  /** Told when a process that runs is cancelled. @type {Set<(processid: string, attempt: number) => void>} */
  cancelledListeners = new Set();
  /** Told before it closes, while last words can still be said. @type {Set<() => void>} */
  closingListeners = new Set();

  #attempts;
  #dialogue;
  #meetings;
  #held = new Held();
  #watchman = new Watchman(this);
  #changed = new Bell();
  #hurry = new Bell();
  /** @type {Promise<void> | null} */
  #running = null;
  /** @type {ColoniesError | null} */
  #over = null;
  #unfollow = () => {};
  #isTooLate = false; // for last words
  #isAway = false; // the page is hidden for good, or until it is shown again
  /** @type {Signer | null} */
  #lastSigner = null;

  /**
   * @param {string[]} addresses of WebSockets
   * @param {object} options
   * @param {number} options.connectSeconds how long a request waits for a first broker
   * @param {number} [options.stepSeconds] the limit for a handshake, and for the hello
   */
  constructor(addresses, { connectSeconds, stepSeconds = 10 }) {
    this.#attempts = new Attempts(addresses, connectSeconds);
    this.#dialogue = new Dialogue({
      again: (asked) => setTimeout(() => this.#say(asked), fullJitter(5) * 1000),
      cancelled: (processid, attempt) => this.#tellCancelled(processid, attempt),
    });
    const between = { attempts: this.#attempts, status: this.status, dialogue: this.#dialogue, changed: this.#changed };
    const how = { heard: () => this.#hear(), isOver: () => this.#over !== null, stepSeconds };
    this.#meetings = new Meetings(between, how);
  }

  // — asking —

  /**
   * Ask now, without waiting: what is asked in one turn of the event loop leaves together. Then await its `wait`.
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Signer} signer
   * @param {number} seconds how long to wait for the answer, and for each sign of one that takes long
   * @param {Progress} [progress] called with how far it is
   */
  ask(method, params, signer, seconds, progress) {
    const answer = new Answer(this, seconds, progress);
    answer.asked = new Asked(method, params, signer, {
      progress: (done, matched) => answer.progress(done, matched),
      settle: (result, error) => {
        if (!error?.retry) this.#held.heed(answer.asked, result, error !== null);
        answer.settle(result, error);
      },
    });
    this.say(answer.asked);
    return answer;
  }

  /** @param {Asked} asked */
  say(asked) {
    if (this.#over && !(asked.isLastWord && this.#running)) throw this.#over;
    this.#lastSigner = asked.signer;
    this.#say(asked);
    if (this.#running) return;
    this.#unfollow = followPage(this);
    this.#running = this.#run();
  }

  /** @param {Asked} asked */
  #say(asked) {
    this.#dialogue.ask(asked);
    this.#changed.ringSoon();
  }

  /** @param {Asked} asked */
  forget(asked) {
    this.#dialogue.forget(asked);
    this.#changed.ringSoon();
  }

  /** Whether a broker has ever answered. */
  get hasAnswered() {
    return this.#attempts.hasAnswered;
  }

  get connectSeconds() {
    return this.#attempts.connectSeconds;
  }

  get isOpen() {
    return this.#dialogue.isOpen;
  }

  unreachable() {
    return unreachable(this.#attempts.addresses, this.status.trouble);
  }

  /** @param {string} processid @param {number} attempt */
  #tellCancelled(processid, attempt) {
    this.#held.letGo(processid);
    for (const listener of [...this.cancelledListeners]) listener(processid, attempt);
  }

  // — its life —

  async #run() {
    try {
      while (!(await this.#isDone())) {
        await this.#hurry.wait(this.#attempts.pause(this.#dialogue.takeReconnectSeconds()));
        if (!this.#isAway && !this.#isTooLate) await this.#meetings.next();
      }
    } catch (error) {
      if (error instanceof TurnedAway) return this.#end(error);
      console.error("the connection met a bug of this client", error);
      this.#end(new Closed(`this client met a bug of its own and is closed: ${error}`));
    }
  }

  #hear() {
    this.#watchman.heard();
    this.#changed.ringSoon(); // an answer makes room for what waits to be said
  }

  /** @param {ColoniesError} error */
  #end(error) {
    this.#over ??= error;
    this.#dialogue.failAll(error);
    this.#dialogue.lost();
    this.#watchman.leave();
    this.#unfollow();
    this.status.turnTo("closed", error.message);
  }

  /** Wait until there is something to say. Whether there will never be any more. */
  async #isDone() {
    while (this.#isAway || (!this.#over && this.#dialogue.isIdle)) {
      this.status.turnTo("idle");
      await this.#changed.wait();
      this.#attempts.failures = 0; // whoever asks now has waited for nothing yet
    }
    return this.#over !== null && (this.#isTooLate || !this.#dialogue.hasLastWords);
  }

  // — what a page knows of the world —

  /** Doubt the connection: ask the broker, and leave the socket if it does not answer. With none, try now. */
  check() {
    if (this.#meetings.talk && this.#dialogue.isOpen) this.#watchman.check();
    else if (this.#running) this.#hurry.ring();
  }

  /** A question that costs a broker next to nothing. False when there is nobody to ask or to sign it. */
  askForALifeSign() {
    if (!this.#lastSigner || !this.isOpen || this.#over) return false;
    this.#say(new Asked("server.info", {}, this.#lastSigner));
    return true;
  }

  /** Whether somebody relies on hearing from the broker. */
  get isRelyingOnIt() {
    return this.isOpen && !this.#dialogue.isIdle;
  }

  /** Leave the socket, and come back by another. */
  distrust() {
    this.#meetings.talk?.line.drop();
  }

  /**
   * The page goes, perhaps for good: hand back what it holds, leave every line, and stay away until `comeBack`.
   * What a signer can sign at once is said before this returns.
   */
  goAway() {
    this.#isAway = true;
    for (const { processid, attempt, signer } of this.#held.takeAll()) {
      this.#dialogue.ask(new Asked("process.hand_back", { processid, attempt }, signer, { isLastWord: true }));
      this.#tellCancelled(processid, attempt);
    }
    this.#meetings.talk?.leave();
  }

  comeBack() {
    this.#isAway = false;
    this.#changed.ring();
    this.check();
  }

  // — its end —

  /** End everything and leave nothing behind; what was assigned to nobody is handed back first. */
  async close() {
    if (!this.#over) for (const listener of [...this.closingListeners]) listener();
    this.#over ??= new Closed("the client was closed");
    this.#isAway = false;
    this.#dialogue.failAll(this.#over);
    this.#changed.ring();
    this.#hurry.ring();
    const isWorthWaiting = this.#dialogue.isOpen || this.#dialogue.hasLastWords;
    const late = setTimeout(() => this.#saveWords(), isWorthWaiting ? LAST_WORDS_SECONDS * 1000 : 0);
    await this.#running;
    clearTimeout(late);
    this.#end(this.#over);
  }

  /** Nobody heard the last ones: what they were about is left to its deadline. */
  #saveWords() {
    this.#isTooLate = true;
    this.#meetings.talk?.line.drop();
    this.#hurry.ring();
  }
}
