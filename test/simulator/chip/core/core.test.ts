/** The core: arithmetic flags, WFI, faults and Lockup, against the ARMv6-M architecture manual. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RP2040 } from "rp2040js";
import { CTRL_ENABLE, TICK_ENABLE } from "../../../../simulator/chip/clocks/watchdog.ts";
import { LOCKUP_PC } from "../../../../simulator/chip/core/core-state.ts";
import { PERIPHERALS } from "../../../../simulator/chip/peripherals.ts";
import { ms, result, startChip } from "../program.ts";

/** Runs `code` with r0 and r1 set and C as given; stores r0 and APSR. */
function flagsAfter(code: string, r0: number, r1: number, carry: 0 | 1): { value: number; nzcv: string } {
  const chip = startChip(`
main:
  ldr r0, =${r0}
  ldr r1, =${r1}
  movs r2, #${carry}
  lsrs r2, r2, #1
  movs r3, #1
  ${code}
  mrs r2, apsr
  ldr r3, =results
  str r0, [r3]
  str r2, [r3, #4]
  b .
`);
  chip.runUntilNanos(ms(10));
  const flags = result(chip, 1) >>> 28;
  return { value: result(chip), nzcv: [..."NZCV"].filter((_, bit) => flags & (8 >> bit)).join("") };
}

test("flags of subtraction with borrow and addition with carry (A6.7.54, A6.7.1)", () => {
  // 0 - 0x7fffffff - 1 = -0x80000000 fits: no overflow.
  assert.deepEqual(flagsAfter("sbcs r0, r1", 0, 0x7fffffff, 0), { value: 0x80000000, nzcv: "N" });
  assert.deepEqual(flagsAfter("sbcs r0, r1", 0, 0xffffffff, 0), { value: 0, nzcv: "Z" });
  assert.deepEqual(flagsAfter("sbcs r0, r1", 5, 5, 1), { value: 0, nzcv: "ZC" });
  assert.deepEqual(flagsAfter("adcs r0, r1", 0x7fffffff, 0, 1), { value: 0x80000000, nzcv: "NV" });
  assert.deepEqual(flagsAfter("adcs r0, r1", 0xffffffff, 0, 1), { value: 0, nzcv: "ZC" });
  assert.deepEqual(flagsAfter("adcs r0, r1", 0xffffffff, 0xffffffff, 1), { value: 0xffffffff, nzcv: "NC" });
});

test("shifts by a register: zero leaves C, 32 and more shift everything out (A2.2.1)", () => {
  assert.deepEqual(flagsAfter("lsrs r0, r1", 0xffffffff, 0, 0), { value: 0xffffffff, nzcv: "N" });
  assert.deepEqual(flagsAfter("lsls r0, r1", 1, 32, 0), { value: 0, nzcv: "ZC" });
  assert.deepEqual(flagsAfter("lsls r0, r1", 1, 33, 1), { value: 0, nzcv: "Z" });
  assert.deepEqual(flagsAfter("lsrs r0, r1", 0x80000000, 32, 0), { value: 0, nzcv: "ZC" });
  assert.deepEqual(flagsAfter("asrs r0, r1", 0x80000000, 200, 0), { value: 0xffffffff, nzcv: "NC" });
  assert.deepEqual(flagsAfter("rors r0, r1", 0x80000001, 32, 0), { value: 0x80000001, nzcv: "NC" });
  assert.deepEqual(flagsAfter("rors r0, r1", 3, 256, 1), { value: 3, nzcv: "C" });
});

type Flags = { readonly value: number; readonly nzcv: string };

/** AddWithCarry and the two instructions made of it, as the pseudocode has them (A2.2.1, A6.7.1, A6.7.54). */
function addWithCarry(x: bigint, y: bigint, carry: bigint): Flags {
  const sum = x + y + carry;
  const signedSum = BigInt.asIntN(32, x) + BigInt.asIntN(32, y) + carry;
  return flags(sum, sum >> 32n !== 0n, BigInt.asIntN(32, sum) !== signedSum);
}

