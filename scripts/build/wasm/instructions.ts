/**
 * WebAssembly's instructions as far as the engines run them: integers, sign extension, memory.copy and
 * memory.fill. Floating point has names here only so that a message can name what is refused. Opcodes: core
 * specification 5.4 and appendix A.
 */
import type { Reader } from "./reader.ts";

/** i: i32, j: i64, f: f32, d: f64 */
export type ValueType = "i" | "j" | "f" | "d";

export const VALUE_TYPES: Readonly<Record<number, ValueType>> = { 127: "i", 126: "j", 125: "f", 124: "d" };

/** The kind of data that follows the opcode. */
export type Immediate = "none" | "block" | "label" | "labels" | "index" | "indirect" | "memory" | "number";

export interface Operation {
  readonly name: string;
  readonly immediate: Immediate;
  /** Operand types and result type of a plain instruction: "ii:i". Undefined if the context decides. */
  readonly signature?: string;
  /** The number of bytes that a memory access touches. */
  readonly bytes?: number;
}

export interface Instruction {
  readonly opcode: number;
  readonly operation: Operation;
  /** Block type, label, index or memory offset, depending on the kind of immediate. */
  readonly index: number;
  /** Labels of br_table, the default last; alignment exponent of a memory access; value of a constant. */
  readonly labels: readonly number[];
  readonly align: number;
  readonly value: bigint;
}

/** Opcodes that follow the prefix 0xfc get numbers from here on. */
const PREFIXED = 0xfc00;
const MEMORY_COPY = PREFIXED + 10;
const MEMORY_FILL = PREFIXED + 11;

const OPERATIONS = new Map<number, Operation>();

function define(
  opcode: number,
  name: string,
  immediate: Immediate,
  signature?: string,
  bytes?: number,
): void {
  OPERATIONS.set(opcode, { name, immediate, signature, bytes });
}

define(0x00, "unreachable", "none");
define(0x01, "nop", "none", ":");
define(0x02, "block", "block");
define(0x03, "loop", "block");
define(0x04, "if", "block");
define(0x05, "else", "none");
define(0x0b, "end", "none");
define(0x0c, "br", "label");
define(0x0d, "br_if", "label");
define(0x0e, "br_table", "labels");
define(0x0f, "return", "none");
define(0x10, "call", "index");
define(0x11, "call_indirect", "indirect");
define(0x1a, "drop", "none");
define(0x1b, "select", "none");
define(0x20, "local.get", "index");
define(0x21, "local.set", "index");
define(0x22, "local.tee", "index");
define(0x23, "global.get", "index");
define(0x24, "global.set", "index");

const LOADS: [string, string, number][] = [
  ["i32.load", "i:i", 4],
  ["i64.load", "i:j", 8],
  ["f32.load", "i:f", 4],
  ["f64.load", "i:d", 8],
  ["i32.load8_s", "i:i", 1],
  ["i32.load8_u", "i:i", 1],
  ["i32.load16_s", "i:i", 2],
  ["i32.load16_u", "i:i", 2],
  ["i64.load8_s", "i:j", 1],
  ["i64.load8_u", "i:j", 1],
  ["i64.load16_s", "i:j", 2],
  ["i64.load16_u", "i:j", 2],
  ["i64.load32_s", "i:j", 4],
  ["i64.load32_u", "i:j", 4],
  ["i32.store", "ii:", 4],
  ["i64.store", "ij:", 8],
  ["f32.store", "if:", 4],
  ["f64.store", "id:", 8],
  ["i32.store8", "ii:", 1],
  ["i32.store16", "ii:", 2],
  ["i64.store8", "ij:", 1],
  ["i64.store16", "ij:", 2],
  ["i64.store32", "ij:", 4],
];
for (const [index, [name, signature, bytes]] of LOADS.entries())
  define(0x28 + index, name, "memory", signature, bytes);

define(0x3f, "memory.size", "index", ":i");
define(0x40, "memory.grow", "index", "i:i");
define(0x41, "i32.const", "number", ":i");
define(0x42, "i64.const", "number", ":j");
define(0x43, "f32.const", "number", ":f");
define(0x44, "f64.const", "number", ":d");

