/**
 * Tests the snapshot that wasm3 runs from: it is whole or refused, large logic fits, and the native stack
 * stays within the bound that the build has computed.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import binaryen from "binaryen";
import { contract } from "../../../abi/contract.ts";
import { PAYLOAD_BYTES, readUf2, writeUf2 } from "../../../flash/uf2.ts";
import { loadBoard } from "../../../scripts/boards.ts";
import { MEMORY_PAGES } from "../../../scripts/build/check-module.ts";
import { crc32 } from "../../../scripts/build/crc32.ts";
import { buildFirmware } from "../../../scripts/build/firmware.ts";
import { measureSizes, type Sizes } from "../../../scripts/build/sizes.ts";
import { checkStack } from "../../../scripts/build/stack-budget.ts";
import { build } from "../../../scripts/build.ts";
import { Slot } from "../../../simulator/slot/slot.ts";
import { readSegments, readSymbols } from "../../../simulator/tools/elf.ts";
import { buildDirectory, command, firmware, powerUp, startedSlot } from "../../support/simulated-slot.ts";
import { codeSize, largeModule, printedByV8 } from "./large-module.ts";

const DIRECTORY = buildDirectory("slot-hat-wasm3");
const FLASH = 0x1000_0000;
const LARGE_CODE_BYTES = 48 * 1024;
const board = loadBoard("slot-hat");
let sizes: Sizes;

before(async () => {
  sizes = await build({ board: "slot-hat", engine: "wasm3", out: DIRECTORY, report: "nothing" });
});

/** Returns the image as it is in flash. */
function flashOf(uf2: Uint8Array): Uint8Array {
  const blocks = readUf2(uf2);
  const flash = new Uint8Array(blocks.length * PAYLOAD_BYTES);
  for (const { address, bytes } of blocks) flash.set(bytes, address - FLASH);
  return flash;
}

function symbols(directory = DIRECTORY): Map<string, number> {
  return readSymbols(readFileSync(`${directory}/firmware.elf`));
}

function started(flash: Uint8Array): Slot {
  const slot = new Slot({ directory: DIRECTORY, image: writeUf2(flash, FLASH) });
  slot.powerOn();
  return slot;
}

test("one changed byte anywhere in the snapshot is noticed, and nothing of it runs", () => {
  const flash = flashOf(firmware("slot-hat-wasm3"));
  const start = (symbols().get("snapshot_start") ?? 0) - FLASH;
  const bytes = (symbols().get("snapshot_end") ?? 0) - FLASH - start;
  assert.ok(bytes > 40_000, `${bytes} bytes of snapshot`);
  // Magic, size, sum; identity and version, which the sum covers; the first and last byte of the rest.
  for (const offset of [0, 4, 8, 12, 16, 47, 48, bytes >> 1, bytes - 1]) {
    const changed = Uint8Array.from(flash);
    changed[start + offset] = (changed[start + offset] ?? 0) ^ 0x04;
    const slot = started(changed);
    slot.expect(offset < 4 ? /no compiled logic/ : /logic in flash is damaged: its checksum is wrong/, 500);
  }
});

test("a snapshot made for another image is refused, even with a sum that fits", () => {
  const flash = flashOf(firmware("slot-hat-wasm3"));
  const start = (symbols().get("snapshot_start") ?? 0) - FLASH;
  const end = (symbols().get("snapshot_end") ?? 0) - FLASH;
  const words = new DataView(flash.buffer, flash.byteOffset);
  words.setUint32(start + 12, words.getUint32(start + 12, true) ^ 1, true);
  words.setUint32(start + 8, crc32(flash.subarray(start + 12, end)), true);
  started(flash).expect(/compiled for another image/, 500);
  words.setUint32(start + 12, words.getUint32(start + 12, true) ^ 1, true);
  words.setUint32(start + 16, words.getUint32(start + 16, true) + 1, true);
  words.setUint32(start + 8, crc32(flash.subarray(start + 12, end)), true);
  started(flash).expect(/another contract version/, 500);
});

test("neither wasm3's parser nor its compiler is in the image", () => {
  const elf = readFileSync(`${DIRECTORY}/firmware.elf`);
  for (const name of [
    "m3_ParseModule",
    "CompileFunction",
    "EvaluateExpression",
    "builder_run",
    "link_imports",
  ]) {
    assert.equal(readSymbols(elf).has(name), false, name);
  }
  const last = Math.max(...readSegments(elf).map(({ load, bytes }) => load + bytes.length));
  assert.ok(last < FLASH + (1 << 20), `the image ends at 0x${last.toString(16)}`);
  const flash = flashOf(firmware("slot-hat-wasm3"));
  assert.equal(Buffer.from(flash).indexOf("\0asm\x01"), -1, "nor is the module");
});

test("the prompt is there 60 ms after power-on, with what flash costs", () => {
  const slot = startedSlot({ directory: DIRECTORY, xipCache: true });
  assert.ok(slot.chip.nanos < 60e6, `${slot.chip.nanos / 1e6} ms`);
});

