/**
 * The cache before the flash (datasheet 2.6.3; 2.5.3 in its first editions): 16 kB, two ways, lines of
 * 8 bytes, a hit in one cycle. The model keeps tags and valid bits, and only the bytes that differ from the
 * flash's: programming and erasing bypass the cache, which returns its old bytes until it is flushed
 * (2.6.3.2).
 *
 * A miss fetches one word and not the line: the SSI is set up for one transfer size, 32 bits at most,
 * so a line has a valid bit for either half (Raspberry Pi's engineer in pico-sdk issue 1182, where a
 * user saw seven single words on the pins for the seven of an LDM; hardware_xip_cache/xip_cache.c
 * of the SDK invalidates each half for the same reason). A 64-bit line is one tag, nothing more.
 *
 * No source names the way that a new line replaces. The RP2350, whose cache has the same size and ways,
 * evicts at random (its datasheet, 4.4.1.3). Our choice: an empty way if there is one, else the way that a
 * shift register names, which every eviction steps, so that the same run gives the same misses.
 */

const LINE_SHIFT = 3;
const SETS = 1024;
const SET_SHIFT = 10;
/** Tag memory is zeroed set after set, in "just over 1024" cycles (2.6.3.2); our choice is one more. */
export const FLUSH_CYCLES = SETS + 1;

/** An entry is the tag above two valid bits, one for each word; 0 is an empty line. */
const VALID_BITS = 3;

/** Maximal length, 16 bits: x^16 + x^14 + x^13 + x^11 + 1. Any start but 0 will do. */
const SHIFT_REGISTER_TAPS = 0xb400;
const SHIFT_REGISTER_START = 0xace1;

/** Aliases of the flash (2.6.3.1), by the bits of the address in which they differ. */
const ALIAS_NOT_ALLOCATING = 1 << 24;
const ALIAS_NOT_CACHEABLE = 1 << 25;

/**
 * Cycles of a missed word with the SSI as host/flash/second-stage.S leaves it, for a core that does not boot:
 * 20 SCK of two cycles, and 10. `Ssi.xipWordCycles` derives the figure, and a test compares the two.
 */
export const SECOND_STAGE_MISS_CYCLES = 50;

/** True models the cache with the cost of a miss that the SSI's registers give, `missCycles` with another. */
export type XipCacheOption = boolean | { readonly missCycles?: number };

export class XipCache {
  /** Reads answered from the cache and reads that went to the flash, uncached ones included, ever. */
  hits = 0;
  misses = 0;
  /** Cycles the core has waited for instructions, and for data, beyond those of a hit. */
  fetchStallCycles = 0;
  dataStallCycles = 0;
  /** Of these, cycles of waiting for a word of a stream to end (xip-stream.ts). */
  streamWaitCycles = 0;
  /** CTRL.EN: off, every read goes to the flash and the lines stay as they are. */
  enabled = true;
  /** Cycles that a word from the flash takes longer than one from the cache. */
  missCycles: number;
  /** Returns the clk_sys cycles so far; the cache needs them while a flush may be in progress. */
  now: () => number = () => 0;
  /** A word is about to take the SSI for so many cycles. Returns how long the SSI still has other work. */
  beforeMiss: (cycles: number) => number = () => 0;

  readonly #fixed: boolean;
  /** Both ways of a set side by side. */
  readonly #entries = new Uint16Array(2 * SETS);
  #shiftRegister = SHIFT_REGISTER_START;
  /** Words as they were before the flash changed, by entry and half: a hit returns these. */
  readonly #stale = new Map<number, number>();
  /** When the flush under way ends; 0 when none is. */
  #flushEnd = 0;

  /** With `missCycles` a miss costs these, whatever the SSI's set-up. */
  constructor(missCycles?: number) {
    this.#fixed = missCycles !== undefined;
    this.missCycles = missCycles ?? SECOND_STAGE_MISS_CYCLES;
  }

  /** Null if the cache is not to be modelled. */
  static from(option: XipCacheOption | undefined): XipCache | null {
    if (!option) return null;
    return new XipCache(option === true ? undefined : option.missCycles);
  }

