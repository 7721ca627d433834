/**
 * The image with its logic stopped: thread mode runs only the functions of the host that a test calls, while
 * peripherals and interrupt handlers go on. So a test can show what one function promises, even where the
 * rest of the firmware would hide a mistake in it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Slot } from "../../simulator/slot/slot.ts";
import { readSymbols } from "../../simulator/tools/elf.ts";
import { buildDirectory, startedSlot } from "../support/simulated-slot.ts";
import { busOf } from "./smbus/smbus-parked.ts";
import { BRANCH_TO_ITSELF, PARKED_AT } from "./smbus/smbus-slot.ts";

/** Free SRAM behind everything that the firmware uses, for the arguments of calls. */
export const BUFFER_AT = PARKED_AT + 0x100;
const WATCHDOG_CTRL_CLEAR = 0x4005_b000;

export class ParkedHost {
  readonly slot: Slot;
  private readonly symbols = readSymbols(readFileSync(`${buildDirectory()}/firmware.elf`));

  constructor() {
    this.slot = startedSlot();
    const { chip } = this.slot;
    this.slot.runFor(60);
    // Between two readings of the power monitor, with thread mode awake.
    this.slot.terminal.type("help\r");
    const { cpu } = busOf(this.slot);
    this.slot.runUntil(() => cpu.IPSR === 0 && cpu.PRIMASK === 0 && !cpu.waiting, 10, "thread mode");
    chip.bus.writeUint32(WATCHDOG_CTRL_CLEAR, 1 << 30);
    chip.bus.writeUint16(PARKED_AT, BRANCH_TO_ITSELF);
    this.goTo(PARKED_AT);
  }

  symbol(name: string): number {
    const address = this.symbols.get(name);
    assert.ok(address !== undefined, `the firmware has ${name}`);
    return address;
  }

  private goTo(address: number): void {
    const { cpu } = busOf(this.slot);
    cpu.PC = address;
    cpu.codeMoved();
  }

  /** Calls a function of the host with words in registers. Returns r0. */
  call(name: string, ...words: number[]): number {
    const { cpu } = busOf(this.slot);
    const returned = () => (cpu.PC & ~1) === PARKED_AT && cpu.IPSR === 0;
    this.slot.runUntil(returned, 5, "the end of an interrupt");
    for (const [index, word] of words.entries()) cpu.registers[index] = word;
    cpu.registers[14] = PARKED_AT | 1;
    this.goTo(this.symbol(name) & ~1);
    this.slot.runUntil(returned, 5, `${name} to return`);
    return cpu.registers[0] as number;
  }
}