test("a logic of 48 KB runs, computes what V8 does, and leaves SRAM free", async () => {
  const module = largeModule(LARGE_CODE_BYTES);
  assert.ok(codeSize(module) >= LARGE_CODE_BYTES);
  const out = buildDirectory("large-wasm3");
  const overrides = { FLASH_BUDGET_BYTES: 256 * 1024 };
  const firmware = await buildFirmware(board, module, "wasm3", out, overrides);
  writeFileSync(`${out}/board.json`, JSON.stringify(board));
  const { ram_used_bytes } = await measureSizes(out, firmware);
  assert.ok(ram_used_bytes - contract.memory.bytes <= 64 * 1024, `${ram_used_bytes} bytes of SRAM`);

  const slot = new Slot({ directory: out });
  slot.powerOn();
  assert.equal(slot.expect(/[0-9a-f]{16}\r\n/, 1000)[0], printedByV8(module));
  slot.runFor(10);
  const bound = firmware.nativeStackBytes?.start;
  assert.ok(typeof bound === "number");
  assert.ok(stackUsed(slot, out) <= bound, `${stackUsed(slot, out)} of at most ${bound} bytes`);
});

/** Returns the high-water mark that the stack's paint shows. */
function stackUsed(slot: Slot, directory = DIRECTORY): number {
  const top = symbols(directory).get("stack_top") ?? 0;
  let at = symbols(directory).get("stack_bottom") ?? 0;
  const paint = slot.chip.bus.readUint32(at);
  while (at < top && slot.chip.bus.readUint32(at) === paint) at += 4;
  return top - at;
}

test("the native stack stays within the bound the build has worked out, and the bound is close", () => {
  const bounds = sizes.native_stack_bytes ?? {};
  const bound = Math.max(...Object.values(bounds).map((bytes) => bytes ?? Number.POSITIVE_INFINITY));
  const slot = startedSlot({ directory: DIRECTORY });
  powerUp(slot);
  slot.runFor(8000);
  for (const line of ["help", "status", "uptime", "log", "power cycle --yes", "status"])
    command(slot, line, 9000);
  const used = stackUsed(slot);
  assert.ok(used <= bound, `${used} of at most ${bound} bytes`);
  assert.ok(used > bound / 2, `${used} of at most ${bound} bytes: a bound that loose says little`);
  const budget = (symbols().get("STACK_BYTES") ?? 0) - (symbols().get("STACK_GUARD_BYTES") ?? 0);
  assert.ok(bound <= budget, `${bound} of ${budget} bytes`);
});

test("a logic that may need more native stack than there is fails the build, with the export's name", async () => {
  const out = buildDirectory("deep-wasm3");
  await assert.rejects(
    buildFirmware(board, straightLine(4000), "wasm3", out),
    /handle may need \d+ bytes of native stack, and there are \d+/,
  );
  const symbol = (name: string) => (name === "STACK_BYTES" ? 110 : 10);
  assert.doesNotThrow(() => checkStack(symbol, { contract_version: 1, start: null, handle: 100 }));
  assert.throws(
    () => checkStack(symbol, { contract_version: 1, start: null, handle: 101 }),
    /handle may need/,
  );
});

test("what wasm3 refuses fails the build with its sentence", async () => {
  const out = buildDirectory("refused-wasm3");
  const damaged = straightLine(1);
  damaged[4] = 2; // the version of the format
  await assert.rejects(buildFirmware(board, damaged, "wasm3", out), /wasm3 refuses the logic: \w+/);
  await assert.rejects(
    buildFirmware(board, straightLine(1, '(import "host" "nonsense" (func))'), "wasm3", out),
    /module imports what the contract does not offer/,
  );
  await assert.rejects(
    buildFirmware(board, straightLine(1, "", "(unreachable)"), "wasm3", out),
    /the logic traps while it is set up/,
  );
});

/** A module whose `handle` is one line of additions without a loop. */
function straightLine(additions: number, further = "", setUp = ""): Uint8Array {
  const sum = "(local.set $x (i32.mul (i32.add (local.get $x) (i32.const 7)) (local.get $x)))";
  const parsed = binaryen.parseText(`(module ${further}
    (memory $memory ${MEMORY_PAGES} ${MEMORY_PAGES})
    (export "memory" (memory $memory))
    (export "start" (func $start))
    (export "handle" (func $handle))
    (export "contract_version" (func $contract_version))
    (func $start (result i64) (i64.const -1))
    (func $handle (param $x i32) (result i64) ${sum.repeat(additions)} (i64.extend_i32_u (local.get $x)))
    (func $contract_version (result i32) ${setUp} (i32.const ${contract.version})))`);
  try {
    return new Uint8Array(parsed.emitBinary());
  } finally {
    parsed.dispose();
  }
}
