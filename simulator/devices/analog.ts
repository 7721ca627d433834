/**
 * Voltages at the sense pins of the board: what the rails, the input and the die really are,
 * through the dividers and amplifiers of the board file, with a little seeded ripple.
 */
import type { Board, BoardSensor, SensorName } from "../../boards/board.ts";
import { NOISE_STREAM, noise } from "./noise.ts";
import { NANOS_PER_MS, NANOS_PER_SECOND } from "./world.ts";

/** The quantities themselves, before any divider. */
export interface Quantities {
  /** Output of the supply whose rail names this sensor, in mV. */
  railMv(sensor: SensorName): number | null;
  /** Current of the compute supply, in mA. */
  computeMa(): number;
  /** Power of the compute supply, in mW. */
  computeMw(): number;
  readonly nanos: number;
}

const INPUT_MV = 12000;
/** Cable and connector from the rack's supply to the slot. */
const INPUT_MILLIOHMS = 90;
/** Standby supply of the BMC, always on. */
const STANDBY_MW = 150;
const CONVERTER_EFFICIENCY = 0.9;
const AMBIENT_DEGREES = 28;
/** Wander of the air around the BMC, half a degree over a minute. */
const WANDER_DEGREES = 0.5;
const WANDER_PERIOD_NANOS = 60 * NANOS_PER_SECOND;
/** Air warmed by the compute board beside it. */
const DEGREES_PER_WATT = 0.8;
/** Ripple and converter noise at a pin, about one code of 0.8 mV. */
const PIN_RIPPLE_MV = 0.8;
/** The ripple of a switching supply is seen afresh at each sample. */
const RIPPLE_STEP_NANOS = NANOS_PER_MS / 1000;

/** Input of the slot in mV: it droops with the power drawn. */
export function inputMv(computeMw: number): number {
  const inputMa = ((computeMw / CONVERTER_EFFICIENCY + STANDBY_MW) / INPUT_MV) * 1000;
  return INPUT_MV - (inputMa * INPUT_MILLIOHMS) / 1000;
}

/** Voltage over the RP2040's biased diode (datasheet 4.9.5): 0.706 V at 27 C, -1.721 mV per degree. */
export function diodeMv(degrees: number): number {
  return 706 - (degrees - 27) * 1.721;
}

/** Temperature of the BMC's die in degrees, with the room's slow wander. */
export function dieDegrees(seed: number, nanos: number, computeMw: number): number {
  const phase = noise(seed, NOISE_STREAM.temperature, 0) * Math.PI;
  const wander = WANDER_DEGREES * Math.sin((2 * Math.PI * nanos) / WANDER_PERIOD_NANOS + phase);
  return AMBIENT_DEGREES + wander + (DEGREES_PER_WATT * computeMw) / 1000;
}

/** The board file gives value = pin voltage * numerator / denominator; a pin shows the inverse. */
function throughDivider(value: number, sensor: BoardSensor): number {
  return (value * sensor.denominator) / sensor.numerator;
}

/** For each wired converter channel, what its pin shows now, in mV. */
export function sensePins(
  board: Board,
  seed: number,
  quantities: Quantities,
): { channel: number; name: SensorName; millivolts: () => number }[] {
  const pins: { channel: number; name: SensorName; millivolts: () => number }[] = [];
  for (const name of Object.keys(board.sensors) as SensorName[]) {
    const sensor = board.sensors[name];
    if (!sensor) continue;
    const ripple = () =>
      PIN_RIPPLE_MV *
      noise(
        seed,
        NOISE_STREAM.sensorRipple + sensor.adc_channel,
        Math.floor(quantities.nanos / RIPPLE_STEP_NANOS),
      );
    const truth = () => truthMv(name, sensor, seed, quantities);
    pins.push({
      channel: sensor.adc_channel,
      name,
      millivolts: () => Math.max(0, truth() + (name === "TEMPERATURE" ? 0 : ripple())),
    });
  }
  return pins;
}

function truthMv(name: SensorName, sensor: BoardSensor, seed: number, quantities: Quantities): number {
  switch (name) {
    case "VIN":
      return throughDivider(inputMv(quantities.computeMw()), sensor);
    case "I5":
      return throughDivider(quantities.computeMa(), sensor);
    case "TEMPERATURE":
      return diodeMv(dieDegrees(seed, quantities.nanos, quantities.computeMw()));
    case "V5":
    case "V3V3":
      return throughDivider(quantities.railMv(name) ?? 0, sensor);
  }
}
