import assert from "node:assert/strict";
import test from "node:test";

import { ago, compact, counted, ending, grouped, size, span } from "../src/format.js";

test("a span is said in its largest unit or two", () => {
  const said = [5, 999, 1000, 1500, 59_999, 60_000, 3_599_999, 3_600_000, 12_000_000, 86_400_000, 187_200_000].map(
    span,
  );
  assert.deepEqual(said, [
    "5 ms",
    "999 ms",
    "1 s",
    "1.5 s",
    "59 s",
    "1 min",
    "59 min",
    "1 h",
    "3 h 20 min",
    "1 d",
    "2 d 4 h",
  ]);
  assert.equal(span(-5), "0 ms");
});

test("ages count in whole seconds", () => {
  assert.deepEqual([0, 999, 1500, 12_345].map(ago), ["just now", "just now", "1 s ago", "12 s ago"]);
});

test("the id of a process is said by its end, for what was submitted together begins alike", () => {
  assert.equal(ending("01a228f0619957c6dc2f00f462bb35c3"), "…62bb35c3");
  assert.equal(ending("short"), "short");
});

test("numbers are grouped, and short where there is little room", () => {
  assert.equal(grouped(1_234_567), "1,234,567");
  assert.deepEqual([0, 99_999, 100_000, 1_250_000].map(compact), ["0", "99,999", "100K", "1.3M"]);
  assert.deepEqual(
    [counted(1, "process", "processes"), counted(2000, "process", "processes")],
    ["1 process", "2,000 processes"],
  );
});

test("sizes are said in what people count them in", () => {
  assert.deepEqual([10, 2048, 3 * 1024 * 1024].map(size), ["10 B", "2.0 KB", "3.0 MB"]);
});
