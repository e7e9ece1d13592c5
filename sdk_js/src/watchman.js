/**
 * Doubts a connection from which nothing is heard: a laptop that slept, a network that changed, a router that forgot.
 *
 * The broker pings, but a page is not told of it, and its socket may believe for minutes in a broker that is
 * gone. So after a silence it asks for a sign of life, and gives the socket up when none comes. Where a hidden
 * tab's timers are slowed down this is late and nothing else; the page checks at once when it is shown again.
 */

const SILENCE_SECONDS = 60;
const SIGN_OF_LIFE_SECONDS = 5;

/** @typedef {{ askForALifeSign(): boolean, isOpen: boolean, isRelyingOnIt: boolean, distrust(): void }} Watched */

export class Watchman {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  #watched;

  /** @param {Watched} watched */
  constructor(watched) {
    this.#watched = watched;
  }

  heard() {
    this.leave();
    this.#silence = setTimeout(() => this.#doubt(), SILENCE_SECONDS * 1000);
    unref(this.#silence);
  }

  #doubt() {
    if (!this.#watched.isOpen) return;
    if (this.#watched.isRelyingOnIt) this.check();
    else this.heard(); // nobody asks for anything now, but whoever does later relies on it then
  }

  check() {
    if (this.#waiting || !this.#watched.askForALifeSign()) return;
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      this.#watched.distrust();
    }, SIGN_OF_LIFE_SECONDS * 1000);
    unref(this.#waiting);
  }

  leave() {
    clearTimeout(this.#silence);
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
  }
}

/** In Node.js no program stays alive for this timer's sake. @param {unknown} timer */
function unref(timer) {
  if (typeof timer === "object" && timer && "unref" in timer && typeof timer.unref === "function") timer.unref();
}
