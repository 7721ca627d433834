/** The JSON object at the end of the demonstration: its keys in their order, and the helpers that fill it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { emptyResult, imageBytes, milliseconds, sha256 } from "../../../simulator/start/result.ts";

describe("result line", () => {
  it("has exactly these keys in this order", () => {
    assert.deepEqual(Object.keys(emptyResult("slot-hat", 1, 2)), [
      "board",
      "image_bytes",
      "wasm_bytes",
      "powered_on_at_ms",
      "rail_order",
      "bootlog_sent",
      "bootlog_captured",
      "bootlog_dropped",
      "bootlog_sha256_sent",
      "bootlog_sha256_captured",
      "v5_mv",
      "i5_ma",
      "graceful_off_ms",
      "stack_high_water_bytes",
      "ram_used_bytes",
      "flash_used_bytes",
      "emulated_ms",
      "wall_ms",
      "warnings",
    ]);
  });

  it("counts the payload of a UF2 file, not its headers", () => {
    const uf2 = Buffer.alloc(3 * 512);
    for (let block = 0; block < 3; block++) uf2.writeUInt32LE(256, block * 512 + 16);
    assert.equal(imageBytes(uf2), 768);
  });

  it("gives milliseconds to the microsecond, and the digest in hexadecimal", () => {
    assert.equal(milliseconds(131_234_567), 131.235);
    assert.equal(sha256(Buffer.from("abc")).slice(0, 8), "ba7816bf");
  });
});
