/**
 * The target side of an I2C peripheral, bit by bit: addresses, acknowledges, bytes in both directions,
 * and the two reasons to hold SCL low (datasheet 4.3, slave mode). Registers and FIFOs are in i2c.ts.
 */

import type { SystemBus } from "../bus.ts";
import { I2cLines, type LineEvents, type Urgency } from "./i2c-lines.ts";

/** The addressee of an address byte: this target (IC_SAR), or every target that answers general calls. */
export type Addressee = "own" | "general" | null;

/** The registers and FIFOs as the target's bit machine uses them, and the events it reports to them. */
export interface TargetOwner {
  readonly targetEnabled: boolean;
  /** IC_SLV_DATA_NACK_ONLY */
  readonly nacksData: boolean;
  /** Full, and RX_FIFO_FULL_HLD_CTRL says that the sender has to wait. */
  readonly mustWaitForRoom: boolean;
  /** IC_SDA_SETUP */
  readonly setupCycles: number;
  addressee(byte: number): Addressee;
  started(restartOf: Addressee): void;
  stopped(addressed: Addressee): void;
  generalCall(): void;
  received(byte: number, first: boolean): void;
  /** Bytes still in the transmit FIFO belong to an earlier read. */
  flushLeftovers(): void;
  requestData(): void;
  /** Next byte of the transmit FIFO, -1 when it is empty. */
  nextByte(): number;
  readEnded(): void;
  arbitrationLost(): void;
}

/** bystander: until the next START or STOP nothing on the bus concerns this target. */
type Phase = "idle" | "address" | "receive" | "transmit" | "bystander";

export class I2cTarget implements LineEvents {
  readonly lines: I2cLines;
  /** Of the transfer under way, since its last START. */
  addressed: Addressee = null;
  /** Complete data bytes since the last START. */
  bytesReceived = 0;
  /** A byte is on its way from the shift register to the controller. */
  shifting = false;

  private readonly owner: TargetOwner;
  private phase: Phase = "idle";
  /** Rising edges of SCL in this byte: eight bits, then the acknowledge. */
  private clocks = 0;
  private shift = 0;
  private acknowledged = false;
  private waitingFor: "data" | "room" | null = null;

  constructor(bus: SystemBus, name: string, owner: TargetOwner) {
    this.owner = owner;
    this.lines = new I2cLines(bus, name, this);
  }

  /** The slave state machine is not idle (IC_STATUS.SLV_ACTIVITY). */
  get active(): boolean {
    return this.phase === "address" || this.addressed !== null;
  }

  get receiving(): boolean {
    return this.addressed !== null && this.phase !== "transmit" && this.bytesReceived > 0;
  }

  enable(): void {
    this.toIdle();
    this.lines.listen(this);
  }

  disable(): void {
    this.lines.close();
    this.toIdle();
  }

  private toIdle(): void {
    this.phase = "idle";
    this.addressed = this.waitingFor = null;
    this.shifting = this.acknowledged = false;
    this.bytesReceived = 0;
  }

  // ------------------------------------------------------------------- conditions on the bus

  started(): void {
    const before = this.addressed;
    this.startOver();
    if (this.owner.targetEnabled) this.phase = "address";
    this.clocks = this.shift = 0;
    this.owner.started(before);
  }

  stopped(): void {
    const before = this.addressed;
    this.startOver();
    this.owner.stopped(before);
  }

  /** In the middle of a byte too: the bits received so far are discarded. */
  private startOver(): void {
    this.lines.pullData(false);
    this.lines.releaseClock(0);
    this.toIdle();
  }

  // ------------------------------------------------------------------- rising edges of SCL

  clockRose(data: boolean): void {
    const { phase } = this;
    if (phase === "idle" || phase === "bystander") return;
    const clock = this.clocks++;
    if (phase === "transmit") this.checkBit(clock, data);
    else if (clock < 8) this.shift = (this.shift << 1) | (data ? 1 : 0);
  }

  private checkBit(clock: number, data: boolean): void {
    if (clock === 8) {
      this.acknowledged = !data;
    } else if (!data && this.bitAt(clock)) {
      // Another device pulls SDA low in a bit that this target leaves high (ABRT_SLV_ARBLOST).
      this.leave();
      this.owner.arbitrationLost();
    }
  }

