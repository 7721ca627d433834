/** Power faults as the status registers tell them, and as numbers on the bus. */
import { RAIL_PAGE } from "../generated/board";
import {
  STATUS_INPUT_LOW_VIN,
  STATUS_INPUT_VIN_UV_FAULT,
  STATUS_IOUT_IOUT_OC_FAULT,
  STATUS_MFR_SPECIFIC_LATCHED,
  STATUS_MFR_SPECIFIC_POWER_FAULT,
  STATUS_MFR_SPECIFIC_REMOVED,
  STATUS_VOUT_TOFF_MAX_WARNING,
  STATUS_VOUT_TON_MAX_FAULT,
  STATUS_VOUT_VOUT_UV_FAULT,
} from "../generated/smbus";
import { FAULT_OF_REASON, LIMIT_KINDS, QUANTITY_PAGE, Reason, State } from "../generated/vocabulary";
import * as lastFault from "../power/last-fault";
import * as power from "../power/power";
import { brownOutCount } from "../protection/supervision";
import { Register, set, voutRegister } from "./status";

let seen: u32 = 0;
let wasLatched: bool = false;
let brownOuts: u32 = 0;

/** Faults from before are no news. */
export function startFaults(): void {
  seen = lastFault.changes;
  wasLatched = power.isLatched();
}

/** FAULT_REASON of a reason; NONE of a reason that is no fault. */
export function faultReason(reason: Reason): u32 {
  return unchecked(FAULT_OF_REASON[reason]);
}

/** The page the last fault is about; 0 for input voltage and temperature, which all rails share. */
export function faultPage(): u32 {
  switch (lastFault.reason) {
    case Reason.Start:
      return 0;
    case Reason.Limit: {
      const page: i32 = unchecked(QUANTITY_PAGE[lastFault.limit / LIMIT_KINDS]);
      return <u32>max(page, 0);
    }
    default:
      return unchecked(RAIL_PAGE[lastFault.rail]);
  }
}

/** A new power fault shows in the registers of the page it is about; what is wrong with the input as well. */
export function showFaults(): void {
  if (brownOutCount() != brownOuts) set(Register.Input, STATUS_INPUT_VIN_UV_FAULT);
  brownOuts = brownOutCount();
  if (power.state() == State.NoInput) set(Register.Input, STATUS_INPUT_LOW_VIN);
  const isLatched = power.isLatched();
  if (isLatched && !wasLatched) set(Register.Slot, STATUS_MFR_SPECIFIC_LATCHED);
  wasLatched = isLatched;
  if (lastFault.changes == seen) return;
  seen = lastFault.changes;
  const vout = voutRegister(faultPage());
  const isRemoval = lastFault.reason == Reason.Removed;
  set(Register.Slot, isRemoval ? STATUS_MFR_SPECIFIC_REMOVED : STATUS_MFR_SPECIFIC_POWER_FAULT);
  switch (lastFault.reason) {
    case Reason.PowerGoodTimeout:
      set(vout, STATUS_VOUT_TON_MAX_FAULT);
      break;
    case Reason.PowerGoodLost:
      set(vout, STATUS_VOUT_VOUT_UV_FAULT);
      break;
    case Reason.PowerGoodStuck:
      set(vout, STATUS_VOUT_TOFF_MAX_WARNING);
      break;
    case Reason.Overcurrent:
      set(Register.Iout, STATUS_IOUT_IOUT_OC_FAULT);
      break;
    default: // a limit shows by itself, see telemetry.ts
      break;
  }
}
