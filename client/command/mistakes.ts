/** Mistakes of the user and failures of the bus: they are shown as they are, without a stack. */
import { UsageError } from "../../simulator/start/options.ts";
import { VcdError } from "../../simulator/vcd.ts";
import { SmbusError } from "../bus.ts";
import { ProbeError } from "../pmbus-probe.ts";
import { ValueError } from "../values.ts";

const ORDINARY = [UsageError, SmbusError, ValueError, ProbeError, VcdError, RangeError];

export function isOrdinary(error: unknown): error is Error {
  return ORDINARY.some((kind) => error instanceof kind);
}
