/**
 * Measures how long the SMBus target holds SCL low, message by message, in the emulator with the flash
 * cache modelled. The slot is on, and its compute board prints without a pause.
 */
import { commands } from "../../abi/smbus.ts";
import type { Outcome } from "../../simulator/devices/smbus/outcome.ts";
import {
  blockProcessCall,
  type Destination,
  readBlock,
  readByte,
  readWord,
  sendByte,
  writeBlock,
  writeByte,
  writeWord,
} from "../../simulator/devices/smbus/protocols.ts";
import type { Protocol } from "../../simulator/devices/smbus/steps.ts";
import { ownBootlog, Slot } from "../../simulator/slot/slot.ts";

export const SPEEDS_HZ = [100_000, 400_000, 1_000_000] as const;

export const ADDRESS = 0x10;
const SEED = 7;
/**
 * Our choice: more than the compute board prints during all measurements at one speed, at 11,520 bytes a
 * second.
 */
const BOOTLOG_BYTES = 3 << 20;
/**
 * The gap between two messages varies up to this: the slot finishes a message, and meets every phase of
 * other work.
 */
const LONGEST_GAP_US = 400;

/** What the slot does besides. */
export const SCENARIOS = {
  "compute board printing": null,
  "and its log followed on the console": "log -f\r",
} as const satisfies Readonly<Record<string, string | null>>;
export type ScenarioName = keyof typeof SCENARIOS;

/** Messages of one kind. `before` is sent first and not measured. */
export interface Kind {
  readonly name: string;
  /** The logic has prepared its response, and no request is pending before it. */
  readonly telemetry: boolean;
  readonly message: (count: number) => Protocol;
  readonly before?: (count: number) => Protocol;
}

export interface KindFigures {
  readonly name: string;
  readonly telemetry: boolean;
  readonly messages: number;
  readonly p50_us: number;
  readonly p99_us: number;
  readonly max_us: number;
}

export interface SpeedFigures {
  readonly telemetry_max_stretch_us: number;
  readonly other_p50_us: number;
  readonly other_p99_us: number;
  readonly other_max_us: number;
  readonly kinds: readonly KindFigures[];
}

/** A destination by the command's name in the table, or by its code if it is not in the table. */
export function to(name: string | number, pec = true): Destination {
  const command = typeof name === "number" ? name : commands.find((one) => one.name === name)?.code;
  if (command === undefined) throw new Error(`abi/smbus.ts has no ${name}`);
  return { address: ADDRESS, command, pec };
}

const pick = <T>(list: readonly T[], count: number): T => list[count % list.length] as T;
/** Every second message has a PEC. */
export const checked = (count: number) => (count & 1) === 0;

const TELEMETRY = ["READ_VIN", "READ_VOUT", "READ_IOUT", "READ_TEMPERATURE_1", "READ_POUT"];
const STATUS = [
  "STATUS_BYTE",
  "STATUS_VOUT",
  "STATUS_IOUT",
  "STATUS_INPUT",
  "STATUS_TEMPERATURE",
  "STATUS_CML",
  "STATUS_MFR_SPECIFIC",
  "MFR_POWER_STATE",
  "MFR_BOOT_STAGE",
];
const IDENTIFICATION = [
  "MFR_ID",
  "MFR_MODEL",
  "MFR_REVISION",
  "MFR_LOCATION",
  "MFR_DATE",
  "IC_DEVICE_ID",
  "MFR_FIRMWARE",
  "MFR_LAST_FAULT",
];
const LIMITS = [
  "VOUT_OV_FAULT_LIMIT",
  "VOUT_UV_FAULT_LIMIT",
  "IOUT_OC_FAULT_LIMIT",
  "OT_FAULT_LIMIT",
  "VIN_OV_FAULT_LIMIT",
  "VIN_UV_FAULT_LIMIT",
];
/**
 * PMBus commands that this device does not support, but that Linux asks for: READ_IIN, READ_VCAP, READ_PIN,
 * READ_FAN_SPEED_1, READ_TEMPERATURE_2 and _3, POUT_MAX, MFR_VIN_MIN.
 */
const UNSUPPORTED = [0x89, 0x8a, 0x97, 0x90, 0x8e, 0x8f, 0x31, 0xa0];
const UT_WARN_CELSIUS = [-20, -19];

