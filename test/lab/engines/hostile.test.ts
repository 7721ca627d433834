/**
 * Tests a module that tries to leave its linear memory: each load and store, from addresses at every edge,
 * with offsets whose sum exceeds 32 bits, at the addresses of the chip's registers. Neither engine may read
 * or write a byte outside, and both must trap exactly where V8 does. The emulator watches every address.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contract } from "../../../abi/contract.ts";
import { callTranslated, translatedMachine } from "../../../lab/engines/aot.ts";
import { bareImage } from "../../../lab/engines/bare/image.ts";
import { type Call, digest } from "../../../lab/engines/outcome.ts";
import { runInV8 } from "../../../lab/engines/v8.ts";
import { Wasm3 } from "../../../lab/engines/wasm3.ts";
import { memoryOperations, type ValueType } from "../../../scripts/build/wasm/instructions.ts";
import type { BareMachine } from "../../../simulator/tools/bare.ts";
import { readFunctions } from "../../../simulator/tools/elf.ts";
import { type Access, watchAccesses } from "../../../simulator/tools/watch.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";
import { type MadeFunction, makeModule, pushParameters } from "./modules.ts";

const MEMORY_BYTES = contract.memory.bytes;
/** Addresses at the end of memory, at the end of 16 bits, and at the end of 32 bits. */
const OFFSETS = [
  ...[0, 1, 3, 4, 7, 4096, 65_532, 65_535, 65_536],
  ...[8, 4, 1, 0].map((before) => MEMORY_BYTES - before),
  ...[0x7fff_ffff, 0x8000_0000, 0xffff_fff9, 0xffff_ffff],
];
const EDGES = [
  [0, 1, 2, 3, 4, 7, 8, MEMORY_BYTES - 4097, MEMORY_BYTES - 4096],
  [65_528, 65_529, 65_531, 65_532, 65_535, 65_536],
  [-9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 4].map((distance) => MEMORY_BYTES + distance),
  [0x7fff_fffc, 0x7fff_ffff, 0x8000_0000, 0xffff_0000, 0xffff_fff0, 0xffff_fff8, 0xffff_fffc, 0xffff_ffff],
].flat();
/**
 * Addresses where a write would do harm: boot ROM, flash, SRAM, resets, GPIO, DMA, SIO, the processor's
 * registers.
 */
const CHIP = [
  0, 0x1000_0100, 0x2000_0000, 0x2000_8000, 0x2004_1ffc, 0x4000_c000, 0x4001_4000, 0x5000_0000,
].concat([0xd000_0014, 0xe000_ed08]);

function accessFunctions(): MadeFunction[] {
  return memoryOperations().flatMap(({ opcode, operation: { name, signature = "", bytes = 1 } }) =>
    OFFSETS.flatMap((offset) =>
      [...new Set([0, Math.log2(bytes)])].map((align): MadeFunction => {
        const [takes = "", gives = ""] = signature.split(":");
        return {
          name: `${name} +${offset} align ${align}`,
          parameters: [...takes] as ValueType[],
          result: (gives || undefined) as ValueType | undefined,
          body: (to) => {
            pushParameters(to, takes.length);
            to.byte(opcode).u32(align).u32(offset);
          },
        };
      }),
    ),
  );
}

const bulk = (name: string, ...code: number[]): MadeFunction => ({
  name,
  parameters: ["i", "i", "i"],
  body: (to) => {
    pushParameters(to, 3);
    to.byte(...code);
  },
});
const BULK = [bulk("copy", 0xfc, 10, 0, 0), bulk("fill", 0xfc, 11, 0)];

function accessCalls(functions: readonly MadeFunction[], memory: number): Call[] {
  const addresses = [...EDGES, ...CHIP.map((address) => (address - memory) >>> 0)];
  return functions.flatMap(({ name, parameters, result }) =>
    addresses.map((address) => {
      const args = [BigInt(address), 0x8182_8384_8586_8788n ^ BigInt(address)].slice(0, parameters.length);
      return { name, parameters, result, args: args.map((value, index) => clip(value, parameters[index])) };
    }),
  );
}

function bulkCalls(): Call[] {
  const edges = [
    0,
    1,
    100,
    65_535,
    MEMORY_BYTES - 1,
    MEMORY_BYTES,
    MEMORY_BYTES + 1,
    0x8000_0000,
    0xffff_ffff,
  ].map(BigInt);
  const lengths = [0, 1, 99, 65_536, MEMORY_BYTES, 0xffff_ffff].map(BigInt);
  return BULK.flatMap(({ name, parameters }) =>
    edges.flatMap((to) =>
      edges.flatMap((from) =>
        lengths.map((length) => ({ name, parameters, result: undefined, args: [to, from, length] })),
      ),
    ),
  );
}

function clip(word: bigint, type: ValueType | undefined): bigint {
  return BigInt.asUintN(type === "i" ? 32 : 64, word);
}

/** Contents that differ from one 64 KB to the next. */
const pattern = Uint8Array.from(
  { length: MEMORY_BYTES },
  (_, index) => (index * 7 + (index >> 8) * 13 + (index >> 16) * 101) & 0xff,
);
const functions = [...accessFunctions(), ...BULK];
const module = makeModule({ functions, data: pattern });