function flags(wide: bigint, c: boolean, v: boolean): Flags {
  const value = Number(BigInt.asUintN(32, wide));
  const nzcv = `${value >>> 31 ? "N" : ""}${value === 0 ? "Z" : ""}${c ? "C" : ""}${v ? "V" : ""}`;
  return { value, nzcv };
}

/** Shift_C by the bottom byte of a register (A2.2.1): zero leaves the carry alone. V stays as it was: 0. */
function shift(kind: string, x: bigint, register: number, carry: boolean): Flags {
  const n = BigInt(register & 0xff);
  if (n === 0n) return flags(x, carry, false);
  if (kind === "lsls") return flags(x << n, (((x << n) >> 32n) & 1n) === 1n, false);
  if (kind === "rors") {
    const by = n % 32n;
    const rotated = BigInt.asUintN(32, (x >> by) | (x << (32n - by)));
    return flags(rotated, rotated >> 31n === 1n, false);
  }
  const extended = kind === "asrs" ? BigInt.asIntN(32, x) : x;
  return flags(extended >> n, ((extended >> (n - 1n)) & 1n) === 1n, false);
}

function byTheManual(name: string, r0: number, r1: number, carry: 0 | 1): Flags {
  const [x, y] = [BigInt(r0), BigInt(r1)];
  if (name === "adcs") return addWithCarry(x, y, BigInt(carry));
  if (name === "sbcs") return addWithCarry(x, BigInt.asUintN(32, ~y), BigInt(carry));
  return shift(name, x, r1, carry === 1);
}

const DATA_PROCESSING = {
  lsls: 0x4088,
  lsrs: 0x40c8,
  asrs: 0x4108,
  adcs: 0x4148,
  sbcs: 0x4188,
  rors: 0x41c8,
};
type Name = keyof typeof DATA_PROCESSING;

/** The same instruction on rp2040js' own core, which the simulator does without. */
function onForeignCore(name: Name, r0: number, r1: number, carry: 0 | 1): Flags {
  const chip = new RP2040();
  const { core } = chip;
  chip.sramView.setUint16(0x100, DATA_PROCESSING[name], true);
  core.PC = 0x2000_0100;
  core.registers[0] = r0;
  core.registers[1] = r1;
  core.N = core.Z = core.V = false;
  core.C = carry === 1;
  core.executeInstruction();
  const nzcv = `${core.N ? "N" : ""}${core.Z ? "Z" : ""}${core.C ? "C" : ""}${core.V ? "V" : ""}`;
  return { value: core.registers[0] as number, nzcv };
}

/** Where rp2040js 1.4 is wrong: the reason for a core of our own, as core-state.ts states it. */
const FOREIGN_MISTAKES: readonly [Name, number, number, 0 | 1, string][] = [
  ["adcs", 0x7fffffff, 0, 1, "V missing"],
  ["sbcs", 0, 0x7fffffff, 0, "V where -2^31 fits"],
  ["sbcs", 0x80000000, 0x7fffffff, 0, "V missing"],
  ["lsrs", 0x80000001, 0, 0, "C from a shift by nothing"],
  ["lsrs", 1, 0x100, 1, "C lost by a shift by nothing"],
  ["asrs", 0x80000001, 0, 0, "C from a shift by nothing"],
  ["asrs", 1, 0x100, 1, "C lost by a shift by nothing"],
  ["rors", 0x80000001, 0, 0, "C from a rotation by nothing"],
  ["rors", 1, 0x100, 1, "C lost by a rotation by nothing"],
  ["lsls", 0x80000001, 33, 0, "C beyond 32"],
];
/** Edge cases that rp2040js gets right, which shows that the comparison works. */
const FOREIGN_AGREES: readonly [Name, number, number, 0 | 1][] = [
  ["adcs", 0xffffffff, 0, 1],
  ["adcs", 0xffffffff, 0xffffffff, 1],
  ["adcs", 0, 0x7fffffff, 1],
  ["sbcs", 5, 0xffffffff, 0],
  ["sbcs", 0x80000000, 0, 0],
  ["lsls", 0x80000001, 0, 1],
  ["lsls", 1, 0x100, 0],
  ["lsrs", 0x80000001, 32, 0],
];

