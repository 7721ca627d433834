/** One line of text for each event and each fault of a slot, in the terms of the BMC's own console. */
import {
  commandNamed,
  limitOf,
  NUMBERS,
  nameIn,
  type Rail,
  railName,
  type SlotEvent,
  type ValueOf,
} from "@racklet/client";

export const LATCHED_HINT = '"fault clear" lets the slot come up again';

/** Text by number of the FAULT_REASON; the page says which rail it was. */
export const FAULT_REASONS: Readonly<Record<number, string>> = {
  [NUMBERS.FAULT_REASON.NONE]: "none",
  [NUMBERS.FAULT_REASON.POWER_GOOD_TIMEOUT]: "power-good did not come",
  [NUMBERS.FAULT_REASON.POWER_GOOD_LOST]: "power-good was lost",
  [NUMBERS.FAULT_REASON.POWER_GOOD_STUCK]: "power-good did not go away",
  [NUMBERS.FAULT_REASON.REMOVED]: "the compute board was pulled out",
  [NUMBERS.FAULT_REASON.OVERCURRENT]: "over-current, switched off at once",
  [NUMBERS.FAULT_REASON.LIMIT]: "a fault limit was exceeded",
};

/** Hints for the power states that ask the user to do or expect something; the other names need none. */
export const STATE_HINTS: Readonly<Record<string, string>> = {
  FAULT: `off, a fault is latched: ${LATCHED_HINT}`,
  RETRY_PAUSE: "off after a fault, to be tried again",
  NO_INPUT: "off, there is no input power",
  RESTORING: "off, about to come up by the restore policy",
};

/** Text and unit by QUANTITY. The output voltage of a page has the name of its rail, and millivolts. */
const QUANTITIES: Readonly<Record<string, readonly [text: string, unit: string]>> = {
  VIN: ["input", "mV"],
  IOUT: ["output current", "mA"],
  POUT: ["output power", "mW"],
  TEMPERATURE: ["temperature", "mdeg"],
};
const OUTPUT_VOLTAGE = /^VOUT_(\d)$/;

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** "POWER_GOOD_LOST" as "power good lost". */
function plain(name: string | undefined): string {
  return name === undefined ? "unknown to this client" : name.toLowerCase().replaceAll("_", " ");
}

function value(milli: number, quantity: string | undefined): string {
  return `${milli} ${QUANTITIES[quantity ?? ""]?.[1] ?? "mV"}`;
}

/** "3V3_AUX" for the output voltage of its page, else "input", "output current" and so on. */
function quantityText(quantity: string | undefined, rails: readonly Rail[]): string {
  const page = OUTPUT_VOLTAGE.exec(quantity ?? "")?.[1];
  if (page !== undefined) return railName(rails, Number(page));
  return QUANTITIES[quantity ?? ""]?.[0] ?? `a quantity ${plain(undefined)}`;
}

/** "5V above its fault limit". */
function limitText(limit: number, rails: readonly Rail[]): string {
  const { quantity, kind } = limitOf(limit);
  const side = kind?.startsWith("HIGH") ? "above" : "below";
  const severity = kind?.endsWith("FAULT") ? "fault" : "warning";
  return `${quantityText(quantity, rails)} ${side} its ${severity} limit`;
}

/** The fault, with its rail where it concerns one. */
export function faultText(fault: ValueOf<"MFR_LAST_FAULT">, rails: readonly Rail[]): string {
  const { reason, page, limit } = fault;
  if (reason === NUMBERS.FAULT_REASON.LIMIT) return limitText(limit, rails);
  return `${railName(rails, page)}: ${FAULT_REASONS[reason] ?? `reason ${reason}`}`;
}

/** False if there was no fault, or if a compute board was pulled out, which is recorded and no fault. */
export function isFault({ reason }: ValueOf<"MFR_LAST_FAULT">): boolean {
  return reason !== NUMBERS.FAULT_REASON.NONE && reason !== NUMBERS.FAULT_REASON.REMOVED;
}