  /** The SSI's set-up changed. */
  followSsi(wordCycles: number): void {
    if (!this.#fixed) this.missCycles = wordCycles;
  }

  /** An instruction fetch of the word at `address`. Returns cycles to wait beyond those of a hit. */
  fetch(address: number): number {
    const stall = this.read(address);
    if (stall !== 0) this.fetchStallCycles += stall;
    return stall;
  }

  /** As `fetch`, for data. */
  load(address: number): number {
    const stall = this.read(address);
    if (stall !== 0) this.dataStallCycles += stall;
    return stall;
  }

  private read(address: number): number {
    if (this.#flushEnd !== 0) {
      const left = this.flushCyclesLeft;
      if (left > 0) {
        // Any access waits for the flush, also an uncached one (2.6.3.2), and then misses.
        this.#flushEnd = 0;
        return left + this.read(address);
      }
    }
    if (address & (ALIAS_NOT_ALLOCATING | ALIAS_NOT_CACHEABLE) || !this.enabled) {
      return this.readUnusually(address);
    }
    const set = (address >>> LINE_SHIFT) & (SETS - 1);
    const tag = tagOf(address);
    const valid = validBitOf(address);
    const entry = this.#entries[2 * set] as number;
    if ((entry & ~VALID_BITS) === tag && entry & valid) {
      this.hits++;
      return 0;
    }
    const other = this.#entries[2 * set + 1] as number;
    if ((other & ~VALID_BITS) === tag && other & valid) {
      this.hits++;
      return 0;
    }
    this.#allocate(set, tag, valid);
    return this.#miss();
  }

  /** The aliases that are no plain cached access (2.6.3.1), and all of them while the cache is off. */
  private readUnusually(address: number): number {
    const set = (address >>> LINE_SHIFT) & (SETS - 1);
    const tag = tagOf(address);
    const valid = validBitOf(address);
    if (this.enabled && !(address & ALIAS_NOT_CACHEABLE)) {
      const way = this.#wayHolding(set, tag);
      if (way >= 0 && (this.#entries[2 * set + way] as number) & valid) {
        this.hits++;
        return 0;
      }
    }
    if (this.enabled && !(address & ALIAS_NOT_ALLOCATING)) this.#allocate(set, tag, valid);
    return this.#miss();
  }

  #miss(): number {
    this.misses++;
    const wait = this.beforeMiss(this.missCycles);
    this.streamWaitCycles += wait;
    return wait + this.missCycles;
  }

  /** The way whose line has the tag, valid words or none; -1 for neither. */
  #wayHolding(set: number, tag: number): number {
    for (let way = 0; way < 2; way++) {
      const entry = this.#entries[2 * set + way] as number;
      if (entry & VALID_BITS && (entry & ~VALID_BITS) === tag) return way;
    }
    return -1;
  }

  /** Puts the word where its neighbour is, or into an empty line, or in place of another line. */
  #allocate(set: number, tag: number, valid: number): void {
    const way = this.#wayHolding(set, tag);
    if (way >= 0) {
      (this.#entries[2 * set + way] as number) |= valid;
      return;
    }
    const entry = 2 * set + this.#wayToFill(set);
    this.#entries[entry] = tag | valid;
    for (const half of [0, 1]) this.#stale.delete(2 * entry + half);
  }

  /** Flash of `flashBytes` has changed from offset `from` on; `before` are the old bytes. */
  flashChanged(from: number, before: Uint8Array, flashBytes: number): void {
    const view = new DataView(before.buffer, before.byteOffset);
    for (const [entry, tags] of this.#entries.entries()) {
      for (const half of [0, 1]) {
        if (!(tags & (1 << half))) continue;
        const line = ((tags & ~VALID_BITS) << (LINE_SHIFT + SET_SHIFT - 2)) | ((entry >> 1) << LINE_SHIFT);
        const offset = ((line | (half << 2)) & (flashBytes - 1)) - from;
        const key = 2 * entry + half;
        if (offset < 0 || offset >= before.length || this.#stale.has(key)) continue;
        this.#stale.set(key, view.getUint32(offset, true));
      }
    }
  }

  /** The cache's old word where it differs from the flash's, else undefined. */
  staleWord(address: number): number | undefined {
    if (this.#stale.size === 0 || !this.enabled || address & ALIAS_NOT_CACHEABLE) return undefined;
    const set = (address >>> LINE_SHIFT) & (SETS - 1);
    const way = this.#wayHolding(set, tagOf(address));
    return way < 0 ? undefined : this.#stale.get(2 * (2 * set + way) + ((address >>> 2) & 1));
  }

  #wayToFill(set: number): number {
    for (let way = 0; way < 2; way++) {
      if (((this.#entries[2 * set + way] as number) & VALID_BITS) === 0) return way;
    }
    const way = this.#shiftRegister & 1;
    this.#shiftRegister = (this.#shiftRegister >>> 1) ^ (way ? SHIFT_REGISTER_TAPS : 0);
    return way;
  }

  /** A write to the 0x10 alias removes the word (2.6.3.2); its neighbour in the line stays. */
  invalidate(address: number): void {
    const set = (address >>> LINE_SHIFT) & (SETS - 1);
    const way = this.#wayHolding(set, tagOf(address));
    if (way < 0) return;
    (this.#entries[2 * set + way] as number) &= ~validBitOf(address);
    this.#stale.delete(2 * (2 * set + way) + ((address >>> 2) & 1));
  }

  /** Empties the cache at once, for a measurement that is to start cold, and the same each time. */
  empty(): void {
    this.#entries.fill(0);
    this.#stale.clear();
    this.#shiftRegister = SHIFT_REGISTER_START;
  }

  /** FLUSH, or the end of the controller's reset: accesses wait until the flush is complete. */
  startFlush(): void {
    this.empty();
    this.#flushEnd = this.now() + FLUSH_CYCLES;
  }

  get flushCyclesLeft(): number {
    if (this.#flushEnd === 0) return 0;
    const left = this.#flushEnd - this.now();
    if (left <= 0) this.#flushEnd = 0;
    return Math.max(0, left);
  }
}

/** 16 MB of flash in lines of 8 bytes and 1024 sets leave 11 bits (2.6.3.1). */
function tagOf(address: number): number {
  return ((address & 0xff_ffff) >>> (LINE_SHIFT + SET_SHIFT)) << 2;
}

function validBitOf(address: number): number {
  return 1 + ((address >>> 2) & 1);
}
