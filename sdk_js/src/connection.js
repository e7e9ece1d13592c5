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
import { CAP_SECONDS, fullJitter } from "./backoff.js";
import { Bell, nextTurn, steadySeconds } from "./clock.js";
import { Dialogue } from "./dialogue.js";
import { BadFrame, Closed, CloseCode, mayComeBack, TurnedAway } from "./errors.js";
import { Held } from "./held.js";
import { turnedAway, unreachable } from "./trouble.js";
import { Watchman } from "./watchman.js";
import { newLine } from "./websocket.js";

/** @import { ColoniesError } from "./errors.js" */
/** @import { Ending, Line } from "./websocket.js" */
/** @import { Signer } from "./wire/identity.js" */

/**
 * idle: nothing was asked yet, or nothing is left to say. connecting: on the way. open: a broker said hello.
 * waiting: lost or not there; tried again by itself. closed: for good.
 * @typedef {"idle" | "connecting" | "open" | "waiting" | "closed"} ConnectionState
 */

const STEP_SECONDS = 10;
const LAST_WORDS_SECONDS = 5;

export class Connection {
  /** @type {ConnectionState} */
  state = "idle";
  /** Why it is not open, in words; empty when it is, or when nobody knows. */
  trouble = "";
  /** Called whenever `state` or `trouble` changed. @type {Set<() => void>} */
  stateListeners = new Set();
  /** Told when a process that runs is cancelled. @type {Set<(processid: string, attempt: number) => void>} */
  cancelledListeners = new Set();

  #addresses;
  #connectSeconds;
  #dialogue;
  #held = new Held();
  #watchman = new Watchman(this);
  #changed = new Bell();
  #hurry = new Bell();
  /** @type {Line | null} */
  #line = null;
  /** @type {Promise<void> | null} */
  #running = null;
  /** @type {ColoniesError | null} */
  #over = null;
  /** @type {(() => void)} */
  #sayReachable = () => {};
  #firstHello = new Promise((resolve) => (this.#sayReachable = () => resolve(undefined)));
  #hasAnswered = false;
  #turnComes = false;
  #turn = 0; // whose turn it is among the addresses
  #failures = 0;
  #isAway = false; // the page is hidden for good, or until it is shown again
  /** @type {Signer | null} */
  #lastSigner = null;

