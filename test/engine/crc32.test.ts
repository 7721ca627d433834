/** The checksum that the device makes of its logic at each start, called in the emulator. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32 } from "../../scripts/build/crc32.ts";
import { BareMachine } from "../../simulator/bare.ts";
import { buildDirectory } from "../support/slot.ts";

const SRAM = 0x2003_0000;

test("CRC-32 has its published check value, on the device and in the build", () => {
  const machine = new BareMachine(readFileSync(`${buildDirectory("slot-hat-aot")}/firmware.elf`));
  const check = Buffer.from("123456789", "latin1");
  machine.memory(SRAM, check.length).set(check);
  assert.equal(machine.call("crc32", [SRAM, check.length]).r0, 0xcbf4_3926);
  assert.equal(crc32(check), 0xcbf4_3926);
});

test("it is the same at every alignment, in whole words and out of them", () => {
  const machine = new BareMachine(readFileSync(`${buildDirectory("slot-hat-aot")}/firmware.elf`));
  const bytes = machine.memory(SRAM, 64);
  for (const index of bytes.keys()) bytes[index] = (index * 37 + 11) & 0xff;
  for (let begin = 0; begin < 5; begin++) {
    for (let length = 0; length < 24; length++) {
      const found = machine.call("crc32", [SRAM + begin, length]).r0;
      assert.equal(found, crc32(bytes.subarray(begin, begin + length)), `${length} bytes from ${begin}`);
    }
  }
});
