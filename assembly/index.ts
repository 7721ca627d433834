/**
 * The entry points of a slot's logic. The host calls `start` once, and `handle` for each set of events or
 * when the time that the last call returned has come. Both call the parts of the logic in order of urgency.
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

/**
 * The version of the contract that this module was built for. The host loads only a module of its own
 * version.
 */
export function contract_version(): u32 {
  return CONTRACT_VERSION;
}

/** Starts all parts. Returns the time in us at which `handle` must be called at the latest. */
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
  return finish(time_us(), false); // the start takes long enough for deadlines to pass, so time is read again
}

/**
 * One pass, with the events since the last one. Each part reads its own inputs, which costs little and misses
 * nothing. Only the power logic looks at `events`, because they alone report the host's fast protection
 * paths. Returns the time in us at which `handle` must be called again at the latest.
 */
export function handle(events: u32): u64 {
  const now_us = time_us();
  power.step(now_us, events); // first, because protection must not wait
  settings.setPowerWanted(power.isWanted());
  bootLog.capture();
  // Before the console, because a controller may be waiting on the bus.
  const more = smbus.step(now_us);
  powerMonitor.step(now_us);
  return finish(now_us, more);
}

function finish(now_us: u64, more: bool): u64 {
  const moreTyped = shell.step(now_us);
  settings.save(now_us);
  // An erase blocks the logic for up to 400 ms, and so it waits until the slot is off and stays off.
  if (settings.eraseAheadWanted() && power.isQuiet(now_us)) settings.eraseAhead();
  if (more || moreTyped) return now_us;
  return min(min(power.deadline_us(), powerMonitor.deadline_us()), settings.deadline_us());
}
