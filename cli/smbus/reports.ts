/**
 * The commands that show several values: devices on the bus, status, readings with limits, and the sensors
 * that Linux' driver finds.
 */

import {
  AbsentError,
  COMMAND_NAMES,
  commandNamed,
  type FoundSensor,
  hexAddress,
  isShared,
  NoAnswerError,
  NUMBERS,
  PageError,
  pagesOf,
  probePmbus,
  type Rail,
  type ReadableName,
  railName,
  SlotClient,
  SmbusError,
  type ValueOf,
} from "@racklet/client";
import { safeLine } from "../safe-text.ts";
import { faultText, isFault, LATCHED_HINT, noFaultText, STATE_HINTS, seconds } from "./event-text.ts";
import { AddressInUseError } from "./linux-errors.ts";
import { railsOf } from "./rails.ts";
import type { Session } from "./session.ts";
import { paint, quantity, shownReadings, table, wrapped } from "./show.ts";

/** SMBus reserves the addresses below and above these. */
const FIRST_ADDRESS = 0x08;
const LAST_ADDRESS = 0x77;
const LAST_SLOT = 15;

/**
 * Commands for low fault, low warning, high warning and high fault of a reading; empty where there is none.
 */
const LIMITS_OF: Readonly<Record<string, readonly string[]>> = {
  READ_VIN: ["VIN_UV_FAULT_LIMIT", "VIN_UV_WARN_LIMIT", "VIN_OV_WARN_LIMIT", "VIN_OV_FAULT_LIMIT"],
  READ_VOUT: ["VOUT_UV_FAULT_LIMIT", "VOUT_UV_WARN_LIMIT", "VOUT_OV_WARN_LIMIT", "VOUT_OV_FAULT_LIMIT"],
  READ_IOUT: ["", "", "IOUT_OC_WARN_LIMIT", "IOUT_OC_FAULT_LIMIT"],
  READ_POUT: ["", "", "POUT_OP_WARN_LIMIT", "POUT_OP_FAULT_LIMIT"],
  READ_TEMPERATURE_1: ["UT_FAULT_LIMIT", "UT_WARN_LIMIT", "OT_WARN_LIMIT", "OT_FAULT_LIMIT"],
};
const SENSORS_HEADING = ["", "now", "low fault", "low warning", "high warning", "high fault"];

/** A device that answers, or an address that a driver of Linux has taken and keeps for itself. */
interface Found {
  readonly address: number;
  readonly hasDriver: boolean;
  /** Why the BMC there is in its minimal state; null where it is not, or where the device is no BMC. */
  readonly minimal: string | null;
  /** Whether two devices answer at this address of a slot. */
  readonly shared: boolean;
}

export async function addressesInUse(session: Session): Promise<Found[]> {
  const found: Found[] = [];
  for (let address = FIRST_ADDRESS; address <= LAST_ADDRESS; address++) {
    try {
      await session.bus.write(address, new Uint8Array(0));
      const minimal = await minimalAt(session, address);
      const shared = slotOf(session, address) !== null && (await isShared(session.bus, address));
      found.push({ address, hasDriver: false, minimal, shared });
    } catch (error) {
      if (error instanceof AddressInUseError)
        found.push({ address, hasDriver: true, minimal: null, shared: false });
      else if (!(error instanceof NoAnswerError)) throw error;
    }
  }
  return found;
}

/**
 * Asks at the addresses of slots alone, and with PEC whatever the session uses: a device of another kind has
 * no right PEC, so that its bytes are not taken for the state of a BMC.
 */
async function minimalAt(session: Session, address: number): Promise<string | null> {
  if (slotOf(session, address) === null) return null;
  try {
    return await new SlotClient(session.bus, address).minimal();
  } catch (error) {
    if (error instanceof SmbusError) return null;
    throw error;
  }
}

/** The slot number that an address belongs to, or null for an address outside the sixteen. */
export function slotOf({ connection }: Session, address: number): number | null {
  const slot = address - connection.baseAddress;
  return slot >= 0 && slot <= LAST_SLOT ? slot : null;
}

