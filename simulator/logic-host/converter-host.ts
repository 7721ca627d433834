/**
 * The converter as the logic sees it in Node. It sums up codes that a test sets over the time that has
 * passed, and runs the fast paths (over-current, brown-out) on them. It takes a round every 160 us or 8 ms,
 * as the native host does. The codes waver by one, because the logic takes a converter without noise for
 * broken.
 */
import { contract } from "../../abi/contract.ts";
import { Event, type Samples, SamplesFields, type Trace, type Trip, TripFields } from "../generated/abi.ts";

const CHANNELS = contract.sampling.channels;
const ROUNDS = contract.sampling.traceRounds;
/** Time between two rounds that are summed up. */
const FAST_US = 160n;
const SLOW_US = 8000n;
/** The converter makes this many rounds in that time, and a trace has all of them. */
const ROUNDS_CONVERTED = 16;
/** A quarter of a trace comes after the event that it is about. */
const ROUNDS_AFTER = ROUNDS / 4;

/** Codes of a slot that waits, by the reference board's dividers: an input of 12 V, rails off, 28 degrees. */
const IDLE_CODES: readonly number[] = [1861, 0, 0, 0, 874];

/** Undoes erratum RP2040-E11, as the native host does. */
export function linear(code: number): number {
  return code + ((9 * (((code + 511) >> 10) + ((code + 512) >> 10))) >> 1);
}

function zeroed<Field extends string>(fields: readonly Field[]): Record<Field, number> {
  return Object.fromEntries(fields.map((field) => [field, 0])) as Record<Field, number>;
}

const NO_SAMPLES: Readonly<Samples> = zeroed(SamplesFields);
/** The fields of each channel. Built once, because tests take samples by the million. */
const CHANNEL_FIELDS = Array.from({ length: CHANNELS }, (_, channel) => {
  const field = (name: string) => `${name}_${channel}` as keyof Samples;
  return { channel, sum: field("sum"), minimum: field("minimum"), maximum: field("maximum") };
});

export class ConverterHost {
  /** The present code of each channel. */
  codes: number[] = [...IDLE_CODES];
  /** The channels whose product is the power: voltage and current of the compute rail. */
  powerChannels = { voltage: 1, current: 2 };
  /** True for a converter that hangs: it brings no samples. */
  stopped = false;
  /** Channels without noise, as a stuck one has none. */
  readonly silent = new Set<number>();
  fast = true;
  readonly trip: Trip = zeroed(TripFields);
  private overcurrent = { channel: 0, code: 0, outputs: 0 };
  private brownOut = { channel: 0, code: 0 };
  private taken_us: bigint;
  private kept: number[] | null = null;
  private keptPeriod_ns = 0;
  private readonly now_us: () => bigint;

  constructor(now_us: () => bigint) {
    this.now_us = now_us;
    this.taken_us = now_us() - 10n * FAST_US;
  }

  /** The outputs that a trip keeps deasserted. */
  get heldOutputs(): number {
    return this.trip.tripped ? this.overcurrent.outputs : 0;
  }

  setPace(fast: boolean): void {
    this.fast = fast;
  }

  armOvercurrent(channel: number, code: number, rounds: number, outputs: number): void {
    this.overcurrent = { channel, code, outputs: rounds > 0 ? outputs : 0 };
    this.trip.tripped = 0;
    this.trip.armed = this.overcurrent.outputs === 0 ? 0 : 1;
  }

  armBrownOut(channel: number, code: number): void {
    this.brownOut = { channel, code };
  }

  /**
   * Does what the interrupt would do about the present codes. Returns the outputs that it releases, and the
   * events.
   */
  look(): { released: number; events: number } {
    let events = 0;
    let released = 0;
    const { channel, code, outputs } = this.overcurrent;
    const shown = this.codes[channel] ?? 0;
    if (this.trip.armed && shown >= code) {
      released = outputs;
      events |= Event.OVERCURRENT;
      const at = this.now_us();
      Object.assign(this.trip, {
        tripped: 1,
        armed: 0,
        at_us_low: Number(at & 0xffff_ffffn),
        at_us_high: Number(at >> 32n),
        code: shown,
        trips: this.trip.trips + 1,
      });
      this.freeze();
    }
    if (this.brownOut.code > 0 && (this.codes[this.brownOut.channel] ?? 0) < this.brownOut.code) {
      this.brownOut.code = 0;
      events |= Event.BROWN_OUT;
    }
    return { released, events };
  }

  take(): Samples {
    const samples = { ...NO_SAMPLES };
    const period_us = this.fast ? FAST_US : SLOW_US;
    const rounds = this.stopped ? 0 : Number((this.now_us() - this.taken_us) / period_us);
    if (rounds === 0) return samples;
    this.taken_us += BigInt(rounds) * period_us;
    samples.rounds = rounds;
    samples.elapsed_us = rounds * Number(period_us);
    for (const { channel, sum, minimum, maximum } of CHANNEL_FIELDS) {
      const code = this.codes[channel] ?? 0;
      const waver = this.silent.has(channel) ? 0 : 1;
      samples[sum] = rounds * linear(code);
      samples[minimum] = linear(Math.max(0, code - waver));
      samples[maximum] = linear(Math.min(4095, code + waver));
    }
    const { voltage, current } = this.powerChannels;
    const product =
      BigInt(rounds) * BigInt(linear(this.codes[voltage] ?? 0) * linear(this.codes[current] ?? 0));
    samples.product_low = Number(product & 0xffff_ffffn);
    samples.product_high = Number(product >> 32n);
    return samples;
  }

  /** Freezes the trace. It is complete at once, because in Node nothing changes between two passes. */
  freeze(): void {
    if (this.kept) return;
    this.kept = [...this.codes];
    this.keptPeriod_ns = (Number(this.fast ? FAST_US : SLOW_US) * 1000) / ROUNDS_CONVERTED;
  }

  clearTrace(): void {
    this.kept = null;
  }

  get traceInfo(): Trace {
    const rounds = this.kept ? ROUNDS : 0;
    return { rounds, period_ns: this.keptPeriod_ns, after: ROUNDS_AFTER, pending: 0 };
  }

  traceRound(_round: number): readonly number[] {
    return this.kept ?? Array.from({ length: CHANNELS }, () => 0);
  }
}
