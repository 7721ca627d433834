/**
 * Removes floating point from a module: f32 becomes i32, f64 becomes i64, and every floating-point
 * instruction becomes an integer instruction with the same numbers of operands and results. A valid module
 * stays valid. Control flow, calls and memory stay as the fuzzer made them; leaving out the functions with
 * floating point would change them.
 *
 * Imported functions become functions of the module that mix their arguments into a word of memory. So if
 * engines pass different arguments, that word differs. Memory gets exactly the contract's size.
 */
import { contract } from "../../abi/contract.ts";
import { MEMORY_PAGES } from "../../scripts/build/check-module.ts";
import { type Instruction, readInstruction, type ValueType } from "../../scripts/build/wasm/instructions.ts";
import {
  type FunctionType,
  importedFunctions,
  readModule,
  type WasmFunction,
  type WasmModule,
} from "../../scripts/build/wasm/module.ts";
import { Reader } from "../../scripts/build/wasm/reader.ts";
import { Writer } from "../../scripts/build/wasm/writer.ts";

/** The address where logged values are mixed: the last word of memory, aligned for 64 bits. */
const LOG_ADDRESS = contract.memory.bytes - 8;

const TYPE_CODE: Readonly<Record<ValueType, number>> = { i: 0x7f, j: 0x7e, f: 0x7f, d: 0x7e };
/** Block types by their signed number. */
const INTEGER_BLOCK: Readonly<Record<number, number>> = { [-3]: -1, [-4]: -2 };

const NOP = 0x01;

/** Ranges of floating-point opcodes, and the integer opcodes that replace them. */
const REPLACEMENTS = new Map<number, number>();

function replace(first: number, ...others: number[]): void {
  for (const [index, other] of others.entries()) REPLACEMENTS.set(first + index, other);
}

replace(0x2a, 0x28, 0x29); // loads
replace(0x38, 0x36, 0x37); // stores
replace(0x5b, 0x46, 0x47, 0x48, 0x4b, 0x4c, 0x4f); // f32: eq ne lt gt le ge, some signed, some not
replace(0x61, 0x51, 0x52, 0x54, 0x55, 0x57, 0x59); // f64
replace(0x8b, 0x67, 0x68, 0x69, 0xc0, 0xc1, 0x45, 0x67); // f32: abs neg ceil floor trunc nearest sqrt
replace(0x92, 0x6a, 0x6b, 0x6c, 0x6d, 0x70, 0x77, 0x75); // f32: add sub mul div min max copysign
replace(0x99, 0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4, 0x79); // f64
replace(0xa0, 0x7c, 0x7d, 0x7e, 0x80, 0x81, 0x8a, 0x87); // f64
replace(0xa8, 0xc0, 0x68, 0xa7, 0xa7); // i32.trunc_f32_s/u, i32.trunc_f64_s/u
replace(0xae, 0xac, 0xad, 0xc4, 0x7b); // i64.trunc_f32_s/u, i64.trunc_f64_s/u
replace(0xb2, 0xc1, NOP, 0xa7, 0xa7, 0xa7); // f32.convert_i32_s/u, f32.convert_i64_s/u, f32.demote_f64
replace(0xb7, 0xac, 0xad, 0xc3, NOP, 0xad); // f64.convert_i32_s/u, f64.convert_i64_s/u, f64.promote_f32
replace(0xbc, NOP, NOP, NOP, NOP); // reinterpretations

