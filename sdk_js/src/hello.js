/** The first thing that a broker says. */

import { USUAL_LIMITS } from "./batches.js";
import { BadFrame, TurnedAway } from "./errors.js";
import { CHALLENGE_BYTES, isMap, PROTOCOL } from "./wire/frames.js";

/** @import { Limits } from "./batches.js" */
/** @import { Notification, Response } from "./wire/frames.js" */

/**
 * The hello. Throws BadFrame when it is none, TurnedAway when it is of another protocol.
 * @param {Response | Notification} message
 * @returns {{ challenge: Uint8Array, limits: Limits }}
 */
export function helloOf(message) {
  if (message.kind !== "notification" || message.name !== "hello") throw new BadFrame("a broker says hello first");
  const { protocol, challenge, limits } = message.params;
  if (protocol !== PROTOCOL) {
    throw new TurnedAway(`the broker speaks protocol ${protocol}, this client ${PROTOCOL}`);
  }
  if (!(challenge instanceof Uint8Array) || challenge.length !== CHALLENGE_BYTES) {
    throw new BadFrame("a hello without a challenge");
  }
  return { challenge, limits: limitsOf(isMap(limits) ? limits : {}) };
}

/**
 * @param {Record<string, unknown>} given
 * @returns {Limits}
 */
function limitsOf(given) {
  const limits = { ...USUAL_LIMITS };
  for (const name of /** @type {(keyof Limits)[]} */ (Object.keys(limits))) {
    const limit = given[name] ?? limits[name];
    if (!Number.isInteger(limit) || Number(limit) < 1) throw new BadFrame(`a hello that allows nothing (${name})`);
    limits[name] = Number(limit);
  }
  return limits;
}
