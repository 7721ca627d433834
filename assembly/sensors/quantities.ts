/**
 * The quantities that this board measures: their names and units on the console, and their channels of the
 * converter.
 */
import { CHANNEL_QUANTITY, MEASURED, QUANTITY_CHANNEL, QUANTITY_NAME } from "../generated/board";
import { QUANTITY_UNIT } from "../generated/vocabulary";

export function nameOf(quantity: i32): string {
  return unchecked(QUANTITY_NAME[quantity]);
}

export function unitOf(quantity: i32): string {
  return unchecked(QUANTITY_UNIT[quantity]);
}

/**
 * The converter's channel of a quantity. It is -1 if the board does not measure the quantity, or computes it.
 */
export function channelOf(quantity: i32): i32 {
  return unchecked(QUANTITY_CHANNEL[quantity]);
}

/** The quantity that a channel of the converter measures, or -1. */
export function quantityOn(channel: i32): i32 {
  return unchecked(CHANNEL_QUANTITY[channel]);
}

/** True if the board measures or computes the quantity. */
export function isMeasured(quantity: i32): bool {
  return ((MEASURED >> quantity) & 1) != 0;
}