function assertSame(calls: readonly Call[], got: readonly string[], memory: Uint8Array): void {
  const expected = runInV8(module, calls);
  const wrong = calls.flatMap(({ name, args }, index) =>
    got[index] === expected.calls[index]
      ? []
      : [
          `${name}(${args.map((value) => value.toString(16)).join(", ")}) is ${got[index]}, not ${expected.calls[index]}`,
        ],
  );
  assert.deepEqual(wrong.slice(0, 10), []);
  assert.equal(digest(memory), expected.memory, "memory is as V8 leaves it");
  assert.ok(expected.calls.filter((call) => call === "trap OUT_OF_BOUNDS").length > calls.length / 4);
}

/** Memory is also compared before the copies, because the largest of them overwrite all of it. */
function carryOut(accesses: readonly Call[], give: (call: Call) => string, memory: () => Uint8Array): void {
  const got = accesses.map(give);
  assertSame(accesses, got, memory());
  const blocks = bulkCalls();
  assertSame([...accesses, ...blocks], [...got, ...blocks.map(give)], memory());
}

const within = (address: number, begin: number, end: number) => address >= begin && address < end;

/** Collects the first accesses that a rule does not allow. */
function watched(machine: BareMachine, allows: (access: Access) => boolean): string[] {
  const offences: string[] = [];
  watchAccesses(machine.bus.cpu, (access) => {
    if (offences.length >= 10 || allows(access)) return;
    const { pc, address, bytes, store } = access;
    offences.push(
      `${store ? "store" : "load"} of ${bytes} at 0x${address.toString(16)}, pc 0x${pc.toString(16)}`,
    );
  });
  return offences;
}

test("ahead of time: not one access outside, and traps where V8 has them", async () => {
  const machine = translatedMachine(await bareImage(buildDirectory("hostile/aot"), { module }));
  const symbol = (name: string) => machine.symbol(name);
  const memory = symbol("linear_memory");
  machine.call("logic_instantiate");
  const calls = accessCalls(functions.slice(0, -BULK.length), memory);
  const inMemory = ({ address, bytes }: Access) => within(address, memory, memory + MEMORY_BYTES - bytes + 1);
  const stacks = ({ address }: Access) =>
    within(address, symbol("stack_bottom"), symbol("stack_top")) || address >= 0x2004_1000;
  // Translated code may access only what its own instructions address: constants by the program counter,
  // and the stack by the stack pointer. Every other address comes from the module.
  const isConstant = (pc: number) => (machine.memory(pc & ~1, 2)[1] as number) >> 3 === 9;
  const isLogic = (pc: number) => within(pc, symbol("logic_begin"), symbol("logic_end")); // none is hot here
  const hardFaultVector = 0x1000_010c;
  const offences = watched(machine, (access) => {
    const { pc, address, store } = access;
    if (inMemory(access) || (address === hardFaultVector && !store)) return true;
    if (address >>> 28 === 1 && !store) return !isLogic(pc) || isConstant(pc);
    return stacks(access) && (!isLogic(pc) || Math.abs(address - machine.register(13)) < 512);
  });
  carryOut(
    calls,
    (call) => callTranslated(machine, call),
    () => machine.memory(memory, MEMORY_BYTES),
  );
  assert.deepEqual(offences, []);
});

test("wasm3: not one access outside, and traps where V8 has them", async () => {
  const wasm3 = await Wasm3.create(buildDirectory("hostile/wasm3"));
  const { machine } = wasm3;
  const runtime = wasm3.load(module);
  const memory = wasm3.memory(runtime);
  const base = 0x2000_0000 + memory.byteOffset - machine.bus.sram8.byteOffset;
  const calls = accessCalls(functions.slice(0, -BULK.length), base);
  // The operations that access memory may touch: its header (for the length) and contents, compiled code,
  // the value stack with the operands, and the native stack.
  const operations = readFunctions(readFileSync(`${buildDirectory("hostile/wasm3")}/image.elf`)).filter(
    ({ name }) => /^op_(i32|i64)_(Load|Store)|^op_Mem(Copy|Fill)|^mem(set|move|cpy)$/.test(name),
  );
  assert.ok(operations.length > 30, "wasm3's operations are found by name");
  const isOperation = (pc: number) =>
    operations.some(({ address, bytes }) => within(pc, address, address + bytes));
  const valueStack = base + MEMORY_BYTES + 4084; // lab/engines/bare/bare.c
  const offences = watched(machine, ({ pc, address, bytes }) => {
    if (!isOperation(pc) || isOperation(address)) return true; // an operation contains its own constants
    if (within(address, base - 16, base + MEMORY_BYTES - bytes + 1)) return true;
    if (address >>> 28 === 1) return true;
    return (
      within(address, machine.symbol("stack_bottom"), machine.symbol("stack_top")) ||
      within(address, valueStack, valueStack + 33_000)
    );
  });
  carryOut(
    calls,
    (call) => wasm3.call(runtime, call).given,
    () => memory,
  );
  assert.deepEqual(offences, []);
});
