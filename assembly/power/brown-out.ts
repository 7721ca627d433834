/**
 * The fast brown-out path: the host compares the input with its low fault limit in the converter's interrupt,
 * and raises an event. It does so once for each time it is armed.
 */
import { brownout_arm } from "../generated/abi";
import { BROWN_OUT_US, NO_LIMIT } from "../generated/board";
import { Health, LIMIT_KINDS, LimitKind, Quantity } from "../generated/vocabulary";
import * as supervision from "../protection/supervision";
import { codeOf } from "../sensors/converter";
import { channelOf, isMeasured } from "../sensors/quantities";
import * as sensors from "../sensors/sensors";

/** From one summed round of the converter to the next, with five channels; a little less with fewer. */
const ROUND_US: u32 = 160;
/** The limit that the host watches. */
const LIMIT = Quantity.Vin * LIMIT_KINDS + LimitKind.LowFault;

/** The host has raised its event and watches no longer. */
let isSpent: bool = false;

export function arm(): void {
  if (!isMeasured(Quantity.Vin)) return;
  const limit_mv = supervision.protection.limit(LIMIT);
  const code = limit_mv == NO_LIMIT ? 0 : codeOf(Quantity.Vin, limit_mv);
  brownout_arm(channelOf(Quantity.Vin), code, BROWN_OUT_US / ROUND_US);
}

export function disarm(): void {
  if (isMeasured(Quantity.Vin)) brownout_arm(channelOf(Quantity.Vin), 0, 0);
}

/** The host's event has come. */
export function spend(): void {
  isSpent = true;
}

/**
 * Arms again after an event that changed nothing: the sensor read nonsense, or the input is back above the
 * limit. `isArmed`: the slot is powered, so that there is something to watch for.
 */
export function rearm(isArmed: bool): void {
  if (!isSpent) return;
  if (isArmed) {
    const isPlausible = supervision.healthOf(Quantity.Vin) == Health.Good;
    if (!isPlausible || sensors.windowOf(Quantity.Vin) < supervision.protection.limit(LIMIT)) return;
    arm();
  }
  isSpent = false;
}

/** True for the limit that the host goes by. */
export function watches(limit: i32): bool {
  return limit == LIMIT;
}
