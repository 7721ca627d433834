/** The registers of one DMA channel (datasheet 2.5.7), and how a transfer changes them. */

/** Bits of CHn_CTRL_TRIG. */
export const Ctrl = {
  EN: 1 << 0,
  HIGH_PRIORITY: 1 << 1,
  DATA_SIZE_SHIFT: 2,
  INCR_READ: 1 << 4,
  INCR_WRITE: 1 << 5,
  RING_SIZE_SHIFT: 6,
  RING_SEL: 1 << 10,
  CHAIN_TO_SHIFT: 11,
  TREQ_SEL_SHIFT: 15,
  IRQ_QUIET: 1 << 21,
  BSWAP: 1 << 22,
  BUSY: 1 << 24,
  WRITE_ERROR: 1 << 29,
  READ_ERROR: 1 << 30,
  AHB_ERROR: 1 << 31,
} as const;

const WRITABLE = 0x00ff_ffff;
const NO_RING = 0xffff_ffff;
const ERRORS = Ctrl.READ_ERROR | Ctrl.WRITE_ERROR;

/** TREQ_SEL: numbers below are DREQs of peripherals. */
export const TREQ_TIMER0 = 0x3b;
export const TREQ_PERMANENT = 0x3f;

export class Channel {
  readonly index: number;
  readAddress = 0;
  writeAddress = 0;
  /** Transfers left, and TRANS_COUNT as last written, which the next trigger takes. */
  count = 0;
  reload = 0;
  /** CTRL without BUSY and AHB_ERROR, and its fields. */
  ctrl = 0;
  enabled = false;
  highPriority = false;
  /** Data size as a power of two; the reserved value 3 is taken as words. */
  size = 0;
  chainTo = 0;
  treq = 0;
  /** The bits of each address that may change from one transfer to the next. */
  private readRing = NO_RING;
  private writeRing = NO_RING;
  busy = false;
  /** Aborted with a transfer in flight. */
  aborted = false;
  /** Time at which the issued transfer will be complete. */
  dueNanos = 0;
  /** Time of the last request of a pacing timer that the channel followed. */
  pulseNanos = 0;

  constructor(index: number) {
    this.index = index;
  }

  /** CHAIN_TO is 0 after a reset, so every channel but the first chains to the first (datasheet 2.5.7). */
  reset(): void {
    this.readAddress = this.writeAddress = this.count = this.reload = this.ctrl = 0;
    this.busy = this.aborted = false;
    this.control(0, 0);
  }

  /** Halfwords as they are, always from the same address, to an aligned one. */
  get plainHalfwords(): boolean {
    const plain = this.size === 1 && (this.ctrl & (Ctrl.BSWAP | Ctrl.INCR_READ)) === 0;
    return plain && !this.aborted && (this.writeAddress & 1) === 0;
  }

  get status(): number {
    return this.ctrl | (this.busy ? Ctrl.BUSY : 0) | (this.ctrl & ERRORS ? Ctrl.AHB_ERROR : 0);
  }

  /** A write of `value` to CTRL; error flags clear where the bus carried a one. */
  control(value: number, written: number): void {
    const ctrl = (value & WRITABLE) | (this.ctrl & ERRORS & ~written);
    this.ctrl = ctrl;
    this.enabled = (ctrl & Ctrl.EN) !== 0;
    this.highPriority = (ctrl & Ctrl.HIGH_PRIORITY) !== 0;
    this.size = Math.min(2, (ctrl >> Ctrl.DATA_SIZE_SHIFT) & 3);
    this.chainTo = (ctrl >> Ctrl.CHAIN_TO_SHIFT) & 15;
    this.treq = (ctrl >> Ctrl.TREQ_SEL_SHIFT) & 0x3f;
    const ringBits = (ctrl >> Ctrl.RING_SIZE_SHIFT) & 15;
    const ring = ringBits === 0 ? NO_RING : (1 << ringBits) - 1;
    this.readRing = ctrl & Ctrl.RING_SEL ? NO_RING : ring;
    this.writeRing = ctrl & Ctrl.RING_SEL ? ring : NO_RING;
  }

  /** BSWAP reverses the bytes of each transfer. */
  swapped(data: number): number {
    if (!(this.ctrl & Ctrl.BSWAP) || this.size === 0) return data;
    if (this.size === 1) return ((data & 0xff) << 8) | ((data >>> 8) & 0xff);
    return ((data & 0xff) << 24) | ((data & 0xff00) << 8) | ((data >>> 8) & 0xff00) | ((data >>> 24) & 0xff);
  }

  /** After a transfer: addresses move on, one of them within its ring (datasheet 2.5.1.1). */
  advance(): void {
    const { ctrl } = this;
    const bytes = 1 << this.size;
    if (ctrl & Ctrl.INCR_READ) this.readAddress = next(this.readAddress, bytes, this.readRing);
    if (ctrl & Ctrl.INCR_WRITE) this.writeAddress = next(this.writeAddress, bytes, this.writeRing);
    this.count = (this.count - 1) >>> 0;
  }

  /** CHAN_ABORT clears the counter and leaves the channel inactive (datasheet 2.5.5.3). */
  abort(): void {
    this.count = 0;
    this.busy = this.aborted = false;
  }
}

function next(address: number, bytes: number, changing: number): number {
  return ((address & ~changing) | ((address + bytes) & changing)) >>> 0;
}
