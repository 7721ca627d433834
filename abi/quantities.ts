/**
 * The quantities a slot can measure: which PMBus command reads each, which status register shows it, and
 * which commands set its limits. A board file says which of them a board measures, and under which name
 * people know them.
 */
import { numbered, type Term } from "./vocabulary-schema.ts";

/** A limit of a quantity as PMBus knows it. */
export interface PmbusLimit {
  /** The command that reads and sets it. */
  readonly command: string;
  /** The bit of the quantity's status register that shows it exceeded. */
  readonly bit: string;
}

/** Four limits to a quantity, in the order of the upper four bits of PMBus' status registers. */
export const LIMIT_KINDS = numbered([
  ["HIGH_FAULT", "fault above"],
  ["HIGH_WARNING", "warning above"],
  ["LOW_WARNING", "warning below"],
  ["LOW_FAULT", "fault below"],
]);

export interface QuantityTerm extends Term {
  readonly kind: "voltage" | "current" | "power" | "temperature";
  /** The unit on the console and in events; readings are integers in it. */
  readonly unit: "mV" | "mA" | "mW" | "mdeg";
  /** The page of the rail that is measured; null for a quantity that all rails share. */
  readonly page: number | null;
  /** The PMBus command that reads it. */
  readonly read: string;
  /** Its status register. */
  readonly status: string;
  /** By limit kind; null where PMBus offers none. */
  readonly limits: readonly (PmbusLimit | null)[];
}

const UNITS = { voltage: "mV", current: "mA", power: "mW", temperature: "mdeg" } as const;

/** PMBus names a limit after its quantity: VIN_OV_FAULT_LIMIT is shown by the bit VIN_OV_FAULT. */
function highAndLow(prefix: string, high: string, low: string): PmbusLimit[] {
  const limit = (what: string, severity: "FAULT" | "WARN"): PmbusLimit => ({
    command: `${prefix}${what}_${severity}_LIMIT`,
    bit: `${prefix}${what}_${severity === "WARN" ? "WARNING" : severity}`,
  });
  return [limit(high, "FAULT"), limit(high, "WARN"), limit(low, "WARN"), limit(low, "FAULT")];
}

function highAlone(prefix: string, high: string): (PmbusLimit | null)[] {
  return [...highAndLow(prefix, high, high).slice(0, 2), null, null];
}

function quantity(
  name: string,
  kind: QuantityTerm["kind"],
  description: string,
  pmbus: Pick<QuantityTerm, "page" | "read" | "status" | "limits">,
): Omit<QuantityTerm, "value"> {
  return { name, kind, unit: UNITS[kind], description: `${description}, ${UNITS[kind]}`, ...pmbus };
}

/**
 * The output voltage of a page. Page 0 feeds the compute board; see `pagesOfRails` in boards/quantities.ts.
 */
function outputVoltage(page: number): Omit<QuantityTerm, "value"> {
  return quantity(`VOUT_${page}`, "voltage", `output voltage of page ${page}`, {
    page,
    read: "READ_VOUT",
    status: "STATUS_VOUT",
    limits: highAndLow("VOUT_", "OV", "UV"),
  });
}

/** Which of these a board measures, and under which name people know it, is in its board file. */
export const quantities: readonly QuantityTerm[] = [
  quantity("VIN", "voltage", "input voltage", {
    page: null,
    read: "READ_VIN",
    status: "STATUS_INPUT",
    limits: highAndLow("VIN_", "OV", "UV"),
  }),
  outputVoltage(0),
  outputVoltage(1),
  quantity("IOUT", "current", "output current of page 0", {
    page: 0,
    read: "READ_IOUT",
    status: "STATUS_IOUT",
    limits: highAlone("IOUT_", "OC"),
  }),
  quantity("POUT", "power", "output power of page 0, computed from voltage and current", {
    page: 0,
    read: "READ_POUT",
    status: "STATUS_IOUT",
    limits: highAlone("POUT_", "OP"),
  }),
  quantity("TEMPERATURE", "temperature", "temperature of the RP2040's die", {
    page: null,
    read: "READ_TEMPERATURE_1",
    status: "STATUS_TEMPERATURE",
    limits: highAndLow("", "OT", "UT"),
  }),
  outputVoltage(2),
  outputVoltage(3),
].map((term, value) => ({ ...term, value }));

/** Pages, and so rails, that a board can have at most. */
export const MOST_PAGES = quantities.filter(({ read }) => read === "READ_VOUT").length;
