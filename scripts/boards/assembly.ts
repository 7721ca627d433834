/** What the logic knows of its board: assembly/generated/board.ts, constants for AssemblyScript. */
import { contract } from "../../abi/contract.ts";
import { type QuantityTerm, quantities } from "../../abi/quantities.ts";
import { enumerations } from "../../abi/vocabulary.ts";
import type { Board, BoardLimits, BoardSensor, RestorePolicy } from "../../boards/board.ts";
import {
  type BoardQuantity,
  computeRail,
  pagesOfRails,
  quantitiesOf,
  quantityOf,
} from "../../boards/quantities.ts";
import { monitorGainsLog2 } from "./check-monitor.ts";
import { signalOnBoard } from "./check-signals.ts";

/**
 * Means that there is no limit. No quantity comes near it: LINEAR11 and LINEAR16 in thousandths are far
 * smaller.
 */
const NO_LIMIT = -(2 ** 31);

/** The RP2040's ADC_AVDD is the 3.3 V supply, and full scale is all of it (datasheet 4.9). */
const REFERENCE_MV = 3300n;
/** Means are in sixteenths of a linear code; factors are times two to this power. */
const FACTOR_BITS = 24n;

/** A constant with its doc comment. */
function constant(comment: string, name: string, type: string, value: string): string[] {
  return [`/** ${comment} */`, `export const ${name}: ${type} = ${value};`];
}

function list(comment: string, name: string, type: string, values: readonly string[]): string[] {
  return constant(comment, name, `StaticArray<${type}>`, `[${values.join(", ")}]`);
}

/** The AssemblyScript constants of a board: `npm run generate` writes slot-hat's, the build any other's. */
export function boardAssemblyScript(board: Board): string {
  return [
    `// Generated from boards/${board.name}.json by \`npm run generate\`. Do not edit.`,
    "",
    ...constant(
      "The board that the logic was built for.",
      "BOARD_NAME",
      "string",
      JSON.stringify(board.name),
    ),
    "",
    ...railTables(board),
    "",
    ...measured(board),
    "",
    ...timings(board),
    "",
    ...smbus(board),
    "",
    ...protection(board),
    "",
    ...powerMonitor(board),
    "",
    ...limits(board),
    "",
  ].join("\n");
}

function railTables(board: Board): string[] {
  const { rails } = board;
  const pages = pagesOfRails(rails);
  const numbers = (key: "power_good_timeout_ms" | "discharge_timeout_ms") =>
    rails.map((rail) => String(rail[key]));
  const names = (key: "name" | "enable" | "power_good") => rails.map((rail) => rail[key]);
  return [
    "// Rails in power-up order; they go down in reverse.",
    ...constant("Number of rails.", "RAIL_COUNT", "i32", String(rails.length)),
    ...list(
      "The name in messages.",
      "RAIL_NAME",
      "string",
      names("name").map((name) => JSON.stringify(name)),
    ),
    ...list(
      `The mask of the signal that enables it: ${names("enable").join(", ")}.`,
      "RAIL_ENABLE",
      "u32",
      names("enable").map((name) => mask(name, board)),
    ),
    ...list(
      `The mask of the signal that reports it: ${names("power_good").join(", ")}.`,
      "RAIL_POWER_GOOD",
      "u32",
      names("power_good").map((name) => mask(name, board)),
    ),
    ...constant(
      "The rail that feeds the compute board; page 0.",
      "COMPUTE_RAIL",
      "i32",
      String(computeRail(rails)),
    ),
    ...list("PMBus page of each rail.", "RAIL_PAGE", "u8", pages.map(String)),
    ...list(
      "Rail of each PMBus page.",
      "PAGE_RAIL",
      "u8",
      pages.map((_, page) => String(pages.indexOf(page))),
    ),
    ...list(
      "The voltage it regulates to.",
      "RAIL_NOMINAL_MV",
      "i32",
      rails.map(({ nominal_mv }) => String(nominal_mv)),
    ),
    ...list(
      "The longest time from enable to power-good.",
      "RAIL_POWER_GOOD_TIMEOUT_MS",
      "u32",
      numbers("power_good_timeout_ms"),
    ),
    ...list(
      "The longest time from disable until power-good is gone.",
      "RAIL_DISCHARGE_TIMEOUT_MS",
      "u32",
      numbers("discharge_timeout_ms"),
    ),
  ];
}

