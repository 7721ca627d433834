/**
 * Settings under the Node host, one life after another over the same flash, and helpers that change and
 * compare them.
 */
import assert from "node:assert/strict";
import { loadBoard } from "../../scripts/boards.ts";
import { compileLogic } from "../../scripts/build/logic.ts";
import { type FlashHost, PowerCut } from "../../simulator/logic-host/flash-host.ts";
import { LogicHost } from "../../simulator/logic-host/logic-host.ts";
import type { Random } from "./logic.ts";

export const DRIVER = "test/assembly/settings/settings-driver.ts";

/** The driver, compiled once for all lives. */
export async function compiledDriver(): Promise<WebAssembly.Module> {
  return new WebAssembly.Module((await compileLogic(DRIVER, loadBoard("slot-hat"))) as BufferSource);
}

/** The exports of test/assembly/settings/settings-driver.ts. Booleans are numbers. */
export interface SettingsExports {
  takeOver(): void;
  save(now_us: bigint, forced: number): number;
  deadline_us(): bigint;
  isDirty(): number;
  isLost(): number;
  eraseAheadWanted(): number;
  eraseAhead(): void;
  saves(): number;
  failures(): number;
  timeouts(): number;
  mismatches(): number;
  erases(): number;
  unreadable(): number;
  restorePolicy(): number;
  setRestorePolicy(policy: number): number;
  powerWanted(): number;
  setPowerWanted(wanted: number): void;
  adcOffset(channel: number): number;
  setAdcOffset(channel: number, offset: number): number;
  adcGain(channel: number): number;
  setAdcGain(channel: number, gain: number): number;
}

/** Starts one life: loads the settings from `flash`. */
export function life(module: WebAssembly.Module, flash: FlashHost): SettingsExports {
  const settings = new LogicHost(module, {}, flash).exports as unknown as SettingsExports;
  settings.takeOver();
  return settings;
}

const CHANNELS = 5;

/** Everything that is kept, as one line of text. */
export function settingsText(settings: SettingsExports): string {
  const channels = Array.from({ length: CHANNELS }, (_, channel) => [
    settings.adcOffset(channel),
    settings.adcGain(channel),
  ]);
  return [settings.restorePolicy(), settings.powerWanted(), ...channels.flat()].join(" ");
}

export const DEFAULTS = "0 0 0 65536 0 65536 0 65536 0 65536 0 65536";

/** Changes power-wanted, and each other setting by chance. */
export function change(settings: SettingsExports, random: Random): void {
  settings.setPowerWanted(settings.powerWanted() ? 0 : 1);
  if (random.below(2) === 0) settings.setRestorePolicy(random.below(3));
  for (let channel = 0; channel < CHANNELS; channel++) {
    if (random.below(4) === 0) settings.setAdcOffset(channel, random.below(8193) - 4096);
    if (random.below(4) === 0) settings.setAdcGain(channel, 58_982 + random.below(72_090 - 58_982 + 1));
  }
}

/** Changes and saves settings. Returns the settings as text. */
export function changeAndSave(settings: SettingsExports, random: Random): string {
  change(settings, random);
  assert.equal(settings.save(0n, 1), 1);
  return settingsText(settings);
}

/** Runs the action. Returns true if the supply failed during it. */
export function cut(action: () => void): boolean {
  try {
    action();
    return false;
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
    return true;
  }
}
