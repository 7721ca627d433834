/**
 * What the model knows of the world around the slot, told by whoever drives it: readings that are possible,
 * bytes that went in, time. It is the same whatever became of a message.
 */
import type { QuantityName } from "./rules.ts";
import { Stream } from "./stream.ts";

const BOOT_LOG_KEPT = 32_768;
const CONSOLE_KEPT = 4096;

/** Of a count: what it is at least and at most. */
export interface Span {
  least: number;
  most: number;
}

export class World {
  now_us = 0;
  /** In thousandths, what each quantity may read now. */
  readonly readings = new Map<QuantityName, Span>();
  /** Page's power-good; null: not known. */
  readonly powerGood: (boolean | null)[] = [false, false];
  readonly log = new Stream(BOOT_LOG_KEPT);
  readonly console = new Stream(CONSOLE_KEPT);
  /** Sensors have been plausible for long enough to be believed. */
  sane = true;
  /** A power-good may have stayed where its supply was switched off. */
  mayStick = false;
  /** Bytes that surely find room now. */
  consoleRoom = 0;
  computeRoom = 0;
  /** Told of every block for the compute board; `sure`: that it was taken. */
  onComputeInput: (bytes: readonly number[], sure: boolean) => void = () => {};
  /** Counts of the bus are those of the messages the model was told of, and no others. */
  countsExactly = true;
  alertsAnswered = 0;
  timesClosed = 0;
  /** As last read. */
  counters: readonly number[] = [];
  energy = { sum: 0, samples: 0 };
  /** MFR_ENERGY as last read, when, and the largest power possible since. */
  millijoules = { sum: 0, at_us: 0, peak_mw: 0 };
  /** Events by their numbers, as last read; the end as far as it is known. */
  readonly events = new Map<number, string>();
  eventsEnd = 0;
  /** The largest power possible since READ_EOUT was last read, in mW. */
  powerPeak = 0;
  faultCount = 0;
  bootStage = 0;

  toString(): string {
    const readings = [...this.readings].map(([name, { least, most }]) => `${name} ${least} to ${most}`);
    return `${readings.join(", ")}, sensors ${this.sane ? "" : "not "}believed, at ${this.now_us} us`;
  }

  reading(quantity: QuantityName): Span {
    return this.readings.get(quantity) ?? { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
  }
}