export function integersOnly(bytes: Uint8Array): Uint8Array {
  const module = readModule(bytes);
  const imported = importedFunctions(module);
  const out = new Writer().raw([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  out.section(1, (inner) =>
    inner.vector(module.types, ({ parameters, results }) => {
      inner.byte(0x60);
      for (const types of [parameters, results]) inner.vector(types, (type) => inner.byte(TYPE_CODE[type]));
    }),
  );
  const typeIndices = [...imported, ...module.functions].map(({ type }) => type);
  out.section(3, (inner) => inner.vector(typeIndices, (type) => inner.u32(type)));
  if (module.table) {
    const { minimum, maximum } = module.table;
    out.section(4, (inner) =>
      inner
        .byte(1, 0x70, 1)
        .u32(minimum)
        .u32(maximum ?? minimum),
    );
  }
  out.section(5, (inner) => inner.byte(1, 1).u32(MEMORY_PAGES).u32(MEMORY_PAGES));
  out.section(6, (inner) => writeGlobals(inner, module));
  const functions = module.exports.filter(({ kind }) => kind === "function");
  out.section(7, (inner) => {
    inner
      .u32(functions.length + 1)
      .name("memory")
      .byte(2, 0);
    for (const { name, index } of functions) inner.name(name).byte(0).u32(index);
  });
  // wasm3 0.5.0 cannot load a table that stays empty. A segment without elements can be left out without
  // effect.
  const elements = module.elements.filter(({ contents }) => contents.length > 0);
  out.section(9, (inner) =>
    inner.vector(elements, ({ offset, contents }) => {
      inner.byte(0, 0x41).signed(BigInt(offset)).byte(0x0b);
      inner.vector(contents, (index) => inner.u32(index));
    }),
  );
  out.section(10, (inner) => {
    inner.u32(typeIndices.length);
    for (const { type } of imported)
      inner.sized((body) => writeLog(body, module.types[type] as FunctionType));
    for (const body of module.functions) inner.sized((to) => writeBody(to, module, body));
  });
  out.section(11, (inner) =>
    inner.vector(module.data, ({ offset, contents }) =>
      inner.byte(0, 0x41).signed(BigInt(offset)).byte(0x0b).u32(contents.length).raw(contents),
    ),
  );
  return out.finish();
}

function writeGlobals(inner: Writer, module: WasmModule): void {
  inner.vector(module.globals, ({ type, mutable, value }) => {
    const [code, bits] = [TYPE_CODE[type], TYPE_CODE[type] === 0x7f ? 32 : 64];
    inner
      .byte(code, mutable ? 1 : 0, bits === 32 ? 0x41 : 0x42)
      .signed(BigInt.asIntN(bits, value))
      .byte(0x0b);
  });
}

/** (store LOG (add (mul (load LOG) 31) parameter)) for each parameter. The results are zero. */
function writeLog(body: Writer, { parameters, results }: FunctionType): void {
  body.u32(0);
  for (const [index, type] of parameters.entries()) {
    body.byte(0x41).signed(BigInt(LOG_ADDRESS));
    body.byte(0x41).signed(BigInt(LOG_ADDRESS));
    body.byte(0x29, 3, 0).byte(0x42).signed(31n).byte(0x7e);
    body.byte(0x20).u32(index);
    if (TYPE_CODE[type] === 0x7f) body.byte(0xad);
    body.byte(0x7c, 0x37, 3, 0);
  }
  for (const type of results) body.byte(TYPE_CODE[type] === 0x7f ? 0x41 : 0x42, 0);
  body.byte(0x0b);
}

function writeBody(to: Writer, module: WasmModule, body: WasmFunction): void {
  to.vector(body.locals, (type) => to.u32(1).byte(TYPE_CODE[type]));
  const reader = new Reader(module.bytes, body.begin, body.end);
  while (!reader.done) {
    const at = reader.at;
    const instruction = readInstruction(reader);
    writeInstruction(to, instruction, module.bytes.subarray(at, reader.at));
  }
}

function writeInstruction(
  to: Writer,
  { opcode, operation, index, value }: Instruction,
  bytes: Uint8Array,
): void {
  if (operation.immediate === "block") to.byte(opcode).signed(BigInt(INTEGER_BLOCK[index] ?? index));
  else if (opcode === 0x43) to.byte(0x41).signed(BigInt.asIntN(32, value));
  else if (opcode === 0x44) to.byte(0x42).signed(BigInt.asIntN(64, value));
  else to.byte(REPLACEMENTS.get(opcode) ?? (bytes[0] as number)).raw(bytes.subarray(1));
}
