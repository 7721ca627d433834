/** What the logic knows of its board: assembly/generated/board.ts, constants for AssemblyScript. */
import type { Board, RestorePolicy, SensorName } from "../../boards/board.ts";
import { monitorGainsLog2 } from "./check-monitor.ts";
import { contractSignal } from "./check-signals.ts";
import { LIMITS, QUANTITIES, WATCHING } from "./quantities.ts";

/** Of no quantity: LINEAR11 and LINEAR16 in thousandths stay far from it. */
const NO_LIMIT = -(2 ** 31);

const SENSORS: readonly SensorName[] = ["VIN", "V5", "I5", "V3V3", "TEMPERATURE"];

/** A constant with its doc comment. */
function constant(comment: string, name: string, type: string, value: string): string[] {
  return [`/** ${comment} */`, `export const ${name}: ${type} = ${value};`];
}

function list(comment: string, name: string, type: string, values: readonly string[]): string[] {
  return constant(comment, name, `StaticArray<${type}>`, `[${values.join(", ")}]`);
}

function mask(signal: string): string {
  const known = contractSignal(signal);
  if (known === undefined) throw new Error(`${signal} is no signal of abi/contract.ts`);
  return `0x${(1 << known.value).toString(16)}`;
}

/** The AssemblyScript constants of a board: `npm run generate` writes slot-hat's, the build any other's. */
export function boardAssemblyScript(board: Board): string {
  const { rails, timing } = board;
  const numbers = (key: "nominal_mv" | "power_good_timeout_ms" | "discharge_timeout_ms") =>
    rails.map((rail) => String(rail[key]));
  const names = (key: "name" | "enable" | "power_good") => rails.map((rail) => rail[key]);
  return [
    `// Generated from boards/${board.name}.json by \`npm run generate\`. Do not edit.`,
    "",
    ...constant("Board the logic was built for.", "BOARD_NAME", "string", JSON.stringify(board.name)),
    "",
    "// Rails in power-up order; they go down in reverse.",
    ...constant("Number of rails.", "RAIL_COUNT", "i32", String(rails.length)),
    ...list(
      "Name in messages.",
      "RAIL_NAME",
      "string",
      names("name").map((name) => JSON.stringify(name)),
    ),
    ...list(
      `Signal mask that enables: ${names("enable").join(", ")}.`,
      "RAIL_ENABLE",
      "u32",
      names("enable").map(mask),
    ),
    ...list(
      `Signal mask that reports: ${names("power_good").join(", ")}.`,
      "RAIL_POWER_GOOD",
      "u32",
      names("power_good").map(mask),
    ),
    ...list("Nominal voltage.", "RAIL_NOMINAL_MV", "u32", numbers("nominal_mv")),
    ...list(
      "From enable to power-good at most.",
      "RAIL_POWER_GOOD_TIMEOUT_MS",
      "u32",
      numbers("power_good_timeout_ms"),
    ),
    ...list(
      "From disable to power-good gone at most.",
      "RAIL_DISCHARGE_TIMEOUT_MS",
      "u32",
      numbers("discharge_timeout_ms"),
    ),
    "",
    "// Sensors: value = code * 3300 mV / 4096 * numerator / denominator; channel -1 where absent.",
    ...SENSORS.flatMap((name) => sensor(name, board)),
    "",
    ...constant(
      "All rails good to COMPUTE_RUN released.",
      "RUN_DELAY_MS",
      "u32",
      String(timing.run_delay_ms),
    ),
    ...constant(
      "SHUTDOWN_REQ to HALTED at most.",
      "SHUTDOWN_TIMEOUT_MS",
      "u32",
      String(timing.shutdown_timeout_ms),
    ),
    ...constant("COMPUTE_RUN low during a reset.", "RESET_PULSE_MS", "u32", String(timing.reset_pulse_ms)),
    ...constant("Rails down during a power cycle.", "CYCLE_OFF_MS", "u32", String(timing.cycle_off_ms)),
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

function sensor(name: SensorName, board: Board): string[] {
  const { adc_channel = -1, numerator = 0, denominator = 1, unit } = board.sensors[name] ?? {};
  const what = unit === undefined ? `${name}: not on this board.` : `${name}, in ${unit}.`;
  return [
    ...constant(what, `SENSOR_${name}_CHANNEL`, "i32", String(adc_channel)),
    `export const SENSOR_${name}_NUMERATOR: u32 = ${numerator};`,
    `export const SENSOR_${name}_DENOMINATOR: u32 = ${denominator};`,
  ];
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
      "Who made the board; printable ASCII, 1 to 16 characters.",
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

/** In the order of the logic's RestorePolicy. */
const POLICIES: readonly RestorePolicy[] = ["last", "always-on", "always-off"];

function protection({ protection: fast, restore }: Board): string[] {
  const number = (comment: string, name: string, value: number) =>
    constant(comment, name, "u32", String(value));
  return [
    ...number("Lets go of the compute supply at once, in mA.", "OVERCURRENT_MA", fast.overcurrent_ma),
    ...number("So many conversions in a row.", "OVERCURRENT_ROUNDS", fast.overcurrent_rounds),
    ...number("Input below its low fault limit for so long has failed.", "BROWN_OUT_US", fast.brown_out_us),
    ...list(
      "Before each try after a fault; then it is latched.",
      "RETRY_PAUSE_MS",
      "u32",
      fast.retry_pauses_ms.map(String),
    ),
    ...number("On for so long, a slot has all tries again.", "GOOD_AFTER_MS", fast.good_after_ms),
    ...number(
      `What input power's return does until somebody says otherwise: ${restore.policy}.`,
      "RESTORE_POLICY",
      POLICIES.indexOf(restore.policy),
    ),
    ...number("Input must be good for so long.", "RESTORE_SETTLE_MS", restore.settle_ms),
    ...number("Slot n waits n times as long.", "RESTORE_STAGGER_MS", restore.stagger_ms),
  ];
}

/** Without limits there is nothing to choose gains by: then none. */
function powerMonitor({ power_monitor, limits }: Board): string[] {
  const monitor = power_monitor ?? { chip: "PAC1921", address: 0, shunt_micro_ohm: 1 };
  const most = Number.POSITIVE_INFINITY;
  const gains = monitorGainsLog2(monitor, limits.V5?.maximum ?? most, limits.I5?.maximum ?? most);
  return [
    ...constant(
      "7-bit address of the power monitor on I2C0; 0 where there is none.",
      "POWER_MONITOR_ADDRESS",
      "u32",
      `0x${monitor.address.toString(16)}`,
    ),
    ...constant(
      "Between its SENSE pins.",
      "POWER_MONITOR_SHUNT_MICRO_OHM",
      "u32",
      String(monitor.shunt_micro_ohm),
    ),
    "// Gains as powers of two: the highest that leave room for the limits of V5 and I5.",
    `export const POWER_MONITOR_VOLTAGE_GAIN_LOG2: u32 = ${gains.voltage};`,
    `export const POWER_MONITOR_CURRENT_GAIN_LOG2: u32 = ${gains.current};`,
  ];
}

function limits(board: Board): string[] {
  return [
    "// Limits. A quantity that the board does not measure has none.",
    ...constant("There is no such limit.", "NO_LIMIT", "i32", String(NO_LIMIT)),
    ...QUANTITIES.flatMap(({ name, unit }) => [
      ...LIMITS.flatMap(({ key, meaning }) =>
        constant(
          `${name}, ${meaning}, in ${unit}.`,
          `${name}_${key.toUpperCase()}`,
          "i32",
          limit(board.limits[name]?.[key]),
        ),
      ),
      ...WATCHING.flatMap(({ key, meaning }) =>
        constant(
          `${name}, ${meaning}.`,
          `${name}_${key.toUpperCase()}`,
          "i32",
          String(board.limits[name]?.[key] ?? 0),
        ),
      ),
    ]),
  ];
}

function limit(value: number | null | undefined): string {
  return typeof value === "number" ? String(value) : "NO_LIMIT";
}
