/**
 * An answer of the logic is handed over in thread mode, and anything may interrupt that: the bytes must
 * come whole all the same. A pause of a byte's time is put behind each instruction of the hand-over in
 * turn.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { EmulatedChip } from "../../../simulator/chip/bus.ts";
import type { Machine } from "../../../simulator/chip/machine.ts";
import { readSymbols } from "../../../simulator/tools/elf.ts";
import { assertNoWarnings, buildDirectory } from "../../support/simulated-slot.ts";
import { BRANCH_TO_ITSELF, hex, PARKED_AT, SPEEDS, startedBus } from "./smbus-slot.ts";

const THREAD_MODE = 0;
/** A byte at 1 MHz is 9 us; the handler of a serial line takes as long when flash is slow. */
const PAUSE_NANOS = 12_000;
/** Between looks whether the handlers that came meanwhile are through. */
const LOOK_NANOS = 100;
/** Copying the answer, filling the FIFO, letting the handlers go. */
const INSTRUCTIONS = 700;

/** Thread mode stands still from the instruction under way on, and goes on where it was. */
function pause(machine: Machine): void {
  const { cpu } = machine.mcu as EmulatedChip;
  const { PC } = cpu;
  machine.mcu.writeUint16(PARKED_AT, BRANCH_TO_ITSELF);
  cpu.PC = PARKED_AT;
  const goOn = () => {
    if (cpu.IPSR === THREAD_MODE && cpu.PC === PARKED_AT) cpu.PC = PC;
    else machine.schedule(LOOK_NANOS, goOn);
  };
  machine.schedule(PAUSE_NANOS, goOn);
}

test("whatever interrupts the hand-over of an answer, it comes whole", () => {
  const symbols = readSymbols(readFileSync(`${buildDirectory()}/firmware.elf`));
  const entry = symbols.get("smbus_target_reply") ?? assert.fail("the firmware has smbus_target_reply");
  for (const [index, hz] of SPEEDS.entries()) {
    const bus = startedBus({}, hz);
    const { machine } = bus.slot;
    const { cpu } = machine.mcu as EmulatedChip;
    const expected = hex(bus.bytes("MFR_CONSOLE_OUTPUT", [0, 0, 0, 0]));
    for (let wanted = index; wanted < INSTRUCTIONS; wanted += SPEEDS.length) {
      let executed = -1;
      machine.trace = (pc) => {
        if (cpu.IPSR !== THREAD_MODE) return;
        if (pc === entry) executed = 0;
        else if (executed >= 0 && ++executed === wanted) pause(machine);
      };
      const answer = bus.slot.transfer(bus.reading("MFR_CONSOLE_OUTPUT", [0, 0, 0, 0]));
      assert.equal(`${answer.kind} ${hex(answer.data)}`, `ok ${expected}`, `instruction ${wanted}, ${hz} Hz`);
      assert.ok(executed > 0, "there was a hand-over");
    }
    assertNoWarnings(bus.slot);
  }
});

const IRQ_I2C1 = 24;
const NVIC_ISER = 0xe000_e100;
const NVIC_ICER = 0xe000_e180;

test("a write that the handler sees only when it is over is carried out: bytes before their STOP", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({}, hz);
    const { mcu } = bus.slot.machine;
    for (const value of [1, 0, 1]) {
      bus.slot.runFor(0.1); // what came before is over and dealt with
      mcu.writeUint32(NVIC_ICER, 1 << IRQ_I2C1);
      bus.write("MFR_IDENTIFY", value);
      mcu.writeUint32(NVIC_ISER, 1 << IRQ_I2C1);
      bus.slot.runFor(1);
      assert.equal(bus.number("MFR_IDENTIFY"), value, `${hz} Hz`);
    }
    assert.equal(bus.takeCml(), 0);
    assertNoWarnings(bus.slot);
  }
});
