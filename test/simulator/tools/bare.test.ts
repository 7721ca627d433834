/** Calls functions of the firmware by name, without a boot. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BareMachine, CallTooLong } from "../../../simulator/tools/bare.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const SRAM = 0x2003_0000;

function bare(options = {}): BareMachine {
  return new BareMachine(readFileSync(`${buildDirectory()}/firmware.elf`), options);
}

test("a function of the C library runs, and leaves the stack as it was", () => {
  const machine = bare();
  machine.memory(SRAM, 4).set([1, 2, 3, 4]);
  const before = machine.register(13);
  const { r0, cycles } = machine.call("memmove", [SRAM + 64, SRAM, 4]);
  assert.equal(r0, SRAM + 64);
  assert.deepEqual([...machine.memory(SRAM + 64, 4)], [1, 2, 3, 4]);
  assert.ok(cycles > 4);
  assert.equal(machine.register(13), before);
});

test("a handler replaces a function, and an error that it throws ends the call", () => {
  const machine = bare();
  machine.intercept("memmove", () => [7, 8]);
  assert.deepEqual([machine.call("memmove").r0, machine.call("memmove").r1], [7, 8]);
  machine.intercept("memset", () => {
    throw new RangeError("enough");
  });
  assert.throws(() => machine.call("memset"), RangeError);
  assert.equal(machine.call("memmove").r0, 7, "the next call works");
});

test("a call that does not end is stopped at its cycle limit", () => {
  const machine = bare();
  assert.throws(() => machine.call("memset", [SRAM, 0, 60_000], 1000), CallTooLong);
  machine.call("memset", [SRAM, 5, 16]);
  assert.equal(machine.memory(SRAM, 16)[15], 5);
});

test("flash accepts stores only with the option writableFlash", () => {
  const address = 0x1010_0000;
  const machine = bare({ writableFlash: true });
  machine.call("memset", [address, 0x5a, 64]);
  assert.equal(machine.word(address + 60), 0x5a5a5a5a);
  const honest = bare();
  honest.call("memset", [address, 0x5a, 64]);
  assert.equal(honest.word(address), 0xffff_ffff);
});
