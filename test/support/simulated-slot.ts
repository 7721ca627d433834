/**
 * The real image in the emulator, for tests: started, waiting at its prompt, and checked for strict warnings.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Slot, type SlotOptions } from "../../simulator/slot/slot.ts";

export function buildDirectory(name = "slot-hat"): string {
  return fileURLToPath(new URL(`../../build/${name}`, import.meta.url));
}

export function firmware(name = "slot-hat"): Uint8Array {
  return readFileSync(`${buildDirectory(name)}/firmware.uf2`);
}

/** A slot that has just printed its first prompt. */
export function startedSlot(options: Partial<SlotOptions> = {}): Slot {
  const slot = new Slot({ directory: buildDirectory(), ...options });
  slot.powerOn();
  slot.expectStart();
  return slot;
}

/** Types a line and waits for the next prompt. Returns the text in between. */
export function command(slot: Slot, line: string, timeoutMs = 2000): string {
  slot.terminal.type(`${line}\r`);
  slot.expect(`${line}\r\n`, timeoutMs);
  return slot.expect(/^([\s\S]*?)bmc> /, timeoutMs)[1] ?? "";
}

/** Asserts that there are no strict warnings. Each would be a fault of the firmware or of the model. */
export function assertNoWarnings(slot: Slot): void {
  assert.deepEqual(slot.chip.log.warnings, [], slot.describe());
}

/** Switches the slot on and waits until the console says so. */
export function powerUp(slot: Slot): void {
  slot.terminal.type("power on\r");
  slot.expect(/power: on\r\n/, 2000);
}

/** True if the output signal is asserted at its pin. */
export function asserted(slot: Slot, name: string): boolean {
  const signal = slot.signal(name);
  assert.ok(signal, `${name} is wired`);
  return signal.asserted;
}

/** Logs of real boards, which live beside the project and are not part of it; null where they are absent. */
export function realBootlogs(): { name: string; path: string }[] | null {
  const folder = new URL("../../../shared/data/bootlogs/", import.meta.url);
  if (!existsSync(folder)) return null;
  return readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .map((name) => ({ name, path: fileURLToPath(new URL(name, folder)) }));
}