function timings({ timing }: Board): string[] {
  return [
    ...constant(
      "From the last rail's power-good until COMPUTE_RUN is asserted.",
      "RUN_DELAY_MS",
      "u32",
      String(timing.run_delay_ms),
    ),
    ...constant(
      "The longest time from SHUTDOWN_REQ to HALTED.",
      "SHUTDOWN_TIMEOUT_MS",
      "u32",
      String(timing.shutdown_timeout_ms),
    ),
    ...constant(
      "How long a reset keeps COMPUTE_RUN deasserted.",
      "RESET_PULSE_MS",
      "u32",
      String(timing.reset_pulse_ms),
    ),
    ...constant(
      "How long the rails stay off in a power cycle.",
      "CYCLE_OFF_MS",
      "u32",
      String(timing.cycle_off_ms),
    ),
  ];
}

function mask(signal: string, { rails }: Board): string {
  const known = signalOnBoard(signal, rails);
  if (known === undefined) throw new Error(`${signal} is no signal of abi/contract.ts`);
  return `0x${(1 << known.value).toString(16)}`;
}

/** Tables by Quantity; what this board does not measure has no name and channel -1. */
function measured(board: Board): string[] {
  const found = quantitiesOf(board);
  const each = (value: (one: BoardQuantity) => string, otherwise: string) =>
    quantities.map(({ name }) => {
      const one = found.find(({ quantity }) => quantity === name);
      return one === undefined ? otherwise : value(one);
    });
  const bits = quantities.reduce(
    (all, { name, value }) => all | (found.some(({ quantity }) => quantity === name) ? 1 << value : 0),
    0,
  );
  return [
    "// What this board measures, by Quantity.",
    ...constant("A bit for each quantity that is measured.", "MEASURED", "u32", `0x${bits.toString(16)}`),
    ...list(
      "Name on the console; empty where the board does not measure it.",
      "QUANTITY_NAME",
      "string",
      each(({ name }) => JSON.stringify(name), '""'),
    ),
    ...list(
      "Converter channel; -1 where there is none, as for a computed quantity.",
      "QUANTITY_CHANNEL",
      "i32",
      each(({ sensor }) => String(sensor?.adc_channel ?? -1), "-1"),
    ),
    ...list(
      "Quantity of each converter channel; -1 for a channel that is not wired to a sensor.",
      "CHANNEL_QUANTITY",
      "i32",
      Array.from({ length: contract.sampling.channels }, (_, channel) => String(quantityOn(channel, found))),
    ),
    ...list(
      "Thousandths of the unit to a sixteenth of a linear code, times 2^24; of the die's diode microvolts.",
      "QUANTITY_FACTOR",
      "i64",
      each(({ sensor }) => String(sensor === undefined ? 0 : factor(sensor)), "0"),
    ),
    ...list(
      "The rail it is about; -1 for none.",
      "QUANTITY_RAIL",
      "i32",
      each(({ rail }) => String(rail === undefined ? -1 : board.rails.indexOf(rail)), "-1"),
    ),
    ...list(
      "The quantity that is each rail's voltage; -1 where no sensor measures it.",
      "RAIL_QUANTITY",
      "i32",
      board.rails.map((_, index) => String(voltageOf(index, board))),
    ),
  ];
}

function quantityOn(channel: number, found: readonly BoardQuantity[]): number {
  const name = found.find(({ sensor }) => sensor?.adc_channel === channel)?.quantity;
  return quantities.findIndex((one: QuantityTerm) => one.name === name);
}

function voltageOf(rail: number, board: Board): number {
  const name = `VOUT_${pagesOfRails(board.rails)[rail]}`;
  const isMeasured = quantitiesOf(board).some(({ quantity }) => quantity === name);
  return isMeasured ? quantities.findIndex((one: QuantityTerm) => one.name === name) : -1;
}

function factor({ unit, numerator, denominator }: BoardSensor): bigint {
  const scale = unit === "mdeg" ? 1000n : BigInt(numerator);
  const fullScale = BigInt(contract.sampling.linearCodes) * 16n * BigInt(unit === "mdeg" ? 1 : denominator);
  return ((REFERENCE_MV * scale) << FACTOR_BITS) / fullScale;
}

function smbus({ smbus: { address }, identity }: Board): string[] {
  const text = (comment: string, name: string, value: string) =>
    constant(comment, name, "string", JSON.stringify(value));
  return [
    ...constant(
      "7-bit SMBus address of slot 0; slot n answers at this plus n.",
      "SMBUS_ADDRESS",
      "u32",
      `0x${address.toString(16)}`,
    ),
    ...text(
      "The maker of the board; printable ASCII, 1 to 16 characters.",
      "MANUFACTURER",
      identity.manufacturer,
    ),
    ...text(
      "Revision of the board; printable ASCII, 1 to 16 characters.",
      "BOARD_REVISION",
      identity.revision,
    ),
    ...text("Date of the board, YYMMDD.", "BOARD_DATE", identity.date),
  ];
}

