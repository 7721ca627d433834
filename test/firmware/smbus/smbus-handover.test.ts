/**
 * Thread mode passes an answer of the logic to the peripheral, and any interrupt may come in between. The
 * bytes must still come complete. The test puts a pause of a byte's time behind each instruction of the
 * hand-over in turn.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Rp2040 } from "../../../simulator/chip/rp2040.ts";
import { readSymbols } from "../../../simulator/tools/elf.ts";
import { assertNoWarnings, buildDirectory } from "../../support/simulated-slot.ts";
import { BRANCH_TO_ITSELF, hex, PARKED_AT, SPEEDS, startedBus } from "./smbus-slot.ts";

const THREAD_MODE = 0;
/** A byte at 1 MHz takes 9 us. The handler of a serial line takes as long when flash is slow. */
const PAUSE_NANOS = 12_000;
/** Time between two checks that the handlers which came meanwhile have ended. */
const LOOK_NANOS = 100;
/** Instructions of the hand-over: copying the answer, filling the FIFO, enabling the handlers. */
const INSTRUCTIONS = 700;

/** Stops thread mode at the instruction under way, and lets it go on there later. */
function pause(chip: Rp2040): void {
  const { cpu } = chip.bus;
  const { PC } = cpu;
  chip.bus.writeUint16(PARKED_AT, BRANCH_TO_ITSELF);
  cpu.PC = PARKED_AT;
  const goOn = () => {
    if (cpu.IPSR === THREAD_MODE && cpu.PC === PARKED_AT) cpu.PC = PC;
    else chip.schedule(LOOK_NANOS, goOn);
  };
  chip.schedule(PAUSE_NANOS, goOn);
}

test("an answer comes complete at whichever instruction its hand-over is interrupted", () => {
  const symbols = readSymbols(readFileSync(`${buildDirectory()}/firmware.elf`));
  const entry = symbols.get("smbus_target_reply") ?? assert.fail("the firmware has smbus_target_reply");
  for (const [index, hz] of SPEEDS.entries()) {
    const bus = startedBus({}, hz);
    const { chip } = bus.slot;
    const { cpu } = chip.bus;
    const expected = hex(bus.bytes("MFR_CONSOLE_OUTPUT", [0, 0, 0, 0]));
    for (let wanted = index; wanted < INSTRUCTIONS; wanted += SPEEDS.length) {
      let executed = -1;
      chip.trace = (pc) => {
        if (cpu.IPSR !== THREAD_MODE) return;
        if (pc === entry) executed = 0;
        else if (executed >= 0 && ++executed === wanted) pause(chip);
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

test("a write that the handler sees only after its end is carried out, its bytes before their STOP", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({}, hz);
    const { bus: systemBus } = bus.slot.chip;
    for (const value of [1, 0, 1]) {
      bus.slot.runFor(0.1); // until the message before is handled
      systemBus.writeUint32(NVIC_ICER, 1 << IRQ_I2C1);
      bus.write("MFR_IDENTIFY", value);
      systemBus.writeUint32(NVIC_ISER, 1 << IRQ_I2C1);
      bus.slot.runFor(1);
      assert.equal(bus.number("MFR_IDENTIFY"), value, `${hz} Hz`);
    }
    assert.equal(bus.takeCml(), 0);
    assertNoWarnings(bus.slot);
  }
});
