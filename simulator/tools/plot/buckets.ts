/**
 * Samples gathered in buckets: a bucket has the lowest value, the highest value and the mean of every
 * quantity. A bucket takes the same memory however many samples fall into it, and no extreme is ever lost.
 */

/** The extent of the values between two points of time, in the quantity's own unit. */
export interface Extent {
  readonly lowest: number;
  readonly mean: number;
  readonly highest: number;
}

export class Buckets {
  readonly capacity: number;
  readonly #quantities: number;
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;
  readonly #lowest: Float64Array;
  readonly #highest: Float64Array;

  constructor(capacity: number, quantities: number) {
    this.capacity = capacity;
    this.#quantities = quantities;
    this.#counts = new Float64Array(capacity);
    this.#sums = new Float64Array(capacity * quantities);
    this.#lowest = new Float64Array(capacity * quantities);
    this.#highest = new Float64Array(capacity * quantities);
    for (let bucket = 0; bucket < capacity; bucket++) this.clear(bucket);
  }

  /** Adds one sample: a value of each quantity. */
  add(bucket: number, values: readonly number[]): void {
    this.#counts[bucket] = this.#count(bucket) + 1;
    for (let quantity = 0; quantity < this.#quantities; quantity++) {
      const at = bucket * this.#quantities + quantity;
      const value = values[quantity] as number;
      this.#sums[at] = (this.#sums[at] as number) + value;
      if (value < (this.#lowest[at] as number)) this.#lowest[at] = value;
      if (value > (this.#highest[at] as number)) this.#highest[at] = value;
    }
  }

  clear(bucket: number): void {
    const [from, to] = [bucket * this.#quantities, (bucket + 1) * this.#quantities];
    this.#counts[bucket] = 0;
    this.#sums.fill(0, from, to);
    this.#lowest.fill(Number.POSITIVE_INFINITY, from, to);
    this.#highest.fill(Number.NEGATIVE_INFINITY, from, to);
  }

  /** Merges every two neighbours into one bucket and frees the upper half. The capacity must be even. */
  halve(): void {
    for (let bucket = 0; 2 * bucket < this.capacity; bucket++) {
      const [left, right] = [2 * bucket, 2 * bucket + 1];
      const count = this.#count(left) + this.#count(right);
      for (let quantity = 0; quantity < this.#quantities; quantity++) {
        const [into, one, other] = [bucket, left, right].map(
          (index) => index * this.#quantities + quantity,
        ) as [number, number, number];
        this.#sums[into] = (this.#sums[one] as number) + (this.#sums[other] as number);
        this.#lowest[into] = Math.min(this.#lowest[one] as number, this.#lowest[other] as number);
        this.#highest[into] = Math.max(this.#highest[one] as number, this.#highest[other] as number);
      }
      this.#counts[bucket] = count;
    }
    for (let bucket = this.capacity / 2; bucket < this.capacity; bucket++) this.clear(bucket);
  }

  /** The extent of one quantity over all these buckets; null if they have no sample. */
  extent(quantity: number, buckets: Iterable<number>): Extent | null {
    let [count, sum] = [0, 0];
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const bucket of buckets) {
      const at = bucket * this.#quantities + quantity;
      count += this.#count(bucket);
      sum += this.#sums[at] as number;
      lowest = Math.min(lowest, this.#lowest[at] as number);
      highest = Math.max(highest, this.#highest[at] as number);
    }
    return count === 0 ? null : { lowest, mean: sum / count, highest };
  }

  #count(bucket: number): number {
    return this.#counts[bucket] as number;
  }
}
