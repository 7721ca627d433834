/**
 * The analog sensors of a board as the converter sees them, and the faults that each can have: a reading that
 * never changes, a wire to ground, a broken wire, noise.
 */
import type { SensePin } from "./analog.ts";
import { NOISE_STREAM, NoiseStream } from "./noise.ts";
import { type Clock, NANOS_PER_MS } from "./world.ts";

export type SensorFault =
  /** The converter always brings this code; without one, the code of the moment at which the fault began. */
  | { readonly kind: "stuck"; readonly code?: number }
  /** The pin is shorted to ground: the code is 0, or 1 through the converter's own noise. */
  | { readonly kind: "shorted" }
  /** The pin's wire is broken, and the pin floats up to its rail: the highest code. */
  | { readonly kind: "open" }
  /** The pin picks up noise of up to `mv` in either direction, with another value every microsecond. */
  | { readonly kind: "noisy"; readonly mv?: number };

export const SENSOR_FAULT_KINDS = ["stuck", "shorted", "open", "noisy"] as const;

/** Far above the noise that a filter before the converter would let through. */
const NOISE_MV = 300;
const NOISE_STEP_NANOS = 1000;
/** The pad's rail is the converter's reference, and a little more because of the converter's own noise. */
const RAIL_MV = 3310;
const CODES = 4096;
const REFERENCE_MV = 3300;

/** The part of the emulated chip that the sensors need. */
export interface Converter extends Clock {
  adcSource(channel: number, millivolts: (nanos: number) => number): void;
  /** Replaces the code that a conversion brings; null ends that. */
  adcStuck(channel: number, code: number | null): void;
}

export class Sensors {
  readonly #converter: Converter;
  readonly #seed: number;
  readonly #pins: ReadonlyMap<string, SensePin>;
  readonly #changes = new Map<string, number>();

  constructor(converter: Converter, pins: readonly SensePin[], seed: number) {
    this.#converter = converter;
    this.#seed = seed;
    this.#pins = new Map(pins.map((pin) => [pin.name, pin]));
    for (const pin of pins) converter.adcSource(pin.channel, pin.millivolts);
  }

  get names(): string[] {
    return [...this.#pins.keys()];
  }

  /** The voltage that the pin of a working sensor would show now, in mV. */
  pinMv(name: string): number {
    return this.#pin(name).millivolts(this.#converter.nanos);
  }

  /** Makes a sensor fail after `afterMs`. A later call for the same sensor replaces an earlier one. */
  fault(name: string, fault: SensorFault, afterMs = 0): void {
    this.#change(name, afterMs, () => this.#apply(this.#pin(name), fault));
  }

  /** Lets the sensor work again after `afterMs`. */
  mend(name: string, afterMs = 0): void {
    this.#change(name, afterMs, () => this.#connect(this.#pin(name)));
  }

  #pin(name: string): SensePin {
    const pin = this.#pins.get(name);
    if (!pin) throw new Error(`this board has no sensor ${name}; it has ${this.names.join(", ")}`);
    return pin;
  }

  #change(name: string, afterMs: number, action: () => void): void {
    this.#pin(name);
    const change = (this.#changes.get(name) ?? 0) + 1;
    this.#changes.set(name, change);
    if (afterMs === 0) {
      action();
      return;
    }
    this.#converter.schedule(afterMs * NANOS_PER_MS, () => {
      if (this.#changes.get(name) === change) action();
    });
  }

  #connect({ channel, millivolts }: SensePin): void {
    this.#converter.adcStuck(channel, null);
    this.#converter.adcSource(channel, millivolts);
  }

  #apply(pin: SensePin, fault: SensorFault): void {
    this.#connect(pin);
    const { channel, millivolts } = pin;
    switch (fault.kind) {
      case "stuck": {
        const present = (millivolts(this.#converter.nanos) * CODES) / REFERENCE_MV;
        const code = fault.code ?? Math.min(CODES - 1, Math.floor(present));
        this.#converter.adcStuck(channel, code);
        break;
      }
      case "shorted":
        this.#converter.adcSource(channel, () => 0);
        break;
      case "open":
        this.#converter.adcSource(channel, () => RAIL_MV);
        break;
      case "noisy": {
        const stream = new NoiseStream(this.#seed, NOISE_STREAM.sensorNoise + channel);
        const mv = fault.mv ?? NOISE_MV;
        this.#converter.adcSource(channel, (nanos) =>
          Math.max(0, millivolts(nanos) + mv * stream.at(Math.floor(nanos / NOISE_STEP_NANOS))),
        );
      }
    }
  }
}