test("rp2040js' core has these flags wrong, ours has them as the manual's pseudocode", () => {
  for (const [name, r0, r1, carry, mistake] of FOREIGN_MISTAKES) {
    const expected = byTheManual(name, r0, r1, carry);
    const what = `${name} ${r0.toString(16)}, ${r1.toString(16)}, C=${carry}: ${mistake}`;
    assert.deepEqual(flagsAfter(`${name} r0, r1`, r0, r1, carry), expected, what);
    const foreign = onForeignCore(name, r0, r1, carry);
    assert.equal(foreign.value, expected.value, what);
    assert.notEqual(foreign.nzcv, expected.nzcv, what);
  }
  for (const [name, r0, r1, carry] of FOREIGN_AGREES) {
    const expected = byTheManual(name, r0, r1, carry);
    assert.deepEqual(flagsAfter(`${name} r0, r1`, r0, r1, carry), expected, name);
    assert.deepEqual(onForeignCore(name, r0, r1, carry), expected, name);
  }
});

test("WFI with an enabled interrupt already pending does not sleep (B1.5.19)", () => {
  const chip = startChip(`
main:
  cpsid i
  put PPB + PPB.NVIC_ISER, 1 << IRQ.UART0
  put PPB + PPB.NVIC_ISPR, 1 << IRQ.UART0
  wfi
  put results, 1
  cpsie i
  put results + 8, 3
  b .
  .thumb_func
irq:
  ldr r0, =results + 4
  movs r1, #2
  str r1, [r0]
  bx lr
`);
  chip.runUntilNanos(ms(10));
  assert.deepEqual([result(chip, 0), result(chip, 1), result(chip, 2)], [1, 2, 3]);
});

test("WFI under PRIMASK wakes for an interrupt without taking it (B1.5.19)", () => {
  const chip = startChip(`
main:
  unreset RESET.TIMER
  put WATCHDOG + WATCHDOG.TICK, ${TICK_ENABLE | 7}
  put TIMER + TIMER.INTE, 1
  put PPB + PPB.NVIC_ISER, 1 << IRQ.TIMER
  cpsid i
  put results + 4, 0
  put TIMER + TIMER.ALARM0, 20000
  wfi
  put results, 1
  b .
  .thumb_func
irq:
  ldr r0, =results + 4
  movs r1, #2
  str r1, [r0]
  b .
`);
  chip.runUntilNanos(ms(15));
  assert.notEqual(result(chip, 0), 1, "asleep before the alarm");
  chip.runUntilNanos(ms(40));
  assert.deepEqual([result(chip, 0), result(chip, 1)], [1, 0]);
});

test("a disabled interrupt does not wake WFI, a pending one outlives its line (B3.4.1)", () => {
  const chip = startChip(`
main:
  put PPB + PPB.NVIC_ISPR, 1 << IRQ.UART0
  put results, 0
  wfi
  put results, 1
  b .
`);
  chip.runUntilNanos(ms(50));
  assert.equal(result(chip), 0);
});

/** A program whose HardFault handler stores the stacked PC, LR, xPSR and SP. */
const CATCHING = (code: string, tail = "") => `
main:
${code}
  .global after
after: b .
  .balign 4
${tail}
  .thumb_func
hard_fault:
  mov r0, lr
  lsrs r0, r0, #3
  bcs 1f
  mrs r1, msp
  b 2f
1: mrs r1, psp
2: ldr r2, =results
  ldr r3, [r1, #0x18]
  str r3, [r2]
  ldr r3, [r1, #0x1c]
  str r3, [r2, #4]
  mov r3, lr
  str r3, [r2, #8]
  ldr r3, =0xfa17
  str r3, [r2, #12]
  b .
`;

