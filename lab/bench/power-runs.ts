/**
 * Measures protection and readings in the emulator against the simulated truth: how fast an over-current is
 * switched off, how a slow fault ends, how long `power on` takes, how far readings and energy are from the
 * true values, and how much processor time all this takes.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SensorErrors } from "../../simulator/devices/analog.ts";
import { NANOS_PER_MS } from "../../simulator/devices/world.ts";
import { Slot, type SlotOptions } from "../../simulator/slot/slot.ts";
import { VcdWriter } from "../../simulator/tools/vcd.ts";
import { vcdEdges } from "./vcd-edges.ts";

const OVERLOAD_MA = 4200;
/** A compute board that prints nothing, so that nothing runs beside what is measured. */
const QUIET = { fault: "never-prints" } as const;
/** Our choice: no multiple of any period of the firmware, so that the moments vary. */
const PHASE_STEP_US = 7.3;

function startedSlot(directory: string, options: Partial<SlotOptions>): Slot {
  const slot = new Slot({ directory, xipCache: true, ...options });
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  return slot;
}

function switchedOn(slot: Slot): void {
  slot.terminal.type("power on\r");
  slot.expect(/power: on\r\n/, 2000);
}

/** Returns the answer to a command on the console. */
function ask(slot: Slot, line: string, timeoutMs = 5000): string {
  slot.terminal.type(`${line}\r`);
  slot.expect(`${line}\r\n`, timeoutMs);
  return slot.expect(/([\s\S]*?)bmc> /, timeoutMs)[1] ?? "";
}

// ------------------------------------------------------------------- protection, from the VCD trace

export interface Cutoff {
  readonly trials: number;
  readonly median_us: number;
  readonly most_us: number;
}

