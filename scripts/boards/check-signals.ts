/** Checks a board's signals: names, pins and their functions, levels, resistors. */
import { contract } from "../../abi/contract.ts";
import type { Signal } from "../../abi/contract-schema.ts";
import type { BoardRail, BoardSignal } from "../../boards/board.ts";
import { nearestName } from "../../cli/nearest.ts";
import type { JsonValue } from "./json.ts";
import type { BoardParts } from "./parts.ts";
import { gpiosFor, pinFunctions } from "./pins.ts";
import type { Problem } from "./problem.ts";

const contractSignals: readonly Signal[] = contract.signals;

/** All but those of rails, which have names of their own on each board. */
const commonSignals = contractSignals.map(({ name }) => name).filter((name) => !/^(EN|PG)_RAIL_/.test(name));

/** Names that mean a pin of a peripheral: the function is the same name in lower case. */
const PERIPHERAL_NAMES = ["UART0", "UART1"]
  .flatMap((uart) => [`${uart}_TX`, `${uart}_RX`])
  .concat(["I2C0", "I2C1"].flatMap((bus) => [`${bus}_SDA`, `${bus}_SCL`]));

/**
 * The logic cannot work without these: the compute board's lines, both consoles and the SMBus to the
 * backplane. The rails require further signals. A board may leave out LEDs, slot straps, the sensor bus,
 * and SMBALERT#, which is optional in SMBus.
 */
const REQUIRED = [
  "COMPUTE_RUN",
  "SHUTDOWN_REQ",
  "HALTED",
  "PRESENT",
  "UART0_TX",
  "UART0_RX",
  "UART1_TX",
  "UART1_RX",
  "I2C1_SDA",
  "I2C1_SCL",
];

/**
 * The SMBus to the backplane needs pull-ups on the board. With the RP2040's own, 50 to 80 kOhm, 100 pF take
 * 4 us and more to rise; SMBus allows 1 us.
 */
const BACKPLANE_BUS = "i2c1_";

/** "PRESENT#" on the schematic is PRESENT in the contract. */
export function contractName(signal: string): string {
  return signal.endsWith("#") ? signal.slice(0, -1) : signal;
}

/** A signal that means the same on every board, and so is none of a rail. */
export function isCommonSignal(signal: string): boolean {
  return commonSignals.includes(contractName(signal));
}

function contractSignal(signal: string): Signal | undefined {
  return contractSignals.find(({ name }) => name === contractName(signal));
}

/** A rail as far as signals go. */
type RailSignals = Pick<BoardRail, "enable" | "power_good">;

/** EN_RAIL_n or PG_RAIL_n where the signal is one of a rail's, whatever the board calls it. */
function railSignal(signal: string, rails: readonly RailSignals[]): Signal | undefined {
  const name = contractName(signal);
  const enabled = rails.findIndex(({ enable }) => contractName(enable) === name);
  if (enabled >= 0) return contractSignal(`EN_RAIL_${enabled}`);
  const reported = rails.findIndex(({ power_good }) => contractName(power_good) === name);
  return reported >= 0 ? contractSignal(`PG_RAIL_${reported}`) : undefined;
}

/** What a signal of a board is in the contract; undefined for a pin that belongs to a peripheral. */
export function signalOnBoard(signal: string, rails: readonly RailSignals[]): Signal | undefined {
  return railSignal(signal, rails) ?? contractSignal(signal);
}

export interface UnknownSignal {
  readonly name: string;
  /** The known signal with the most similar name. */
  readonly meant: string | undefined;
  readonly message: string;
  readonly rival?: Problem["rival"];
}

/**
 * Returns the signals that the firmware does not know. `isMisshapen` says whether the shape of an entry is
 * wrong. An entry with an unknown name is reported with any shape, but only a known entry of the right
 * shape is suggested as the name that was meant.
 */
