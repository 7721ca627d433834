/**
 * The commands that show several values: who is there, status, readings with limits, and the view of Linux'
 * driver.
 */
import { safeLine } from "../../simulator/start/safe-text.ts";
import { hexAddress, NoAnswerError } from "../bus.ts";
import { probePmbus } from "../pmbus-probe.ts";
import { pageName } from "../status.ts";
import { COMMAND_NAMES, commandNamed, type ReadableName, type ValueOf } from "../values.ts";
import type { Session } from "./session.ts";
import { paint, quantity, table } from "./show.ts";

/** Below and above them SMBus reserves. */
const FIRST_ADDRESS = 0x08;
const LAST_ADDRESS = 0x77;

/** Low fault, low warning, high warning, high fault; a reading has those of the table. */
const LIMITS_OF: Readonly<Record<string, readonly string[]>> = {
  READ_VIN: ["VIN_UV_FAULT_LIMIT", "VIN_UV_WARN_LIMIT", "VIN_OV_WARN_LIMIT", "VIN_OV_FAULT_LIMIT"],
  READ_VOUT: ["VOUT_UV_FAULT_LIMIT", "VOUT_UV_WARN_LIMIT", "VOUT_OV_WARN_LIMIT", "VOUT_OV_FAULT_LIMIT"],
  READ_IOUT: ["", "", "IOUT_OC_WARN_LIMIT", "IOUT_OC_FAULT_LIMIT"],
  READ_POUT: ["", "", "POUT_OP_WARN_LIMIT", "POUT_OP_FAULT_LIMIT"],
  READ_TEMPERATURE_1: ["UT_FAULT_LIMIT", "UT_WARN_LIMIT", "OT_WARN_LIMIT", "OT_FAULT_LIMIT"],
};
const SENSORS_HEADING = ["", "", "now", "low fault", "low warning", "high warning", "high fault"];

export async function scan(session: Session): Promise<void> {
  const found: number[] = [];
  for (let address = FIRST_ADDRESS; address <= LAST_ADDRESS; address++) {
    try {
      await session.bus.write(address, new Uint8Array(0));
      found.push(address);
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
    }
  }
  const base = session.slot.board.smbus.address;
  const rows = found.map((address) => {
    const slot = address - base;
    return [hexAddress(address), slot >= 0 && slot <= 15 ? `slot ${slot}` : "something else"];
  });
  session.say(...(rows.length > 0 ? table(rows) : ["nobody answers"]));
}

export async function showStatus(session: Session): Promise<void> {
  const { power, bootStage, registers, lastFault } = await session.client.status();
  session.say(`power       ${power}`, `boot stage  ${bootStage}`);
  const rows = registers
    .filter(({ bits }) => bits.size > 0)
    .map(({ name, page, bits }) => [name, page === undefined ? "" : pageName(page), [...bits].join(", ")]);
  session.say(...(rows.length > 0 ? table(rows) : [paint("no status bit is set", "green", session.style)]));
  if (lastFault.reason !== 0)
    session.say(paint(`last fault  ${shownFault(lastFault)}`, "yellow", session.style));
}

/** MFR_LAST_FAULT's reasons by number; the page says of which supply. */
const FAULT_REASONS: Readonly<Record<number, string>> = {
  1: "power-good did not come",
  2: "power-good was lost",
  3: "power-good did not go away",
  4: "the compute board was pulled out",
};

function shownFault(fault: ValueOf<"MFR_LAST_FAULT">): string {
  const reason = FAULT_REASONS[fault.reason] ?? `reason ${fault.reason}`;
  const volts = (millivolts: number) => quantity(millivolts / 1000, "V");
  const outputs = [fault.vout_0_mv, fault.vout_1_mv].map((one, page) => `${pageName(page)} ${volts(one)}`);
  const readings = [`input ${volts(fault.vin_mv)}`, ...outputs].join(", ");
  return [
    `${pageName(fault.page)}: ${reason}, ${(fault.time_us / 1e6).toFixed(3)} s after the BMC's power-on`,
    ...(fault.measured ? [readings] : []),
    `${fault.count} since its start${fault.latched ? "; power on or off lets go of it" : ""}`,
  ].join("; ");
}

/** Every reading of the table page by page, between its limits. */
export async function showSensors(session: Session): Promise<void> {
  const rows: string[][] = [SENSORS_HEADING];
  const beyond: number[] = [];
  for (const name of COMMAND_NAMES.filter((one) => one in LIMITS_OF)) {
    for (const page of commandNamed(name)?.pages ?? [undefined]) {
      const value = await reading(session, name, page);
      const limits: (number | null)[] = [];
      for (const limit of LIMITS_OF[name] ?? [])
        limits.push(limit ? await reading(session, limit, page) : null);
      const [, lowest, highest] = limits;
      if (value < (lowest ?? value) || value > (highest ?? value)) beyond.push(rows.length);
      const unit = commandNamed(name)?.unit ?? "";
      const shown = [value, ...limits].map((one) => (one === null ? "" : quantity(one, unit)));
      rows.push([name, page === undefined ? "" : pageName(page), ...shown]);
    }
  }
  const lines = table(rows, [2, 3, 4, 5, 6]);
  session.say(
    ...lines.map((line, at) => (beyond.includes(at) ? paint(line, "yellow", session.style) : line)),
  );
}

async function reading(session: Session, name: string, page: number | undefined): Promise<number> {
  const value = await session.client.get(name as ReadableName, page === undefined ? {} : { page });
  return value as number;
}

export async function showProbe(session: Session): Promise<void> {
  const found = await probePmbus(session.bus, session.address);
  const revision = found.revision === null ? "unknown" : `${found.revision.toString(16)}h`;
  session.say(
    `Linux' pmbus driver binds to ${hexAddress(session.address)}: ${found.pages} page${found.pages === 1 ? "" : "s"}, PMBus revision ${revision}, ` +
      `${found.pec ? "with" : "without"} PEC${found.writeProtected ? ", write-protected" : ""}`,
    ...table(Object.entries(found.identification).map(([name, text]) => [`  ${name}`, safeLine(text)])),
  );
  const rows = found.sensors.map(({ name, page, unit, value, alarms, limits }) => [
    `  ${name}`,
    commandNamed(name)?.pages ? pageName(page) : "",
    quantity(value, unit),
    alarms ? "alarms" : "",
    limits.map((limit) => `${shortLimit(limit.name)} ${quantity(limit.value, unit)}`).join(", "),
  ]);
  session.say(...table(rows, [2]));
}

/** "OV_WARN" of VOUT_OV_WARN_LIMIT: of which reading, the row says. */
function shortLimit(name: string): string {
  return /[A-Z]{2}_(?:WARN|FAULT)(?=_LIMIT$)/.exec(name)?.[0] ?? name;
}
