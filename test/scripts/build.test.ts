/** Tests what the build refuses, and its checksums against published values. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import binaryen from "binaryen";
import { contract } from "../../abi/contract.ts";
import { loadBoard } from "../../scripts/boards.ts";
import { checkModule, MEMORY_PAGES } from "../../scripts/build/check-module.ts";
import { buildFirmware } from "../../scripts/build/firmware.ts";
import { digestOfInputs, forget, isUpToDate, remember } from "../../scripts/build/inputs.ts";
import { mergeSegments } from "../../scripts/build/logic.ts";
import { sealSecondStage, secondStageCrc } from "../../scripts/build/second-stage.ts";
import { builtLogic } from "../support/logic.ts";

/** A module from text: the least that fits the contract, with the parts that a test may spoil. */
function module(parts: {
  imports?: string;
  memory?: string;
  exports?: string;
  data?: string;
  body?: string;
  version?: number;
}) {
  const text = `(module
    ${parts.imports ?? ""}
    (memory $memory ${parts.memory ?? `${MEMORY_PAGES} ${MEMORY_PAGES}`})
    ${parts.data ?? ""}
    (export "memory" (memory $memory))
    ${parts.exports ?? '(export "start" (func $start))'}
    (export "handle" (func $handle))
    (export "contract_version" (func $contract_version))
    (func $start (result i64) (i64.const 0))
    (func $handle (param i32) (result i64) ${parts.body ?? ""} (i64.const 0))
    (func $contract_version (result i32) (i32.const ${parts.version ?? contract.version})))`;
  const parsed = binaryen.parseText(text);
  try {
    return parsed.emitBinary();
  } finally {
    parsed.dispose();
  }
}

test("a module that fits the contract passes", () => {
  assert.doesNotThrow(() => checkModule(module({})));
  assert.doesNotThrow(() => checkModule(builtLogic()));
});

const FLOAT_LOCAL = '(func $f (local f64)) (export "start" (func $start))';

const REFUSED: [string, Parameters<typeof module>[0], RegExp][] = [
  [
    "an import that the contract does not offer",
    { imports: '(import "host" "format_disk" (func $f))' },
    /imports function host\.format_disk, which abi\/contract\.ts does not offer/,
  ],
  [
    "an import of another type",
    { imports: '(import "host" "time_us" (func $f (param i32)))' },
    /imports host\.time_us with other types than abi\/contract\.ts has \(i:, not :j\)/,
  ],
  [
    "a memory from outside",
    { imports: `(import "env" "memory" (memory ${MEMORY_PAGES} ${MEMORY_PAGES}))` },
    /valid|memory/,
  ],
  ["a missing export", { exports: "" }, /does not export the function start/],
  ["less memory", { memory: "1 1" }, /memory is 1 to 1 pages, not exactly 2/],
  ["more memory", { memory: "3 3" }, /memory is 3 to 3 pages, not exactly 2/],
  ["memory that may grow", { memory: "2 3" }, /memory is 2 to 3 pages, not exactly 2/],
  [
    "data behind the host's memory",
    { data: `(data (i32.const ${contract.memory.bytes - 6}) "1234567")` },
    /data ends at 131073, beyond the 131072 bytes the host gives/,
  ],
  ["floating point", { body: "(drop (f32.const 1))" }, /floating point \(f32\.const in function \d/],
  [
    "another contract's module",
    { version: 1 },
    new RegExp(`made for version 1 of the contract, abi/contract\\.ts has ${contract.version}$`, "m"),
  ],
  [
    "a table too small for what is put there",
    { data: "(table 1 1 funcref) (elem (i32.const 1) $start)" },
    /element segment ends at 2, beyond its table of 1/,
  ],
  ["two tables", { data: "(table $a 1 1 funcref) (table $b 1 1 funcref)" }, /more than one table/],
  ["a floating-point local", { exports: FLOAT_LOCAL }, /floating point \(a value in function \d/],
  [
    "a number with a point",
    { imports: "(global $g (mut f64) (f64.const 0))" },
    /floating point \(a global\)/,
  ],
];

for (const [what, parts, message] of REFUSED) {
  test(`${what} is refused, with the name of what is wrong`, () => {
    assert.throws(() => checkModule(module(parts)), message);
  });
}

test("bytes that are no WebAssembly are refused", () => {
  assert.throws(
    () => checkModule(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99])),
    /not valid WebAssembly/,
  );
});

test("merging data segments leaves memory as it was", () => {
  const scattered = module({
    data: '(data (i32.const 8) "ab") (data (i32.const 20) "cd") (data (i32.const 5000) "ef")',
  });
  const memoryOf = (bytes: Uint8Array) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
    return Buffer.from((exports.memory as WebAssembly.Memory).buffer);
  };
  const merged = mergeSegments(scattered);
  assert.ok(memoryOf(merged).equals(memoryOf(scattered)));
  const parsed = binaryen.readBinary(merged);
  assert.equal(parsed.getNumMemorySegments(), 2, "near ones joined, the far one alone");
  parsed.dispose();
});

test("the second stage's sum is CRC-32/MPEG-2, whose published check value is 0376e6e7", () => {
  assert.equal(secondStageCrc(Buffer.from("123456789", "latin1")), 0x0376e6e7);
});

test("a second stage is padded to 252 bytes, and refused beyond", () => {
  const sealed = sealSecondStage(Uint8Array.from([1, 2, 3]));
  assert.equal(sealed.length, 256);
  assert.equal(new DataView(sealed.buffer).getUint32(252, true), secondStageCrc(sealed.subarray(0, 252)));
  assert.throws(() => sealSecondStage(new Uint8Array(253)), /253 bytes long; the boot ROM takes 252/);
});

test("an image that could reach what the logic keeps in flash is refused", async (context) => {
  const out = mkdtempSync(join(tmpdir(), "racklet-build-"));
  context.after(() => rmSync(out, { recursive: true, force: true }));
  const reaching = { FLASH_BUDGET_BYTES: 0x1f_c000 + 1 };
  const build = buildFirmware(loadBoard("slot-hat"), builtLogic(), "aot", out, reaching);
  await assert.rejects(build, /flash budget: reaches what the logic keeps/);
});

test("an image counts as up to date only if finished, whole and made of the same inputs", (context) => {
  const out = mkdtempSync(join(tmpdir(), "racklet-build-"));
  context.after(() => rmSync(out, { recursive: true, force: true }));
  const digest = digestOfInputs(["slot-hat"], ["test/firmware/saboteur.ts"]);
  assert.equal(digestOfInputs(["slot-hat"], ["test/firmware/saboteur.ts"]), digest);
  assert.notEqual(digestOfInputs(["pico"], ["test/firmware/saboteur.ts"]), digest, "other settings");
  assert.notEqual(digestOfInputs(["slot-hat"], ["assembly/index.ts"]), digest, "another logic");

  const outputs = ["board.json", "firmware.elf", "firmware.uf2", "logic.wasm", "size.json"];
  for (const name of outputs) writeFileSync(join(out, name), "");
  assert.equal(isUpToDate(out, digest), false, "never finished");
  remember(out, digest);
  assert.equal(isUpToDate(out, digest), true);
  assert.equal(isUpToDate(out, "other inputs"), false);
  rmSync(join(out, "firmware.uf2"));
  assert.equal(isUpToDate(out, digest), false, "an output is missing");
  writeFileSync(join(out, "firmware.uf2"), "");
  forget(out);
  assert.equal(isUpToDate(out, digest), false, "a build was begun");
});
