/** What can go wrong in the world outside the chip, by name, for tests and for `--fault`. */
import { nearest } from "../nearest.ts";
import type { ComputeFault } from "./compute-board.ts";
import type { SupplyFault } from "./supply.ts";

export interface Fault {
  readonly description: string;
  readonly rail?: { readonly name: string; readonly supply: (powerGoodTimeoutMs: number) => SupplyFault };
  readonly compute?: ComputeFault;
  readonly absent?: boolean;
}

/** Later than the board allows, but not never. */
const LATE_BY_MS = 50;
/** In the middle of a boot. */
const LOST_AFTER_MS = 3000;

const TABLE = {
  "pg-3v3-aux-never": {
    description: "the 3.3 V auxiliary supply never reports power-good",
    rail: { name: "3V3_AUX", supply: () => ({ neverGood: true }) },
  },
  "pg-5v-never": {
    description: "the 5 V supply never reports power-good",
    rail: { name: "5V", supply: () => ({ neverGood: true }) },
  },
  "pg-5v-late": {
    description: "the 5 V supply reports power-good only after the board's time-out",
    rail: { name: "5V", supply: (timeoutMs) => ({ lateMs: timeoutMs + LATE_BY_MS }) },
  },
  "pg-5v-lost": {
    description: "the 5 V supply trips 3 s after power-good, in the middle of the boot",
    rail: { name: "5V", supply: () => ({ lostAfterMs: LOST_AFTER_MS }) },
  },
  "pg-3v3-aux-lost": {
    description: "the 3.3 V auxiliary supply trips 3 s after power-good",
    rail: { name: "3V3_AUX", supply: () => ({ lostAfterMs: LOST_AFTER_MS }) },
  },
  "pg-5v-glitch": {
    description: "power-good of the 5 V supply drops out for 50 us, 3 s after it came",
    rail: { name: "5V", supply: () => ({ glitch: { afterMs: LOST_AFTER_MS, durationUs: 50 } }) },
  },
  "never-halts": {
    description: "the compute OS begins to shut down and hangs on the way",
    compute: "never-halts",
  },
  "never-prints": {
    description: "the compute board boots without printing anything",
    compute: "never-prints",
  },
  garbage: {
    description: "the compute board's console sends wrong baud rates, bad frames, breaks and random bytes",
    compute: "garbage",
  },
  "brown-out": {
    description: "the compute board overloads the 5 V supply when its kernel starts",
    compute: "brown-out",
  },
  absent: { description: "no compute board is plugged in", absent: true },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof TABLE;

export const FAULT_NAMES = Object.keys(TABLE) as FaultName[];

export function faultNamed(name: FaultName): Fault {
  return TABLE[name];
}

/** The name as a fault's name, or an Error that says which was probably meant. */
export function parseFaultName(name: string): FaultName {
  if (Object.hasOwn(TABLE, name)) return name as FaultName;
  throw new Error(
    `unknown fault "${name}", nearest is "${nearest(name, FAULT_NAMES)}"; known faults: ${FAULT_NAMES.join(", ")}`,
  );
}
