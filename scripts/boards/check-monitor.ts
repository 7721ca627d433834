/** Checks a board's power monitor: its address must be possible, its bus connected, its range sufficient. */
import type { BoardPowerMonitor } from "../../boards/board.ts";
import type { BoardParts } from "./parts.ts";
import type { Problem } from "./problem.ts";

/** The address for each resistor at ADDR_SEL, from none to open (DS20005293, table of addresses). */
const ADDRESSES = [
  0x4c, 0x4d, 0x4e, 0x4f, 0x48, 0x49, 0x4a, 0x4b, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x18,
];
const LINES = ["I2C0_SDA", "I2C0_SCL"];
const FULL_SCALE_SENSE_UV = 100_000;
const FULL_SCALE_BUS_MV = 32_000;
/** DI_GAIN goes to 128, DV_GAIN to 32. */
const CURRENT_GAINS_LOG2 = 7;
const VOLTAGE_GAINS_LOG2 = 5;

export function monitorProblems(parts: BoardParts): Problem[] {
  const { powerMonitor, signalNames } = parts;
  if (powerMonitor === undefined) return [];
  const problems: Problem[] = [];
  const { address, shunt_micro_ohm } = powerMonitor;
  if (!ADDRESSES.includes(address)) {
    const allowed = [...ADDRESSES].sort((left, right) => left - right).map((one) => `${one} (${hex(one)})`);
    problems.push({
      path: ["power_monitor", "address"],
      message: `is ${address} (${hex(address)}), where a PAC1921 cannot be; allowed: ${allowed.join(", ")}`,
    });
  }
  // A board with only one of the lines has a wrong bus, which check-signals.ts reports.
  if (!LINES.some((line) => signalNames.includes(line))) {
    const message = `needs ${LINES.join(" and ")}, which this board does not wire`;
    problems.push({ path: ["power_monitor"], message: `${message}; allowed: both lines, or null` });
  }
  const current = [...parts.sensors].find(([, { unit }]) => unit === "ma")?.[0] ?? "";
  const maximum_ma = parts.limits.get(current)?.maximum;
  if (typeof maximum_ma === "number" && fullScaleMa(powerMonitor) < maximum_ma) {
    const most = Math.floor((FULL_SCALE_SENSE_UV * 1000) / maximum_ma);
    problems.push({
      path: ["power_monitor", "shunt_micro_ohm"],
      message:
        `is ${shunt_micro_ohm}: the chip would measure up to ${fullScaleMa(powerMonitor)} mA, and limits.${current}.maximum ` +
        `is ${maximum_ma}; allowed: ${most} at most`,
    });
  }
  return problems;
}

/** The highest current, in mA, that the chip can measure without gain. */
function fullScaleMa({ shunt_micro_ohm }: BoardPowerMonitor): number {
  return Math.floor((FULL_SCALE_SENSE_UV * 1000) / shunt_micro_ohm);
}

/** Returns the highest gains, as powers of two, at which the chip still measures up to these maxima. */
export function monitorGainsLog2(
  monitor: BoardPowerMonitor,
  maximum_mv: number,
  maximum_ma: number,
): { readonly voltage: number; readonly current: number } {
  const gain = (fullScale: number, maximum: number, most: number) =>
    Math.min(most, Math.max(0, Math.floor(Math.log2(fullScale / maximum))));
  return {
    voltage: gain(FULL_SCALE_BUS_MV, maximum_mv, VOLTAGE_GAINS_LOG2),
    current: gain((FULL_SCALE_SENSE_UV * 1000) / monitor.shunt_micro_ohm, maximum_ma, CURRENT_GAINS_LOG2),
  };
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}
