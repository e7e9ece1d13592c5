/** Colonies for JavaScript: submit process specs to a broker, and work for it, in pages and in Node.js. */

export { Colonies } from "./client.js";
export { Failed } from "./functions.js";
export { forgetKey, keepKey, keptKey, pageKey } from "./pagekey.js";
export { serveFunctions } from "./serve_functions.js";
export { Feed, Subscription } from "./subscription.js";
export { Worker } from "./worker.js";
export { Identity, isId } from "./wire/identity.js";
export { ExecutorState, isFinal, State } from "./wire/model.js";
export * from "./errors.js";

/** @typedef {import("./caller.js").ClientOptions} ClientOptions */
/** @typedef {import("./caller.js").Key} Key */
/** @typedef {import("./caller.js").Options} Options */
/** @typedef {import("./client.js").Activities} Activities */
/** @typedef {import("./client.js").LogLine} LogLine */
/** @typedef {import("./client.js").SubscribeOptions} SubscribeOptions */
/** @typedef {import("./functions.js").WorkContext} WorkContext */
/** @typedef {import("./functions.js").WorkFunction} WorkFunction */
/** @typedef {import("./looking.js").Matching} Matching */
/** @typedef {import("./looking.js").ProcessFilter} ProcessFilter */
/** @typedef {import("./status.js").ConnectionState} ConnectionState */
/** @typedef {import("./subscription.js").ProcessEvent} ProcessEvent */
/** @typedef {import("./wire/identity.js").Signer} Signer */
/** @typedef {import("./wire/model.js").Activity} Activity */
/** @typedef {import("./wire/model.js").Attribute} Attribute */
/** @typedef {import("./wire/model.js").Colony} Colony */
/** @typedef {import("./wire/model.js").ColonyFunction} ColonyFunction */
/** @typedef {import("./wire/model.js").Executor} Executor */
/** @typedef {import("./wire/model.js").Explanation} Explanation */
/** @typedef {import("./wire/model.js").FailureGroup} FailureGroup */
/** @typedef {import("./wire/model.js").Log} Log */
/** @typedef {import("./wire/model.js").Matched} Matched */
/** @typedef {import("./wire/model.js").Page} Page */
/** @typedef {import("./wire/model.js").Process} Process */
/** @typedef {import("./wire/model.js").ProcessSpec} ProcessSpec */
/** @typedef {import("./wire/model.js").Stats} Stats */
/** @typedef {import("./wire/model.js").StatsHistory} StatsHistory */
/** @typedef {import("./wire/model.js").TypeCounts} TypeCounts */
/** @typedef {import("./wire/model.js").TypeHistory} TypeHistory */
/** @typedef {import("./wire/model.js").User} User */
/** @typedef {import("./wire/model.js").Whoami} Whoami */
