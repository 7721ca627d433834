/** Stops thread mode while the SMBus goes on, as a driver that erases flash does. */
import assert from "node:assert/strict";
import type { SystemBus } from "../../../simulator/chip/bus.ts";
import type { Slot } from "../../../simulator/slot/slot.ts";
import { BRANCH_TO_ITSELF, PARKED_AT } from "./smbus-slot.ts";

const IRQ_TIMER_1 = 1;
const IRQ_DMA_0 = 11;
const IRQ_I2C1 = 24;
const SERVED_FROM_SRAM = (1 << IRQ_TIMER_1) | (1 << IRQ_DMA_0) | (1 << IRQ_I2C1);
const NVIC_ISER = 0xe000_e100;
const NVIC_ICER = 0xe000_e180;
export function busOf(slot: Slot): SystemBus {
  return slot.chip.bus;
}

/**
 * Switches execute-in-place on or off. Without it each access of flash is a strict warning, and a fetch is a
 * HardFault.
 */
export function setFlash(slot: Slot, available: boolean): void {
  busOf(slot).setXipBytes(available ? slot.board.flash.bytes : 0);
}

/**
 * Puts thread mode into a loop in SRAM, makes flash unavailable, and disables every interrupt but the
 * target's and the converter's, as a driver that erases a sector does. Returns a function that ends it.
 */
export function park(slot: Slot): () => void {
  const { bus } = slot.chip;
  const { cpu } = busOf(slot);
  // Gives thread mode work. Otherwise it sleeps with interrupts disabled.
  slot.terminal.type("help\r");
  slot.runUntil(() => cpu.IPSR === 0 && cpu.PRIMASK === 0 && !cpu.waiting, 10, "thread mode");
  const { PC } = cpu;
  const enabled = bus.readUint32(NVIC_ISER);
  bus.writeUint32(NVIC_ICER, enabled & ~SERVED_FROM_SRAM);
  bus.writeUint16(PARKED_AT, BRANCH_TO_ITSELF);
  cpu.PC = PARKED_AT;
  setFlash(slot, false);
  cpu.codeMoved();
  return () => {
    // The converter's handler runs 25,000 times a second, and may be under way.
    slot.runUntil(() => cpu.IPSR === 0, 1, "the end of a handler");
    assert.equal(cpu.PC & ~1, PARKED_AT, "still parked");
    setFlash(slot, true);
    cpu.PC = PC;
    cpu.codeMoved();
    bus.writeUint32(NVIC_ISER, enabled);
  };
}
