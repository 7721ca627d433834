/**
 * Tests that the changes of host/engine/wasm3 to wasm3's operations (how they call each other, how they
 * copy bytes, how they report traps) do not change their results: every access to linear memory, aligned or
 * not and up to the edge, and the operations that copy or fill, against V8.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import binaryen from "binaryen";
import { contract } from "../../../abi/contract.ts";
import { trapText } from "../../../lab/engines/outcome.ts";
import { trapInV8 } from "../../../lab/engines/v8.ts";
import { loadBoard } from "../../../scripts/boards.ts";
import { MEMORY_PAGES } from "../../../scripts/build/check-module.ts";
import { buildFirmware } from "../../../scripts/build/firmware.ts";
import { BareMachine } from "../../../simulator/tools/bare.ts";
import { enginePass } from "../../../simulator/tools/trace.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const END = contract.memory.bytes;
/** The areas compared as a whole after the accesses: around 64 KB, and at the ends. */
const WINDOWS = [
  [0, 0x100],
  [0xff80, 0x1_0080],
  [END - 0x80, END],
] as const;
const ADDRESS_BITS = 20;
const FOLD = "(i64.xor (i64.rotl (local.get $sum) (i64.const 9)) (i64.load (local.get $at)))";
const LOADS = [
  ...["load", "load8_s", "load8_u", "load16_s", "load16_u"].map((name) => ["i32", name]),
  ...["load", "load8_s", "load8_u", "load16_s", "load16_u", "load32_s", "load32_u"].map((name) => [
    "i64",
    name,
  ]),
] as const;
const STORES = [
  ...["store", "store8", "store16"].map((name) => ["i32", name]),
  ...["store", "store8", "store16", "store32"].map((name) => ["i64", name]),
] as const;
const OFFSETS = [0, 3, 0xffff_fffe];
/** Aligned or not, at the start, across 64 KB, across the end, and far outside. */
const ADDRESSES = [
  ...[0, 1, 2, 3, 4, 6, 7, 64],
  ...[0x1_0000, END].flatMap((edge) => [8, 7, 6, 5, 4, 3, 2, 1, 0].map((before) => edge - before)),
  END + 1,
  0xf_ffff,
];

/** A case is a function from an address to 64 bits. */
const CASES: readonly string[] = [
  ...LOADS.flatMap(([type, name]) =>
    OFFSETS.map((offset) => {
      const load = `(${type}.${name} offset=${offset} (local.get $at))`;
      return type === "i64" ? load : `(i64.extend_i32_s ${load})`;
    }),
  ),
  ...STORES.flatMap(([type, name]) =>
    OFFSETS.map(
      (offset) =>
        `(${type}.${name} offset=${offset} (local.get $at) (${type}.const -0x3579bdf1)) (call $checksum)`,
    ),
  ),
  // Overlapping in both directions, on word boundaries and off them, and of length 0 at the very end.
  ...[
    [4, 0, 64],
    [0, 4, 64],
    [1, 0, 61],
    [2, 5, 62],
    [0, 0, 0],
  ].map(
    ([to, from, length]) =>
      `(memory.copy (i32.add (local.get $at) (i32.const ${to})) (i32.add (local.get $at) (i32.const ${from})) (i32.const ${length})) (call $checksum)`,
  ),
  ...[0, 1, 5, 64].map(
    (length) => `(memory.fill (local.get $at) (i32.const 0x1a5) (i32.const ${length})) (call $checksum)`,
  ),
  "(i64.extend_i32_u (memory.grow (local.get $at)))",
  "(i64.extend_i32_u (memory.size))",
  "(i64.div_u (i64.const 5) (i64.extend_i32_u (i32.and (local.get $at) (i32.const 3))))",
  "(call_indirect (type $case) (local.get $at) (local.get $at))",
  "(i64.extend_i32_u (i32.rem_s (i32.const -7) (i32.and (local.get $at) (i32.const 3))))",
  "(unreachable)",
];

