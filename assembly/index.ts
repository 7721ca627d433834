/**
 * The logic of a slot, as the host sees it: one call at the start, one for every bundle of events.
 * Everything that happens follows from here; what each part does is in the file of its name.
 */
import * as bootLog from "./boot-log";
import { CONTRACT_VERSION, time_us } from "./generated/abi";
import * as power from "./power";
import * as shell from "./shell";

/** The contract this module was made for; the host loads no other. */
export function contract_version(): u32 {
  return CONTRACT_VERSION;
}

/** Called once. Returns when `handle` is wanted at the latest, in time_us. */
export function start(): u64 {
  const now_us = time_us();
  shell.start(now_us);
  power.start(now_us);
  return finish(now_us);
}

/**
 * One pass. The events say what may have changed; each part looks for itself, which costs little and
 * misses nothing.
 */
export function handle(_events: u32): u64 {
  const now_us = time_us();
  bootLog.capture();
  power.step(now_us);
  return finish(now_us);
}

function finish(now_us: u64): u64 {
  const more = shell.step(now_us);
  return more ? now_us : power.deadline_us();
}
