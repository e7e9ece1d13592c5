/**
 * A page that is a lamp: an executor whose one function is `set_lamp`.
 *
 * It is told when something waits, takes the newest, shows it and closes it. An event is a wake-up and no
 * right, so each one only says "look"; looking goes on until nothing is there. While the broker is away the
 * lamp shows what it showed, and after it the subscription says whether something came meanwhile.
 */

import { Colonies, NothingToAssign } from "/sdk/colonies.js";
import { keyOf } from "../pages/key.js";
import { Link } from "../pages/link.js";
import { Lamp } from "./memory.js";
import { show } from "./scene.js";

const LOOK_AGAIN_MS = 2000;

const client = new Colonies(location.origin, { key: await keyOf("the lamp") });
const link = new Link(client, /** @type {HTMLElement} */ (document.querySelector("#link")));

const lamp = new Lamp(localStorage, client.id);
show(lamp);
// Two tabs with the key of one lamp are one lamp: what one of them was given, both show.
addEventListener("storage", () => show(lamp.recall()));

let isLooking = false;
let somethingCame = false;

void look(); // before anything comes: it says at once whether this key may work here
try {
  for await (const _ of client.subscribe("lamp")) void look();
} catch (error) {
  link.refuse(error);
}

/** Take what waits, one after the other, until nothing does. */
async function look() {
  somethingCame = true;
  if (isLooking) return; // whoever looks already looks once more
  isLooking = true;
  try {
    while (somethingCame) {
      somethingCame = false;
      while (await takeOne());
    }
  } finally {
    isLooking = false;
  }
}

/** Take the newest and do it. Whether there was one. */
async function takeOne() {
  try {
    await carryOut(await client.assignLatest());
    return true;
  } catch (error) {
    // Nothing there is no fault: another tab was quicker, or a newer press has taken its place.
    if (error instanceof NothingToAssign) return false;
    if (!(/** @type {{ retry?: boolean }} */ (error).retry)) link.refuse(error);
    else setTimeout(look, LOOK_AGAIN_MS); // no new event says that the broker has come to itself
    return false;
  }
}

/** @param {import("colonies").Process} process */
async function carryOut(process) {
  const refusal = lamp.carryOut(process);
  show(lamp);
  const result = refusal ? { errors: [refusal] } : { out: [lamp.state] };
  try {
    await client.closeProcess(process, !refusal, undefined, result);
  } catch (error) {
    // Too late, or cancelled: the broker has moved it on, and the lamp will hear of it again if it shall.
    console.info("not closed:", error);
  }
}