export function unknownSignals(
  signals: JsonValue | undefined,
  rails: JsonValue | undefined,
  isMisshapen: (name: string) => boolean,
): UnknownSignal[] {
  if (!isObject(signals)) return [];
  const claims = claimsOfRails(rails);
  const claimed = claims.filter(({ fitted }) => fitted).map(({ signal }) => signal);
  const isKnown = (name: string, signal: JsonValue) => {
    if (claimed.includes(contractName(name))) return true;
    if (commonSignals.includes(contractName(name)) || PERIPHERAL_NAMES.includes(name)) return true;
    // A pin of the converter may have any name, but for the contract's own, which stand for digital signals.
    const isAnalog = String(isObject(signal) ? signal.function : "").startsWith("adc");
    return isAnalog && contractSignal(name) === undefined;
  };
  const entries = Object.entries(signals);
  const names = entries.map(([name]) => contractName(name));
  const missing = claims.filter(({ fitted, signal }) => fitted && !names.includes(signal));
  const wired = entries
    .filter(([name, signal]) => isKnown(name, signal) && !isMisshapen(name))
    .map(([name]) => name);
  const common = [...commonSignals, ...PERIPHERAL_NAMES];
  const known = [...commonSignals, ...claimed, ...PERIPHERAL_NAMES];
  const areRailsWhole = missing.length === 0 && nameAllTheirSignals(rails);
  const unfitted = feedCompute(rails) ? claims.filter(({ fitted }) => !fitted) : [];
  return entries
    .filter(([name, signal]) => !isKnown(name, signal))
    .flatMap(([name]): UnknownSignal[] => {
      const owner = unfitted.find(({ signal }) => signal === contractName(name));
      if (owner !== undefined) return [signalOfNoRail(name, owner)];
      // As this board writes it, "PRESENT#", before the contract's "PRESENT". A whole signal is no slip in
      // the name of a rail's signal that is there as well.
      const candidates = isMisshapen(name)
        ? [...wired, ...known]
        : [
            ...wired.filter((one) => !claimed.includes(contractName(one))),
            ...common,
            ...missing.map(({ signal }) => signal),
          ];
      const meant = nearestName(name, candidates);
      const claim = missing.find(({ signal }) => signal === meant);
      if (claim !== undefined) return [signalMeantByRail(name, claim)];
      if (meant !== undefined)
        return [{ name, meant, message: `unknown signal ${name}; did you mean ${meant}?` }];
      // It may be that of a rail with a slip, which is reported.
      if (!areRailsWhole && !isMisshapen(name)) return [];
      const allowed =
        `${known.join(", ")}, signals of a rail, and any name in capital letters, digits and _ ` +
        "for adc0 to adc3";
      return [{ name, meant, message: `unknown signal ${name}; allowed: ${allowed}` }];
    });
}

/** Wired for a rail that a derived board took away. */
function signalOfNoRail(name: string, { index, rail }: Claim): UnknownSignal {
  return {
    name,
    meant: undefined,
    message: `is for the rail ${rail}, which this board does not have; allowed: null`,
    rival: {
      path: ["rails", index, "fitted"],
      name: `fitted of ${rail}`,
      message: `is false, but ${name} of the rail ${rail} is still wired; allowed: null for signals.${name} too`,
    },
  };
}

