/**
 * The inputs that a sequencer may get, as a few dimensions with all their values. If neither the sequencer
 * nor an invariant has read a dimension, its value makes no difference, so one value stands for all.
 */
import { Signal } from "../../../simulator/generated/abi.ts";
import { Given, type Machine, type Timing } from "./machine.ts";

/** Any fault limit: the sequencer does not distinguish them. */
const SOME_LIMIT = 19;

export const Input = { Good: 0, Between: 1, Lost: 2 } as const;

/** The dimensions, by their index in `values`. */
export const Dimension = {
  Levels: 0,
  Falls: 1,
  Tripped: 2,
  Input: 3,
  Limit: 4,
  Inhibited: 5,
  Printed: 6,
  Fed: 7,
} as const;
const { Levels, Falls, Tripped, Input: INPUT, Limit, Inhibited, Printed, Fed } = Dimension;

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
  Fed,
  Printed,
];
/** The same for each set of inputs, as bits. */
const DIMENSIONS_OF = Array.from({ length: 1 << DIMENSION_OF.length }, (_, fields) =>
  DIMENSION_OF.reduce(
    (mask, dimension, field) => (fields & (1 << field) ? mask | (1 << dimension) : mask),
    0,
  ),
);

export class Inputs {
  /** The number of values of each dimension. */
  readonly sizes: readonly number[];
  readonly values = [0, 0, 0, 0, 0, 0, 0, 0];
  /** The latches of the outputs, which the sequencer reads along with the inputs. */
  latches = 0;
  /** The dimensions that an invariant has read, as a bit mask. */
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
    this.sizes = [this.#levels.length, 3 ** rails, 2, 3, 2 + rails, 2, 2, 2 ** rails];
  }

  /** Sets the levels of power-good, PRESENT and HALTED. */
  setLevels(mask: number): void {
    this.values[Levels] = this.#levels.indexOf(mask);
  }

  /** Sets whether the fast path has tripped. Returns the dimension as a bit of `asked`. */
  fixTripped(tripped: number): number {
    this.values[Tripped] = tripped;
    return 1 << Tripped;
  }

  /** Returns the number of combinations of all dimensions but the `fixed` ones. */
  combinations(fixed: number): number {
    return this.sizes.reduce(
      (product, size, dimension) => (fixed & (1 << dimension) ? product : product * size),
      1,
    );
  }

  /** Writes the values to the place in memory where the module reads them. */
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
    given[Given.fed] = this.#timing.powerGood.reduce(
      (mask, powerGood, rail) => (this.#isFed(rail) ? mask | powerGood : mask),
      0,
    );
    given[Given.printed] = this.values[Printed] as number;
    this.#asked = 0;
  }

  /** The dimensions read since `give`, one bit for each. */
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

  /** Returns the level of a rail's power-good. */
  isGood(rail: number): boolean {
    return this.#signal(this.#timing.powerGood[rail] as number);
  }

  /** Returns whether a rail's power-good was deasserted since the last step. */
  hasFallen(rail: number): boolean {
    return this.#fall(rail) > 0;
  }

  /** Returns whether it was the first power-good to be deasserted, or among the first. */
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

  /** The rail whose fault limit is exceeded, -1 for a limit that concerns all rails, or null. */
  get limitRail(): number | null {
    this.#asked |= 1 << Limit;
    const value = this.values[Limit] as number;
    return value === 0 ? null : value - 2;
  }

  get isInhibited(): boolean {
    this.#asked |= 1 << Inhibited;
    return this.values[Inhibited] !== 0;
  }

  /** Returns whether a rail has a voltage from outside that is not its supply's. */
  isFed(rail: number): boolean {
    this.#asked |= 1 << Fed;
    return this.#isFed(rail);
  }

  #isFed(rail: number): boolean {
    return (((this.values[Fed] as number) >> rail) & 1) !== 0;
  }

  /** The board has printed since the last step. */
  get hasPrinted(): boolean {
    this.#asked |= 1 << Printed;
    return this.values[Printed] !== 0;
  }

  toString(): string {
    const { given } = this.#machine;
    return Object.entries(Given)
      .map(([name, word]) => `${name} ${name === "signals" ? `0x${given[word]?.toString(16)}` : given[word]}`)
      .join(", ");
  }
}
