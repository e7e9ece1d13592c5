/** Colonies for JavaScript: submit process specs to a broker, and work for it, in pages and in Node.js. */

export { Colonies } from "./client.js";
export { Failed } from "./functions.js";
export { pageKey } from "./pagekey.js";
export { serveFunctions } from "./serve_functions.js";
export { Subscription } from "./subscription.js";
export { Worker } from "./worker.js";
export { Identity, isId } from "./wire/identity.js";
export { ExecutorState, isFinal, State } from "./wire/model.js";
export * from "./errors.js";
