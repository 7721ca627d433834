/**
 * Measures the shortest holds of SCL. The controller of a Raspberry Pi (BCM2835) cuts the next clock short if
 * a target releases SCL less than half a clock after the controller did. So a hold must be none, or longer
 * than that.
 *
 * The dangerous moment is when the slot finishes a write just as the next message asks for data. So the pause
 * between the two takes every length up to a message's own, in steps.
 */
import {
  rawMessage,
  readBlock,
  readWord,
  receiveByte,
  sendByte,
  writeByte,
  writeWord,
} from "../../simulator/devices/smbus/protocols.ts";
import type { Protocol } from "../../simulator/devices/smbus/steps.ts";
import { ADDRESS, checked, gaps, KINDS, type Kind, measured, printingSlot, to } from "./smbus-runs.ts";

export interface HoldClock {
  readonly name: string;
  readonly hz: number;
  /** The part of a clock for which the controller keeps SCL low; undefined for SMBus' own. */
  readonly lowShare?: number;
  /** Whether no hold may be too short. */
  readonly isGoal: boolean;
}

/** BCM2835's clock divider is even, so that SCL is low for half of a clock (peripherals manual, BSC). */
const RASPBERRY_PI = 0.5;

/**
 * At 400 kHz a Raspberry Pi keeps SCL low for 1.25 us, less than the 1.3 us of SMBus. A word missed in the
 * flash's cache delays the handler by 0.4 us, and now and then that is too much, so it is no goal.
 */
export const HOLD_CLOCKS: readonly HoldClock[] = [
  { name: "100 kHz", hz: 100_000, isGoal: true },
  { name: "400 kHz", hz: 400_000, isGoal: true },
  { name: "Raspberry Pi, 100 kHz", hz: 100_000, lowShare: RASPBERRY_PI, isGoal: true },
  { name: "Raspberry Pi, 400 kHz", hz: 400_000, lowShare: RASPBERRY_PI, isGoal: false },
];

export interface HoldFigures {
  readonly name: string;
  readonly messages: number;
  /** Holds shorter than half a clock. */
  readonly short: number;
  /** The shortest hold that is not none; null where there is none. */
  readonly shortest_us: number | null;
}

/** Kinds that count as one row. With `steps` the pause before the message takes that many lengths. */
interface Group {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly steps?: number;
}

/** The client reads a block at its greatest length where the adapter has no block read. */
const LONGEST_BLOCK_BYTES = 34;
const STEPS = 400;

const words = (count: number) =>
  count % 3 === 0 ? readBlock(to("MFR_MODEL", checked(count))) : readWord(to("READ_VIN", checked(count)));

function behind(name: string, before: (count: number) => Protocol): Group {
  return {
    name: `a read after ${name}`,
    kinds: [{ name, telemetry: false, message: words, before }],
    steps: STEPS,
  };
}

function other(name: string, message: Kind["message"]): Group {
  return { name, kinds: [{ name, telemetry: false, message }] };
}

const BLOCKS = ["MFR_ID", "MFR_MODEL", "MFR_COUNTERS", "READ_VIN"];

const GROUPS: readonly Group[] = [
  { name: "prepared reads", kinds: KINDS.filter(({ telemetry }) => telemetry) },
  {
    name: "reads that need the logic",
    kinds: KINDS.filter(({ telemetry, before }) => !telemetry && !before),
  },
  other("blocks read at their greatest length", (count) =>
    rawMessage(ADDRESS, [to(BLOCKS[count % BLOCKS.length] as string).command], LONGEST_BLOCK_BYTES),
  ),
  other("a byte read without a command", () => receiveByte({ address: ADDRESS })),
  behind("CLEAR_FAULTS", (count) => sendByte(to("CLEAR_FAULTS", checked(count)))),
  behind("PAGE", (count) => writeByte(to("PAGE", checked(count)), 0)),
  behind("a limit", (count) => writeWord(to("UT_WARN_LIMIT", checked(count)), -20 & 0x7ff)),
  behind("a write refused", (count) => writeByte(to("READ_VIN", checked(count)), 1)),
];

/** Returns the shortest holds of each group, of so many messages in each, at one clock. */
export function measureHolds(
  directory: string,
  { hz, lowShare }: HoldClock,
  messages: number,
): readonly HoldFigures[] {
  const slot = printingSlot(directory, "and its log followed on the console");
  slot.smbus.setClock(hz, lowShare);
  const gap = gaps();
  const clock_us = 1e6 / hz;
  return GROUPS.map(({ name, kinds, steps }) => {
    const holds: number[] = [];
    const each = Math.ceil(messages / kinds.length);
    for (const kind of kinds) {
      for (let count = 0; count < each; count++) {
        slot.runFor(gap() / 1000);
        // 400 steps of a tenth of a clock are as long as a whole read with its addresses.
        const pause_us = steps === undefined ? 0 : ((count % steps) / 10) * clock_us;
        for (const { nanos } of measured(slot, kind, count, pause_us).stretches) holds.push(nanos / 1000);
      }
    }
    return {
      name,
      messages: kinds.length * each,
      short: holds.filter((us) => us < clock_us / 2).length,
      shortest_us: holds.length === 0 ? null : holds.reduce((one, us) => Math.min(one, us)),
    };
  });
}
