/**
 * What can go wrong in the world outside the chip, by name, for tests and for `--fault`. Faults of rails and
 * sensors have the names of the board's: "pg-5v-lost" for the rail 5V, "vin-sensor-open" for the sensor VIN.
 */
import type { Board } from "../../boards/board.ts";
import { computeRail } from "../../boards/quantities.ts";
import { nearest } from "../../cli/nearest.ts";
import { UsageError } from "../../cli/usage-error.ts";
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

/** What the faults of a board are made of. */
export type FaultyBoard = Pick<Board, "rails" | "sensors">;

type Table = Readonly<Record<string, Fault>>;

function sensorFaults({ sensors }: FaultyBoard): Table {
  const entries = Object.keys(sensors).flatMap((name) =>
    SENSOR_FAULT_KINDS.map((kind): [string, Fault] => [
      `${lowerCase(name)}-sensor-${kind}`,
      {
        description: `the ${name} sensor ${SENSOR_WORDS[kind]}, 3 s after power-good`,
        mishap: threeSecondsOn((slot) => slot.sensors.fault(name, { kind })),
      },
    ]),
  );
  return Object.fromEntries(entries);
}

/** Of one rail's power-good, by the end of the fault's name. */
const POWER_GOOD_FAULTS: Readonly<
  Record<string, { readonly what: string; readonly supply: (timeoutMs: number) => SupplyFault }>
> = {
  never: { what: "never reports power-good", supply: () => ({ neverGood: true }) },
  late: {
    what: "reports power-good only after the board's time-out",
    supply: (timeoutMs) => ({ lateMs: timeoutMs + LATE_BY_MS }),
  },
  lost: { what: "trips 3 s after power-good", supply: () => ({ lostAfterMs: LOST_AFTER_MS }) },
  glitch: {
    what: "reports power-good with a gap of 50 us, 3 s after it came",
    supply: () => ({ glitch: { afterMs: LOST_AFTER_MS, durationUs: 50 } }),
  },
};

function railFaults({ rails }: FaultyBoard): Table {
  const entries = rails.flatMap(({ name }) =>
    Object.entries(POWER_GOOD_FAULTS).map(([kind, { what, supply }]): [string, Fault] => [
      `pg-${lowerCase(name)}-${kind}`,
      { description: `the supply ${name} ${what}`, rail: { name, supply } },
    ]),
  );
  return Object.fromEntries(entries);
}

/** The load is on the rail that feeds the compute board. */
function loadFaults({ rails }: FaultyBoard): Table {
  const rail = rails[computeRail(rails)];
  if (rail === undefined) return {};
  return {
    [`short-${lowerCase(rail.name)}`]: {
      description: `the supply ${rail.name} is shorted 3 s after power-good`,
      mishap: threeSecondsOn(({ load }) => load.short()),
    },
    [`overload-${lowerCase(rail.name)}`]: {
      description: "the compute board draws 4.2 A from 3 s after power-good on",
      mishap: threeSecondsOn(({ load }) => load.riseTo(OVERLOAD_MA, OVERLOAD_RISE_MS)),
    },
  };
}

/** Names of rails and sensors as a command line has them: "3V3_AUX" is 3v3-aux. */
function lowerCase(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/** Of every board. */
const COMMON: Table = {
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
    description: "the compute board overloads its supply when its kernel starts",
    compute: "brown-out",
  },
  absent: { description: "no compute board is plugged in", absent: true },
  "compute-removed": {
    description: "the compute board is pulled out 3 s after power-good",
    mishap: threeSecondsOn(({ compute }) => compute.unplug()),
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
};

/** Everything that can go wrong with a slot of this board, by name. */
export function faultsOf(board: FaultyBoard): Table {
  return { ...railFaults(board), ...COMMON, ...loadFaults(board), ...sensorFaults(board) };
}

/** Throws a UsageError that says which name was probably meant. */
export function faultNamed(name: string, board: FaultyBoard): Fault {
  const faults = faultsOf(board);
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  if (fault === undefined) throw unknownFault(name, Object.keys(faults));
  return fault;
}

function unknownFault(name: string, known: readonly string[]): UsageError {
  return new UsageError(
    `unknown fault "${name}", nearest is "${nearest(name, known)}"; known faults: ${known.join(", ")}`,
  );
}

const OF_A_RAIL = /^(pg-.+-(never|late|lost|glitch)|(short|overload)-.+)$/;

/**
 * The name, if some board may have such a fault, for the check before the board is built. Throws a UsageError
 * that names the nearest fault of `example` otherwise.
 */
export function possibleFault(name: string, example: FaultyBoard): string {
  const ofSensor = SENSOR_FAULT_KINDS.some((kind) => name.endsWith(`-sensor-${kind}`));
  if (Object.hasOwn(COMMON, name) || OF_A_RAIL.test(name) || ofSensor) return name;
  throw unknownFault(name, Object.keys(faultsOf(example)));
}
