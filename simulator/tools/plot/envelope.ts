/**
 * Keeps a whole run in bounded memory, in buckets of equal length from its beginning. When all are full,
 * every two become one and the length doubles, so that between half and all of them are always in use.
 */
import { NANOS_PER_MS } from "../../devices/world.ts";
import { Buckets, type Extent } from "./buckets.ts";

/** Several buckets for each column of a plot, so that columns differ little in their number of buckets. */
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

  /** Number of buckets begun so far. More columns than this would make no sense. */
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
   * The extents of the columns from time 0 to the last sample. A column without a sample is null. Every
   * sample is in exactly one column.
   */
  columns(quantity: number, count: number): (Extent | null)[] {
    const { length } = this;
    const edge = (column: number) => Math.floor((column * length) / count);
    return Array.from({ length: count }, (_, column) =>
      this.#buckets.extent(quantity, range(edge(column), edge(column + 1))),
    );
  }

  /** The extent over the whole run. */
  extent(quantity: number): Extent | null {
    return this.#buckets.extent(quantity, range(0, this.length));
  }
}

function* range(from: number, to: number): Generator<number> {
  for (let index = from; index < to; index++) yield index;
}