const position = (count: number) => [count & 0xff, (count >> 8) & 0xff, 0, 0];
const telemetryWord = (count: number) => readWord(to("READ_VIN", checked(count)));

function prepared(name: string, message: Kind["message"]): Kind {
  return { name, telemetry: true, message };
}

function asking(name: string, message: Kind["message"]): Kind {
  return { name, telemetry: false, message };
}

function behind(name: string, before: Kind["message"]): Kind {
  return { name: `READ_VIN right after ${name}`, telemetry: false, message: telemetryWord, before };
}

export const KINDS: readonly Kind[] = [
  prepared("telemetry", (count) => readWord(to(pick(TELEMETRY, count >> 1), checked(count)))),
  prepared("status", (count) => readByte(to(pick(STATUS, count >> 1), checked(count)))),
  prepared("STATUS_WORD", (count) => readWord(to("STATUS_WORD", checked(count)))),
  prepared("limits", (count) => readWord(to(pick(LIMITS, count >> 1), checked(count)))),
  prepared("identification", (count) => readBlock(to(pick(IDENTIFICATION, count >> 1), checked(count)))),
  prepared("READ_EOUT", (count) => readBlock(to("READ_EOUT", checked(count)))),
  asking("unsupported reads", (count) => readWord(to(pick(UNSUPPORTED, count >> 1), checked(count)))),
  asking("MFR_LOG_STATUS", (count) => readBlock(to("MFR_LOG_STATUS", checked(count)))),
  asking("MFR_COUNTERS", (count) => readBlock(to("MFR_COUNTERS", checked(count)))),
  asking("SMBALERT_MASK", (count) =>
    blockProcessCall(to("SMBALERT_MASK", checked(count)), Uint8Array.of(to("STATUS_CML").command)),
  ),
  asking("MFR_LOG_READ", (count) =>
    blockProcessCall(to("MFR_LOG_READ"), Uint8Array.from(position(28 * count))),
  ),
  asking("MFR_CONSOLE_OUTPUT", () =>
    blockProcessCall(to("MFR_CONSOLE_OUTPUT"), Uint8Array.from(position(0))),
  ),
  asking("MFR_EVENT_READ", () => blockProcessCall(to("MFR_EVENT_READ"), Uint8Array.from(position(0)))),
  asking("MFR_TRACE_READ", (count) =>
    blockProcessCall(to("MFR_TRACE_READ"), Uint8Array.from(position((2 * count) & 0xff))),
  ),
  behind("CLEAR_FAULTS", (count) => sendByte(to("CLEAR_FAULTS", checked(count)))),
  behind("MFR_IDENTIFY", (count) => writeByte(to("MFR_IDENTIFY", checked(count)), (count >> 1) & 1)),
  behind("PAGE", (count) => writeByte(to("PAGE", checked(count)), 0)),
  behind("WRITE_PROTECT", (count) => writeByte(to("WRITE_PROTECT", checked(count)), 0)),
  behind("a limit", (count) =>
    writeWord(to("UT_WARN_LIMIT", checked(count)), pick(UT_WARN_CELSIUS, count >> 1) & 0x7ff),
  ),
  behind("MFR_COMPUTE_INPUT", (count) =>
    writeBlock(to("MFR_COMPUTE_INPUT", checked(count)), Uint8Array.of(0x20)),
  ),
  behind("a setting, saved ten times a second", (count) =>
    writeByte(to("MFR_RESTORE_POLICY", checked(count)), (count >> 1) & 1),
  ),
  behind("a write refused", (count) => writeByte(to("READ_VIN", checked(count)), 1)),
];

/** One boot log repeated in a single line, because a line's end would be a pause. */
function endlessBootlog(): Uint8Array {
  const line = Buffer.from(ownBootlog())
    .toString("latin1")
    .replace(/[\r\n]+/g, " ")
    .replaceAll("[", "(");
  return Buffer.from(line.repeat(Math.ceil(BOOTLOG_BYTES / line.length)), "latin1");
}

function untilPrinting(slot: Slot): void {
  const before = slot.compute.sentBytes;
  slot.runUntil(() => slot.compute.sentBytes > before + 1000, 3000, "the compute board to print");
}