/** A rail and a signal have names that differ a little: one of them is a typing error. */
function signalMeantByRail(name: string, { index, rail, key, signal }: Claim): UnknownSignal {
  return {
    name,
    meant: signal,
    message: `unknown signal ${name}; did you mean ${signal}?`,
    rival: {
      path: ["rails", index, key],
      name: `${key} of ${rail}`,
      message: `is "${signal}", which is missing among the signals of this board; did you mean ${name}?`,
    },
  };
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A signal that a rail names. */
interface Claim {
  /** As in the contract, without #. */
  readonly signal: string;
  /** Of the rail in the list. */
  readonly index: number;
  readonly rail: string;
  readonly key: "enable" | "power_good";
  readonly fitted: boolean;
}

/** The signals that the rails of a file name, as far as it is well-shaped. */
function claimsOfRails(rails: JsonValue | undefined): Claim[] {
  if (!Array.isArray(rails)) return [];
  return rails.flatMap((rail, index) => {
    if (!isObject(rail)) return [];
    return (["enable", "power_good"] as const).flatMap((key) => {
      const name = rail[key];
      if (typeof name !== "string" || isCommonSignal(name)) return [];
      const fitted = rail.fitted !== false;
      return [{ signal: contractName(name), index, rail: String(rail.name), key, fitted }];
    });
  });
}

/** True for rails that leave no doubt which signals are theirs, and of which none is forgotten. */
function nameAllTheirSignals(rails: JsonValue | undefined): boolean {
  const fitted = fittedRails(rails);
  const claimed = new Set(claimsOfRails(fitted).map(({ signal }) => signal));
  return feedCompute(rails) && claimed.size === 2 * fitted.length;
}

function feedCompute(rails: JsonValue | undefined): boolean {
  return fittedRails(rails).some((rail) => isObject(rail) && rail.feeds_compute === true);
}

function fittedRails(rails: JsonValue | undefined): JsonValue[] {
  return Array.isArray(rails) ? rails.filter((rail) => !isObject(rail) || rail.fitted !== false) : [];
}

export function signalProblems(parts: BoardParts): Problem[] {
  const problems: Problem[] = [];
  for (const [name, signal] of parts.signals) {
    const report: Report = (message, key, rival) =>
      problems.push({
        path: key === undefined ? ["signals", name] : ["signals", name, key],
        message,
        ...(rival === undefined ? {} : { rival }),
      });
    checkName(name, signal, report);
    checkPin(name, signal, parts, report);
    checkDirection(signal, report);
    checkLevel(name, signal, report);
    checkResistors(name, signal, parts, report);
  }
  const wired = parts.signalNames.map(contractName);
  for (const name of REQUIRED.filter((required) => !wired.includes(required))) {
    problems.push({ path: ["signals", name], message: "is missing; every board must wire it" });
  }
  return problems;
}

type Report = (message: string, key?: keyof BoardSignal, rival?: Problem["rival"]) => void;

/** Rails check their signals themselves. */
function checkName(name: string, signal: BoardSignal, report: Report): void {
  const known = isCommonSignal(name) ? contractSignal(name) : undefined;
  if (known !== undefined) {
    if (signal.function !== "sio") {
      report(
        `is "${signal.function}", but the logic drives or reads ${name} itself; allowed: "sio"`,
        "function",
      );
    } else if (signal.direction !== undefined && signal.direction !== known.direction) {
      report(`is "${signal.direction}"; allowed: "${known.direction}", as in abi/contract.ts`, "direction");
    }
  } else if (PERIPHERAL_NAMES.includes(name)) {
    const wanted = name.toLowerCase();
    if (signal.function !== wanted) report(`is "${signal.function}"; allowed: "${wanted}"`, "function");
  }
}

function checkPin(name: string, signal: BoardSignal, parts: BoardParts, report: Report): void {
  const { gpio } = signal;
  if (!pinFunctions(gpio).includes(signal.function)) {
    const places = gpiosFor(signal.function).map((other) => `GPIO${other}`);
    const why = signal.function.startsWith("adc")
      ? gpio < 26
        ? `GPIO${gpio} is a digital pin, it has no ADC input`
        : `GPIO${gpio} is adc${gpio - 26}`
      : `GPIO${gpio} cannot be ${signal.function}`;
    report(`${why}; allowed for ${signal.function}: ${places.join(", ")}`, "gpio");
  }
  const wiredTo = parts.wiredGpios.get(gpio);
  if (wiredTo !== undefined) {
    const free = freeGpios(parts, signal);
    report(`GPIO${gpio} is wired on the board (${wiredTo}); ${free}`, "gpio", {
      path: ["wired_gpios", String(gpio)],
      name: `GPIO${gpio}`,
      message: `GPIO${gpio} is already ${name}; ${free}`,
    });
  }
  // If several signals share a pin, only the later ones are reported: each message names the first.
  const names = [...parts.signals.keys()];
  const first = names.find((other) => parts.signals.get(other)?.gpio === gpio);
  if (first !== undefined && first !== name) {
    const other = parts.signals.get(first) as BoardSignal;
    report(`GPIO${gpio} is already ${first}; ${freeGpios(parts, signal)}`, "gpio", {
      path: ["signals", first, "gpio"],
      name: first,
      message: `GPIO${gpio} is already ${name}; ${freeGpios(parts, other)}`,
    });
  }
  const twin = names.find((other) => contractName(other) === contractName(name));
  if (twin !== name) report(`is the same signal as ${twin}; allowed: one of the two`);
  const rival = names.find((other) => parts.signals.get(other)?.function === signal.function);
  if (signal.function !== "sio" && rival !== undefined && rival !== name) {
    const rule = "allowed: one pin for each peripheral line";
    report(`${signal.function} is already ${rival}; ${rule}`, "function", {
      path: ["signals", rival, "function"],
      name: rival,
      message: `${signal.function} is already ${name}; ${rule}`,
    });
  }
  const partner = pairedFunction(signal.function);
  if (partner !== undefined && ![...parts.signals.values()].some((other) => other.function === partner)) {
    report(`${signal.function} without ${partner}; allowed: both lines of a bus or none`, "function");
  }
}

function pairedFunction(name: string): string | undefined {
  if (name.endsWith("_sda")) return name.replace("_sda", "_scl");
  return name.endsWith("_scl") ? name.replace("_scl", "_sda") : undefined;
}

function freeGpios(parts: BoardParts, signal: BoardSignal): string {
  const taken = new Set([...parts.wiredGpios.keys(), ...[...parts.signals.values()].map(({ gpio }) => gpio)]);
  const free = gpiosFor(signal.function).filter((gpio) => !taken.has(gpio));
  const what = `free for ${signal.function}`;
  return free.length === 0
    ? `no GPIO is ${what}`
    : `${what}: ${free.map((gpio) => `GPIO${gpio}`).join(", ")}`;
}

function checkDirection(signal: BoardSignal, report: Report): void {
  if (signal.function !== "sio") {
    for (const key of ["direction", "drive"] as const) {
      if (signal[key] !== undefined) report(`is not for ${signal.function}; allowed: only with "sio"`, key);
    }
    return;
  }
  if (signal.direction === undefined) report('is missing; allowed: "in", "out"', "direction");
  if (signal.direction === "out" && signal.drive === undefined) {
    report('is missing; allowed: "push-pull", "open-drain"', "drive");
  }
  if (signal.direction === "in" && signal.drive !== undefined) {
    report("is not for an input; allowed: only with direction out", "drive");
  }
}

function checkLevel(name: string, signal: BoardSignal, report: Report): void {
  const active = name.endsWith("#") ? "low" : "high";
  if (signal.active === active) return;
  const other = name.endsWith("#") ? contractName(name) : `${name}#`;
  report(`is "${signal.active}"; allowed: "${active}" for ${name}, or the name ${other}`, "active");
}

function checkResistors(name: string, signal: BoardSignal, parts: BoardParts, report: Report): void {
  const { pull, external_pull: external } = signal;
  if (pull !== "none" && external !== undefined && pull !== external) {
    report(`"${pull}" works against external_pull "${external}"; allowed: "none", "${external}"`, "pull");
  }
  if (signal.function.startsWith("adc") && pull !== "none") {
    report(`"${pull}" would bend the divider's voltage; allowed: "none" for an ADC input`, "pull");
  }
  const released = signal.drive === "open-drain" || signal.function.startsWith("i2c");
  const what = signal.drive === "open-drain" ? "an open-drain output" : "an I2C line";
  if (signal.function.startsWith(BACKPLANE_BUS) && external !== "up") {
    const given = external === undefined ? "is missing" : `is "${external}"`;
    report(`${given}; allowed: "up", the RP2040's own pull-ups are too weak for SMBus`, "external_pull");
  } else if (released && pull !== "up" && external !== "up") {
    report(`${what} only pulls low; allowed: pull "up" or external_pull "up"`, "external_pull");
  } else if (released && (pull === "down" || external === "down")) {
    report(`${what} must rest high; allowed: "up"`, external === "down" ? "external_pull" : "pull");
  }
  if (isEnableOf(parts, name)) checkOffLevel(signal, report);
}

function isEnableOf({ rails }: BoardParts, name: string): boolean {
  return !isCommonSignal(name) && rails.some(([, rail]) => contractName(rail.enable) === contractName(name));
}

/** Nothing drives an enable while the RP2040 is in reset. Its rail must be off then. */
function checkOffLevel(signal: BoardSignal, report: Report): void {
  if (signal.drive === "open-drain" && signal.active === "high") {
    const message =
      'is "open-drain", which rests high while the RP2040 is in reset, and the rail would be on; ' +
      'allowed: "push-pull", or an enable that is active low';
    report(message, "drive");
  }
  const off = signal.active === "high" ? "down" : "up";
  if (signal.drive !== "push-pull" || signal.external_pull === off) return;
  const given = signal.external_pull === undefined ? "is missing" : `is "${signal.external_pull}"`;
  report(
    `${given}; allowed: "${off}", so that the rail is off while the RP2040 is in reset`,
    "external_pull",
  );
}
