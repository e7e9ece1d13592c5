/** What a test leaves behind is ended when it ends: what began last first, as it may stand on what began before it. */

/** @import { TestContext } from "node:test" */

/** @type {WeakMap<TestContext, (() => unknown)[]>} */
const ends = new WeakMap();

/**
 * @param {TestContext} t
 * @param {() => unknown} end may return a promise, and may throw: then the test fails
 */
export function atEnd(t, end) {
  const known = ends.get(t);
  if (known) {
    known.push(end);
    return;
  }
  const all = [end];
  ends.set(t, all);
  t.after(async () => {
    for (let next; (next = all.pop()); ) await next();
  });
}
