/** Cycles and flash waits of each function of the firmware. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SECOND_STAGE_MISS_CYCLES } from "../../../simulator/chip/memory/xip-cache.ts";
import { Slot } from "../../../simulator/slot/slot.ts";
import { BareMachine } from "../../../simulator/tools/bare.ts";
import { readFunctions, readSymbols } from "../../../simulator/tools/elf.ts";
import { Profile, type ProfileRow } from "../../../simulator/tools/profile.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const SRAM = 0x2003_0000;
const FLASH = 0x1000_0100;
const elf = readFileSync(`${buildDirectory()}/firmware.elf`);

const sum = (rows: readonly ProfileRow[], of: "cycles" | "missCycles") =>
  rows.reduce((total, row) => total + row[of], 0);

test("functions come by address, do not overlap, and have the symbols' addresses", () => {
  const functions = readFunctions(elf);
  const symbols = readSymbols(elf);
  for (const [index, { name, address, bytes }] of functions.entries()) {
    const next = functions[index + 1]?.address ?? Number.POSITIVE_INFINITY;
    assert.ok(bytes > 0 && address + bytes <= next, `${name} at ${address.toString(16)}, ${bytes} bytes`);
  }
  const copy = functions.find(({ name }) => name === "memmove");
  assert.equal(copy?.address, symbols.get("memmove"));
});

test("a call is accounted for to the cycle, code and data apart", () => {
  const machine = new BareMachine(elf, { xipCache: true });
  const profile = new Profile(machine, elf);
  const { cycles } = machine.call("memmove", [SRAM, FLASH, 256]);
  profile.stop();
  const rows = profile.rows();
  assert.equal(rows[0]?.name, "memmove");
  assert.equal(sum(rows, "cycles"), cycles);
  assert.equal(sum(rows, "missCycles"), (machine.cache?.misses ?? 0) * SECOND_STAGE_MISS_CYCLES);
  // 64 words of data, each read once.
  assert.equal(rows[0]?.dataMissCycles, 64 * SECOND_STAGE_MISS_CYCLES);
  machine.call("memmove", [SRAM, FLASH, 256]);
  assert.deepEqual(profile.rows(), rows, "a stopped profile counts nothing more");
});

test("a call takes the same cycles with and without a profile, each time with a cold cache", () => {
  const machine = new BareMachine(elf, { xipCache: true });
  const call = () => machine.call("memmove", [SRAM, FLASH, 256]).cycles;
  const cold = call();
  const misses = machine.cache?.misses ?? 0;
  const warm = call();
  assert.equal(cold - warm, misses * SECOND_STAGE_MISS_CYCLES);
  machine.flushCache();
  new Profile(machine, elf);
  assert.equal(call(), cold);
  const plain = new BareMachine(elf);
  assert.equal(plain.call("memmove", [SRAM, FLASH, 256]).cycles, warm);
});

test("a start of the firmware: every cycle has its function, the worst wait comes first", () => {
  const slot = new Slot({ directory: buildDirectory(), xipCache: true });
  const seen: number[] = [];
  slot.chip.trace = (pc) => seen.length < 1 && seen.push(pc);
  const profile = new Profile(slot.chip, elf);
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  const rows = profile.rows();
  assert.equal(sum(rows, "cycles"), slot.chip.cycles);
  assert.equal(seen.length, 1, "an earlier trace is still called");
  const waits = rows.map(({ missCycles }) => missCycles);
  assert.deepEqual(
    waits,
    [...waits].sort((one, other) => other - one),
  );
  // The second stage is in no function of this file, because it runs from SRAM.
  assert.ok(rows.some(({ name, cycles }) => name === "(0x20…)" && cycles > 100));
});
