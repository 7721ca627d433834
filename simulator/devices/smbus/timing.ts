/**
 * Bus timing of a controller: the minima of SMBus 3.2, AC specifications (classes of 100 kHz, 400 kHz and 1
 * MHz), which are those of I2C (UM10204, table 10: Standard-mode, Fast-mode, Fast-mode Plus). The time that a
 * clock period has left goes to its low and its high part in proportion. All times are in nanoseconds.
 */
import { NANOS_PER_SECOND } from "../world.ts";

export interface BusTiming {
  /** tLOW and tHIGH; together one period. */
  readonly low: number;
  readonly high: number;
  /** tHD;STA: START to the first falling edge of SCL. */
  readonly startHold: number;
  /** tSU;STA: SCL high to a repeated START. */
  readonly startSetup: number;
  /** tSU;STO: SCL high to STOP. */
  readonly stopSetup: number;
  /** tBUF: STOP to the next START. */
  readonly busFree: number;
  /** tHD;DAT: SCL low to a change of SDA. */
  readonly dataHold: number;
}

interface BusClass extends BusTiming {
  readonly maxHz: number;
}

/**
 * SMBus before 3.0 asks for 300 ns, so that no receiver sees SDA change before SCL. Later versions and I2C
 * allow 0. At 1 MHz this leaves 358 ns to the rising edge, where tSU;DAT requires 50 ns.
 */
const DATA_HOLD_NANOS = 300;

const CLASSES: readonly BusClass[] = [
  {
    maxHz: 100_000,
    low: 4700,
    high: 4000,
    startHold: 4000,
    startSetup: 4700,
    stopSetup: 4000,
    busFree: 4700,
  },
  { maxHz: 400_000, low: 1300, high: 600, startHold: 600, startSetup: 600, stopSetup: 600, busFree: 1300 },
  { maxHz: 1_000_000, low: 500, high: 260, startHold: 260, startSetup: 260, stopSetup: 260, busFree: 500 },
].map((minima) => ({ ...minima, dataHold: DATA_HOLD_NANOS }));

/** SMBus 3.2, AC specifications: fSMB is 10 kHz at least. */
const MIN_HZ = 10_000;
const MAX_HZ = 1_000_000;

/** tTIMEOUT: SCL low for as long as this ends the transfer (SMBus 3.2, AC specifications: 25 to 35 ms). */
export const TIMEOUT_MAX_NANOS = 35e6;

/** tHIGH of SMBus is at most 50 us: a bus with both lines high for longer is free. */
export const IDLE_NANOS = 50_000;

/**
 * Throws outside 10 kHz to 1 MHz. `lowShare` is the part of a period for which SCL is low, for a controller
 * that divides it in another way.
 */
export function busTiming(hz: number, lowShare?: number): BusTiming {
  const bus = CLASSES.find((candidate) => hz <= candidate.maxHz);
  if (!bus || !(hz >= MIN_HZ))
    throw new RangeError(`SMBus at ${hz} Hz: the clock must be ${MIN_HZ} to ${MAX_HZ} Hz`);
  const low = (NANOS_PER_SECOND / hz) * (lowShare ?? bus.low / (bus.low + bus.high));
  return { ...bus, low, high: NANOS_PER_SECOND / hz - low };
}
