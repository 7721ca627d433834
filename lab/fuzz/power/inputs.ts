/**
 * What a sequencer may be given to look at, as a few dimensions with all their values. A dimension that
 * nobody asked about, neither the sequencer nor an invariant, makes no difference: one value of it stands
 * for all.
 */
import { Signal } from "../../../simulator/generated/abi.ts";
import { Given, type Machine, type Timing } from "./machine.ts";

/** Any fault limit: which one it is decides nothing. */
const SOME_LIMIT = 19;

export const Input = { Good: 0, Between: 1, Lost: 2 } as const;

/** Dimensions, by their place in `values`. */
export const Dimension = { Levels: 0, Falls: 1, Tripped: 2, Input: 3, Limit: 4, Inhibited: 5 } as const;
const { Levels, Falls, Tripped, Input: INPUT, Limit, Inhibited } = Dimension;

/** Dimension of each of the sequencer's inputs, in the order of `Given`. */
const DIMENSION_OF: readonly number[] = [
  Levels,
  Falls,
  Falls,
  Tripped,
  INPUT,
  INPUT,
  Limit,
  Limit,
  Inhibited,
];
/** The same for each set of inputs, as bits. */
const DIMENSIONS_OF = Array.from({ length: 1 << DIMENSION_OF.length }, (_, fields) =>
  DIMENSION_OF.reduce(
    (mask, dimension, field) => (fields & (1 << field) ? mask | (1 << dimension) : mask),
    0,
  ),
);

export class Inputs {
  /** Numbers of values. */
  readonly sizes: readonly number[];
  readonly values = [0, 0, 0, 0, 0, 0];
  /** Latches of the outputs, which are read along with the inputs. */
  latches = 0;
  /** Dimensions asked about by an invariant. */
  #asked = 0;
  readonly #machine: Machine;
  readonly #timing: Timing;
  readonly #levels: readonly number[];

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#timing = machine.timing;
    const { rails, powerGood } = machine.timing;
    const lines = [...powerGood, Signal.PRESENT, Signal.HALTED];
    this.#levels = Array.from({ length: 2 ** lines.length }, (_, value) =>
      lines.reduce((mask, line, bit) => mask | (value & (1 << bit) ? line : 0), 0),
    );
    this.sizes = [this.#levels.length, 3 ** rails, 2, 3, 2 + rails, 2];
  }

  /** Levels from now on, of power-good, PRESENT and HALTED. */
  setLevels(mask: number): void {
    this.values[Levels] = this.#levels.indexOf(mask);
  }

  /** Settles whether the fast path has tripped; returns the dimension as a bit of `asked`. */
  fixTripped(tripped: number): number {
    this.values[Tripped] = tripped;
    return 1 << Tripped;
  }

  /** How many combinations of all there are, but for `fixed` dimensions. */
  combinations(fixed: number): number {
    return this.sizes.reduce(
      (product, size, dimension) => (fixed & (1 << dimension) ? product : product * size),
      1,
    );
  }

  /** Puts the values where the module reads them. */
  give(): void {
    const { given } = this.#machine;
    let fell = 0;
    let fellFirst = 0;
    let falls = this.values[Falls] as number;
    for (const powerGood of this.#timing.powerGood) {
      const how = falls % 3;
      if (how > 0) fell |= powerGood;
      if (how > 1) fellFirst |= powerGood;
      falls = (falls - how) / 3;
    }
    given[Given.signals] = (this.#levels[this.values[Levels] as number] as number) | this.latches;
    given[Given.fell] = fell;
    given[Given.fellFirst] = fellFirst;
    given[Given.tripped] = this.values[Tripped] as number;
    given[Given.inputGood] = this.values[INPUT] === Input.Good ? 1 : 0;
    given[Given.inputLost] = this.values[INPUT] === Input.Lost ? 1 : 0;
    given[Given.limit] = this.values[Limit] === 0 ? -1 : SOME_LIMIT;
    given[Given.limitRail] = (this.values[Limit] as number) - 2;
    given[Given.inhibited] = this.values[Inhibited] as number;
    this.#asked = 0;
  }

  /** Dimensions asked about since `give`, a bit for each. */
  get asked(): number {
    return this.#asked | (DIMENSIONS_OF[this.#machine.exports.askedFields()] as number);
  }

  #signal(mask: number): boolean {
    this.#asked |= 1 << Levels;
    return ((this.#levels[this.values[Levels] as number] as number) & mask) !== 0;
  }

  get isPresent(): boolean {
    return this.#signal(Signal.PRESENT);
  }

  get isHalted(): boolean {
    return this.#signal(Signal.HALTED);
  }

  /** Level of a rail's power-good. */
  isGood(rail: number): boolean {
    return this.#signal(this.#timing.powerGood[rail] as number);
  }

  /** Whether a rail's power-good went away since the last step. */
  hasFallen(rail: number): boolean {
    return this.#fall(rail) > 0;
  }

  /** Whether it was (among) the first to go. */
  fellFirst(rail: number): boolean {
    return this.#fall(rail) > 1;
  }

  #fall(rail: number): number {
    this.#asked |= 1 << Falls;
    return Math.floor((this.values[Falls] as number) / 3 ** rail) % 3;
  }

  get isTripped(): boolean {
    this.#asked |= 1 << Tripped;
    return this.values[Tripped] !== 0;
  }

  /** One of `Input`. */
  get input(): number {
    this.#asked |= 1 << INPUT;
    return this.values[INPUT] as number;
  }

  /** The rail a fault limit is about that is exceeded, -1 for all of them, or null. */
  get limitRail(): number | null {
    this.#asked |= 1 << Limit;
    const value = this.values[Limit] as number;
    return value === 0 ? null : value - 2;
  }

  get isInhibited(): boolean {
    this.#asked |= 1 << Inhibited;
    return this.values[Inhibited] !== 0;
  }

  toString(): string {
    const { given } = this.#machine;
    return Object.entries(Given)
      .map(([name, word]) => `${name} ${name === "signals" ? `0x${given[word]?.toString(16)}` : given[word]}`)
      .join(", ");
  }
}
