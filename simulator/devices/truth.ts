/**
 * What really is at the slot's 5 V output and its input, without divider, noise or converter, and the energy
 * that has gone out, added up piece by piece: what measurements are to be compared with.
 */
import type { InputSupply } from "./supply/input-supply.ts";
import type { Supply } from "./supply/supply.ts";
import { type Clock, NANOS_PER_SECOND } from "./world.ts";

/** The end of a ramp can be nearer than the time's own rounding: a piece must lead on all the same. */
const SHORTEST_NANOS = 1;

export class Truth {
  readonly #clock: Clock;
  readonly #supply: Supply;
  readonly #input: InputSupply;
  #countedTo: number;
  /** In mW times nanoseconds, and what adding so much of it up has rounded off. */
  #energy = 0;
  #lost = 0;

  constructor(options: { clock: Clock; supply: Supply; input: InputSupply }) {
    this.#clock = options.clock;
    this.#supply = options.supply;
    this.#input = options.input;
    this.#countedTo = options.clock.nanos;
    this.#supply.onChange(() => this.#count());
  }

  /** At the sense point of the 5 V supply, in mV. */
  get v5Mv(): number {
    return this.#supply.millivolts;
  }

  /** Through its shunt, in mA. */
  get i5Ma(): number {
    return this.#supply.milliamperes;
  }

  get p5Mw(): number {
    return this.#powerMw(this.#clock.nanos);
  }

  /** At the slot's input, in mV. */
  get vinMv(): number {
    return this.#input.millivolts;
  }

  /** Out of the 5 V supply since the machine was built, in mJ. */
  get energyMj(): number {
    this.#count();
    return this.#energy / NANOS_PER_SECOND;
  }

  #powerMw(nanos: number): number {
    return (this.#supply.millivoltsAt(nanos) * this.#supply.milliamperesAt(nanos)) / 1000;
  }

  /**
   * Up to the present. Where voltage and load are constant a piece is their product; on ramps and
   * exponentials pieces are short, and Simpson's rule is good to more digits than anybody looks at.
   */
  #count(): void {
    const { nanos } = this.#clock;
    const supply = this.#supply;
    let from = this.#countedTo;
    this.#countedTo = nanos;
    if (supply.idle) return;
    while (from < nanos) {
      const to = Math.min(nanos, Math.max(supply.steadyUntil(from), from + SHORTEST_NANOS));
      const middle = from + (to - from) / 2;
      // The load of a step is that of its middle: the end is the beginning of the next.
      if (supply.isConstant(from)) this.#add(this.#powerMw(middle) * (to - from));
      else this.#add(this.#simpson(from, middle, to) * (to - from));
      from = to;
    }
  }

  #simpson(from: number, middle: number, to: number): number {
    const last = to - (to - from) * 1e-6;
    return (this.#powerMw(from) + 4 * this.#powerMw(middle) + this.#powerMw(last)) / 6;
  }

  /** Kahan's sum: an hour is some 2e8 pieces. */
  #add(piece: number): void {
    const corrected = piece - this.#lost;
    const sum = this.#energy + corrected;
    this.#lost = sum - this.#energy - corrected;
    this.#energy = sum;
  }
}