/** Returns when EN_5V went low after `begins`, read from the trace that a waveform viewer would show. */
function cutoff_us(directory: string, seed: number, waitMs: number, begins: (slot: Slot) => void): number {
  const folder = mkdtempSync(join(tmpdir(), "racklet-power-"));
  try {
    const path = join(folder, "trace.vcd");
    const vcd = new VcdWriter(path);
    const slot = startedSlot(directory, { ...QUIET, seed, vcd });
    switchedOn(slot);
    slot.runFor(20 + ((seed * PHASE_STEP_US) % 1000) / 1000);
    const began = slot.chip.nanos;
    begins(slot);
    slot.runFor(waitMs);
    vcd.close();
    const falls = vcdEdges(readFileSync(path, "latin1"), "EN_5V").filter(({ level }) => !level);
    const fall = falls.find(({ nanos }) => nanos >= began);
    if (!fall) throw new Error(`EN_5V did not go low within ${waitMs} ms\n${slot.describe()}`);
    return (fall.nanos - began) / 1000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cutoffs(times_us: number[]): Cutoff {
  times_us.sort((one, other) => one - other);
  const median_us = times_us[times_us.length >> 1] as number;
  return { trials: times_us.length, median_us, most_us: times_us.at(-1) as number };
}

/** A short circuit at the 5 V output, at this many moments. */
export function measureShort(directory: string, trials: number, progress: (done: number) => void): Cutoff {
  const times: number[] = [];
  for (let trial = 1; trial <= trials; trial++) {
    times.push(cutoff_us(directory, trial, 5, (slot) => slot.load.short()));
    progress(trial);
  }
  return cutoffs(times);
}

/** A current above the fast limit, from a supply that holds its voltage: only the converter notices it. */
export function measureOvercurrent(
  directory: string,
  trials: number,
  progress: (done: number) => void,
): Cutoff {
  const times: number[] = [];
  for (let trial = 1; trial <= trials; trial++) {
    times.push(cutoff_us(directory, trial, 5, (slot) => slot.load.override(6000)));
    progress(trial);
  }
  return cutoffs(times);
}

/** A current above the fault limit and below the fast one: the filter time passes, then the logic acts. */
export function measureOverload(directory: string, trials: number, progress: (done: number) => void): Cutoff {
  const times: number[] = [];
  for (let trial = 1; trial <= trials; trial++) {
    times.push(cutoff_us(directory, trial, 150, (slot) => slot.load.override(OVERLOAD_MA)));
    progress(trial);
  }
  return cutoffs(times);
}

/** From the end of Enter's stop bit to the release of COMPUTE_RUN, in ms. */
export function measurePowerOn(directory: string): number {
  const slot = startedSlot(directory, QUIET);
  switchedOn(slot);
  return ((slot.compute.releasedAtNanos ?? 0) - slot.terminal.lastTypedAtNanos) / NANOS_PER_MS;
}

// ------------------------------------------------------------------- readings

/** The errors of an uncalibrated board: resistors of 1 %, an amplifier with some millivolts of offset. */
const SENSOR_ERRORS: SensorErrors = {
  VIN: { offsetMv: 3, gainPpm: -9_000 },
  V5: { offsetMv: 4, gainPpm: 8_000 },
  I5: { offsetMv: 6, gainPpm: -12_000 },
  V3V3: { offsetMv: 5, gainPpm: 7_000 },
};
const FULL_SCALE_MA = 6600;
const SETTLE_MS = 250;
const WANDER_NANOS = 2.5e6;
/** The mean of these is zero. */
const WANDER = [
  0.3, -1, 0.8, 0.1, -0.6, 1, -0.2, -0.9, 0.5, 0.7, -0.4, -0.8, 0.9, 0.2, -0.7, 0.6, -0.3, 0.4, -0.5, -0.1,
];
const LOADS_MA = [60, 250, 700, 1500, 2600, 2900, 1100, 400, 2000, 120] as const;
const INPUTS_MV = [12_000, 13_500, 16_000, 19_500, 12_000] as const;

export interface Accuracy {
  readonly voltage_error_pct: number;
  readonly current_error_pct: number;
  /** The error before calibration. */
  readonly raw_voltage_error_pct: number;
  readonly raw_current_error_pct: number;
}

/**
 * A load that always changes: up to a tenth about its mean, every 2.5 ms. It repeats after 50 ms, so the
 * mean over a tenth of a second does not depend on where that tenth begins.
 */
class Wandering {
  readonly #slot: Slot;
  #mean_ma = 0;
  #share = 0;
  #step = 0;

  constructor(slot: Slot) {
    this.#slot = slot;
    this.#next();
  }

  around(mean_ma: number): void {
    this.#mean_ma = mean_ma;
    this.#share = 0.1;
  }

  /** Exactly this current, without changes. */
  steady(ma: number): void {
    this.#mean_ma = ma;
    this.#share = 0;
  }

  #next(): void {
    const wander = WANDER[this.#step++ % WANDER.length] as number;
    this.#slot.load.override(this.#mean_ma * (1 + this.#share * wander));
    this.#slot.chip.schedule(WANDER_NANOS, () => this.#next());
  }
}

interface Reading {
  readonly name: string;
  readonly said: number;
  readonly is: number;
}

/** Returns what `sensors` shows and the true values, averaged over the tenth of a second of that reading. */
function readings(slot: Slot): Reading[] {
  const sums = { VIN: 0, V5: 0, I5: 0, V3V3: 0 };
  let looks = 0;
  const rail = slot.supplies["3V3_AUX"];
  for (; looks < 100; looks++) {
    slot.runFor(1);
    sums.VIN += slot.truth.vinMv;
    sums.V5 += slot.truth.v5Mv;
    sums.I5 += slot.truth.i5Ma;
    sums.V3V3 += rail?.millivolts ?? 0;
  }
  const answer = ask(slot, "sensors");
  return Object.entries(sums).map(([name, sum]) => {
    const said = new RegExp(`^${name} +(-?\\d+) m`, "m").exec(answer)?.[1];
    if (said === undefined) throw new Error(`no ${name} in "${answer}"`);
    return { name, said: Number(said), is: sum / looks };
  });
}

/**
 * Varies load and input. Returns the largest errors in percent: of the value for voltages, of full scale
 * for current.
 */
function errorsOverSteps(slot: Slot, load: Wandering): { voltage: number; current: number } {
  let [voltage, current] = [0, 0];
  LOADS_MA.forEach((mean_ma, step) => {
    slot.input.setSource(INPUTS_MV[step % INPUTS_MV.length] as number);
    load.around(mean_ma);
    slot.runFor(SETTLE_MS);
    for (const { name, said, is } of readings(slot)) {
      if (name === "I5") current = Math.max(current, (100 * Math.abs(said - is)) / FULL_SCALE_MA);
      else voltage = Math.max(voltage, (100 * Math.abs(said - is)) / is);
    }
  });
  return { voltage, current };
}

/** Calibrates each channel at two points, as a user with a meter does. */
function calibrate(slot: Slot, load: Wandering): void {
  const point = (name: string, meter: () => number) => {
    slot.runFor(SETTLE_MS);
    const answer = ask(slot, `calibrate ${name} ${Math.round(meter())}`);
    if (/error/.test(answer)) throw new Error(`calibrate ${name}: ${answer}`);
  };
  load.steady(500);
  point("I5", () => slot.truth.i5Ma);
  load.steady(2800);
  point("I5", () => slot.truth.i5Ma);
  load.steady(500);
  point("VIN", () => slot.truth.vinMv);
  slot.input.setSource(19_000);
  point("VIN", () => slot.truth.vinMv);
  slot.input.setSource(12_000);
  point("V5", () => slot.truth.v5Mv);
  point("V3V3", () => slot.supplies["3V3_AUX"]?.millivolts ?? 0);
  ask(slot, "power force-off --yes");
  slot.runFor(2000);
  point("V5", () => 0);
  point("V3V3", () => 0);
  switchedOn(slot);
}

/** Returns a slot whose sensors have typical errors, calibrated, and on. */
export function calibratedSlot(directory: string): { slot: Slot; load: Wandering; accuracy: Accuracy } {
  const slot = startedSlot(directory, { ...QUIET, seed: 11, sensorErrors: SENSOR_ERRORS });
  switchedOn(slot);
  const load = new Wandering(slot);
  const raw = errorsOverSteps(slot, load);
  slot.input.setSource(12_000);
  calibrate(slot, load);
  const { voltage, current } = errorsOverSteps(slot, load);
  slot.input.setSource(12_000);
  const accuracy = {
    voltage_error_pct: voltage,
    current_error_pct: current,
    raw_voltage_error_pct: raw.voltage,
    raw_current_error_pct: raw.current,
  };
  return { slot, load, accuracy };
}

export interface EnergyFigures {
  readonly minutes: number;
  readonly said_mj: number;
  readonly is_mj: number;
  readonly energy_error_pct: number;
}

function saidEnergy_mj(slot: Slot): number {
  const said = /^ENERGY +(\d+) mJ/m.exec(ask(slot, "sensors"))?.[1];
  if (said === undefined) throw new Error("the console shows no energy");
  return Number(said);
}

/**
 * Compares the reported energy with the true one over this time, with a load that changes every few
 * seconds.
 */
export function measureEnergy(
  directory: string,
  minutes: number,
  progress: (done_s: number) => void,
): EnergyFigures {
  const { slot, load } = calibratedSlot(directory);
  slot.runFor(500);
  const [said, is] = [saidEnergy_mj(slot), slot.truth.energyMj];
  const end = slot.chip.nanos + minutes * 60e9;
  for (let step = 0; slot.chip.nanos < end; step++) {
    load.around(LOADS_MA[(step * 7) % LOADS_MA.length] as number);
    slot.runFor(Math.min(1000 + ((step * 613) % 4000), (end - slot.chip.nanos) / 1e6));
    progress(minutes * 60 - (end - slot.chip.nanos) / 1e9);
  }
  const said_mj = saidEnergy_mj(slot) - said;
  const is_mj = slot.truth.energyMj - is;
  return { minutes, said_mj, is_mj, energy_error_pct: (100 * Math.abs(said_mj - is_mj)) / is_mj };
}

/** Returns the share of the processor, in percent, while the slot is on and idle, and while it is off. */
export function measureShare(directory: string): { on_pct: number; off_pct: number } {
  const slot = startedSlot(directory, QUIET);
  const share = () => {
    slot.runFor(1000);
    const [cycles, nanos] = [slot.chip.cycles, slot.chip.nanos];
    slot.runFor(2000);
    return (100 * (slot.chip.cycles - cycles)) / (((slot.chip.nanos - nanos) * slot.chip.clkSysHz) / 1e9);
  };
  const off_pct = share();
  switchedOn(slot);
  return { on_pct: share(), off_pct };
}
