/** The watchman, with a clock that is held. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Watchman } from "../src/watchman.js";

test("a connection on which nobody relied for long is doubted once somebody does", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const watched = { isOpen: true, isRelyingOnIt: false, asked: 0, distrusted: 0 };
  const watchman = new Watchman(
    Object.assign(watched, {
      askForALifeSign: () => Boolean(++watched.asked),
      distrust: () => ++watched.distrusted,
    }),
  );
  watchman.heard();
  t.mock.timers.tick(150_000);
  assert.equal(watched.asked, 0);
  watched.isRelyingOnIt = true;
  t.mock.timers.tick(60_000);
  assert.deepEqual([watched.asked, watched.distrusted], [1, 0]);
  t.mock.timers.tick(5_000);
  assert.equal(watched.distrusted, 1);
});
