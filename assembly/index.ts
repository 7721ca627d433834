/**
 * The logic of a slot, as the host sees it: one call at the start, one for every bundle of events.
 * Everything that happens follows from here; what each part does is in the file of its name.
 */
import * as bootLog from "./boot-log";
import { CONTRACT_VERSION, time_us } from "./generated/abi";
import * as power from "./power";
import * as report from "./report";
import * as shell from "./shell";
import * as smbus from "./smbus/target";

/** The contract this module was made for; the host loads no other. */
export function contract_version(): u32 {
  return CONTRACT_VERSION;
}

/** Called once. Returns when `handle` is wanted at the latest, in time_us. */
export function start(): u64 {
  const now_us = time_us();
  shell.start(now_us);
  power.start(now_us);
  smbus.start(now_us, report.resetCause(), report.uniqueId());
  return finish(time_us(), false); // much was done since, and somebody may have typed meanwhile
}

/**
 * One pass. The events say what may have changed; each part looks for itself, which costs little and
 * misses nothing.
 */
export function handle(_events: u32): u64 {
  const now_us = time_us();
  bootLog.capture();
  power.step(now_us);
  // Ahead of the console: on the bus a controller may be waiting.
  const more = smbus.step(now_us);
  return finish(now_us, more);
}

function finish(now_us: u64, more: bool): u64 {
  const moreTyped = shell.step(now_us);
  if (more || moreTyped) return now_us;
  return min(power.deadline_us(), smbus.deadline_us());
}
