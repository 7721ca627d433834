/**
 * The DMA's engine (datasheet 2.5.1 to 2.5.3): which channel moves data when. Its registers are in dma.ts.
 *
 * Time, in cycles of clk_sys: two from a request to the bus, then the accesses: one on AHB-Lite, three
 * for a read and four for a write beyond the APB bridge (2.1.3). Data arrives in memory at their end, all
 * at once. One transfer follows the other as fast as the slower of its two accesses allows. Waits for
 * other masters are not modelled.
 */

import type { SystemBus } from "../bus.ts";
import type { Alarm } from "../clocks/clock.ts";
import { Fault } from "../core/core-state.ts";
import { Peripheral } from "../peripheral.ts";
import { Channel, Ctrl, TREQ_PERMANENT, TREQ_TIMER0 } from "./dma-channel.ts";
import { PacingTimer } from "./dma-timer.ts";

export const DMA_CHANNELS = 12;
/** DREQ numbers that are wired to something (datasheet 2.5.3.1). */
export const DREQ_COUNT = 40;

/**
 * From a request or a trigger to the first access: arbitration and the address FIFO. Our choice, since the
 * datasheet gives no figure.
 */
const ISSUE_CYCLES = 2;
const APB_READ_CYCLES = 3;
const APB_WRITE_CYCLES = 4;

const isApb = (address: number) => address >>> 28 === 4;
const readCycles = (address: number) => (isApb(address) ? APB_READ_CYCLES : 1);
const writeCycles = (address: number) => (isApb(address) ? APB_WRITE_CYCLES : 1);

export abstract class DmaEngine extends Peripheral {
  protected readonly channels = Array.from({ length: DMA_CHANNELS }, (_, index) => new Channel(index));
  protected readonly timers = Array.from({ length: 4 }, () => new PacingTimer());
  /** Levels of the data requests; they belong to the peripherals and survive a reset of the DMA. */
  protected readonly dreq = new Uint8Array(64);
  private readonly engine: Alarm;
  /** Busy and enabled channels by their TREQ_SEL. */
  private readonly listeners = new Uint16Array(64);
  /** Channels with a transfer to come at a known time. */
  private issued = 0;
  /** Time at which the bus is free for the next transfer. */
  private freeNanos = 0;
  /** The channels of either priority served last, and the high ones served in this round. */
  private lastLow = 0;
  private lastHigh = 0;
  private served = 0;

  constructor(bus: SystemBus) {
    super(bus, "DMA");
    this.engine = bus.alarms.createFrequentAlarm(() => this.serve());
  }

  /** Raises the channel's interrupt flag. */
  protected abstract raise(channel: Channel): void;

  reset(): void {
    this.engine.cancel();
    for (const channel of this.channels) channel.reset();
    for (const timer of this.timers) timer.reset();
    this.listeners.fill(0);
    this.issued = this.freeNanos = this.lastLow = this.lastHigh = this.served = 0;
  }

  /** A peripheral has data, or room for it (datasheet 2.5.3). rp2040js' peripherals call it by this name. */
  setDREQ(request: number): void {
    if (this.dreq[request]) return;
    this.dreq[request] = 1;
    const waiting = (this.listeners[request] as number) & ~this.issued;
    if (waiting === 0) return;
    // "Multiple channels should not be connected to the same DREQ" (2.5.3.2).
    if (waiting & (waiting - 1)) this.warn(`more than one channel waits for DREQ ${request}`);
    for (const channel of this.channels) if (waiting & (1 << channel.index)) this.issue(channel);
  }

  clearDREQ(request: number): void {
    this.dreq[request] = 0;
  }

  /**
   * The channel that waits for this request, if no other transfer is issued and it moves halfwords from
   * `source` to SRAM. The peripheral may then pass its data directly (`handOver`) instead of having the DMA
   * read it, until the last transfer of the sequence.
   */
  receiver(request: number, source: number): Channel | null {
    const waiting = this.listeners[request] as number;
    if (this.issued !== 0 || waiting & (waiting - 1)) return null;
    const channel = this.channels[31 - Math.clz32(waiting)];
    return channel && channel.readAddress === source && this.takesMore(channel) ? channel : null;
  }

  /** From a request to its data in memory for such a channel, and then until the bus is free again. */
  handOverNanos(channel: Channel): { readonly delay: number; readonly rest: number } {
    return {
      delay: this.nanosOf(ISSUE_CYCLES + this.accessCycles(channel)),
      rest: this.nanosOf(this.cost(channel)),
    };
  }