function remark({ hasDriver, minimal, shared }: Found): string {
  if (hasDriver) return ", used by a driver of Linux";
  if (shared) return ", and a second device at the same address: pull one of them out";
  return minimal === null ? "" : `: ${inMinimal(minimal)}`;
}

export async function scan(session: Session): Promise<void> {
  const rows = (await addressesInUse(session)).map((found) => {
    const slot = slotOf(session, found.address);
    return [
      hexAddress(found.address),
      `${slot === null ? "something else" : `slot ${slot}`}${remark(found)}`,
    ];
  });
  session.say(...(rows.length > 0 ? table(rows) : ["no device answers"]));
}

/** The reason comes from the device, and so is made safe for the terminal. */
function inMinimal(why: string): string {
  return `minimal state, its BMC runs no logic: ${safeLine(why)}`;
}

const MINIMAL_HELP = [
  'On its debug console "status" shows the cause, "retry" runs the logic again, and',
  '"power force-off --yes" switches the slot off. If it comes back, flash the firmware again.',
];

export async function showStatus(session: Session): Promise<void> {
  const { minimal, power, bootStage, registers, unread, lastFault } = await session.client.status();
  const rails = await railsOf(session);
  const hint = STATE_HINTS[power];
  if (minimal !== null) session.say(`bmc         ${inMinimal(minimal)}`);
  session.say(`power       ${power}${hint ? ` (${hint})` : ""}`);
  if (bootStage !== null) session.say(`boot stage  ${bootStage}`);
  const rows = registers
    .filter(({ bits }) => bits.size > 0)
    .map(({ name, page, bits }) => [
      name,
      page === undefined ? "" : railName(rails, page),
      [...bits].join(", "),
    ]);
  session.say(...(rows.length > 0 ? table(rows) : [paint("no status bit is set", "green", session.style)]));
  if (minimal !== null) session.say(...MINIMAL_HELP);
  if (lastFault !== null && isFault(lastFault))
    session.say(paint(`last fault  ${shownFault(lastFault, rails)}`, "yellow", session.style));
  else if (lastFault !== null && lastFault.reason !== NUMBERS.FAULT_REASON.NONE)
    session.say(`fault       ${noFaultText(lastFault)}`);
  if (unread) session.note(`not all is shown: ${unread.message}`);
}

function shownFault(fault: ValueOf<"MFR_LAST_FAULT">, rails: readonly Rail[]): string {
  return [
    `${faultText(fault, rails)}, ${seconds(fault.time_us / 1000)} after the BMC's power-on`,
    ...(fault.measured ? [shownReadings(fault, rails)] : []),
    `${fault.count} since its start${fault.latched ? `; ${LATCHED_HINT}` : ""}`,
  ].join("; ");
}

// ------------------------------------------------------------------- readings with their limits

/** A line of the table: the command of a reading, and the page where it is paged. */
interface Line {
  readonly name: ReadableName;
  readonly page: number | undefined;
}

/** Every reading that the device has, rail by rail, between its limits. */
export async function showSensors(session: Session): Promise<void> {
  const rails = await railsOf(session);
  const { found, unread } = await readSensors(session, rails);
  const lines = table(
    [SENSORS_HEADING, ...found.map(({ line, values }) => sensorCells(line, values, rails))],
    [1, 2, 3, 4, 5],
  );
  session.say(lines[0] ?? "");
  for (const [at, { values }] of found.entries()) {
    const text = lines[at + 1] ?? "";
    session.say(isBeyond(values) ? paint(text, "yellow", session.style) : text);
  }
  if (unread) session.note(`not all is shown: ${unread.message}`);
}

function sensorLines(rails: readonly Rail[]): Line[] {
  const names = COMMAND_NAMES.filter((name) => name in LIMITS_OF) as ReadableName[];
  return names.flatMap((name) => pagesOf(name, rails).map((page) => ({ name, page })));
}

