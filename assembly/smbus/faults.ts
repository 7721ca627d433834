/** Power faults as the status registers tell them, and as numbers on the bus. */
import {
  FAULT_REASON_LIMIT,
  FAULT_REASON_NONE,
  FAULT_REASON_OVERCURRENT,
  FAULT_REASON_POWER_GOOD_LOST,
  FAULT_REASON_POWER_GOOD_STUCK,
  FAULT_REASON_POWER_GOOD_TIMEOUT,
  FAULT_REASON_REMOVED,
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
import * as power from "../power/power";
import { Reason, State } from "../power/states";
import { KINDS } from "../protection/protection";
import { brownOutCount } from "../protection/supervision";
import { Quantity } from "../sensors/quantities";
import { Register, set } from "./status";
import { pageOf } from "./telemetry";

let seen: u32 = 0;
let wasLatched: bool = false;
let brownOuts: u32 = 0;

/** Faults from before are no news. */
export function startFaults(): void {
  seen = power.faultChanges();
  wasLatched = power.isLatched();
}

/** FAULT_REASON of a reason that is a fault; of every other it is NONE. */
export function faultReason(reason: Reason): u32 {
  switch (reason) {
    case Reason.PowerGoodTimeout:
      return FAULT_REASON_POWER_GOOD_TIMEOUT;
    case Reason.PowerGoodLost:
      return FAULT_REASON_POWER_GOOD_LOST;
    case Reason.PowerGoodStuck:
      return FAULT_REASON_POWER_GOOD_STUCK;
    case Reason.Removed:
      return FAULT_REASON_REMOVED;
    case Reason.Overcurrent:
      return FAULT_REASON_OVERCURRENT;
    case Reason.LimitExceeded:
      return FAULT_REASON_LIMIT;
    default:
      return FAULT_REASON_NONE;
  }
}

/** The page the last fault is about; 0 for input voltage and temperature, which both supplies share. */
export function faultPage(): u32 {
  switch (power.lastFaultReason()) {
    case Reason.Start:
      return 0;
    case Reason.LimitExceeded:
      return power.lastFaultLimit() / KINDS == Quantity.V3v3 ? 1 : 0;
    default:
      return pageOf(power.lastFaultRail());
  }
}

/** A new power fault shows in the registers of the page it is about; what is wrong with the input as well. */
export function noteFaults(): void {
  if (brownOutCount() != brownOuts) set(Register.Input, STATUS_INPUT_VIN_UV_FAULT);
  brownOuts = brownOutCount();
  if (power.state() == State.NoInput) set(Register.Input, STATUS_INPUT_LOW_VIN);
  const isLatched = power.isLatched();
  if (isLatched && !wasLatched) set(Register.Slot, STATUS_MFR_SPECIFIC_LATCHED);
  wasLatched = isLatched;
  if (power.faultChanges() == seen) return;
  seen = power.faultChanges();
  const vout = faultPage() == 0 ? Register.Vout0 : Register.Vout1;
  const isRemoval = power.lastFaultReason() == Reason.Removed;
  set(Register.Slot, isRemoval ? STATUS_MFR_SPECIFIC_REMOVED : STATUS_MFR_SPECIFIC_POWER_FAULT);
  switch (power.lastFaultReason()) {
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
