/** Lines cut out of a stream: in parts, many at once, too long, and never more kept than the limit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lines } from "../../../simulator/serve/lines.ts";

const push = (lines: Lines, text: string) => lines.push(Buffer.from(text));

test("a line comes in parts, and many come in one chunk", () => {
  const lines = new Lines(16);
  assert.deepEqual(push(lines, "on"), []);
  assert.deepEqual(push(lines, "e"), []);
  assert.deepEqual(push(lines, "\ntwo\r\n\nfo"), ["one", "two", ""]);
  assert.deepEqual(push(lines, "ur\n"), ["four"]);
});

test("a character of several bytes may be cut in the middle", () => {
  const lines = new Lines(16);
  const bytes = Buffer.from("äöü\n");
  assert.deepEqual(lines.push(bytes.subarray(0, 3)), []);
  assert.deepEqual(lines.push(bytes.subarray(3)), ["äöü"]);
});

test("a line of the greatest length passes, a longer one is null, and the next one is good again", () => {
  for (const cut of [1, 4, 100]) {
    const lines = new Lines(8);
    const text = "12345678\n123456789\n12\n";
    const found: (string | null)[] = [];
    for (let at = 0; at < text.length; at += cut) found.push(...push(lines, text.slice(at, at + cut)));
    assert.deepEqual(found, ["12345678", null, "12"], `in chunks of ${cut}`);
  }
});

test("a line without an end is not kept", () => {
  const lines = new Lines(1000);
  const before = process.memoryUsage().arrayBuffers;
  for (let chunk = 0; chunk < 2000; chunk++) lines.push(Buffer.alloc(65_536, 0x61));
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024);
  assert.deepEqual(push(lines, "\nx\n"), [null, "x"]);
});
