/** Which quantities this board measures, how the console names them, and where the converter has them. */
import { MEASURED, QUANTITY_CHANNEL, QUANTITY_NAME } from "../generated/board";
import { QUANTITY_UNIT } from "../generated/vocabulary";

export function nameOf(quantity: i32): string {
  return unchecked(QUANTITY_NAME[quantity]);
}

export function unitOf(quantity: i32): string {
  return unchecked(QUANTITY_UNIT[quantity]);
}

/** The converter's channel for it; -1 if this board does not measure it, or computes it. */
export function channelOf(quantity: i32): i32 {
  return unchecked(QUANTITY_CHANNEL[quantity]);
}

export function isMeasured(quantity: i32): bool {
  return ((MEASURED >> quantity) & 1) != 0;
}
