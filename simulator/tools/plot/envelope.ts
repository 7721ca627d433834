/**
 * A whole run in bounded memory: buckets of equal length from its beginning. When they are full, every two
 * become one and the length doubles, so that between half and all of them are always in use.
 */
import { NANOS_PER_MS } from "../../devices/world.ts";
import { Buckets, type Extent } from "./buckets.ts";

/** Several for each column of a plot, so that columns differ little in how many they have. */
const CAPACITY = 4096;
const FIRST_LENGTH_NANOS = NANOS_PER_MS;

export class Envelope {
  readonly #buckets: Buckets;
  #lengthNanos = FIRST_LENGTH_NANOS;
  #endNanos = 0;

  constructor(quantities: number) {
    this.#buckets = new Buckets(CAPACITY, quantities);
  }

  /** Time of the last sample. */
  get endNanos(): number {
    return this.#endNanos;
  }

  /** Buckets begun so far; the shortest columns that make sense are as many. */
  get length(): number {
    return Math.floor(this.#endNanos / this.#lengthNanos) + 1;
  }

  /** Samples come in the order of time, which starts at 0. */
  add(nanos: number, values: readonly number[]): void {
    while (nanos >= this.#buckets.capacity * this.#lengthNanos) {
      this.#buckets.halve();
      this.#lengthNanos *= 2;
    }
    this.#buckets.add(Math.floor(nanos / this.#lengthNanos), values);
    this.#endNanos = nanos;
  }

  /**
   * Column by column what lies in it, from time 0 to the last sample. Null where a column has no sample;
   * every sample is in exactly one.
   */
  columns(quantity: number, count: number): (Extent | null)[] {
    const { length } = this;
    const edge = (column: number) => Math.floor((column * length) / count);
    return Array.from({ length: count }, (_, column) =>
      this.#buckets.extent(quantity, range(edge(column), edge(column + 1))),
    );
  }

  /** Over the whole run. */
  extent(quantity: number): Extent | null {
    return this.#buckets.extent(quantity, range(0, this.length));
  }
}

function* range(from: number, to: number): Generator<number> {
  for (let index = from; index < to; index++) yield index;
}
