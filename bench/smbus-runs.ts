/**
 * How long the SMBus target holds SCL low, message by message, in the emulator with the flash's cache
 * modelled: a slot under power whose compute board prints without a pause.
 */
import type { Outcome } from "../simulator/devices/smbus/outcome.ts";
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
} from "../simulator/devices/smbus/protocols.ts";
import type { Protocol } from "../simulator/devices/smbus/steps.ts";
import { ownBootlog, Slot } from "../simulator/slot.ts";

export const SPEEDS_HZ = [100_000, 400_000, 1_000_000] as const;

const ADDRESS = 0x10;
const SEED = 7;
/** Beyond what all measurements at one speed take: 11,520 bytes are a second. */
const BOOTLOG_BYTES = 3 << 20;
/** Between two messages: enough for what a message leaves to do, and for any phase of everything else. */
const LONGEST_GAP_US = 400;

/** What else goes on. */
export const SCENARIOS = {
  "compute board printing": null,
  "and its log followed on the console": "log -f\r",
} as const satisfies Readonly<Record<string, string | null>>;
export type ScenarioName = keyof typeof SCENARIOS;

/** Messages of one kind: `before` goes out first and is not measured. */
interface Kind {
  readonly name: string;
  /** Answered from what the logic has prepared, and nothing stands before it. */
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

const to = (command: number, pec = true): Destination => ({ address: ADDRESS, command, pec });
const pick = <T>(list: readonly T[], count: number): T => list[count % list.length] as T;
/** With and without PEC in turn. */
const checked = (count: number) => (count & 1) === 0;

const TELEMETRY = [0x88, 0x8b, 0x8c, 0x8d, 0x96];
const STATUS = [0x78, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x80, 0xd1, 0xd2];
const IDENTIFICATION = [0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0xad, 0xda, 0xd3];
const LIMITS = [0x40, 0x44, 0x46, 0x4f, 0x55, 0x59];
/** PMBus commands that this device does not have, as Linux asks for them. */
const UNSUPPORTED = [0x89, 0x8a, 0x97, 0x90, 0x8e, 0x8f, 0x31, 0xa0];
const UT_WARN_LIMIT = 0x52;
const UT_WARN_CELSIUS = [-20, -19];
const READ_VIN = 0x88;

const position = (count: number) => [count & 0xff, (count >> 8) & 0xff, 0, 0];
const telemetryWord = (count: number) => readWord(to(READ_VIN, checked(count)));

function prepared(name: string, message: Kind["message"]): Kind {
  return { name, telemetry: true, message };
}

function asking(name: string, message: Kind["message"]): Kind {
  return { name, telemetry: false, message };
}

function behind(name: string, before: Kind["message"]): Kind {
  return { name: `READ_VIN right after ${name}`, telemetry: false, message: telemetryWord, before };
}

const KINDS: readonly Kind[] = [
  prepared("telemetry", (count) => readWord(to(pick(TELEMETRY, count >> 1), checked(count)))),
  prepared("status", (count) => readByte(to(pick(STATUS, count >> 1), checked(count)))),
  prepared("STATUS_WORD", (count) => readWord(to(0x79, checked(count)))),
  prepared("limits", (count) => readWord(to(pick(LIMITS, count >> 1), checked(count)))),
  prepared("identification", (count) => readBlock(to(pick(IDENTIFICATION, count >> 1), checked(count)))),
  prepared("READ_EOUT", (count) => readBlock(to(0x87, checked(count)))),
  asking("unsupported reads", (count) => readWord(to(pick(UNSUPPORTED, count >> 1), checked(count)))),
  asking("MFR_LOG_STATUS", (count) => readBlock(to(0xd4, checked(count)))),
  asking("MFR_COUNTERS", (count) => readBlock(to(0xdb, checked(count)))),
  asking("SMBALERT_MASK", (count) => blockProcessCall(to(0x1b, checked(count)), Uint8Array.of(0x7e))),
  asking("MFR_LOG_READ", (count) => blockProcessCall(to(0xd5), Uint8Array.from(position(28 * count)))),
  asking("MFR_CONSOLE_OUTPUT", () => blockProcessCall(to(0xd7), Uint8Array.from(position(0)))),
  behind("CLEAR_FAULTS", (count) => sendByte(to(0x03, checked(count)))),
  behind("MFR_IDENTIFY", (count) => writeByte(to(0xd9, checked(count)), (count >> 1) & 1)),
  behind("PAGE", (count) => writeByte(to(0x00, checked(count)), 0)),
  behind("WRITE_PROTECT", (count) => writeByte(to(0x10, checked(count)), 0)),
  behind("a limit", (count) =>
    writeWord(to(UT_WARN_LIMIT, checked(count)), pick(UT_WARN_CELSIUS, count >> 1) & 0x7ff),
  ),
  behind("MFR_COMPUTE_INPUT", (count) => writeBlock(to(0xd8, checked(count)), Uint8Array.of(0x20))),
  behind("a write refused", (count) => writeByte(to(READ_VIN, checked(count)), 1)),
];

/** One boot log over and over, in one line: a line's end would be a pause. */
function endlessBootlog(): Uint8Array {
  const line = Buffer.from(ownBootlog())
    .toString("latin1")
    .replace(/[\r\n]+/g, " ")
    .replaceAll("[", "(");
  return Buffer.from(line.repeat(Math.ceil(BOOTLOG_BYTES / line.length)), "latin1");
}

function printingSlot(directory: string, scenario: ScenarioName): Slot {
  const slot = new Slot({ directory, seed: SEED, xipCache: true, bootlog: endlessBootlog() });
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  slot.terminal.type("power on\r");
  slot.runUntil(() => slot.compute.sentBytes > 1000, 3000, "the compute board to print");
  const typed = SCENARIOS[scenario];
  if (typed !== null) slot.terminal.type(typed);
  slot.runFor(100);
  return slot;
}

/** Repeatable pseudo-random gaps: xorshift. */
function gaps(): () => number {
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

/** A target whose requests have piled up does not answer its address; the controller tries again later. */
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

function measureKind(slot: Slot, kind: Kind, messages: number, gap: () => number): number[] {
  const stretches: number[] = [];
  for (let count = 0; count < messages; count++) {
    slot.runFor(gap() / 1000);
    if (kind.before) answered(slot, kind.before(count));
    const { kind: end, at, largestStretchNanos } = answered(slot, kind.message(count));
    // What does not exist has no right PEC.
    if (end !== "ok" && !(end === "bad-pec" && kind.name === "unsupported reads"))
      throw new Error(`${kind.name}: ${end} at ${at}\n${slot.describe()}`);
    stretches.push(largestStretchNanos / 1000);
  }
  return stretches.sort((one, other) => one - other);
}

/** Largest stretch of each message, so many of each kind, at one speed. */
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
