/**
 * The fast over-current path as the logic sees it: the host watches the current of the compute rail in the
 * converter's interrupt and switches the outputs off by itself. This file arms it, and finds out what it did.
 *
 * Arming switches the outputs free again. So a trip between the last look and the arming would go unnoticed,
 * if the host did not count its trips.
 */
import {
  overcurrent_arm,
  SIGNAL_COMPUTE_RUN,
  TRIP_AT_US_HIGH,
  TRIP_AT_US_LOW,
  TRIP_CODE,
  TRIP_TRIPPED,
  TRIP_TRIPS,
  TRIP_WORDS,
  trip_read,
} from "../generated/abi";
import { COMPUTE_RAIL, OVERCURRENT_MA, OVERCURRENT_ROUNDS, RAIL_ENABLE } from "../generated/board";
import { Quantity } from "../generated/vocabulary";
import { codeOf, milliOfCode } from "../sensors/converter";
import { channelOf, isMeasured } from "../sensors/quantities";

const trip: usize = memory.data(TRIP_WORDS * 4, 4);
/** Trips since power-on of the BMC at the last look, and whether one came while the path was being armed. */
let tripsSeen: u32 = 0;
let hasMissed: bool = false;

function word(field: i32): u32 {
  return load<u32>(trip + ((<usize>field) << 2));
}

/** Looks at the host's record. True while a trip holds the outputs off. */
export function hasTripped(): bool {
  trip_read(trip);
  tripsSeen = word(TRIP_TRIPS);
  return word(TRIP_TRIPPED) != 0;
}

/** When the trip of the last look came. */
export function tripped_us(): u64 {
  return ((<u64>word(TRIP_AT_US_HIGH)) << 32) | word(TRIP_AT_US_LOW);
}

/** The current that decided it. */
export function tripCurrent_ma(): i32 {
  return milliOfCode(Quantity.Iout, word(TRIP_CODE));
}

/** From now on the host switches the compute rail and COMPUTE_RUN off at OVERCURRENT_MA. */
export function arm(): void {
  if (!isMeasured(Quantity.Iout)) return;
  const before = tripsSeen;
  const supply = SIGNAL_COMPUTE_RUN | unchecked(RAIL_ENABLE[COMPUTE_RAIL]);
  const code = codeOf(Quantity.Iout, OVERCURRENT_MA);
  overcurrent_arm(channelOf(Quantity.Iout), code, OVERCURRENT_ROUNDS, supply);
  hasTripped();
  hasMissed = tripsSeen != before;
}

export function disarm(): void {
  if (isMeasured(Quantity.Iout)) overcurrent_arm(channelOf(Quantity.Iout), 0, 0, 0);
}

/** True once after a trip that came while the path was being armed. */
export function takeMissed(): bool {
  const missed = hasMissed;
  hasMissed = false;
  return missed;
}
