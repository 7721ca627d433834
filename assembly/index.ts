/**
 * The logic of a slot, as the host sees it: one call at the start, one for every bundle of events.
 * Everything that happens follows from here; what each part does is in the file of its name.
 */
import * as bootLog from "./boot/boot-log";
import * as calibrate from "./console/calibrate";
import * as report from "./console/report";
import * as shell from "./console/shell";
import { CONTRACT_VERSION, time_us } from "./generated/abi";
import * as power from "./power/power";
import * as energy from "./sensors/energy";
import * as powerMonitor from "./sensors/sensor-bus";
import * as settings from "./settings/settings";
import * as smbus from "./smbus/target";
import * as system from "./system";

/** The contract this module was made for; the host loads no other. */
export function contract_version(): u32 {
  return CONTRACT_VERSION;
}

/** Called once. Returns when `handle` is wanted at the latest, in time_us. */
export function start(): u64 {
  const now_us = time_us();
  shell.start(now_us);
  settings.load();
  if (settings.isLost()) report.settingsNotice(now_us);
  calibrate.start();
  energy.start();
  const cause = system.resetCause();
  power.start(now_us, cause, system.slotNumber(), settings.restorePolicy(), settings.powerWanted());
  smbus.start(cause, system.uniqueId());
  powerMonitor.start(now_us);
  return finish(time_us(), false); // much was done since, and somebody may have typed meanwhile
}

/**
 * One pass. The events say what may have changed; each part looks for itself, which costs little and
 * misses nothing. Only what the fast paths of the host have done is told by its event alone.
 */
export function handle(events: u32): u64 {
  const now_us = time_us();
  power.step(now_us, events); // first: what is wrong with the power waits for nothing
  settings.setPowerWanted(power.isWanted());
  bootLog.capture();
  // Ahead of the console: on the bus a controller may be waiting.
  const more = smbus.step(now_us);
  powerMonitor.step(now_us);
  return finish(now_us, more);
}

function finish(now_us: u64, more: bool): u64 {
  const moreTyped = shell.step(now_us);
  settings.save(now_us);
  // An erase stands still for long: while nothing is on, and nobody is about to switch it on.
  if (settings.eraseAheadWanted() && power.isQuiet(now_us)) settings.eraseAhead();
  if (more || moreTyped) return now_us;
  return min(min(power.deadline_us(), powerMonitor.deadline_us()), settings.deadline_us());
}