function policyNumber(policy: RestorePolicy): number {
  const terms = enumerations.find(({ name }) => name === "RestorePolicy")?.terms ?? [];
  const term = terms.find(({ text }) => text === policy);
  if (term === undefined) throw new Error(`${policy} is no RestorePolicy of abi/vocabulary.ts`);
  return term.value;
}

function protection({ protection: fast, restore }: Board): string[] {
  const number = (comment: string, name: string, value: number) =>
    constant(comment, name, "u32", String(value));
  return [
    ...number(
      "A current that switches the compute supply off at once.",
      "OVERCURRENT_MA",
      fast.overcurrent_ma,
    ),
    ...number("The conversions in a row that it takes.", "OVERCURRENT_ROUNDS", fast.overcurrent_rounds),
    ...number(
      "Input power has failed once it was below its low fault limit for this long.",
      "BROWN_OUT_US",
      fast.brown_out_us,
    ),
    ...list(
      "The pauses before each retry after a fault. After them the fault is latched.",
      "RETRY_PAUSE_MS",
      "u32",
      fast.retry_pauses_ms.map(String),
    ),
    ...number(
      "Once a slot has been on for this long, it has all retries again.",
      "GOOD_AFTER_MS",
      fast.good_after_ms,
    ),
    ...number(
      `The restore policy until one is set: ${restore.policy}.`,
      "RESTORE_POLICY",
      policyNumber(restore.policy),
    ),
    ...number("How long input power must be good.", "RESTORE_SETTLE_MS", restore.settle_ms),
    ...number("Slot n waits n times this long.", "RESTORE_STAGGER_MS", restore.stagger_ms),
  ];
}

/** Without limits there is nothing to choose gains by: then none. */
function powerMonitor(board: Board): string[] {
  const { power_monitor, limits } = board;
  const monitor = power_monitor ?? { chip: "PAC1921", address: 0, shunt_micro_ohm: 1 };
  const maximum = (quantity: string) =>
    limits[quantityOf(board, quantity)?.name ?? ""]?.maximum ?? Number.POSITIVE_INFINITY;
  const gains = monitorGainsLog2(monitor, maximum("VOUT_0"), maximum("IOUT"));
  return [
    ...constant(
      "7-bit address of the power monitor on I2C0; 0 if there is none.",
      "POWER_MONITOR_ADDRESS",
      "u32",
      `0x${monitor.address.toString(16)}`,
    ),
    ...constant(
      "The shunt between its SENSE pins.",
      "POWER_MONITOR_SHUNT_MICRO_OHM",
      "u32",
      String(monitor.shunt_micro_ohm),
    ),
    "// Gains as powers of two: the highest that leave room for the limits of voltage and current.",
    `export const POWER_MONITOR_VOLTAGE_GAIN_LOG2: u32 = ${gains.voltage};`,
    `export const POWER_MONITOR_CURRENT_GAIN_LOG2: u32 = ${gains.current};`,
  ];
}

/** In the order of LimitKind. */
const LIMIT_KEYS = ["high_fault", "high_warning", "low_warning", "low_fault"] as const;

function limits(board: Board): string[] {
  const found = quantitiesOf(board);
  const byQuantity = quantities.map(({ name }) => {
    const known = found.find(({ quantity }) => quantity === name);
    return known === undefined ? undefined : board.limits[known.name];
  });
  const each = (comment: string, name: string, key: keyof BoardLimits) =>
    list(
      comment,
      name,
      "i32",
      byQuantity.map((one) => String(one?.[key] ?? 0)),
    );
  return [
    "// Limits, in mV, mA, mW and millidegrees. A quantity that the board does not measure has none.",
    ...constant("There is no such limit.", "NO_LIMIT", "i32", String(NO_LIMIT)),
    ...list(
      "By quantity and LimitKind.",
      "LIMITS",
      "i32",
      byQuantity.flatMap((one) => LIMIT_KEYS.map((key) => String(one?.[key] ?? "NO_LIMIT"))),
    ),
    ...each("Lowest limit that may be set, by quantity.", "LIMIT_MINIMUM", "minimum"),
    ...each("Highest limit that may be set.", "LIMIT_MAXIMUM", "maximum"),
    ...each("How far back within a limit a reading must come to count as good.", "HYSTERESIS", "hysteresis"),
    ...each(
      "Beyond a warning limit for so long, a reading counts.",
      "WARNING_FILTER_MS",
      "warning_filter_ms",
    ),
    ...each("Beyond a fault limit for so long, a reading counts.", "FAULT_FILTER_MS", "fault_filter_ms"),
  ];
}
