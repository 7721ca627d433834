/**
 * The controller side of an I2C peripheral, bit by bit (datasheet 4.3.7 and 4.3.10.2): START, address,
 * bytes, repeated START and STOP, made of the commands in the transmit FIFO. It holds SCL low while it has to
 * wait for the next command, or for room in the receive FIFO.
 *
 * SCL's periods are those of datasheet 4.3.14.1: low for LCNT + 1 cycles of ic_clk, high for HCNT + SPKLEN +
 * 7 cycles from the moment the line has risen, even if a target kept it low for longer. Not modelled: two
 * controllers that synchronise their clocks (4.3.9); the emulator gives a strict warning instead.
 */
import type { SystemBus } from "../bus.ts";
import type { Alarm } from "../clocks/clock.ts";
import type { I2cLines, LineEvents, Urgency } from "./i2c-lines.ts";
import {
  ABRT_7B_ADDR_NOACK,
  ABRT_TXDATA_NOACK,
  ABRT_USER_ABRT,
  ARB_LOST,
  IC_DATA_CMD_CMD,
  IC_DATA_CMD_RESTART,
  IC_DATA_CMD_STOP,
} from "./i2c-registers.ts";

/** The registers and FIFOs as the controller's bit machine uses them, and the events it reports to them. */
export interface ControllerOwner {
  /** IC_TAR */
  readonly targetAddress: number;
  /** The counts of the selected speed, in cycles of ic_clk. */
  readonly highCount: number;
  readonly lowCount: number;
  /** tSU;STA: HCNT in fast mode, LCNT in standard mode (table 450). */
  readonly restartCount: number;
  readonly restartEnabled: boolean;
  /** Full, and RX_FIFO_FULL_HLD_CTRL says that the sender has to wait. */
  readonly mustWaitForRoom: boolean;
  /** First in the transmit FIFO, as written to IC_DATA_CMD; undefined when it is empty. */
  readonly nextCommand: number | undefined;
  takeCommand(): number;
  received(byte: number, first: boolean): void;
  started(restartOf: null): void;
  stopped(addressed: null): void;
  /** Bits of IC_TX_ABRT_SOURCE: flushes the FIFOs. */
  aborted(source: number): void;
  /** `shifting`, `active` or an abort under way changed. */
  changed(): void;
}

/**
 * hold: between two bytes, without a command. undecided: a byte has come in, and the next command decides
 * if it is acknowledged. room: a byte has come in, and the receive FIFO has no room for it.
 */
type Phase =
  | "idle"
  | "start"
  | "address"
  | "write"
  | "read"
  | "hold"
  | "undecided"
  | "room"
  | "restart"
  | "stop";

/** Of the high period, behind the filter: counting to HCNT + 1, and three cycles of latency (4.3.14.1). */
const HIGH_OVERHEAD_CYCLES = 4;
/** And the filter itself, SPKLEN beside it. */
const FILTER_CYCLES = 3;

export class I2cController implements LineEvents {
  /** A command is being carried out: its byte has not been acknowledged yet. */
  shifting = false;

  private readonly bus: SystemBus;
  private readonly name: string;
  private readonly lines: I2cLines;
  private readonly owner: ControllerOwner;
  private readonly stepAlarm: Alarm;
  private readonly dataAlarm: Alarm;
  private step: () => void = () => {};

  private phase: Phase = "idle";
  /** The lines pulled low; SDA follows `dataLow` after the hold time. */
  private dataLow = false;
  private clockLow = false;
  /** SCL has been released and has not risen yet; its high period is counted from the rise. */
  private awaitsRise = false;
  private countsHigh = false;
  private reading = false;
  /** Clocks of this byte so far: eight bits, then the acknowledge. */
  private bits = 0;
  private shift = 0;
  private sampled = false;
  private command = 0;
  /** No byte has followed the address yet. */
  private fresh = false;
  private abortWanted = false;
  private disabling = false;
  /** Between a START and a STOP of any controller on the bus. */
  private busBusy = false;
  private freeAt = 0;

  constructor(bus: SystemBus, name: string, lines: I2cLines, owner: ControllerOwner) {
    this.bus = bus;
    this.name = name;
    this.lines = lines;
    this.owner = owner;
    this.stepAlarm = bus.alarms.createAlarm(() => this.step());
    this.dataAlarm = bus.alarms.createAlarm(() => this.lines.drive(this.dataLow, this.clockLow));
  }

  /** IC_STATUS.MST_ACTIVITY */
  get active(): boolean {
    return this.phase !== "idle";
  }

  /** IC_ENABLE.ABORT reads as 1 until the transfer has been aborted. */
  get aborting(): boolean {
    return this.abortWanted;
  }

  enable(): void {
    this.disabling = false;
    // A transfer in progress goes on: pico-sdk changes IC_TAR like this between the two halves of a transfer.
    if (this.active) return;
    this.busBusy = false;
    this.freeAt = 0;
    this.lines.listen(this);
  }

