/**
 * Shows power faults in the PMBus status registers, and converts the reason and rail of the last fault to the
 * numbers of MFR_LAST_FAULT.
 */
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

/** `lastFault.changes` when the registers were last updated. */
let seen: u32 = 0;
let wasLatched: bool = false;
let brownOuts: u32 = 0;

/** Faults from before the start of the target do not set status bits. */
export function startFaults(): void {
  seen = lastFault.changes;
  wasLatched = power.isLatched();
}

/** The FAULT_REASON of a reason. It is NONE for a reason that is no fault. */
export function faultReason(reason: Reason): u32 {
  return unchecked(FAULT_OF_REASON[reason]);
}

/** The page of the last fault. It is 0 for input voltage and temperature, which all rails share. */
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

/** Sets the status bits of a new power fault in the registers of its page, and those of input faults. */
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
    default: // telemetry.ts sets the bits of limits
      break;
  }
}
