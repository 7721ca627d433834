/** Tests the checksum that the device computes over its logic at each start, in the emulator. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32 } from "../../../scripts/build/crc32.ts";
import type { Registers } from "../../../simulator/chip/bus-interfaces.ts";
import { SECOND_STAGE_MISS_CYCLES } from "../../../simulator/chip/memory/xip-cache.ts";
import { BareMachine, type BareOptions } from "../../../simulator/tools/bare.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const SRAM = 0x2003_0000;
const FLASH = 0x1018_0000;
const COPY = SRAM + 0x1000;

const XIP_CTRL = 0x1400_0000;
const XIP_AUX = 0x5040_0000;
const [STAT, STREAM_ADDR, STREAM_CTR] = [0x08, 0x14, 0x18];
const EMPTY = 2;

/** Writes `length` pseudo-random bytes at `address`. */
function machineWith(address: number, length: number, options: BareOptions = {}) {
  const elf = readFileSync(`${buildDirectory("slot-hat-aot")}/firmware.elf`);
  const machine = new BareMachine(elf, options);
  const bytes = machine.memory(address, length);
  for (const index of bytes.keys()) bytes[index] = (index * 37 + (index >> 8) + 11) & 0xff;
  return { machine, bytes };
}

test("CRC-32 has its published check value, on the device and in the build", () => {
  const { machine, bytes } = machineWith(SRAM, 9);
  bytes.set(Buffer.from("123456789", "latin1"));
  assert.equal(machine.call("crc32", [SRAM, bytes.length]).r0, 0xcbf4_3926);
  assert.equal(crc32(bytes), 0xcbf4_3926);
});

for (const [where, address] of [
  ["SRAM", SRAM],
  ["flash", FLASH],
] as const) {
  test(`it is the same at every alignment, in whole words and out of them, in ${where}`, () => {
    const { machine, bytes } = machineWith(address, 64);
    for (let begin = 0; begin < 5; begin++) {
      for (let length = 0; length < 24; length++) {
        const found = machine.call("crc32", [address + begin, length]).r0;
        assert.equal(found, crc32(bytes.subarray(begin, begin + length)), `${length} bytes from ${begin}`);
      }
    }
    assert.deepEqual(machine.bus.log.warnings, []);
  });
}

test("words on the way are copied, from flash and from SRAM, and no others", () => {
  for (const address of [FLASH, SRAM]) {
    const { machine, bytes } = machineWith(address, 100);
    for (const [from, end] of [
      [0, 100],
      [40, 60],
      [96, 100],
      [8, 8],
    ] as const) {
      machine.memory(COPY, 200).fill(0xee);
      const copy = new Uint32Array([address + from, address + end, COPY, 0]);
      machine.memory(COPY - 16, 16).set(new Uint8Array(copy.buffer));
      assert.equal(machine.call("crc32", [address, 100, COPY - 16]).r0, crc32(bytes));
      const copied = new Uint8Array(200).fill(0xee);
      copied.set(bytes.subarray(from, end));
      assert.deepEqual(machine.memory(COPY, 200), copied);
    }
  }
});

test("several stretches on the way are copied, each to its own place", () => {
  for (const address of [FLASH, SRAM]) {
    const { machine, bytes } = machineWith(address, 100);
    machine.memory(COPY, 200).fill(0xee);
    const [first, second] = [COPY - 32, COPY - 16];
    const copies = [address + 4, address + 24, COPY + 100, second, address + 24, address + 80, COPY, 0];
    machine.memory(first, 32).set(new Uint8Array(new Uint32Array(copies).buffer));
    assert.equal(machine.call("crc32", [address, 100, first]).r0, crc32(bytes));
    const copied = new Uint8Array(200).fill(0xee);
    copied.set(bytes.subarray(4, 24), 100);
    copied.set(bytes.subarray(24, 80), 0);
    assert.deepEqual(machine.memory(COPY, 200), copied);
  }
});

test("flash does not rest: 50 cycles a word, and it is asked for each word once", () => {
  const { machine } = machineWith(FLASH, 4000, { xipCache: true });
  machine.call("crc32", [FLASH, 40]); // brings the code into the cache
  const fetched = machine.cache?.misses ?? 0;
  const short = machine.call("crc32", [FLASH, 2000]).cycles;
  const long = machine.call("crc32", [FLASH, 4000]).cycles;
  assert.ok(Math.abs(long - short - 500 * SECOND_STAGE_MISS_CYCLES) <= 50, `${long - short} cycles`);
  assert.ok((machine.cache?.misses ?? 0) - fetched < 20);
});