  /** Takes effect at the end of the byte under way, with a STOP. */
  disable(): void {
    if (!this.active) {
      this.lines.close();
      this.stepAlarm.cancel();
      return;
    }
    this.disabling = true;
    if (this.waits) this.in(this.lowCycles, () => this.disabling && this.endHold());
  }

  /** Releases both lines at once. */
  reset(): void {
    this.stepAlarm.cancel();
    this.dataAlarm.cancel();
    this.lines.close();
    this.toIdle();
    this.disabling = false;
  }

  /** IC_ENABLE.ABORT was set. */
  abort(): void {
    if (!this.active) return;
    this.abortWanted = true;
    if (this.waits) this.endHold();
  }

  commandAvailable(): void {
    if (this.phase === "idle") this.tryStart();
    else if (this.phase === "hold") this.between();
    else if (this.phase === "undecided") this.acknowledge();
  }

  roomAvailable(): void {
    if (this.phase === "room") this.byteReceived();
  }

  // ------------------------------------------------------------------- time

  private get lowCycles(): number {
    return this.owner.lowCount + 1;
  }

  private get highCycles(): number {
    return this.owner.highCount + HIGH_OVERHEAD_CYCLES;
  }

  private in(cycles: number, step: () => void): void {
    this.step = step;
    this.stepAlarm.schedule(cycles * this.lines.cycleNanos);
  }

  /** SDA gets its level after the hold time, counted from now, and SCL is released after its low period. */
  private clockOut(low: boolean): void {
    this.countsHigh = false;
    if (low !== this.dataLow) {
      this.dataLow = low;
      this.dataAlarm.schedule(Math.max(1, this.lines.transmitHoldCycles) * this.lines.cycleNanos);
    }
    this.in(this.lowCycles, () => this.releaseClock());
  }

  private releaseClock(): void {
    this.awaitsRise = true;
    this.lines.sync();
    if (this.lines.clockLevel) this.warn("SCL does not follow the block: is there a pin switched to it?");
    this.clockLow = false;
    this.lines.drive(this.dataLow, false);
  }

  private pullClock(): void {
    this.countsHigh = false;
    this.clockLow = true;
    this.lines.drive(this.dataLow, true);
  }

  // ------------------------------------------------------------------- events on the lines

  started(): void {
    this.busBusy = true;
    if (this.active && this.phase !== "start") this.warn("START of another controller in the middle of ours");
    this.owner.started(null);
  }

  stopped(): void {
    this.busBusy = false;
    // tBUF is LCNT (table 450).
    this.freeAt = this.bus.alarms.nanos + this.lowCycles * this.lines.cycleNanos;
    const ours = this.phase === "stop";
    if (this.active && !ours) this.warn("STOP of another controller in the middle of our transfer");
    if (ours) this.toIdle();
    this.owner.stopped(null);
    if (ours) this.ended();
    this.tryStart();
  }

  private ended(): void {
    if (this.disabling) this.lines.close();
    this.disabling = false;
    this.owner.changed();
  }

  clockFell(): void {
    if (this.countsHigh) this.warn("SCL pulled low by somebody else while it is high is not modelled");
  }

  fallMatters(): Urgency {
    return this.countsHigh ? "now" : "never";
  }

  riseMatters(): boolean {
    return this.awaitsRise || (this.phase === "idle" && this.owner.nextCommand !== undefined);
  }

  clockRose(data: boolean): void {
    if (!this.awaitsRise) {
      this.tryStart();
      return;
    }
    this.awaitsRise = false;
    this.sampled = data;
    if (!data && this.ownsHigh) {
      this.loseArbitration();
      return;
    }
    this.countsHigh = true;
    if (this.phase === "restart") this.in(this.owner.restartCount + HIGH_OVERHEAD_CYCLES, () => this.start());
    else if (this.phase === "stop") this.in(this.highCycles, () => this.letGo());
    else this.in(this.highCycles, () => this.bitOver());
  }

  /** This controller has released SDA. If SDA is low all the same, another controller has won the bus. */
  private get ownsHigh(): boolean {
    if (this.dataLow || this.phase === "stop") return false;
    if (this.phase === "restart") return true;
    return this.reading && this.phase === "read" ? this.bits === 8 : this.bits < 8;
  }

  // ------------------------------------------------------------------- conditions

  private tryStart(): void {
    if (this.active || this.busBusy || this.owner.nextCommand === undefined) return;
    if (!this.lines.clockLevel) return; // its rise calls this again
    const wait = this.freeAt - this.bus.alarms.nanos;
    if (wait > 0) {
      this.in(wait / this.lines.cycleNanos, () => this.tryStart());
      return;
    }
    this.start();
  }