/** Runs of opcodes whose names have one pattern: first opcode, type, names, signature. */
const RUNS: [number, string, string, string][] = [
  [0x45, "i32", "eqz", "i:i"],
  [0x46, "i32", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u", "ii:i"],
  [0x50, "i64", "eqz", "j:i"],
  [0x51, "i64", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u", "jj:i"],
  [0x5b, "f32", "eq ne lt gt le ge", "ff:i"],
  [0x61, "f64", "eq ne lt gt le ge", "dd:i"],
  [0x67, "i32", "clz ctz popcnt", "i:i"],
  [0x6a, "i32", "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr", "ii:i"],
  [0x79, "i64", "clz ctz popcnt", "j:j"],
  [0x7c, "i64", "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr", "jj:j"],
  [0x8b, "f32", "abs neg ceil floor trunc nearest sqrt", "f:f"],
  [0x92, "f32", "add sub mul div min max copysign", "ff:f"],
  [0x99, "f64", "abs neg ceil floor trunc nearest sqrt", "d:d"],
  [0xa0, "f64", "add sub mul div min max copysign", "dd:d"],
  [0xa7, "i32", "wrap_i64", "j:i"],
  [0xa8, "i32", "trunc_f32_s trunc_f32_u", "f:i"],
  [0xaa, "i32", "trunc_f64_s trunc_f64_u", "d:i"],
  [0xac, "i64", "extend_i32_s extend_i32_u", "i:j"],
  [0xae, "i64", "trunc_f32_s trunc_f32_u", "f:j"],
  [0xb0, "i64", "trunc_f64_s trunc_f64_u", "d:j"],
  [0xb2, "f32", "convert_i32_s convert_i32_u", "i:f"],
  [0xb4, "f32", "convert_i64_s convert_i64_u", "j:f"],
  [0xb6, "f32", "demote_f64", "d:f"],
  [0xb7, "f64", "convert_i32_s convert_i32_u", "i:d"],
  [0xb9, "f64", "convert_i64_s convert_i64_u", "j:d"],
  [0xbb, "f64", "promote_f32", "f:d"],
  [0xbc, "i32", "reinterpret_f32", "f:i"],
  [0xbd, "i64", "reinterpret_f64", "d:j"],
  [0xbe, "f32", "reinterpret_i32", "i:f"],
  [0xbf, "f64", "reinterpret_i64", "j:d"],
  [0xc0, "i32", "extend8_s extend16_s", "i:i"],
  [0xc2, "i64", "extend8_s extend16_s extend32_s", "j:j"],
  [PREFIXED, "i32", "trunc_sat_f32_s trunc_sat_f32_u", "f:i"],
  [PREFIXED + 2, "i32", "trunc_sat_f64_s trunc_sat_f64_u", "d:i"],
  [PREFIXED + 4, "i64", "trunc_sat_f32_s trunc_sat_f32_u", "f:j"],
  [PREFIXED + 6, "i64", "trunc_sat_f64_s trunc_sat_f64_u", "d:j"],
];
for (const [first, type, names, signature] of RUNS) {
  for (const [index, name] of names.split(" ").entries())
    define(first + index, `${type}.${name}`, "none", signature);
}
define(MEMORY_COPY, "memory.copy", "indirect", "iii:");
define(MEMORY_FILL, "memory.fill", "index", "iii:");

/** Returns the instructions that have only integer operands and an integer result. */
export function plainOperations(): { opcode: number; operation: Operation }[] {
  return [...OPERATIONS]
    .map(([opcode, operation]) => ({ opcode, operation }))
    .filter(
      ({ operation: { immediate, signature = "" } }) =>
        immediate === "none" && /^[ij]+:[ij]$/.test(signature),
    );
}

/** Returns the loads and stores of integers. */
export function memoryOperations(): { opcode: number; operation: Operation }[] {
  return [...OPERATIONS]
    .map(([opcode, operation]) => ({ opcode, operation }))
    .filter(({ operation }) => operation.immediate === "memory" && !isFloatingPoint(operation));
}

/** Returns whether the instruction needs floating point for its operands, its result or its constant. */
export function isFloatingPoint(operation: Operation): boolean {
  return /[fd]/.test(operation.signature ?? "");
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Reads one instruction. Throws an Error that names the opcode if the engines do not know it. */
export function readInstruction(reader: Reader): Instruction {
  const at = reader.at;
  let opcode = reader.byte();
  if (opcode === 0xfc) opcode = PREFIXED + reader.u32();
  const operation = OPERATIONS.get(opcode);
  if (operation === undefined) {
    throw new Error(`instruction 0x${opcode.toString(16)} at byte ${at} is unknown to the engines`);
  }
  let index = 0;
  let align = 0;
  let value = 0n;
  let labels: number[] = [];
  switch (operation.immediate) {
    case "block":
      index = Number(reader.signed());
      break;
    case "label":
    case "index":
      index = reader.u32();
      break;
    case "labels":
      labels = [...reader.vector(() => reader.u32()), reader.u32()];
      break;
    case "indirect":
      index = reader.u32();
      if (reader.u32() !== 0)
        throw new Error(`${operation.name} at byte ${at} names another table or memory`);
      break;
    case "memory":
      align = reader.u32();
      if (align > 3) throw new Error(`${operation.name} at byte ${at} names another memory`);
      index = reader.u32();
      break;
    case "number":
      // For floating point, the value is the constant's bits.
      if (opcode === 0x43) value = littleEndian(reader.take(4));
      else if (opcode === 0x44) value = littleEndian(reader.take(8));
      else value = reader.signed();
      break;
    case "none":
      break;
  }
  return { opcode, operation, index, labels, align, value };
}
