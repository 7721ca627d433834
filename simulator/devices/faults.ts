/** The faults of the world outside the chip, by name, for tests and for `--fault`. */
import { nearest } from "../../cli/nearest.ts";
import type { ComputeBoard, ComputeFault } from "./compute/compute-board.ts";
import { SENSOR_FAULT_KINDS, type SensorFault, type Sensors } from "./sensors.ts";
import type { InputSupply } from "./supply/input-supply.ts";
import type { SupplyFault } from "./supply/power-good.ts";
import type { RailLoad } from "./supply/rail-load.ts";

/** The parts of a slot that a fault can act on while the slot runs. */
export interface FaultTargets {
  readonly input: InputSupply;
  readonly load: RailLoad;
  readonly compute: ComputeBoard;
  readonly sensors: Sensors;
}

export interface Fault {
  readonly description: string;
  /** Happens once, this long after the compute board's supply has come up for the first time. */
  readonly mishap?: { readonly afterMs: number; readonly happens: (slot: FaultTargets) => void };
  readonly rail?: { readonly name: string; readonly supply: (powerGoodTimeoutMs: number) => SupplyFault };
  readonly compute?: ComputeFault;
  readonly absent?: boolean;
}

/** Later than the board's time-out, but power-good does come. */
const LATE_BY_MS = 50;
/** A moment in the middle of a boot. */
const LOST_AFTER_MS = 3000;
/** Above the board's fault limit, below the supply's own current limit. */
const OVERLOAD_MA = 4200;
const OVERLOAD_RISE_MS = 500;
/** Below the board's fault limit, above what the converters need. */
const BROWN_OUT_MV = 8000;
const BROWN_OUT_MS = 500;
const INPUT_GONE_MS = 1000;

const threeSecondsOn = (happens: (slot: FaultTargets) => void) => ({ afterMs: LOST_AFTER_MS, happens });

const SENSOR_WORDS: Record<SensorFault["kind"], string> = {
  stuck: "brings the same code for ever",
  shorted: "is shorted to ground",
  open: "has a broken wire and floats up",
  noisy: "picks up noise of 300 mV",
};

/** The sensors of the reference board; another board has those of them that it names alike. */
const SENSORS = ["VIN", "V5", "I5", "V3V3", "TEMPERATURE"] as const;

type SensorFaultName = `${Lowercase<(typeof SENSORS)[number]>}-sensor-${SensorFault["kind"]}`;

/** Does nothing on a board without that sensor. */
function sensorFault(name: string, kind: SensorFault["kind"]): Fault {
  return {
    description: `the ${name} sensor ${SENSOR_WORDS[kind]}, 3 s after power-good`,
    mishap: threeSecondsOn(({ sensors }) => {
      if (sensors.names.includes(name)) sensors.fault(name, { kind });
    }),
  };
}

const SENSOR_TABLE = Object.fromEntries(
  SENSORS.flatMap((name) =>
    SENSOR_FAULT_KINDS.map((kind) => [`${name.toLowerCase()}-sensor-${kind}`, sensorFault(name, kind)]),
  ),
) as Record<SensorFaultName, Fault>;

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
  "compute-removed": {
    description: "the compute board is pulled out 3 s after power-good",
    mishap: threeSecondsOn(({ compute }) => compute.unplug()),
  },
  "short-5v": {
    description: "the 5 V supply is shorted 3 s after power-good",
    mishap: threeSecondsOn(({ load }) => load.short()),
  },
  "overload-5v": {
    description: "the compute board draws 4.2 A from 3 s after power-good on",
    mishap: threeSecondsOn(({ load }) => load.riseTo(OVERLOAD_MA, OVERLOAD_RISE_MS)),
  },
  "input-fails": {
    description: "the slot's input fails 3 s after power-good, for a second",
    mishap: threeSecondsOn(({ input }) => {
      input.fail();
      input.plan([{ afterMs: INPUT_GONE_MS, mv: input.nominalMv }]);
    }),
  },
  "input-brown-out": {
    description: "the slot's input sags to 8 V 3 s after power-good, for half a second",
    mishap: threeSecondsOn(({ input }) => {
      input.setSource(BROWN_OUT_MV);
      input.plan([{ afterMs: BROWN_OUT_MS, mv: input.nominalMv }]);
    }),
  },
  ...SENSOR_TABLE,
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof TABLE;

export const FAULT_NAMES = Object.keys(TABLE) as FaultName[];

export function faultNamed(name: FaultName): Fault {
  return TABLE[name];
}

/**
 * Returns the name as a fault's name. Throws an Error that suggests the nearest name if there is no such
 * fault.
 */
export function parseFaultName(name: string): FaultName {
  if (Object.hasOwn(TABLE, name)) return name as FaultName;
  throw new Error(
    `unknown fault "${name}", nearest is "${nearest(name, FAULT_NAMES)}"; known faults: ${FAULT_NAMES.join(", ")}`,
  );
}