/** XIP_CTRL with reads and writes replaced by `read` and `write`, if these are given. */
function disturbed(
  machine: BareMachine,
  read: (offset: number, value: () => number) => number,
  write = (_offset: number, value: number) => value,
): void {
  const registers = machine.bus.attached("XIP_CTRL") as Registers;
  machine.bus.attach("XIP_CTRL", {
    readUint32: (offset) => read(offset, () => registers.readUint32(offset)),
    writeUint32Atomic: (offset, value, alias) =>
      registers.writeUint32Atomic(offset, write(offset, value), alias),
  });
}

test("a stream that does not deliver, dies, starts late or goes too far is not believed", () => {
  const cases: Record<string, (machine: BareMachine) => void> = {
    "never a word": (machine) => disturbed(machine, (offset, value) => (offset === STAT ? EMPTY : value())),
    "dies after 20 words": (machine) => {
      const short = (offset: number, value: number) => (offset === STREAM_CTR ? Math.min(value, 20) : value);
      disturbed(machine, (_offset, value) => value(), short);
    },
    "a word late": (machine) => {
      const late = (offset: number, value: number) => (offset === STREAM_ADDR ? value + 4 : value);
      disturbed(machine, (_offset, value) => value(), late);
    },
    "a word too many": (machine) => {
      const long = (offset: number, value: number) => (offset === STREAM_CTR && value ? value + 1 : value);
      disturbed(machine, (_offset, value) => value(), long);
    },
  };
  for (const [name, disturb] of Object.entries(cases)) {
    const { machine, bytes } = machineWith(FLASH, 400, { xipCache: true });
    disturb(machine);
    const copy = new Uint32Array([FLASH, FLASH + 400, COPY, 0]);
    machine.memory(COPY - 16, 16).set(new Uint8Array(copy.buffer));
    assert.equal(machine.call("crc32", [FLASH, 400, COPY - 16], 200_000).r0, crc32(bytes), name);
    assert.deepEqual(machine.memory(COPY, 400), bytes, name);
    assert.equal(machine.bus.load32(XIP_CTRL + STREAM_CTR), 0, `${name}: still under way`);
    assert.deepEqual(machine.bus.log.warnings, [], name);
  }
});

test("a stream left by a run before is ended first, and none is left behind", () => {
  const { machine, bytes } = machineWith(FLASH, 400, { xipCache: true });
  const registers = machine.bus.attached("XIP_CTRL") as Registers;
  for (let run = 0; run < 2; run++) {
    registers.writeUint32Atomic(STREAM_ADDR, FLASH + 0x1000, 0);
    registers.writeUint32Atomic(STREAM_CTR, 1000, 0);
    machine.call("crc32", [SRAM, 60]);
    const fetched = machine.cache?.misses ?? 0;
    assert.equal(machine.call("crc32", [FLASH, 400]).r0, crc32(bytes));
    assert.ok((machine.cache?.misses ?? 0) - fetched < 100, "read plainly");
    assert.deepEqual([registers.readUint32(STREAM_CTR), registers.readUint32(STAT) & EMPTY], [0, EMPTY]);
    assert.equal(registers.readUint32(STREAM_ADDR), FLASH + 400);
  }
  assert.deepEqual(machine.bus.log.warnings, []);
});

test("a stream that is stopped with a word under way does not shift the next one", () => {
  const { machine } = machineWith(FLASH, 400, { xipCache: true });
  const registers = machine.bus.attached("XIP_CTRL") as Registers;
  machine.call("flash_stream_start", [FLASH, 1]); // brings the code into the cache
  machine.call("flash_stream_finish", [FLASH]);
  registers.writeUint32Atomic(STREAM_ADDR, FLASH + 0x1000, 0);
  registers.writeUint32Atomic(STREAM_CTR, 1000, 0);
  machine.call("flash_stream_start", [FLASH, 1]);
  assert.equal(machine.call("flash_stream_wait").r0, 1);
  assert.equal(machine.bus.load32(XIP_AUX), machine.word(FLASH));
});
