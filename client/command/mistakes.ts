/**
 * Mistakes of the user, builds and boards that do not serve, and failures of the bus: they are shown as they
 * are, without a stack.
 */
import { BuildError } from "../../simulator/build-directory.ts";
import { Uf2Error } from "../../simulator/chip/uf2.ts";
import { UnfitBoardError } from "../../simulator/slot.ts";
import { UsageError } from "../../simulator/start/options.ts";
import { VcdError } from "../../simulator/vcd.ts";
import { SmbusError } from "../bus.ts";
import { LinearError } from "../linear.ts";
import { ProbeError } from "../pmbus-probe.ts";
import { ValueError } from "../values.ts";

const ORDINARY = [
  UsageError,
  SmbusError,
  ValueError,
  LinearError,
  ProbeError,
  BuildError,
  Uf2Error,
  UnfitBoardError,
  VcdError,
];

export function isOrdinary(error: unknown): error is Error {
  return ORDINARY.some((kind) => error instanceof kind);
}
