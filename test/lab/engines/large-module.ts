/**
 * A module as large as a finished logic may become, to test the engines: hundreds of functions with loops,
 * branches, 64-bit arithmetic, memory and calls of both kinds, made from a seed. `start` runs all of them
 * and prints a checksum of their results to the console, so that the results can be compared wherever the
 * module runs.
 */
import binaryen from "binaryen";
import { contract } from "../../../abi/contract.ts";
import { MEMORY_PAGES } from "../../../scripts/build/check-module.ts";
import { Random } from "../../support/logic.ts";

const CONSOLE_PORT = 1;
/** The functions' area in linear memory, across 64 KB, and the address of the printed checksum. */
const ARENA = 0xe000;
const ARENA_MASK = 0x3ffc;
const TEXT = 0x8000;
const TEXT_BYTES = 18;

const BINARY = ["add", "sub", "mul", "xor", "or", "and", "rotl", "shr_u"];
const COMPARE = ["lt_u", "gt_s", "eq", "le_s"];

/** Returns a module with at least `codeBytes` of function bodies. */
export function largeModule(codeBytes: number, seed = 1): Uint8Array {
  // Bodies of one kind have similar sizes, so a first try shows how many are needed.
  const tried = 64;
  const count = Math.ceil((codeBytes / codeSize(moduleOf(tried, seed))) * tried * 1.02);
  const bytes = moduleOf(count, seed);
  if (codeSize(bytes) < codeBytes) throw new Error(`only ${codeSize(bytes)} bytes of code`);
  return bytes;
}

function moduleOf(functions: number, seed: number): Uint8Array {
  const random = new Random(seed);
  const bodies = Array.from({ length: functions }, (_, index) => functionText(index, random));
  const names = bodies.map((_, index) => `$f${index}`);
  const parsed = binaryen.parseText(`(module
    (type $leaf (func (param i32 i32) (result i32)))
    (import "${contract.module}" "uart_write" (func $write (param i32 i32 i32) (result i32)))
    (memory $memory ${MEMORY_PAGES} ${MEMORY_PAGES})
    (table ${functions} funcref)
    (elem (i32.const 0) ${names.join(" ")})
    (global $sum (mut i64) (i64.const 1))
    (export "${contract.memory.exportName}" (memory $memory))
    (export "contract_version" (func $contract_version))
    (export "start" (func $start))
    (export "handle" (func $handle))
    (func $contract_version (result i32) (i32.const ${contract.version}))
    (func $handle (param i32) (result i64) (i64.const -1))
    ${bodies.join("\n")}
    (func $start (result i64)
      (local $index i32)
      (loop $again
        (global.set $sum (i64.add
          (i64.rotl (global.get $sum) (i64.const 5))
          (i64.extend_i32_u (call_indirect (type $leaf)
            (local.get $index) (i32.wrap_i64 (global.get $sum)) (local.get $index)))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $index) (i32.const ${functions}))))
      (local.set $index (i32.const 0))
      (loop $digit
        (i32.store8 offset=${TEXT}
          (local.get $index)
          (call $hexadecimal (i32.and
            (i32.wrap_i64 (i64.shr_u (global.get $sum)
              (i64.extend_i32_u (i32.sub (i32.const 60) (i32.shl (local.get $index) (i32.const 2))))))
            (i32.const 15))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br_if $digit (i32.lt_u (local.get $index) (i32.const 16))))
      (i32.store16 offset=${TEXT + 16} (i32.const 0) (i32.const 0x0a0d))
      (drop (call $write (i32.const ${CONSOLE_PORT}) (i32.const ${TEXT}) (i32.const ${TEXT_BYTES})))
      (i64.const -1))
    (func $hexadecimal (param $nibble i32) (result i32)
      (select
        (i32.add (local.get $nibble) (i32.const 48))
        (i32.add (local.get $nibble) (i32.const 87))
        (i32.lt_u (local.get $nibble) (i32.const 10)))))`);
  try {
    return new Uint8Array(parsed.emitBinary());
  } finally {
    parsed.dispose();
  }
}

/** A loop of a few rounds over memory, with a branch, and a call to the function with half the index. */
function functionText(index: number, random: Random): string {
  const pick = (from: readonly string[]) => from[random.below(from.length)] as string;
  const small = () => random.below(0x10000);
  const step = () => {
    if (random.below(2) === 0) {
      const operand = `(i32.${pick(BINARY)} (local.get $b) (i32.const ${small()}))`;
      return `(local.set $a (i32.${pick(BINARY)} (local.get $a) ${operand}))`;
    }
    const operand = `(i64.extend_i32_u (i32.add (local.get $a) (i32.const ${small()})))`;
    return `(local.set $wide (i64.${pick(BINARY)} (local.get $wide) ${operand}))`;
  };
  const steps = Array.from({ length: 2 + random.below(4) }, step);
  const address = `(i32.and (i32.add (local.get $b) (i32.const ${small()})) (i32.const ${ARENA_MASK}))`;
  const below =
    index === 0 ? "(local.get $a)" : `(call $f${index >> 1} (local.get $a) (i32.const ${small()}))`;
  return `(func $f${index} (param $a i32) (param $b i32) (result i32)
    (local $round i32) (local $wide i64)
    (local.set $wide (i64.const ${random.below(0x7fff_ffff)}))
    (loop $again
      ${steps.join("\n      ")}
      (i32.store offset=${ARENA} ${address} (i32.xor (local.get $a) (i32.load offset=${ARENA} ${address})))
      (if (i32.${pick(COMPARE)} (local.get $a) (local.get $b))
        (then (local.set $b (i32.add (local.get $b) (i32.const ${small()}))))
        (else (local.set $b (i32.xor (local.get $b) (i32.wrap_i64 (local.get $wide))))))
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $round) (i32.const ${2 + random.below(4)}))))
    (i32.add ${below} (i32.wrap_i64 (i64.shr_u (local.get $wide) (i64.const 7)))))`;
}

/** Returns the bytes of the code section. */
export function codeSize(module: Uint8Array): number {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < module.length) {
    const id = module[at++];
    const bytes = number();
    if (id === 10) return bytes;
    at += bytes;
  }
  return 0;
}

/** Returns what the module prints under V8. */
export function printedByV8(module: Uint8Array): string {
  let printed = "";
  const compiled = new WebAssembly.Module(new Uint8Array(module));
  const { exports } = new WebAssembly.Instance(compiled, {
    [contract.module]: {
      uart_write: (_port: number, at: number, length: number) => {
        const memory = exports[contract.memory.exportName] as WebAssembly.Memory;
        printed += Buffer.from(memory.buffer, at, length).toString("latin1");
        return length;
      },
    },
  });
  (exports.start as () => bigint)();
  return printed;
}
