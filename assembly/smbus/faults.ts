/** Power faults as the status registers tell them. */
import {
  STATUS_MFR_SPECIFIC_POWER_FAULT,
  STATUS_MFR_SPECIFIC_REMOVED,
  STATUS_VOUT_TOFF_MAX_WARNING,
  STATUS_VOUT_TON_MAX_FAULT,
  STATUS_VOUT_VOUT_UV_FAULT,
} from "../generated/smbus";
import * as power from "../power";
import { Reason } from "../sequencer";
import { Register, set } from "./status";
import { pageOf } from "./telemetry";

let seen: u32 = 0;

/** Faults from before are no news. */
export function startFaults(): void {
  seen = power.faultCount();
}

/** A new power fault shows in the registers of the page it is about. */
export function noteFaults(): void {
  if (power.faultCount() == seen) return;
  seen = power.faultCount();
  const onPage0 = pageOf(power.lastFaultRail()) == 0;
  const vout = onPage0 ? Register.Vout0 : Register.Vout1;
  set(Register.Slot, STATUS_MFR_SPECIFIC_POWER_FAULT);
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
    default:
      set(Register.Slot, STATUS_MFR_SPECIFIC_REMOVED);
      break;
  }
}
