/**
 * The voltages at the board's sense pins. Each pin shows a true quantity (a rail, the input or the die's
 * temperature) through the dividers and amplifiers of the board file, with a little seeded ripple.
 */
import type { Board, BoardSensor } from "../../boards/board.ts";
import { quantitiesOf } from "../../boards/quantities.ts";
import { NOISE_STREAM, NoiseStream, noise } from "./noise.ts";
import { NANOS_PER_MS, NANOS_PER_SECOND } from "./world.ts";

/** The true quantities at a moment, before any divider. */
export interface Quantities {
  /** Output voltage of the supply whose rail names this sensor, in mV; null if there is none. */
  railMv(sensor: string, nanos: number): number | null;
  /** Current of the compute supply, in mA. */
  computeMa(nanos: number): number;
  /** Power of the compute supply, in mW. */
  computeMw(nanos: number): number;
  /** Voltage at the slot's input, in mV. */
  inputMv(nanos: number): number;
}

/** The errors that the parts between a quantity and its pin add. A field that is left out is zero. */
export interface SensorError {
  /** Offset at the pin, in mV. */
  readonly offsetMv?: number;
  /** Gain error of the whole path, in parts per million. */
  readonly gainPpm?: number;
}

export type SensorErrors = Partial<Record<string, SensorError>>;

export interface SensePin {
  readonly channel: number;
  readonly name: string;
  /** Voltage at the pin at a moment, in mV. */
  readonly millivolts: (nanos: number) => number;
}

const AMBIENT_DEGREES = 28;
/** The temperature of the air around the BMC wanders by half a degree over a minute. */
const WANDER_DEGREES = 0.5;
const WANDER_PERIOD_NANOS = 60 * NANOS_PER_SECOND;
/** The compute board warms the air beside it. */
const DEGREES_PER_WATT = 0.8;
/** Ripple and converter noise at a pin, about one code of 0.8 mV. */
const PIN_RIPPLE_MV = 0.8;
/** Each sample sees another value of the switching supply's ripple. */
const RIPPLE_STEP_NANOS = NANOS_PER_MS / 1000;

/** Voltage over the RP2040's biased diode (datasheet 4.9.5): 0.706 V at 27 C, -1.721 mV per degree. */
export function diodeMv(degrees: number): number {
  return 706 - (degrees - 27) * 1.721;
}

/** Temperature of the BMC's die in degrees at a moment, including the slow wander of the room. */
export function dieTemperature(seed: number): (nanos: number, computeMw: number) => number {
  const phase = noise(seed, NOISE_STREAM.temperature, 0) * Math.PI;
  return (nanos, computeMw) => {
    const wander = WANDER_DEGREES * Math.sin((2 * Math.PI * nanos) / WANDER_PERIOD_NANOS + phase);
    return AMBIENT_DEGREES + wander + (DEGREES_PER_WATT * computeMw) / 1000;
  };
}

/** The board file says: value = pin voltage * numerator / denominator. The pin shows the inverse. */
function throughDivider(value: number, sensor: BoardSensor): number {
  return (value * sensor.denominator) / sensor.numerator;
}

/** One pin for each converter channel that the board wires to a sensor. */
export function sensePins(
  board: Board,
  seed: number,
  quantities: Quantities,
  errors: SensorErrors = {},
): SensePin[] {
  const pins: SensePin[] = [];
  for (const { name, quantity, sensor } of quantitiesOf(board)) {
    if (!sensor) continue;
    const ideal = truthMv(quantity, name, sensor, seed, quantities);
    const stream = new NoiseStream(seed, NOISE_STREAM.sensorRipple + sensor.adc_channel);
    const rippleMv = quantity === "TEMPERATURE" ? 0 : PIN_RIPPLE_MV;
    const { offsetMv = 0, gainPpm = 0 } = errors[name] ?? {};
    const gain = 1 + gainPpm / 1e6;
    const millivolts = (nanos: number) => {
      const ripple = rippleMv === 0 ? 0 : rippleMv * stream.at(Math.floor(nanos / RIPPLE_STEP_NANOS));
      return Math.max(0, ideal(nanos) * gain + offsetMv + ripple);
    };
    pins.push({ channel: sensor.adc_channel, name, millivolts });
  }
  return pins;
}

function truthMv(
  quantity: string,
  name: string,
  sensor: BoardSensor,
  seed: number,
  quantities: Quantities,
): (nanos: number) => number {
  switch (quantity) {
    case "VIN":
      return (nanos) => throughDivider(quantities.inputMv(nanos), sensor);
    case "IOUT":
      return (nanos) => throughDivider(quantities.computeMa(nanos), sensor);
    case "TEMPERATURE": {
      const degrees = dieTemperature(seed);
      return (nanos) => diodeMv(degrees(nanos, quantities.computeMw(nanos)));
    }
    default:
      return (nanos) => throughDivider(quantities.railMv(name, nanos) ?? 0, sensor);
  }
}