  private leave(): void {
    this.phase = "bystander";
    this.shifting = false;
    this.lines.pullData(false);
  }

  private bitAt(clock: number): boolean {
    return ((this.shift >> (7 - clock)) & 1) === 1;
  }

  riseMatters(dataLow: boolean): boolean {
    return dataLow && this.phase === "transmit" && this.clocks < 8 && this.bitAt(this.clocks);
  }

  // ------------------------------------------------------------------- falling edges of SCL

  clockFell(): void {
    const { phase, clocks } = this;
    if (phase === "transmit") this.afterTransmitClock(clocks);
    else if (clocks === 8 && phase === "address") this.answerAddress();
    else if (clocks === 8 && phase === "receive") this.answerData();
    else if (clocks === 9 && (phase === "address" || phase === "receive")) this.afterAcknowledge();
  }

  fallMatters(): Urgency {
    const { phase, clocks } = this;
    if (phase === "transmit") return this.transmitFallMatters(clocks);
    if (phase === "receive") return clocks === 8 ? "now" : clocks === 9 ? "hold" : "never";
    if (phase !== "address" || clocks < 8) return "never";
    if (clocks === 9) return this.isRead ? "now" : "hold";
    const addressee = this.owner.addressee(this.shift);
    return addressee === null ? "never" : addressee === "own" ? "hold" : "now";
  }

  private transmitFallMatters(clocks: number): Urgency {
    if (clocks === 9) return "now";
    const low = clocks < 8 && !this.bitAt(clocks);
    return low === this.lines.pullsData ? "never" : "hold";
  }

  private get isRead(): boolean {
    return (this.shift & 1) === 1;
  }

  private answerAddress(): void {
    this.addressed = this.owner.addressee(this.shift);
    if (this.addressed === null) {
      this.phase = "bystander";
      return;
    }
    this.lines.pullData(true);
    if (this.addressed === "general") this.owner.generalCall();
  }

  private answerData(): void {
    this.bytesReceived++;
    if (this.owner.nacksData) {
      this.leave();
      return;
    }
    this.lines.pullData(true);
    if (this.owner.mustWaitForRoom) {
      this.waitingFor = "room";
      this.lines.holdClock();
    } else {
      this.deliver();
    }
  }

  private deliver(): void {
    this.owner.received(this.shift & 0xff, this.bytesReceived === 1);
  }

  private afterAcknowledge(): void {
    const { phase } = this;
    this.clocks = 0;
    this.lines.pullData(false);
    if (phase === "address" && this.isRead) {
      this.phase = "transmit";
      this.owner.flushLeftovers();
      this.askForData();
    } else {
      this.phase = "receive";
      this.shift = 0;
    }
  }

  private afterTransmitClock(clocks: number): void {
    if (clocks === 9) {
      this.shifting = false;
      this.clocks = 0;
      if (this.acknowledged) {
        this.transmitNext();
      } else {
        this.leave();
        this.owner.readEnded();
      }
    } else if (clocks > 0) {
      this.lines.pullData(clocks < 8 && !this.bitAt(clocks));
    }
  }

  private transmitNext(): void {
    const byte = this.owner.nextByte();
    if (byte < 0) this.askForData();
    else this.transmit(byte);
  }

  private askForData(): void {
    this.waitingFor = "data";
    this.lines.holdClock();
    this.owner.requestData();
  }

  private transmit(byte: number): void {
    this.shift = byte;
    this.shifting = true;
    this.lines.pullData(!this.bitAt(0));
  }

  // ------------------------------------------------------------------- from the registers

  /** There is data in the transmit FIFO. */
  dataAvailable(): void {
    if (this.waitingFor !== "data") return;
    this.waitingFor = null;
    this.transmit(this.owner.nextByte());
    // IC_SDA_SETUP is one more than the cycles for which SDA is stable before SCL rises.
    this.lines.releaseClock(Math.max(0, this.owner.setupCycles - 1));
    this.lines.sync();
  }

  /** There is room in the receive FIFO. */
  roomAvailable(): void {
    if (this.waitingFor !== "room") return;
    this.waitingFor = null;
    this.deliver();
    this.lines.releaseClock(0);
    this.lines.sync();
  }
}
