/**
 * The true values at the slot's 5 V output and its input, without divider, noise or converter, and the energy
 * delivered, added up piece by piece. Tests compare measurements with them.
 */
import type { InputSupply } from "./supply/input-supply.ts";
import type { Supply } from "./supply/supply.ts";
import { type Clock, NANOS_PER_SECOND } from "./world.ts";

/**
 * The end of a ramp can be nearer than the rounding of the time. Each piece must still move the time forward.
 */
const SHORTEST_NANOS = 1;

export class Truth {
  readonly #clock: Clock;
  readonly #supply: Supply;
  readonly #input: InputSupply;
  #countedTo: number;
  /** Energy in mW times nanoseconds, and the rounding error of adding it up. */
  #energy = 0;
  #lost = 0;

  constructor(options: { clock: Clock; supply: Supply; input: InputSupply }) {
    this.#clock = options.clock;
    this.#supply = options.supply;
    this.#input = options.input;
    this.#countedTo = options.clock.nanos;
    this.#supply.onChange(() => this.#count());
  }

  /** Voltage at the sense point of the 5 V supply, in mV. */
  get v5Mv(): number {
    return this.#supply.millivolts;
  }

  /** Current through its shunt, in mA. */
  get i5Ma(): number {
    return this.#supply.milliamperes;
  }

  get p5Mw(): number {
    return this.#powerMw(this.#clock.nanos);
  }

  /** Voltage at the slot's input, in mV. */
  get vinMv(): number {
    return this.#input.millivolts;
  }

  /** Energy that the 5 V supply has delivered since the slot was built, in mJ. */
  get energyMj(): number {
    this.#count();
    return this.#energy / NANOS_PER_SECOND;
  }

  #powerMw(nanos: number): number {
    return (this.#supply.millivoltsAt(nanos) * this.#supply.milliamperesAt(nanos)) / 1000;
  }

  /**
   * Adds up the energy to the present. Where voltage and load are constant, a piece is their product. On
   * ramps and exponentials the pieces are short, and Simpson's rule is more exact than any test needs.
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
      // The load of a step is the load at its middle, because its end is the beginning of the next step.
      if (supply.isConstant(from)) this.#add(this.#powerMw(middle) * (to - from));
      else this.#add(this.#simpson(from, middle, to) * (to - from));
      from = to;
    }
  }

  #simpson(from: number, middle: number, to: number): number {
    const last = to - (to - from) * 1e-6;
    return (this.#powerMw(from) + 4 * this.#powerMw(middle) + this.#powerMw(last)) / 6;
  }

  /** Kahan's sum, because an hour has some 2e8 pieces. */
  #add(piece: number): void {
    const corrected = piece - this.#lost;
    const sum = this.#energy + corrected;
    this.#lost = sum - this.#energy - corrected;
    this.#energy = sum;
  }
}
