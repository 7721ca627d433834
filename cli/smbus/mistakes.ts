/**
 * The errors that a run expects: mistakes of the user, builds and boards that cannot be used, failures of the
 * bus. Their messages are shown without a stack.
 */

import { LinearError, ProbeError, SmbusError, ValueError } from "@racklet/client";
import { Uf2Error } from "../../simulator/chip/memory/uf2.ts";
import { ServedSlotLostError } from "../../simulator/serve/client.ts";
import { RequestError } from "../../simulator/serve/protocol.ts";
import { UnfitBoardError } from "../../simulator/slot/slot.ts";
import { BuildError } from "../../simulator/tools/build-directory.ts";
import { VcdError } from "../../simulator/tools/vcd.ts";
import { UsageError } from "../usage-error.ts";
import { BusUnusableError } from "./linux-errors.ts";

const ORDINARY = [
  UsageError,
  SmbusError,
  BusUnusableError,
  ServedSlotLostError,
  RequestError,
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