const checksum = WINDOWS.reduce(
  (sum, [at, end]) => `(call $fold (i32.const ${at}) (i32.const ${end}) ${sum})`,
  "(i64.const 1)",
);

/** `handle` runs the case that its upper bits name, after filling memory again. */
function moduleOfCases(): Uint8Array {
  const parsed = binaryen.parseText(`(module
    (type $case (func (param i32) (result i64)))
    (memory $memory ${MEMORY_PAGES} ${MEMORY_PAGES})
    (table ${CASES.length + 2} funcref)
    (elem (i32.const ${CASES.length + 1}) $start)
    (elem (i32.const 0) ${CASES.map((_, index) => `$c${index}`).join(" ")})
    (export "memory" (memory $memory))
    (export "start" (func $start))
    (export "handle" (func $handle))
    (export "contract_version" (func $contract_version))
    (func $contract_version (result i32) (i32.const ${contract.version}))
    (func $start (result i64) (i64.const 0))
    (func $prepare (param $at i32) (param $end i32)
      (loop $again
        (i32.store (local.get $at) (i32.mul (local.get $at) (i32.const 0x9e3779b1)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $again (i32.lt_u (local.get $at) (local.get $end)))))
    (func $fold (param $at i32) (param $end i32) (param $sum i64) (result i64)
      (loop $again
        (local.set $sum ${FOLD})
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $again (i32.lt_u (local.get $at) (local.get $end))))
      (local.get $sum))
    (func $checksum (result i64)
      ${checksum})
    ${CASES.map((body, index) => `(func $c${index} (param $at i32) (result i64) ${body})`).join("\n")}
    (func $handle (param $events i32) (result i64)
      ${WINDOWS.map(([at, end]) => `(call $prepare (i32.const ${at}) (i32.const ${end}))`).join("\n      ")}
      (call_indirect (type $case)
        (i32.and (local.get $events) (i32.const ${(1 << ADDRESS_BITS) - 1}))
        (i32.shr_u (local.get $events) (i32.const ${ADDRESS_BITS})))))`);
  try {
    parsed.setFeatures(binaryen.Features.BulkMemory | binaryen.Features.MutableGlobals);
    return new Uint8Array(parsed.emitBinary());
  } finally {
    parsed.dispose();
  }
}

type Outcome = string;
const events = (index: number, address: number) => ((index << ADDRESS_BITS) | address) >>> 0;

let device: BareMachine;
let v8: (events: number) => bigint;
let result: number;

before(async () => {
  const module = moduleOfCases();
  const out = buildDirectory("operations-wasm3");
  const { elf } = await buildFirmware(loadBoard("slot-hat"), module, "wasm3", out);
  device = new BareMachine(readFileSync(elf));
  result = (device.symbol("console_tx") + 7) & ~7; // a buffer that is not used here
  assert.equal(device.call("engine_load").r0, 0);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(module)));
  v8 = instance.exports.handle as typeof v8;
});

function onDevice(word: number): Outcome {
  device.call("engine_handle", [result, word]);
  const ended = enginePass(device.memory(result, 16));
  return "trap" in ended ? trapText(ended.trap) : `${BigInt.asIntN(64, ended.deadline_us)}`;
}

function underV8(word: number): Outcome {
  try {
    return `${v8(word)}`;
  } catch (error) {
    return trapInV8(error);
  }
}

test("every access and block operation does what V8 does, traps included", () => {
  let traps = 0;
  for (const [index, body] of CASES.entries()) {
    for (const address of ADDRESSES) {
      const expected = underV8(events(index, address));
      if (expected.startsWith("trap")) traps++;
      assert.equal(onDevice(events(index, address)), expected, `${body} at ${address}`);
    }
  }
  assert.ok(traps > 200, `${traps} traps`);
});

test("a call of what is not there, or of another type, is a trap", () => {
  for (const index of [CASES.length, CASES.length + 1, CASES.length + 2]) {
    assert.equal(onDevice(events(index, 0)), "trap INDIRECT_CALL");
    assert.equal(underV8(events(index, 0)), "trap INDIRECT_CALL");
  }
});
