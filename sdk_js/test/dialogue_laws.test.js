/** What holds of a dialogue whatever is asked, answered, lost and forgotten, in whatever order. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { WrongState } from "../src/errors.js";
import { seeded } from "./support/chance.js";
import { ANN, BOB, Talk } from "./support/talk.js";

/** @import { Chance } from "./support/chance.js" */
/** @import { Request } from "./support/wire.js" */

const METHODS_ASKED = ["process.assign", "process.assign", "process.assign", "process.close", "log.add", "server.info"];
// Each as often as it is to happen, beside the others.
const STEPS = /** @type {const} */ ([
  ...["ask", "ask", "ask", "ask", "ask", "hear", "hear", "hear", "hear", "hear", "hear", "hear"],
  ...["answer", "answer", "answer", "answer", "refuse", "forget", "open", "open", "open", "lose"],
]);
const ROUNDS = 300;
const STEPS_OF_A_ROUND = 80;

/** Drives a dialogue at random, and remembers what must hold of it. The talk itself checks limits and ids. */
class Law {
  talk = new Talk({ inflight: 5, batch: 3, frame: 1024 });
  /** @type {ReturnType<Talk["ask"]>[]} */
  asked = [];
  /** @type {Set<number>} */
  forgotten = new Set();
  assigned = 0;
  back = 0;
  /** @type {string[]} */
  saidOnce = [];
  #chance;

  /** @param {Chance} chance */
  constructor(chance) {
    this.#chance = chance;
  }

  ask() {
    const method = this.#chance.one(METHODS_ASKED);
    const pad = "x".repeat(this.#chance.below(300));
    const params = method === "process.assign" ? { timeout: 1 } : { mark: `${this.asked.length}`, pad };
    this.asked.push(this.talk.ask(method, params, this.#chance.one([ANN, BOB])));
  }

  hear() {
    for (const { method, params } of this.talk.said()) if (method === "log.add") this.saidOnce.push(params.mark);
  }

  lose() {
    if (this.#chance.below(2)) this.#drain();
    this.talk.lose();
  }

  open() {
    if (!this.talk.dialogue.isOpen) this.talk.open();
  }

  /** Nothing is said to a broker that stops, but what was is answered. */
  #drain() {
    if (this.talk.dialogue.isOpen) this.talk.notify("draining", { reconnect: 0 });
    this.hear();
    this.answer();
  }

  #unanswered() {
    return this.talk.unanswered.size ? this.#chance.one([...this.talk.unanswered.values()]) : null;
  }

  answer() {
    const request = this.#unanswered();
    if (request) this.#answer(request);
  }

  /** @param {Request} request */
  #answer(request) {
    if (request.method === "process.assign") {
      this.talk.answer(request, { processid: `process-${++this.assigned}`, attempt: 1 });
      return;
    }
    this.back += Number(request.method === "process.hand_back");
    this.talk.answer(request, {});
  }

  refuse() {
    const request = this.#unanswered();
    if (request && request.method !== "process.hand_back") this.talk.refuse(request, new WrongState("no"));
  }

  forget() {
    const open = [...this.asked.keys()].filter((number) => !this.asked[number].heard.times);
    if (!open.length) return;
    const which = this.#chance.one(open);
    this.talk.dialogue.forget(this.asked[which].asked);
    this.forgotten.add(which);
  }

  /** Answer everything that is still to be said. */
  finish() {
    this.lose();
    this.open();
    while (!this.talk.dialogue.isIdle) {
      const before = this.talk.unanswered.size;
      this.hear();
      assert(before + this.talk.unanswered.size > 0, "something waits and is never said");
      for (const request of [...this.talk.unanswered.values()]) this.#answer(request);
    }
  }
}

test("everything is answered once within all limits and no process is lost", () => {
  let settled = 0;
  let back = 0;
  for (let seed = 0; seed < ROUNDS; seed++) {
    const law = ended(seed);
    law.asked.forEach(({ heard }, number) => {
      assert.equal(heard.times, law.forgotten.has(number) ? 0 : 1, `seed ${seed}: request ${number}`);
    });
    assert.equal(law.saidOnce.length, new Set(law.saidOnce).size, `seed ${seed}: said twice`);
    const assigns = law.asked.filter(({ asked }) => asked.method === "process.assign");
    const received = assigns.reduce((sum, { heard }) => sum + heard.results.length, 0);
    assert.equal(law.assigned, received + law.back, `seed ${seed}: a process was lost`);
    settled += law.asked.length - law.forgotten.size;
    back += law.back;
  }
  assert(settled > ROUNDS && back > 50, "chance brought up what the laws are about");
});

/** @param {number} seed */
function ended(seed) {
  const chance = seeded(seed);
  const law = new Law(chance);
  for (let count = 0; count < STEPS_OF_A_ROUND; count++) law[chance.one(STEPS)]();
  law.finish();
  return law;
}