/** What to show where there is no fault: "none", and since when, if a board was pulled out. */
export function noFaultText({ reason, measured, time_us }: ValueOf<"MFR_LAST_FAULT">): string {
  if (reason !== NUMBERS.FAULT_REASON.REMOVED) return "none";
  const at = measured
    ? `${seconds(time_us / 1000)} after the BMC's power-on`
    : "a time before the BMC's restart";
  return `none since the compute board was pulled out, at ${at}`;
}

/** "[    1.234] power: on, run released (smbus)", and a count where the event happened more than once. */
export function eventLine(event: SlotEvent, rails: readonly Rail[]): string {
  const { first_ms, last_ms, count } = event;
  const often = count > 1 ? `, ${count} times up to ${seconds(last_ms)}` : "";
  return `[${(first_ms / 1000).toFixed(3).padStart(9)}] ${eventText(event, rails)}${often}`;
}

function eventText(event: SlotEvent, rails: readonly Rail[]): string {
  const { kind, detail, subject, value: milli } = event;
  const by = `(${plain(event.origin)})`;
  switch (kind) {
    case "POWER":
      return `power: ${stateName(subject)}, ${plain(nameIn("POWER_REASON", detail))} ${by}`;
    case "FAULT":
      return `fault: ${faultEvent(event, rails)}`;
    case "FAULT_CLEARED":
      return `fault cleared ${by}`;
    case "WARNING":
    case "WARNING_OVER":
      return `${kind === "WARNING" ? "warning" : "good again"}: ${limitEvent(event, rails)}`;
    case "SENSOR": {
      const quantity = nameIn("QUANTITY", subject);
      const health = plain(nameIn("SENSOR_HEALTH", detail));
      return `sensor of ${quantityText(quantity, rails)} is ${health}, reads ${value(milli, quantity)}`;
    }
    case "INPUT_LOST":
      return `input power lost, ${milli} mV`;
    case "INPUT_BACK":
      return `input power is back, ${milli} mV`;
    case "INSERTED":
      return "compute board plugged in";
    case "REMOVED":
      return "compute board pulled out";
    case "STARTED":
      return `BMC started: ${plain(nameIn("RESET_CAUSE", detail))}`;
    case "POLICY":
      return `policy: ${policyName(detail)} ${by}`;
    case "CALIBRATED":
      return `calibrated: ${quantityText(nameIn("QUANTITY", subject), rails)} ${by}`;
    case "MONITOR": {
      const deviation = subject === 0 ? "" : ", deviates from the converter";
      return `power monitor: ${plain(nameIn("MONITOR_STATE", detail))}${deviation}`;
    }
    default:
      return `an event ${plain(undefined)}: detail ${detail}, subject ${subject}, value ${milli}`;
  }
}

function stateName(state: number): string {
  return plain(namedValue("MFR_POWER_STATE", state));
}

function policyName(policy: number): string {
  return namedValue("MFR_RESTORE_POLICY", policy).toLowerCase().replaceAll("_", "-");
}

function namedValue(command: "MFR_POWER_STATE" | "MFR_RESTORE_POLICY", number: number): string {
  const values = commandNamed(command)?.values ?? {};
  return Object.keys(values).find((name) => values[name] === number) ?? `${number}`;
}

function limitEvent({ subject, value: milli, limit }: SlotEvent, rails: readonly Rail[]): string {
  const { quantity, kind } = limitOf(subject);
  const bound = kind?.startsWith("HIGH") ? "at most" : "at least";
  return `${quantityText(quantity, rails)} ${value(milli, quantity)}, limit ${bound} ${limit}`;
}

/** The reading is the current for an over-current, else the output voltage of the rail. */
function faultEvent(event: SlotEvent, rails: readonly Rail[]): string {
  const { detail, subject, value: milli } = event;
  if (detail === NUMBERS.FAULT_REASON.LIMIT) return limitEvent(event, rails);
  const text = FAULT_REASONS[detail] ?? `reason ${detail}`;
  const unit = detail === NUMBERS.FAULT_REASON.OVERCURRENT ? "mA" : "mV";
  return `${railName(rails, subject)}: ${text}, ${milli} ${unit}`;
}