  /**
   * @param {string[]} addresses of WebSockets
   * @param {object} options
   * @param {number} options.connectSeconds how long a request waits for a first broker
   */
  constructor(addresses, { connectSeconds }) {
    this.#addresses = addresses;
    this.#connectSeconds = connectSeconds;
    this.#dialogue = new Dialogue({
      again: (asked) => setTimeout(() => this.#say(asked), fullJitter(5) * 1000),
      cancelled: (processid, attempt) => this.#tellCancelled(processid, attempt),
    });
  }

  // — asking —

  /**
   * Ask now, without waiting: what is asked in one turn of the event loop leaves together. Then await its `wait`.
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Signer} signer
   * @param {number} seconds how long to wait for the answer
   */
  ask(method, params, signer, seconds) {
    const answer = new Answer(this, seconds);
    answer.asked = new Asked(method, params, signer, {
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
    this.#running ??= this.#run();
  }

  /** @param {Asked} asked */
  #say(asked) {
    this.#dialogue.ask(asked);
    this.#change();
  }

  /** @param {Asked} asked */
  forget(asked) {
    this.#dialogue.forget(asked);
    this.#change();
  }

  /** Once a broker has ever answered, whether one answers now is no reason to give up. */
  get hasAnswered() {
    return this.#hasAnswered;
  }

  /** Resolves when a broker has answered for the first time. */
  get firstHello() {
    return this.#firstHello;
  }

  get connectSeconds() {
    return this.#connectSeconds;
  }

  get isOpen() {
    return this.#dialogue.isOpen;
  }

  unreachable() {
    return unreachable(this.#addresses, this.trouble);
  }

  #change() {
    if (this.#turnComes) return;
    this.#turnComes = true;
    nextTurn(() => {
      this.#turnComes = false;
      this.#changed.ring();
    });
  }

  /**
   * @param {string} processid
   * @param {number} attempt
   */
  #tellCancelled(processid, attempt) {
    this.#held.letGo(processid);
    for (const listener of [...this.cancelledListeners]) listener(processid, attempt);
  }

  /**
   * @param {ConnectionState} state
   * @param {string} [trouble]
   */
  #turnTo(state, trouble = "") {
    if (this.state === state && this.trouble === trouble) return;
    this.state = state;
    this.trouble = trouble;
    for (const listener of [...this.stateListeners]) listener();
  }

  // — its life —

  async #run() {
    try {
      while (!(await this.#isDone())) {
        await this.#hurry.wait(this.#pause());
        if (!this.#isAway) await this.#oneConnection();
      }
    } catch (error) {
      if (error instanceof TurnedAway) return this.#end(error);
      console.error("the connection met a bug of this client", error);
      this.#end(new Closed(`this client met a bug of its own and is closed: ${error}`));
    }
  }

  /** @param {ColoniesError} error */
  #end(error) {
    this.#over ??= error;
    this.#dialogue.failAll(error);
    this.#dialogue.lost();
    this.#watchman.leave();
    this.#turnTo("closed", error.message);
  }

  /** Wait until there is something to say. Whether there will never be any more. */
  async #isDone() {
    while (this.#isAway || (!this.#over && this.#dialogue.isIdle)) {
      this.#turnTo("idle");
      await this.#changed.wait();
      this.#failures = 0; // whoever asks now has waited for nothing yet
    }
    return this.#over !== null && !this.#dialogue.hasLastWords;
  }

  /** Seconds until the next try. */
  #pause() {
    const askedFor = this.#dialogue.reconnectSeconds;
    this.#dialogue.reconnectSeconds = 0;
    if (this.#failures === 0) return askedFor;
    // While a call waits for a first broker, it is tried for more than once.
    const cap = this.#hasAnswered ? CAP_SECONDS : Math.min(CAP_SECONDS, this.#connectSeconds / 2);
    return Math.max(askedFor, fullJitter(this.#failures, cap));
  }

  /** Connect and talk until the socket ends. Throws TurnedAway when there must not be another. */
  async #oneConnection() {
    const address = this.#addresses[this.#turn++ % this.#addresses.length];
    const failures = ++this.#failures;
    if (this.state !== "waiting") this.#turnTo("connecting");
    const line = newLine(address, (frame) => this.#take(frame));
    this.#line = line;
    try {
      await line.opened(STEP_SECONDS);
    } catch (error) {
      // Whatever a name server, proxy, certificate or stranger on the port can come up with: try again.
      this.#turnTo("waiting", error instanceof Error ? error.message : String(error));
      return;
    }
    const ending = await this.#talk(line);
    this.#dialogue.lost();
    this.#heed(line, ending, failures);
  }

  /**
   * @param {Line} line
   * @returns {Promise<Ending>}
   */
  async #talk(line) {
    // It may have said it already, together with the handshake.
    const unsaid = setTimeout(() => this.#dialogue.isOpen || line.drop(), STEP_SECONDS * 1000);
    this.#change();
    void this.#write(line).catch((bug) => line.fail(bug));
    const ending = await line.ended;
    clearTimeout(unsaid);
    this.#line = null;
    this.#changed.ring(); // so that the writer sees it
    return ending;
  }

  /** @param {Uint8Array} frame */
  #take(frame) {
    const isFirst = !this.#dialogue.isOpen;
    this.#dialogue.take(frame);
    this.#watchman.heard();
    this.#change(); // an answer makes room for what waits to be said
    if (!isFirst) {
      this.#failures = 1; // coming back from here takes hardly a pause
      return;
    }
    this.#hasAnswered = true;
    this.#sayReachable();
    this.#turnTo("open");
  }

  /** @param {Line} line */
  async #write(line) {
    let said = false;
    while (!line.isOver) {
      await this.#changed.wait();
      for (const signing of this.#dialogue.frames(steadySeconds())) {
        const frame = await signing;
        if (frame) line.send(frame);
        said = true;
      }
      if (this.#mayLeave(said)) line.drop();
    }
  }

  /** @param {boolean} said */
  #mayLeave(said) {
    if (!this.#dialogue.isOpen) return false;
    if (this.#over) return !this.#dialogue.hasLastWords;
    // A broker closes for good what connects and then says nothing.
    return this.#dialogue.mayLeave || (!said && this.#dialogue.isIdle);
  }

  /**
   * @param {Line} line
   * @param {Ending} ending
   * @param {number} failures
   */
  #heed(line, { code, reason }, failures) {
    if (line.refused && !(line.refused instanceof BadFrame)) throw line.refused;
    if (!mayComeBack(code)) throw turnedAway(code, reason);
    if (code === CloseCode.OVERLOADED) this.#failures = failures; // it did answer, but only to say so
    const refused = line.refused ? `what answers there is no broker: ${line.refused.message}` : "";
    this.#turnTo("waiting", refused || reason || "the connection was lost");
  }

  // — what a page knows of the world —

  /** Doubt the connection: ask the broker, and leave the socket if it does not answer. With none, try now. */
  check() {
    if (this.#line && this.#dialogue.isOpen) this.#watchman.check();
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
    this.#line?.drop();
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
    const line = this.#line;
    const frames = this.#dialogue.frames(steadySeconds(), { atOnce: true });
    if (frames.every((frame) => !(frame instanceof Promise))) {
      for (const frame of frames) if (frame instanceof Uint8Array) line?.send(frame);
      line?.drop();
    } else {
      void Promise.all(frames).then((signed) => {
        for (const frame of signed) if (frame) line?.send(frame);
        line?.drop();
      });
    }
  }

  comeBack() {
    this.#isAway = false;
    this.#changed.ring();
    this.check();
  }

  // — its end —

  /** End everything and leave nothing behind; what was assigned to nobody is handed back first. */
  async close() {
    this.#over ??= new Closed("the client was closed");
    this.#isAway = false;
    this.#dialogue.failAll(this.#over);
    this.#changed.ring();
    this.#hurry.ring();
    const isWorthWaiting = this.#dialogue.isOpen || this.#dialogue.hasLastWords;
    const late = setTimeout(() => this.#line?.drop(), isWorthWaiting ? LAST_WORDS_SECONDS * 1000 : 0);
    await this.#running;
    clearTimeout(late);
    this.#end(this.#over);
  }
}