  /** A transfer of `receiver`'s channel, in memory at `nanos`. False if the next must go the usual way. */
  handOver(channel: Channel, data: number, nanos: number): boolean {
    this.bus.busStore(channel.writeAddress, data, 1);
    channel.advance();
    this.took(channel);
    this.freeNanos = nanos + this.nanosOf(this.cost(channel));
    return this.takesMore(channel);
  }

  private takesMore(channel: Channel): boolean {
    return channel.plainHalfwords && channel.count > 1 && this.bus.isSram(channel.writeAddress);
  }

  // ------------------------------------------------------------------- transfers

  protected get now(): number {
    return this.bus.alarms.nanos;
  }

  private nanosOf(cycles: number): number {
    return (cycles * 1e9) / this.bus.clkSys;
  }

  private cost({ readAddress, writeAddress }: Channel): number {
    return Math.max(readCycles(readAddress), writeCycles(writeAddress));
  }

  /** Schedules a channel's next transfer. */
  private issue(channel: Channel): void {
    this.issueAt(channel, this.now + this.nanosOf(ISSUE_CYCLES + this.accessCycles(channel)));
  }

  private issueAt(channel: Channel, nanos: number): void {
    channel.dueNanos = nanos;
    this.issued |= 1 << channel.index;
    const start = Math.max(nanos, this.freeNanos);
    if (!this.engine.scheduled || start < this.engine.nanos) this.engine.scheduleAt(start);
  }

  private accessCycles({ readAddress, writeAddress }: Channel): number {
    return readCycles(readAddress) + writeCycles(writeAddress);
  }

  /** Issues, withholds or withdraws the channel's next transfer, as its state and its request say. */
  protected follow(channel: Channel): void {
    const bit = 1 << channel.index;
    const { treq } = channel;
    for (let request = 0; request < this.listeners.length; request++) {
      this.listeners[request] = (this.listeners[request] as number) & ~bit;
    }
    this.issued &= ~bit;
    if (!channel.busy || !channel.enabled) return;
    channel.pulseNanos = this.now;
    this.listeners[treq] = (this.listeners[treq] as number) | bit;
    this.request(channel);
  }

  /** Issues the channel's next transfer if its request is there. */
  private request(channel: Channel): void {
    const { treq } = channel;
    if (treq === TREQ_PERMANENT || channel.count === 0) {
      this.issue(channel);
    } else if (treq >= TREQ_TIMER0) {
      this.awaitPulse(channel, this.timers[treq - TREQ_TIMER0] as PacingTimer);
    } else if (this.dreq[treq]) {
      // Each transfer has its own handshake: a level that stays high is a request each time.
      this.issue(channel);
    }
  }

  /** Requests of a timer are counted: those that come faster than the transfers are not lost. */
  private awaitPulse(channel: Channel, timer: PacingTimer): void {
    const pulse = timer.next(channel.pulseNanos, this.bus.clkSys);
    if (pulse === null) return;
    channel.pulseNanos = pulse;
    this.issueAt(channel, pulse + this.nanosOf(ISSUE_CYCLES + this.accessCycles(channel)));
  }

  /** The engine's turn: one transfer of one channel. */
  private serve(): void {
    if (this.issued === 0) return;
    const channel = this.choose();
    if (channel) this.transfer(channel);
    let due = Number.POSITIVE_INFINITY;
    for (const other of this.channels) {
      if (this.issued & (1 << other.index) && other.dueNanos < due) due = other.dueNanos;
    }
    if (this.issued !== 0) this.engine.scheduleAt(Math.max(due, this.freeNanos));
  }

  /**
   * Round robin among those whose time has come; "in each scheduling round, all high priority channels
   * are considered first, and then only a single low priority channel" (CTRL.HIGH_PRIORITY).
   */
  private choose(): Channel | null {
    const { issued } = this;
    if ((issued & (issued - 1)) === 0) {
      const only = this.channels[31 - Math.clz32(issued)] as Channel;
      if (only.dueNanos > this.now) return null;
      this.took(only);
      return only;
    }
    let channel = this.firstDue(true, this.lastHigh);
    if (channel === null) {
      this.served = 0;
      channel = this.firstDue(false, this.lastLow) ?? this.firstDue(true, this.lastHigh);
    }
    if (channel) this.took(channel);
    return channel;
  }

