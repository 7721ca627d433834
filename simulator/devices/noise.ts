/**
 * Seeded noise without state: a value depends on seed, stream and step only. The firmware, a test or the
 * status line may therefore read a sensor any number of times, and the emulated run stays the same to the
 * cycle.
 */

/** Mixes 32 bits: each input bit flips about half of the output bits. */
function scramble(word: number): number {
  let mixed = word >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Returns a 32-bit number for this seed, stream and step. */
export function noiseWord(seed: number, stream: number, step: number): number {
  const high = Math.floor(step / 2 ** 32);
  return scramble(scramble(scramble(scramble(seed) ^ stream) ^ high) ^ (step >>> 0));
}

/** Uniform in [-1, 1). */
export function noise(seed: number, stream: number, step: number): number {
  return noiseWord(seed, stream, step) / 2 ** 31 - 1;
}

/**
 * One stream, for callers that ask half a million times a second. It gives the same values as `noise`. It
 * computes the part that does not change from step to step once, and keeps the last value.
 */
export class NoiseStream {
  private readonly base: number;
  private high = 0;
  private prefix: number;
  private step = -1;
  private value = 0;

  constructor(seed: number, stream: number) {
    this.base = scramble(scramble(seed) ^ stream);
    this.prefix = scramble(this.base);
  }

  /** Uniform in [-1, 1). */
  at(step: number): number {
    if (step === this.step) return this.value;
    this.step = step;
    const high = Math.floor(step / 2 ** 32);
    if (high !== this.high) {
      this.high = high;
      this.prefix = scramble(this.base ^ high);
    }
    this.value = scramble(this.prefix ^ (step >>> 0)) / 2 ** 31 - 1;
    return this.value;
  }
}

/** Numbers of the streams by name, so that two devices never share one by accident. */
export const NOISE_STREAM = {
  currentRipple: 1,
  currentLoad: 2,
  sensorRipple: 16,
  sensorNoise: 24,
  temperature: 32,
  contactBounce: 40,
  garbageKind: 48,
  garbageByte: 49,
  powerMonitor: 64,
} as const;
