/**
 * Mistakes of the user, builds and boards that do not serve, and failures of the bus: they are shown as they
 * are, without a stack.
 */

import { SmbusError } from "../../client/bus.ts";
import { LinearError } from "../../client/linear.ts";
import { ProbeError } from "../../client/pmbus-probe.ts";
import { ValueError } from "../../client/values.ts";
import { Uf2Error } from "../../simulator/chip/memory/uf2.ts";
import { UnfitBoardError } from "../../simulator/slot/slot.ts";
import { BuildError } from "../../simulator/tools/build-directory.ts";
import { VcdError } from "../../simulator/tools/vcd.ts";
import { UsageError } from "../usage-error.ts";

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
