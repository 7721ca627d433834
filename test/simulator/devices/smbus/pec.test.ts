/** The Packet Error Code against its published check value and against every single wrong bit. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Pec, pecOf } from "../../../../simulator/devices/smbus/pec.ts";

describe("packet error code", () => {
  it('has the published check value of this CRC-8: 0xf4 for "123456789"', () => {
    assert.equal(pecOf(Buffer.from("123456789")), 0xf4);
  });

  it("is 0 over nothing, and over any message with its own PEC", () => {
    assert.equal(pecOf([]), 0);
    const message = [0x84, 0x41, 0x85, 0x12, 0x34];
    assert.equal(pecOf([...message, pecOf(message)]), 0);
  });

  it("detects every single wrong bit", () => {
    const message = [0x84, 0x41, 0x85, 0x12, 0x34];
    const good = pecOf(message);
    for (let bit = 0; bit < 8 * message.length; bit++) {
      const bad = message.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      assert.notEqual(pecOf(bad), good, `bit ${bit}`);
    }
  });

  it("returns the byte that it adds", () => {
    assert.equal(new Pec().add(0xa5), 0xa5);
  });
});