/** Makes a short circuit that ends soon. It freezes a trace, and a second later the slot comes up again. */
function leaveTrace(slot: Slot): void {
  slot.load.short();
  slot.runUntil(() => !slot.compute.powered, 10, "the slot to go off");
  slot.load.clearShort();
  slot.runUntil(() => slot.compute.powered, 3000, "the slot to come up again");
  untilPrinting(slot);
  // The fault has asserted SMBALERT#, and while it does the slot follows every address bit by bit.
  answered(slot, sendByte(to("CLEAR_FAULTS")));
  slot.runFor(5);
  if (slot.signal("SMBALERT")?.asserted) throw new Error("the slot still alerts");
}

export function printingSlot(directory: string, scenario: ScenarioName): Slot {
  const slot = new Slot({ directory, seed: SEED, xipCache: true, bootlog: endlessBootlog() });
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  slot.terminal.type("power on\r");
  untilPrinting(slot);
  leaveTrace(slot);
  const typed = SCENARIOS[scenario];
  if (typed !== null) slot.terminal.type(typed);
  slot.runFor(100);
  return slot;
}

/** Repeatable pseudo-random gaps: xorshift. */
export function gaps(): () => number {
  let state = SEED;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) / 2 ** 32) * LONGEST_GAP_US;
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

const ROUNDING = 1000;
const round = (us: number) => Math.round(us * ROUNDING) / ROUNDING;

/**
 * A target whose request ring is full does not acknowledge its address. The controller tries again after
 * this.
 */
const RETRY_MS = 5;
const TRIES = 20;

function answered(slot: Slot, protocol: Protocol): Outcome {
  let outcome = slot.transfer(protocol);
  for (let tries = 1; tries < TRIES && outcome.kind === "nack" && outcome.at === "address"; tries++) {
    slot.runFor(RETRY_MS);
    outcome = slot.transfer(protocol);
  }
  return outcome;
}

/**
 * Makes the message of a kind. Throws where it does not end well. `pause_us` is between it and what is
 * before.
 */
export function measured(slot: Slot, kind: Kind, count: number, pause_us = 0): Outcome {
  if (kind.before) answered(slot, kind.before(count));
  slot.runFor(pause_us / 1000);
  const outcome = answered(slot, kind.message(count));
  // An unsupported command has no correct PEC.
  if (outcome.kind !== "ok" && !(outcome.kind === "bad-pec" && kind.name === "unsupported reads"))
    throw new Error(`${kind.name}: ${outcome.kind} at ${outcome.at}\n${slot.describe()}`);
  return outcome;
}

function measureKind(slot: Slot, kind: Kind, messages: number, gap: () => number): number[] {
  const stretches: number[] = [];
  for (let count = 0; count < messages; count++) {
    slot.runFor(gap() / 1000);
    stretches.push(measured(slot, kind, count).largestStretchNanos / 1000);
  }
  return stretches.sort((one, other) => one - other);
}

/** Returns the largest stretch of each message, for a number of each kind, at one speed. */
export function measureSpeed(
  directory: string,
  scenario: ScenarioName,
  hz: number,
  messages: number,
  progress: (what: string) => void,
): SpeedFigures {
  const slot = printingSlot(directory, scenario);
  slot.smbus.hz = hz;
  const gap = gaps();
  const kinds: KindFigures[] = [];
  const others: number[] = [];
  for (const kind of KINDS) {
    progress(kind.name);
    const sorted = measureKind(slot, kind, messages, gap);
    if (!kind.telemetry) others.push(...sorted);
    kinds.push({
      name: kind.name,
      telemetry: kind.telemetry,
      messages,
      p50_us: round(percentile(sorted, 0.5)),
      p99_us: round(percentile(sorted, 0.99)),
      max_us: round(sorted.at(-1) ?? 0),
    });
  }
  if (slot.compute.bootlogFinished)
    throw new Error("the compute board stopped printing: the boot log is too short");
  others.sort((one, other) => one - other);
  return {
    telemetry_max_stretch_us: Math.max(
      ...kinds.filter(({ telemetry }) => telemetry).map(({ max_us }) => max_us),
    ),
    other_p50_us: round(percentile(others, 0.5)),
    other_p99_us: round(percentile(others, 0.99)),
    other_max_us: round(others.at(-1) ?? 0),
    kinds,
  };
}