const FAULTS: [string, string, RegExp][] = [
  ["unaligned word load (A3.2)", "ldr r1, =0x20000001\n ldr r0, [r1]", /unaligned word load/],
  ["unaligned halfword store", "ldr r1, =0x20000001\n strh r0, [r1]", /unaligned halfword store/],
  [
    "unaligned stack pointer relative multiple load",
    "ldr r1, =0x20000002\n ldmia r1!, {r2, r3}",
    /unaligned/,
  ],
  ["undefined instruction (A5.2)", ".hword 0xb100", /undefined/],
  ["undefined 32-bit instruction (A5.3)", ".hword 0xf000, 0x8000", /undefined/],
  ["UDF", "udf #1", /UDF/],
  ["BKPT without debugger (C1.1)", "bkpt #0", /BKPT/],
  ["load from unmapped address", "ldr r1, =0x30000000\n ldr r0, [r1]", /unmapped 0x30000000/],
  ["load above SRAM", "ldr r1, =0x20042000\n ldr r0, [r1]", /unmapped 0x20042000/],
  ["store to unmapped peripheral", "ldr r1, =0x40070000\n str r0, [r1]", /unmapped 0x40070000/],
  [
    "store to an uncached flash alias (datasheet 2.6.3.3)",
    "ldr r1, =0x13000000\n str r0, [r1]",
    /store to flash/,
  ],
  ["SVC under PRIMASK (B1.5.4)", "cpsid i\n svc #0", /SVC/],
];

for (const [what, code, reason] of FAULTS) {
  test(`HardFault: ${what}`, () => {
    const chip = startChip(CATCHING(`${code.replace(/([^\n]*)$/, "offender: $1")}`));
    chip.runUntilNanos(ms(10));
    assert.equal(result(chip, 3), 0xfa17, `no fault; state ${chip.state}, ${JSON.stringify(chip.lastFault)}`);
    assert.match(chip.lastFault?.reason ?? "", reason);
    assert.equal(result(chip, 0), chip.lastFault?.pc, "the stacked PC is the instruction at fault (B1.5.6)");
    assert.equal(result(chip, 2), 0xfffffff9, "EXC_RETURN for thread mode, main stack");
  });
}

test("HardFault: branches to nowhere, to an XN region and to an even address (B3.1, A2.3.1)", () => {
  for (const [target, pc] of [
    [0x30000001, 0x30000000],
    [0x50000001, 0x50000000],
    [0xd0000001, 0xd0000000],
    [0x10000300, 0x10000300],
  ]) {
    const chip = startChip(CATCHING(`ldr r0, =${target}\n bx r0`));
    chip.runUntilNanos(ms(10));
    assert.equal(result(chip, 3), 0xfa17);
    assert.equal(result(chip, 0), pc);
    assert.equal((result(chip, 1) >>> 24) & 1, (target as number) & 1, "stacked T bit");
  }
});

test("HardFault in thread mode with the process stack pushes its frame there (B1.5.6)", () => {
  const chip = startChip(
    CATCHING(`
  ldr r0, =0x20002000
  msr psp, r0
  movs r0, #2
  msr control, r0
  isb
  udf #0`),
  );
  chip.runUntilNanos(ms(10));
  assert.equal(result(chip, 3), 0xfa17);
  assert.equal(result(chip, 2), 0xfffffffd);
  assert.equal(chip.bus.core.readSpecialRegister(9), 0x20002000 - 0x20);
});

test("a fault in the HardFault handler is Lockup, and the watchdog ends it (B1.5.14, datasheet 4.7)", () => {
  const chip = startChip(`
main:
  put WATCHDOG + WATCHDOG.TICK, ${TICK_ENABLE | 7}
  put PSM + PSM.WDSEL, STAGE.PROC0 | STAGE.PROC1
  ldr r0, =WATCHDOG + WATCHDOG.REASON
  ldr r1, [r0]
  cmp r1, #0
  beq 1f
  put results, 0x5afe
  b .
1: put WATCHDOG + WATCHDOG.LOAD, 40000
  put WATCHDOG + WATCHDOG.CTRL, ${CTRL_ENABLE}
  udf #0
  .thumb_func
hard_fault: udf #1
`);
  assert.ok(chip.runUntil(() => chip.state === "locked-up", ms(20)));
  assert.equal(chip.bus.core.PC, LOCKUP_PC);
  assert.equal(chip.lastFault?.lockup, true);
  const cycles = chip.cycles;
  chip.runUntilNanos(chip.nanos + ms(10));
  assert.equal(chip.cycles, cycles, "the core executes nothing");
  chip.runUntilNanos(ms(60));
  assert.equal(chip.state, "running");
  assert.equal(result(chip), 0x5afe);
  assert.deepEqual(
    chip.resets.map(({ kind, forced }) => [kind, forced]),
    [
      ["power-on", false],
      ["watchdog", false],
    ],
  );
});

