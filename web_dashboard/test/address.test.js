import assert from "node:assert/strict";
import test from "node:test";

import { format, parse } from "../src/address.js";

test("an address says panel, id, filter and page", () => {
  const address = { panel: "queue", id: "cli", filter: { state: "failed", text: "disk full" }, cursor: "abc" };
  assert.equal(format(address), "#/queue/cli?state=failed&text=disk+full&cursor=abc");
  assert.deepEqual(parse(format(address)), address);
});

test("whatever a type or a label is called, it comes back as it was", () => {
  for (const strange of ["a/b", "?x=1&y", "#", "%", "%zz", " ", "ü\u202e😀", "<img src=x>", "..", "__proto__"]) {
    const address = { panel: "queue", id: strange, filter: { label: strange }, cursor: "" };
    assert.deepEqual(parse(format(address)), address);
  }
});

test("what is empty is not said", () => {
  assert.equal(format({ panel: "failures", filter: { type: "", text: "" } }), "#/failures");
});

test("no address is the overview, and nothing throws", () => {
  const home = { panel: "overview", id: "", filter: {}, cursor: "" };
  for (const nothing of ["", "#", "#/", "/"]) assert.deepEqual(parse(nothing), home);
  for (const odd of ["#/%", "#/queue/%E0%A4%A", "#/?state", "#???", "#/queue?=&&=="]) assert.ok(parse(odd).panel);
});

test("names that are no filter are passed over", () => {
  assert.deepEqual(parse("#/queue?state=0&nonsense=1").filter, { state: "0" });
});
