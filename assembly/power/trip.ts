/**
 * The fast over-current path. In the converter's interrupt, the host compares the current of the compute rail
 * with its limit and switches the outputs off by itself. This file arms the path and reads what it did.
 *
 * Arming also ends an earlier trip. A trip just before the arming would be lost, and so this file compares
 * the host's count of trips before and after.
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
/** The host's count of trips, since power-on of the BMC, at the last look. */
let tripsSeen: u32 = 0;
/** A trip came while the path was being armed. */
let hasMissed: bool = false;

function word(field: i32): u32 {
  return load<u32>(trip + ((<usize>field) << 2));
}

/** Reads the host's record. True while a trip holds the outputs off. */
export function hasTripped(): bool {
  trip_read(trip);
  tripsSeen = word(TRIP_TRIPS);
  return word(TRIP_TRIPPED) != 0;
}

/** The time of the trip that the last `hasTripped` read. */
export function tripped_us(): u64 {
  return ((<u64>word(TRIP_AT_US_HIGH)) << 32) | word(TRIP_AT_US_LOW);
}

/** The current that caused that trip, in mA. */
export function tripCurrent_ma(): i32 {
  return milliOfCode(Quantity.Iout, word(TRIP_CODE));
}

/** From now on the host switches the compute rail and COMPUTE_RUN off at OVERCURRENT_MA or more. */
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