  private start(): void {
    this.phase = "start";
    this.countsHigh = false;
    this.dataLow = true;
    this.lines.drive(true, false);
    this.reading = ((this.owner.nextCommand ?? 0) & IC_DATA_CMD_CMD) !== 0;
    // tHD;STA is HCNT, counted as a high period is.
    this.in(this.highCycles + this.lines.spikeCycles + FILTER_CYCLES, () => this.sendAddress());
    this.owner.changed();
  }

  private sendAddress(): void {
    const address = this.owner.targetAddress;
    if (address < 0x08 || address > 0x77)
      this.warn(`IC_TAR is 0x${address.toString(16)}, a reserved address`);
    this.pullClock();
    this.phase = "address";
    this.shift = (address << 1) | (this.reading ? 1 : 0);
    this.bits = 0;
    this.clockBit();
  }

  private restart(): void {
    this.phase = "restart";
    this.clockOut(false);
  }

  private stop(): void {
    this.phase = "stop";
    this.clockOut(true);
  }

  /** The STOP itself; it is over once SDA has risen. */
  private letGo(): void {
    this.countsHigh = false;
    this.dataLow = false;
    this.lines.drive(false, false);
  }

  private loseArbitration(): void {
    this.toIdle();
    this.lines.drive(false, false);
    this.owner.aborted(ARB_LOST);
    this.ended();
  }

  private toIdle(): void {
    this.phase = "idle";
    this.dataLow = this.clockLow = this.awaitsRise = this.countsHigh = false;
    this.shifting = this.abortWanted = false;
  }

  // ------------------------------------------------------------------- bits

  private clockBit(): void {
    const acknowledge = this.bits === 8;
    if (this.phase === "read") this.clockOut(false);
    else this.clockOut(!acknowledge && ((this.shift >> (7 - this.bits)) & 1) === 0);
  }

  private bitOver(): void {
    this.pullClock();
    const acknowledge = this.bits === 8;
    this.bits++;
    if (acknowledge) {
      this.byteOver();
    } else if (this.phase === "read") {
      this.shift = (this.shift << 1) | (this.sampled ? 1 : 0);
      if (this.bits === 8) this.byteReceived();
      else this.clockBit();
    } else {
      this.clockBit();
    }
  }

  private byteReceived(): void {
    if (this.owner.mustWaitForRoom) {
      this.phase = "room";
      return;
    }
    this.phase = "read";
    this.owner.received(this.shift & 0xff, this.fresh);
    this.fresh = false;
    this.acknowledge();
  }

  /**
   * A byte without a read command behind it is not acknowledged (IC_DATA_CMD, 4.3.17), and without a next
   * command the peripheral waits for one. It follows that it waits before the acknowledge.
   */
  private acknowledge(): void {
    const next = this.owner.nextCommand;
    const last = (this.command & IC_DATA_CMD_STOP) !== 0 || this.abortWanted || this.disabling;
    if (!last && next === undefined) {
      this.phase = "undecided";
      return;
    }
    this.phase = "read";
    const goesOn =
      !last && next !== undefined && !(next & IC_DATA_CMD_RESTART) && (next & IC_DATA_CMD_CMD) !== 0;
    this.clockOut(goesOn);
  }

  private byteOver(): void {
    const refused = this.phase !== "read" && this.sampled;
    const wasAddress = this.phase === "address";
    this.shifting = false;
    if (refused) {
      this.stop();
      this.owner.aborted(wasAddress ? ABRT_7B_ADDR_NOACK : ABRT_TXDATA_NOACK);
      return;
    }
    this.fresh = wasAddress;
    if (!wasAddress && this.command & IC_DATA_CMD_STOP) this.stop();
    else this.between();
    this.owner.changed();
  }

  // ------------------------------------------------------------------- between two bytes

  private get waits(): boolean {
    return this.phase === "hold" || this.phase === "undecided" || this.phase === "room";
  }

  private endHold(): void {
    if (this.phase === "hold") this.between();
    else this.acknowledge();
  }

  /** SCL is low, and the last byte is complete. */
  private between(): void {
    if (this.abortWanted) {
      this.stop();
      this.abortWanted = false;
      this.owner.aborted(ABRT_USER_ABRT);
      return;
    }
    const next = this.owner.nextCommand;
    if (next === undefined) {
      if (this.disabling) this.stop();
      else this.phase = "hold";
      return;
    }
    const turns = ((next & IC_DATA_CMD_CMD) !== 0) !== this.reading;
    if (turns || (next & IC_DATA_CMD_RESTART && !this.fresh)) {
      // Without RESTART_EN a STOP and a START stand for it; the command waits for both.
      if (this.owner.restartEnabled) this.restart();
      else this.stop();
      return;
    }
    this.command = this.owner.takeCommand();
    this.phase = this.reading ? "read" : "write";
    this.shift = this.reading ? 0 : this.command & 0xff;
    this.bits = 0;
    this.shifting = true;
    this.clockBit();
    this.owner.changed();
  }

  private warn(message: string): void {
    this.bus.log.warn(this.name, message);
  }
}