  private firstDue(high: boolean, last: number): Channel | null {
    const { now } = this;
    for (let turn = 1; turn <= DMA_CHANNELS; turn++) {
      const channel = this.channels[(last + turn) % DMA_CHANNELS] as Channel;
      const bit = 1 << channel.index;
      if (!(this.issued & bit) || channel.dueNanos > now || channel.highPriority !== high) continue;
      if (!high || !(this.served & bit)) return channel;
    }
    return null;
  }

  private took(channel: Channel): void {
    if (channel.highPriority) {
      this.lastHigh = channel.index;
      this.served |= 1 << channel.index;
    } else {
      this.lastLow = channel.index;
      this.served = 0;
    }
  }

  private transfer(channel: Channel): void {
    this.issued &= ~(1 << channel.index);
    if (channel.count > 0) {
      this.freeNanos = this.now + this.nanosOf(this.cost(channel));
      if (!this.move(channel)) return;
      channel.advance();
    }
    if (channel.aborted) this.retire(channel);
    else if (channel.count === 0) this.complete(channel);
    // Addresses and data are pipelined: an unpaced channel's next transfer is one access behind.
    else if (channel.treq === TREQ_PERMANENT) this.issueAt(channel, this.freeNanos);
    else this.request(channel);
  }

  /** One read and one write. False after a bus error, which halts the channel. */
  private move(channel: Channel): boolean {
    const { bus } = this;
    const { size, readAddress, writeAddress } = channel;
    const low = (1 << size) - 1;
    if ((readAddress | writeAddress) & low) {
      this.warn(`channel ${channel.index}: addresses are not aligned to the size of its transfers (2.5.1.1)`);
    }
    let reading = true;
    try {
      const data = bus.busLoad((readAddress & ~low) >>> 0, size);
      reading = false;
      bus.busStore((writeAddress & ~low) >>> 0, channel.swapped(data), size);
      return true;
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      this.warn(`channel ${channel.index}: ${fault.reason}`);
      channel.ctrl |= reading ? Ctrl.READ_ERROR : Ctrl.WRITE_ERROR;
      channel.busy = channel.aborted = false;
      this.follow(channel);
      this.raise(channel);
      return false;
    }
  }

  private complete(channel: Channel): void {
    channel.busy = false;
    this.unlisten(channel);
    if (!(channel.ctrl & Ctrl.IRQ_QUIET)) this.raise(channel);
    const { chainTo } = channel;
    if (chainTo === channel.index) return;
    const next = this.channels[chainTo];
    if (next) this.trigger(next);
    else this.warn(`channel ${channel.index} chains to channel ${chainTo}, which does not exist`);
  }

  /** Erratum RP2040-E13: a transfer in flight when its channel is aborted ends with an interrupt. */
  private retire(channel: Channel): void {
    channel.abort();
    this.unlisten(channel);
    if (!(channel.ctrl & Ctrl.IRQ_QUIET)) this.raise(channel);
  }

  private unlisten({ treq, index }: Channel): void {
    this.listeners[treq] = (this.listeners[treq] as number) & ~(1 << index);
  }

  /** Starts a channel; one that is disabled or already running ignores it (datasheet 2.5.2). */
  protected trigger(channel: Channel): void {
    if (!channel.enabled || channel.busy) return;
    const { treq } = channel;
    if (treq >= DREQ_COUNT && treq < TREQ_TIMER0) {
      this.warn(`channel ${channel.index} waits for DREQ ${treq}, which nothing raises`);
    }
    channel.busy = true;
    channel.pulseNanos = this.now;
    channel.count = channel.reload;
    if (channel.count === 0) this.warn(`channel ${channel.index} is triggered with a TRANS_COUNT of 0`);
    this.listeners[treq] = (this.listeners[treq] as number) | (1 << channel.index);
    this.request(channel);
  }

  /** A transfer whose read has begun cannot be called back (datasheet 2.5.5.3). */
  protected abort(channel: Channel): void {
    if (!channel.busy) return;
    const inFlight =
      this.issued & (1 << channel.index) &&
      channel.count > 0 &&
      channel.dueNanos - this.now <= this.nanosOf(this.accessCycles(channel));
    if (inFlight) {
      channel.aborted = true;
    } else {
      channel.abort();
      this.follow(channel);
    }
  }
}
