/**
 * XIP streaming (datasheet 2.6.3.4): a linear run of flash words, read in the background into a FIFO of
 * two. A word takes the SSI as long as a missed one does. Misses go first, but the SSI finishes a word it has
 * begun. Streamed words bypass the cache and do not count in CTR_ACC (our choice: no source says).
 *
 * Nothing runs between accesses: each access brings the state up to date. Without a model of the cache flash
 * takes no time, and the FIFO is as full as the count allows.
 */
import type { XipCache } from "./xip-cache.ts";

const FIFO_DEPTH = 2;
const ADDRESS_BITS = 0xffff_fffc;
const COUNTER_BITS = 0x3f_ffff;

/** From the end of a miss to the next streamed word: "a brief cooldown (seven cycles)" (2.6.3.4). */
export const COOLDOWN_CYCLES = 7;

export class XipStream {
  readonly #cache: XipCache | null;
  readonly #readFlash: (address: number) => number;
  readonly #fifo: number[] = [];
  #address = 0;
  #counter = 0;
  /** When the word on its way arrives; -1 while none is. */
  #arrival = -1;
  /** The stream was stopped: the word on its way will be dropped. */
  #discarded = false;
  /** The time from which a word may begin: the FIFO has room, and the pause after a miss is over. */
  #idleSince = 0;

  /** `readFlash`: the word at a system address, at the moment it arrives. */
  constructor(cache: XipCache | null, readFlash: (address: number) => number) {
    this.#cache = cache;
    this.#readFlash = readFlash;
    if (cache) cache.beforeMiss = (cycles) => this.#giveWay(cycles);
  }

  reset(): void {
    this.#fifo.length = this.#address = this.#counter = 0;
    this.#arrival = -1;
  }

  get address(): number {
    this.#update();
    return this.#address;
  }

  set address(value: number) {
    this.#update();
    this.#address = (value & ADDRESS_BITS) >>> 0;
  }

  get counter(): number {
    this.#update();
    return this.#counter;
  }

  /**
   * Starts a stream, or stops one with 0. A word on its way at that time is dropped, but advances the address
   * when it arrives, even one written meanwhile (pico-sdk issue 122, where the chip's designer explains a
   * stream that began a word too far).
   */
  set counter(value: number) {
    this.#update();
    this.#counter = value & COUNTER_BITS;
    if (this.#counter === 0) this.#discarded = this.#arrival >= 0;
    this.#idleSince = Math.max(this.#idleSince, this.#now);
  }

  get isEmpty(): boolean {
    this.#update();
    return this.#fifo.length === 0;
  }

  get isFull(): boolean {
    this.#update();
    return this.#fifo.length === FIFO_DEPTH;
  }

  /** The oldest word; undefined if there is none. */
  take(): number | undefined {
    this.#update();
    if (this.isFull) this.#idleSince = Math.max(this.#idleSince, this.#now);
    return this.#fifo.shift();
  }

  get #now(): number {
    return this.#cache ? this.#cache.now() : 0;
  }

  #update(): void {
    const now = this.#now;
    const cycles = this.#cache ? this.#cache.missCycles : 0;
    for (;;) {
      if (this.#arrival < 0) {
        if (this.#counter === 0 || this.#fifo.length === FIFO_DEPTH || this.#idleSince > now) return;
        this.#arrival = this.#idleSince + cycles;
      }
      if (this.#arrival > now) return;
      this.#arrive();
    }
  }

  #arrive(): void {
    if (!this.#discarded) {
      this.#fifo.push(this.#readFlash(this.#address));
      this.#counter--;
    }
    this.#discarded = false;
    this.#address = (this.#address + 4) >>> 0;
    this.#idleSince = this.#arrival;
    this.#arrival = -1;
  }

  /** A miss of `cycles` needs the SSI. Returns the cycles until it is free; the stream pauses until then. */
  #giveWay(cycles: number): number {
    this.#update();
    const now = this.#now;
    const wait = this.#arrival < 0 ? 0 : this.#arrival - now;
    if (wait > 0) this.#arrive();
    this.#idleSince = now + wait + cycles + COOLDOWN_CYCLES;
    return wait;
  }
}
