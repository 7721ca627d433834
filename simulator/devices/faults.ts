/**
 * What can go wrong in the world outside the chip, by name, for tests and for `--fault`. Faults of rails and
 * sensors have the names of the board's: "pg-5v-lost" for the rail 5V, "vin-sensor-open" for the sensor VIN.
 */
import type { Board } from "../../boards/board.ts";
import { computeRail } from "../../boards/quantities.ts";
import { didYouMean } from "../../cli/nearest.ts";
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

export interface Mishap {
  /** Time from the moment at which the compute board's supply has come up first, with `--fault`. */
  readonly afterMs: number;
  readonly happens: (slot: FaultTargets) => void;
  readonly takenBack: (slot: FaultTargets) => void;
  /** The mishap is over by itself after this time. */
  readonly lastsMs?: number;
}

export interface Fault {
  readonly description: string;
  /** What the fault acts on: two faults of the same part exclude each other. */
  readonly part: string;
  /** Happens once. */
  readonly mishap?: Mishap;
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
/** The inrush of a USB device: its 10 uF, and as much again. */
const INRUSH_MA = 6000;
const INRUSH_MS = 0.015;
/** Below the board's fault limit, above what the converters need. */
const BROWN_OUT_MV = 8000;
const BROWN_OUT_MS = 500;
const INPUT_GONE_MS = 1000;

type Act = Mishap["happens"];

const threeSecondsOn = (happens: Act, takenBack: Act): Mishap => ({
  afterMs: LOST_AFTER_MS,
  happens,
  takenBack,
});
/** For a mishap that leaves nothing behind: a reboot is over when it has happened. */
const stays: Act = () => undefined;
const HALTED_PART = "the HALTED pin";
const FEED_PART = "the source outside the slot";
/** The part that `npm run slot -- supply` changes too. */
export const INPUT_PART = "the input";
/** The part that `npm run slot -- load` changes too. */
export const LOAD_PART = "the load";
/** The part that `npm run slot -- board` moves too. */
export const PLUG_PART = "the compute board's plug";

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
        description: `the ${name} sensor ${SENSOR_WORDS[kind]}`,
        part: `the ${name} sensor`,
        mishap: threeSecondsOn(
          ({ sensors }) => sensors.fault(name, { kind }),
          ({ sensors }) => sensors.mend(name),
        ),
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
      // The faults of one power-good add up.
      { description: `the supply ${name} ${what}`, part: `${kind} of ${name}`, rail: { name, supply } },
    ]),
  );
  return Object.fromEntries(entries);
}

/** The load is on the rail that feeds the compute board. */
function loadFaults({ rails }: FaultyBoard): Table {
  const rail = rails[computeRail(rails)];
  if (rail === undefined) return {};
  const fed = (mv: number, keepsPowerGood = false): Fault["rail"] => ({
    name: rail.name,
    supply: () => ({ fed: { mv, keepsPowerGood } }),
  });
  return {
    "fed-1v5": {
      description: `the supply ${rail.name} has 1.5 V from outside, as from HDMI`,
      part: FEED_PART,
      rail: fed(1500),
    },
    "fed-4v3": {
      description: `the supply ${rail.name} has 4.3 V from outside, as from USB through a diode`,
      part: FEED_PART,
      rail: fed(4300),
    },
    "fed-4v3-good": {
      description: `the supply ${rail.name} has 4.3 V from outside, and its power-good stays asserted`,
      part: FEED_PART,
      rail: fed(4300, true),
    },
    [`short-${lowerCase(rail.name)}`]: {
      description: `the supply ${rail.name} is shorted`,
      part: "the output",
      mishap: threeSecondsOn(
        ({ load }) => load.short(),
        ({ load }) => load.clearShort(),
      ),
    },
    "usb-plug": {
      description: "a USB device is plugged in at the compute board: 6 A for 15 us",
      part: LOAD_PART,
      mishap: {
        ...threeSecondsOn(
          ({ load }) =>
            load.steps([
              { afterMs: 0, ma: INRUSH_MA },
              { afterMs: INRUSH_MS, ma: null },
            ]),
          ({ load }) => load.override(null),
        ),
        lastsMs: INRUSH_MS,
      },
    },
    [`overload-${lowerCase(rail.name)}`]: {
      description: "the compute board draws 4.2 A",
      part: LOAD_PART,
      mishap: threeSecondsOn(
        ({ load }) => load.riseTo(OVERLOAD_MA, OVERLOAD_RISE_MS),
        ({ load }) => load.override(null),
      ),
    },
  };
}

