/** Functions for threads: quick ones, and all sorts of misbehaviour. */

import { Failed, serveFunctions } from "../../src/index.js";

/** @type {() => Promise<string>} */
let saidLate;

serveFunctions({
  add: ([left, right]) => left + right,
  async say([word], context) {
    await context.log(`heard ${word}`);
    context.setAttribute("word", word); // not awaited
    return [word, context.env.LANG, context.kwargs.loud];
  },
  async complain(_args, context) {
    return context.setAttribute("when", new Date(0)).catch((/** @type {Error} */ error) => error.message);
  },
  fail() {
    throw new RangeError("by nothing");
  },
  give_up() {
    throw new Failed(["no", "really no"], { out: [1] });
  },
  uncloneable: () => [() => 1],
  unsendable: () => [new Date(0)],
  // Nothing but the end of its thread ends it.
  endless(_args, context) {
    context.log("begun");
    for (;;);
  },
  async heeds(_args, context) {
    await context.log("begun");
    return new Promise((resolve) => context.signal.addEventListener("abort", () => resolve("told")));
  },
  // Returns, and breaks its thread when it is told to.
  breaks_later() {
    new BroadcastChannel("break").onmessage = () => {
      throw new Error("afterwards");
    };
    return "for now";
  },
  // Returns, and says something when another function runs in its thread.
  late(_args, context) {
    saidLate = () => context.log("of the one before").then(String, (/** @type {Error} */ error) => error.message);
    return "for now";
  },
  next: () => saidLate(),
  exit: () => process.exit(3),
});
