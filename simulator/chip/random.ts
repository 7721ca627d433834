/**
 * Seeded randomness: the noise of a chip, the same in every run with the same seed. The generator is
 * mulberry32, which is small and good enough for a simulator.
 */

export class Random {
  private state: number;

  /** Streams with different names differ even when the seed is the same. */
  constructor(seed: number, stream: string) {
    let hash = seed | 0;
    for (const letter of stream) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
    this.state = hash;
  }

  /** 32 random bits as an unsigned number. */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.word() / 0x1_0000_0000) * limit);
  }
}
