/**
 * What the model knows of the world around the slot: possible readings, bytes that were sent, time. The
 * driver reports these. They are the same in all suspects, however the slot understood a message.
 */
import { MOST_PAGES } from "../../../abi/quantities.ts";
import type { QuantityName } from "./rules.ts";
import { Stream } from "./stream.ts";

const BOOT_LOG_KEPT = 32_768;
const CONSOLE_KEPT = 4096;

/** The least and the greatest possible value. */
export interface Span {
  least: number;
  most: number;
}

export class World {
  now_us = 0;
  /** The possible readings of each quantity, in thousandths. */
  readonly readings = new Map<QuantityName, Span>();
  /** Page's power-good; null: not known. */
  readonly powerGood: (boolean | null)[] = new Array(MOST_PAGES).fill(false);
  readonly log = new Stream(BOOT_LOG_KEPT);
  readonly console = new Stream(CONSOLE_KEPT);
  /** Sensors have been plausible for long enough to be trusted. */
  sane = true;
  /** A power-good may have stayed asserted after its supply was switched off. */
  mayStick = false;
  /** Bytes for which there is certainly room now. */
  consoleRoom = 0;
  computeRoom = 0;
  /** Called with every text for the compute board; `sure`: it was certainly accepted. */
  onComputeInput: (bytes: readonly number[], sure: boolean) => void = () => {};
  /** The bus counters count exactly the messages that the model knows. */
  countsExactly = true;
  alertsAnswered = 0;
  timesClosed = 0;
  /** As last read. */
  counters: readonly number[] = [];
  energy = { sum: 0, samples: 0 };
  /** MFR_ENERGY as last read, the time of that read, and the largest power possible since then. */
  millijoules = { sum: 0, at_us: 0, peak_mw: 0 };
  /** Events by their numbers, as last read, and the end as far as it is known. */
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
