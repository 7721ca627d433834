/**
 * Tests accesses that are not aligned, in every form of Thumb that a compiler may choose. Each instruction
 * is put where translated code lies. The result of the HardFault handler must be that of an aligned access
 * by the architecture (ARMv6-M Architecture Reference Manual, A6.7).
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { contract } from "../../../abi/contract.ts";
import { translatedMachine } from "../../../lab/engines/aot.ts";
import { bareImage } from "../../../lab/engines/bare/image.ts";
import type { BareMachine } from "../../../simulator/tools/bare.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";
import { type MadeFunction, makeModule } from "./modules.ts";

const PUSH = 0xb4f0; // push {r4-r7}
const POP = 0xbcf0;
const BX_LR = 0x4770;
const AREA = 0x103; // an odd address in linear memory

let machine: BareMachine;
let memory: number;
before(async () => {
  // Any module: it only makes room for the instructions.
  const functions = ["a", "b", "c", "d"].map((name): MadeFunction => {
    return { name, parameters: ["i"], result: "i", body: (to) => to.byte(0x20, 0) };
  });
  const elf = await bareImage(buildDirectory("fault"), { module: makeModule({ functions }) });
  machine = translatedMachine(elf);
  memory = machine.symbol("linear_memory");
});

/** Runs the instructions as translated code. The caller gives r0 to r3, and gets r0 and r1. */
function run(instructions: readonly number[], registers: readonly number[]): readonly [number, number] {
  const code = Uint16Array.from([...instructions, BX_LR]);
  machine.memory(machine.symbol("logic_begin"), code.byteLength).set(new Uint8Array(code.buffer));
  const { r0, r1 } = machine.callAt(machine.symbol("logic_begin"), registers);
  return [r0, r1];
}

const pattern = Uint8Array.from({ length: 16 }, (_, index) => 0x81 + index * 0x11);
const at = (offset: number, bytes: number) =>
  pattern.subarray(offset, offset + bytes).reduceRight((value, byte) => value * 256 + byte, 0);
const hex = (value: number) => `0x${(value >>> 0).toString(16)}`;

// r0: address, r1: offset in a register. The result is in r0.
const LOADS: readonly [string, number, number, (offset: number) => number][] = [
  ["ldr r0, [r0, r1]", 0x5840, 3, (offset) => at(offset, 4)],
  ["ldrh r0, [r0, r1]", 0x5a40, 2, (offset) => at(offset, 2)],
  ["ldrsh r0, [r0, r1]", 0x5e40, 2, (offset) => (at(offset, 2) << 16) >> 16],
  ["ldr r0, [r0, #8]", 0x6880, -8, () => at(8, 4)],
  ["ldrh r0, [r0, #6]", 0x88c0, -6, () => at(6, 2)],
];

for (const [name, opcode, offset, expected] of LOADS) {
  test(`${name} from an odd address`, () => {
    machine.memory(memory + AREA, 16).set(pattern);
    const [r0] = run([opcode], [memory + AREA, Math.max(0, offset)]);
    assert.equal(hex(r0), hex(expected(Math.max(0, offset))));
  });
}

// r0: address, r1: offset in a register, r2: the value to store.
const STORES: readonly [string, number, number, number][] = [
  ["str r2, [r0, r1]", 0x5042, 3, 4],
  ["strh r2, [r0, r1]", 0x5242, 2, 2],
  ["str r2, [r0, #8]", 0x6082, 8, 4],
  ["strh r2, [r0, #6]", 0x80c2, 6, 2],
];

for (const [name, opcode, offset, bytes] of STORES) {
  test(`${name} to an odd address, and to nothing else`, () => {
    machine.memory(memory + AREA, 16).set(pattern);
    run([opcode], [memory + AREA, offset, 0x0403_0201]);
    const expected = Uint8Array.from(pattern);
    expected.set([1, 2, 3, 4].slice(0, bytes), offset);
    assert.deepEqual([...machine.memory(memory + AREA, 16)], [...expected]);
  });
}

test("ldm and stm of low and high registers, with the base in the list and behind it", () => {
  machine.memory(memory + AREA, 16).set(pattern);
  // ldm r0!, {r1, r2}; the test reads the advanced base in r0.
  assert.deepEqual(run([0xc806], [memory + AREA]).map(hex), [hex(memory + AREA + 8), hex(at(0, 4))]);
  // ldm r0, {r0, r1}: the base is in the list and keeps the loaded value.
  assert.deepEqual(run([0xc803], [memory + AREA]).map(hex), [hex(at(0, 4)), hex(at(4, 4))]);
  // push; ldm r0!, {r4, r7}; mov r0, r4; mov r1, r7; pop
  assert.deepEqual(run([PUSH, 0xc890, 0x0020, 0x0039, POP], [memory + AREA]).map(hex), [
    hex(at(0, 4)),
    hex(at(4, 4)),
  ]);
  // stm r0!, {r1, r2}
  const [r0] = run([0xc006], [memory + AREA, 0x0403_0201, 0x0807_0605]);
  assert.equal(hex(r0), hex(memory + AREA + 8));
  assert.deepEqual(
    [...machine.memory(memory + AREA, 10)],
    [1, 2, 3, 4, 5, 6, 7, 8, ...pattern.subarray(8, 10)],
  );
});

test("the code goes on behind the instruction, and aligned accesses never come to the handler", () => {
  machine.memory(memory + AREA, 16).set(pattern);
  // ldr r1, [r0, #0]; adds r1, #1; mov r0, r1
  const [r0] = run([0x6801, 0x3101, 0x0008], [memory + AREA]);
  assert.equal(hex(r0), hex(at(0, 4) + 1));
  const cycles = (address: number) => {
    return machine.callAt(machine.symbol("logic_begin"), [address]).cycles;
  };
  assert.ok(cycles(memory) < 12, "aligned");
  assert.ok(cycles(memory + 1) > 100, "not aligned");
});

test("an access that leaves linear memory is a fault of the host, not carried out", () => {
  for (const address of [memory - 1, memory + contract.memory.bytes - 3, 0x2000_0001, 0x1000_0101]) {
    assert.throws(() => run([0x6801], [address]), /HardFault/, hex(address));
  }
});