/**
 * Reads every sensor that the device has, with its limits. `unread`: why one of the pages could not be read,
 * or null.
 */
export async function readSensors(session: Session, rails: readonly Rail[]) {
  const found: { line: Line; values: (number | null)[] }[] = [];
  let unread: PageError | null = null;
  for (const line of sensorLines(rails)) {
    try {
      const values = await readingAndLimits(session, line);
      if (values !== null) found.push({ line, values });
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      unread = error;
    }
  }
  return { found, unread };
}

function sensorCells(
  { name, page }: Line,
  values: readonly (number | null)[],
  rails: readonly Rail[],
): string[] {
  const unit = commandNamed(name)?.unit ?? "";
  return [
    page === undefined ? name : `${name} ${railName(rails, page)}`,
    ...values.map((value) => (value === null ? "" : quantity(value, unit))),
  ];
}

/** The reading, then its limits as LIMITS_OF has them; null where the device lacks the sensor. */
async function readingAndLimits(session: Session, { name, page }: Line): Promise<(number | null)[] | null> {
  const value = await reading(session, name, page);
  if (value === null) return null;
  const values: (number | null)[] = [value];
  for (const limit of LIMITS_OF[name] ?? []) values.push(limit ? await reading(session, limit, page) : null);
  return values;
}

/** Compares with the warning limits alone: a reading beyond a fault limit is beyond the warning limit too. */
function isBeyond([value = null, , lowest = null, highest = null]: readonly (number | null)[]): boolean {
  return value !== null && (value < (lowest ?? value) || value > (highest ?? value));
}

async function reading(session: Session, name: string, page: number | undefined): Promise<number | null> {
  try {
    const value = await session.client.get(name as ReadableName, page === undefined ? {} : { page });
    return value as number;
  } catch (error) {
    if (error instanceof AbsentError) return null;
    throw error;
  }
}

// ------------------------------------------------------------------- what Linux' driver finds

export async function showProbe(session: Session): Promise<void> {
  const rails = await railsOf(session);
  const found = await probePmbus(session.bus, session.address).finally(() => session.client.forgetPage());
  const revision = found.revision === null ? "unknown" : `${found.revision.toString(16)}h`;
  const pages = `${found.pages} page${found.pages === 1 ? "" : "s"}`;
  const minimal = await session.client.minimal();
  // Without a sensor pmbus_do_probe() ends with -ENODEV, "No attributes found".
  const binds = found.sensors.length > 0 ? "binds" : "finds no sensor, and does not bind";
  session.say(
    ...(minimal === null ? [] : [inMinimal(minimal), ...MINIMAL_HELP]),
    `Linux' pmbus driver ${binds} to ${hexAddress(session.address)}: ${pages}, PMBus revision ${revision}, ` +
      `${found.pec ? "with" : "without"} PEC`,
    ...(found.writeProtected ? ["write-protected: the driver believes every answer"] : []),
    ...table(Object.entries(found.identification).map(([name, text]) => [`  ${name}`, safeLine(text)])),
  );
  const rows = found.sensors.map(({ name, page, unit, value, alarms }) => [
    `  ${name}`,
    commandNamed(name)?.pages ? railName(rails, page) : "",
    quantity(value, unit),
    alarms ? "alarms" : "",
  ]);
  const lines = table(rows, [2]);
  session.say(
    ...found.sensors.flatMap((sensor, at) => [lines[at] as string, ...wrapped(shownLimits(sensor), "    ")]),
  );
}

function shownLimits({ limits, unit }: FoundSensor): string[] {
  return limits.map((limit) => `${shortLimit(limit.name)} ${quantity(limit.value, unit)}`);
}

/** "OV_WARN" for VOUT_OV_WARN_LIMIT; the row names the reading. */
function shortLimit(name: string): string {
  return /[A-Z]{2}_(?:WARN|FAULT)(?=_LIMIT$)/.exec(name)?.[0] ?? name;
}
