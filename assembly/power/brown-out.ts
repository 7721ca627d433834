/**
 * The fast brown-out path. In the converter's interrupt, the host compares the input voltage with its low
 * fault limit and raises an event. Each arming gives one event, so this file arms the path again.
 */
import { brownout_arm } from "../generated/abi";
import { BROWN_OUT_US, NO_LIMIT } from "../generated/board";
import { Health, LIMIT_KINDS, LimitKind, Quantity } from "../generated/vocabulary";
import * as supervision from "../protection/supervision";
import { codeOf } from "../sensors/converter";
import { channelOf, isMeasured } from "../sensors/quantities";
import * as sensors from "../sensors/sensors";

/** Time between two summed rounds of the converter with five channels. Fewer channels take a little less. */
const ROUND_US: u32 = 160;
/** Index of the limit that the host watches (see protection.ts). */
const LIMIT = Quantity.Vin * LIMIT_KINDS + LimitKind.LowFault;

/** The host has raised its event, and so it no longer watches the input. */
let isTriggered: bool = false;

/** From now on the host watches the input. Without a limit or an input sensor it watches nothing. */
export function arm(): void {
  if (!isMeasured(Quantity.Vin)) return;
  const limit_mv = supervision.protection.limit(LIMIT);
  const code = limit_mv == NO_LIMIT ? 0 : codeOf(Quantity.Vin, limit_mv);
  brownout_arm(channelOf(Quantity.Vin), code, BROWN_OUT_US / ROUND_US);
}

export function disarm(): void {
  if (isMeasured(Quantity.Vin)) brownout_arm(channelOf(Quantity.Vin), 0, 0);
}

/** Takes note of the host's event: the path is no longer armed. */
export function setTriggered(): void {
  isTriggered = true;
}

/**
 * Arms the path again after an event that had no effect, because the sensor is faulty or the input is back
 * above its limit. `isArmed` is true while the slot is powered. If it is not, only the event is forgotten.
 */
export function rearm(isArmed: bool): void {
  if (!isTriggered) return;
  if (isArmed) {
    const isPlausible = supervision.healthOf(Quantity.Vin) == Health.Good;
    if (!isPlausible || sensors.windowOf(Quantity.Vin) < supervision.protection.limit(LIMIT)) return;
    arm();
  }
  isTriggered = false;
}

/** True for the index of the limit that the host compares with. */
export function watches(limit: i32): bool {
  return limit == LIMIT;
}