test("a stack that overflows below SRAM: the handler starts, and survives if it sets SP first", () => {
  const overflow = (handler: string) => `
main:
  ldr r0, =0x20000010
  mov sp, r0
  movs r4, #9
1: push {r4, lr}
  b 1b
  .thumb_func
hard_fault:
${handler}
`;
  const careful = startChip(
    overflow(`
  mov r1, sp
  ldr r0, =0x20003000
  mov sp, r0
  push {r1, lr}
  ldr r2, =results
  str r1, [r2]
  b .`),
  );
  careful.runUntilNanos(ms(10));
  assert.equal(careful.state, "running");
  assert.equal(result(careful), 0x20000000 - 0x20, "SP is where the frame would have been");
  assert.match(careful.lastFault?.reason ?? "", /unmapped 0x1ffffff8/);

  const careless = startChip(overflow("push {r4, lr}\n b ."));
  careless.runUntilNanos(ms(10));
  assert.equal(careless.state, "locked-up");
});

test("an interrupt that cannot be stacked becomes a HardFault", () => {
  const chip = startChip(`
main:
  put PPB + PPB.NVIC_ISER, 1 << IRQ.UART0
  ldr r0, =0x20000008
  mov sp, r0
  put PPB + PPB.NVIC_ISPR, 1 << IRQ.UART0
  b .
  .thumb_func
hard_fault:
  ldr r0, =0x20003000
  mov sp, r0
  put results, 0xfa17
  ldr r0, =PPB + PPB.NVIC_ISPR
  ldr r1, [r0]
  ldr r0, =results
  str r1, [r0, #4]
  b .
`);
  chip.runUntilNanos(ms(10));
  assert.equal(result(chip, 0), 0xfa17);
  assert.equal(result(chip, 1), 1 << PERIPHERALS.UART0.interrupts[0], "the interrupt is still pending");
});

test("priorities: a lower number preempts, an equal one waits, then tail-chains (B1.5.4)", () => {
  const chip = startChip(`
main:
  put PPB + PPB.NVIC_IPR5, 0x00004080
  put PPB + PPB.NVIC_ISER, (1 << IRQ.UART0) | (1 << IRQ.UART1) | (1 << IRQ.ADC)
  put PPB + PPB.NVIC_IPR5, 0x00804080
  put PPB + PPB.NVIC_ISPR, 1 << IRQ.UART0
  b .
  .thumb_func
irq:
  push {r4, lr}
  mrs r4, ipsr
  bl note
  cmp r4, #36
  bne 1f
  put PPB + PPB.NVIC_ISPR, (1 << IRQ.UART1) | (1 << IRQ.ADC)
  bl note
1: pop {r4, pc}
note:
  ldr r0, =results + 0x40
  ldr r1, [r0]
  ldr r2, =results
  strb r4, [r2, r1]
  adds r1, #1
  str r1, [r0]
  bx lr
`);
  chip.powerOn();
  chip.bus.sramView.setUint32(0x1040, 0, true);
  chip.runUntilNanos(chip.nanos + ms(10));
  const order = [...chip.bus.sram.subarray(0x1000, 0x1004)];
  // 36 (priority 2) is preempted by 37 (priority 1); 38 (priority 2) waits for its end.
  assert.deepEqual(order, [36, 37, 36, 38]);
});

test("of two pending interrupts of one priority the lower number goes first (B1.5.4)", () => {
  const chip = startChip(`
main:
  put results, 0
  cpsid i
  put PPB + PPB.NVIC_ISER, (1 << IRQ.UART0) | (1 << IRQ.ADC)
  put PPB + PPB.NVIC_ISPR, (1 << IRQ.UART0) | (1 << IRQ.ADC)
  cpsie i
  b .
  .thumb_func
irq:
  ldr r2, =results
  ldr r1, [r2]
  lsls r1, r1, #8
  mrs r0, ipsr
  orrs r1, r0
  str r1, [r2]
  bx lr
`);
  chip.runUntilNanos(ms(10));
  assert.equal(result(chip), (36 << 8) | 38);
});