/** Names of rails and sensors as a command line has them: "3V3_AUX" is 3v3-aux. */
function lowerCase(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

function inputFault(description: string, mv: number, lastsMs: number): Fault {
  const happens: Act = ({ input }) => {
    input.setSource(mv);
    input.plan([{ afterMs: lastsMs, mv: input.nominalMv }]);
  };
  const mishap = { ...threeSecondsOn(happens, ({ input }) => input.restore()), lastsMs };
  return { description, part: INPUT_PART, mishap };
}

/** Of every board. */
const COMMON: Table = {
  "never-halts": {
    description: "the compute OS begins to shut down and hangs on the way",
    part: "never-halts",
    compute: "never-halts",
  },
  "never-prints": {
    description: "the compute board boots without printing anything",
    part: "never-prints",
    compute: "never-prints",
  },
  garbage: {
    description: "the compute board's console sends wrong baud rates, bad frames, breaks and random bytes",
    part: "garbage",
    compute: "garbage",
  },
  "brown-out": {
    description: "the compute board overloads its supply when its kernel starts",
    part: "brown-out",
    compute: "brown-out",
  },
  "halted-pull-up": {
    description: "HALTED is high for 12 ms after each reset of the board, and its OS reboots",
    part: HALTED_PART,
    compute: "halted-pull-up",
    mishap: threeSecondsOn(({ compute }) => compute.reboot(), stays),
  },
  "halted-pull-up-long": {
    description: "HALTED is high from each reset of the board until its kernel has started, and it reboots",
    part: HALTED_PART,
    compute: "halted-pull-up-long",
    mishap: threeSecondsOn(({ compute }) => compute.reboot(), stays),
  },
  absent: { description: "no compute board is plugged in", part: PLUG_PART, absent: true },
  "compute-removed": {
    description: "the compute board is pulled out",
    part: PLUG_PART,
    mishap: threeSecondsOn(
      ({ compute }) => compute.unplug(),
      ({ compute }) => compute.plug(),
    ),
  },
  "input-fails": inputFault("the slot's input fails for a second", 0, INPUT_GONE_MS),
  "input-brown-out": inputFault("the slot's input sags to 8 V for half a second", BROWN_OUT_MV, BROWN_OUT_MS),
};

/** Everything that can go wrong with a slot of this board, by name. */
export function faultsOf(board: FaultyBoard): Table {
  return { ...railFaults(board), ...COMMON, ...loadFaults(board), ...sensorFaults(board) };
}

/** The description with the time at which the fault comes with `--fault`. */
export function withTime({ description, mishap }: Fault): string {
  return mishap ? `${description}, ${mishap.afterMs / 1000} s after power-good` : description;
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
    `unknown fault "${name}"; known faults: ${known.join(", ")}${didYouMean(name, known)}`,
  );
}

const OF_A_RAIL = /^(pg-.+-(never|late|lost|glitch)|(short|overload)-.+|fed-(1v5|4v3|4v3-good)|usb-plug)$/;

/**
 * The name, if some board may have such a fault, for the check before the board is built. Throws a UsageError
 * that names the faults of `example` otherwise.
 */
export function possibleFault(name: string, example: FaultyBoard): string {
  const ofSensor = SENSOR_FAULT_KINDS.some((kind) => name.endsWith(`-sensor-${kind}`));
  if (Object.hasOwn(COMMON, name) || OF_A_RAIL.test(name) || ofSensor) return name;
  throw unknownFault(name, Object.keys(faultsOf(example)));
}
