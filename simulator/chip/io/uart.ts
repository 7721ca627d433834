/**
 * UART0 and UART1: ARM PL011 r1p5 as built into the RP2040 (datasheet 4.2, PL011 TRM DDI 0183).
 * Frames take their time on the line at the programmed rate, in both directions. A receiver samples a frame
 * at its own bit times, so that a sender with another rate causes the errors it would cause on silicon. DMA
 * and hardware flow control are not modelled.
 */

import type { SystemBus } from "../bus.ts";
import type { Alarm } from "../clocks/clock.ts";
import { Peripheral } from "../peripheral.ts";
import { PERIPHERALS } from "../peripherals.ts";

/** Offsets (datasheet 4.2.8). */
export enum UART {
  UARTDR = 0x000,
  UARTRSR = 0x004,
  UARTFR = 0x018,
  UARTILPR = 0x020,
  UARTIBRD = 0x024,
  UARTFBRD = 0x028,
  UARTLCR_H = 0x02c,
  UARTCR = 0x030,
  UARTIFLS = 0x034,
  UARTIMSC = 0x038,
  UARTRIS = 0x03c,
  UARTMIS = 0x040,
  UARTICR = 0x044,
  UARTDMACR = 0x048,
  UARTPERIPHID0 = 0xfe0,
  UARTPERIPHID1 = 0xfe4,
  UARTPERIPHID2 = 0xfe8,
  UARTPERIPHID3 = 0xfec,
  UARTPCELLID0 = 0xff0,
  UARTPCELLID1 = 0xff4,
  UARTPCELLID2 = 0xff8,
  UARTPCELLID3 = 0xffc,
}

export interface ReceivedFrame {
  readonly byte: number;
  readonly framingError?: boolean;
  readonly parityError?: boolean;
  readonly break?: boolean;
  /** Bit time of the sender, in nanoseconds. */
  readonly bitNanos: number;
}

type FrameListener = (byte: number, startNanos: number, bitNanos: number) => void;

const FIFO_DEPTH = 32;
/** IFLS: 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO (TRM 3.3.11). */
const TRIGGER_LEVELS = [4, 8, 16, 24, 28, 28, 28, 28];

export const UARTDR_FE = 1 << 8;
export const UARTDR_PE = 1 << 9;
export const UARTDR_BE = 1 << 10;
export const UARTDR_OE = 1 << 11;
/** UARTRSR has the error flags of UARTDR, this many bits lower. */
const UARTRSR_SHIFT = 8;
const UARTRSR_FRAME_ERRORS = 7;
export const UARTRSR_OE = 1 << 3;

export const UARTFR_BUSY = 1 << 3;
export const UARTFR_RXFE = 1 << 4;
const UARTFR_TXFF = 1 << 5;
const UARTFR_RXFF = 1 << 6;
export const UARTFR_TXFE = 1 << 7;

export const UARTLCR_H_BRK = 1 << 0;
export const UARTLCR_H_PEN = 1 << 1;
export const UARTLCR_H_EPS = 1 << 2;
const UARTLCR_H_STP2 = 1 << 3;
export const UARTLCR_H_FEN = 1 << 4;
const UARTLCR_H_WLEN_SHIFT = 5;
/** Frames of eight bits. */
export const UARTLCR_H_WLEN_8 = 3 << UARTLCR_H_WLEN_SHIFT;

export const UARTCR_UARTEN = 1 << 0;
const UARTCR_LBE = 1 << 7;
export const UARTCR_TXE = 1 << 8;
export const UARTCR_RXE = 1 << 9;
const UARTCR_RTSEN = 1 << 14;
const UARTCR_CTSEN = 1 << 15;
const UARTCR_RESET = UARTCR_TXE | UARTCR_RXE;

const UARTDMACR_RXDMAE = 1 << 0;
const UARTDMACR_TXDMAE = 1 << 1;

/** Bits of UARTIMSC, UARTRIS, UARTMIS and UARTICR, which differ in the ends of their names only. */
export const INT_RX = 1 << 4;
export const INT_TX = 1 << 5;
export const INT_RT = 1 << 6;
export const INT_FE = 1 << 7;
export const INT_PE = 1 << 8;
export const INT_BE = 1 << 9;
export const INT_OE = 1 << 10;
const INT_ALL = 0x7ff;

/** UARTPERIPHID0 to 3 and UARTPCELLID0 to 3. */
const IDENTIFICATION = [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

export class Uart extends Peripheral {
  /** True if a pin of the chip is switched to this UART's output, or input. */
  transmitRouted: () => boolean = () => true;
  receiveRouted: () => boolean = () => true;
  /** Level of the transmit line outside of frames: low while a break is being sent. */
  onLine: (level: boolean) => void = () => {};

  private readonly interrupt: number;
  private readonly listeners: FrameListener[] = [];
  private readonly sent: Alarm;
  private readonly timeout: Alarm;
  private readonly transmitFifo: number[] = [];
  private readonly receiveFifo: number[] = [];
  private shifting = -1;
  private shiftStart = 0;
  private shiftBitNanos = 0;
  private overrunPending = false;
  private errors = 0;
  private integer = 0;
  private fraction = 0;
  /** Divisor in 1/64, taken over from IBRD and FBRD by a write to LCR_H (TRM 3.3.7). */
  private divisor = 0;
  private lineControl = 0;
  private control = UARTCR_RESET;
  private levels = 0x12;
  private mask = 0;
  private raw = 0;

  constructor(bus: SystemBus, name: "UART0" | "UART1") {
    super(bus, name);
    [this.interrupt] = PERIPHERALS[name].interrupts;
    this.sent = bus.alarms.createAlarm(() => this.frameSent());
    this.timeout = bus.alarms.createAlarm(() => this.raise(INT_RT));
  }

  reset(): void {
    this.sent.cancel();
    this.timeout.cancel();
    this.transmitFifo.length = this.receiveFifo.length = 0;
    this.shifting = -1;
    this.overrunPending = false;
    this.errors = this.integer = this.fraction = this.divisor = this.lineControl = this.mask = this.raw = 0;
    this.control = UARTCR_RESET;
    this.levels = 0x12;
    this.onLine(true);
    this.updateInterrupt();
  }

  /** Bits per second the divisor gives at present; 0 while there is no divisor or no clk_peri. */
  get baudRate(): number {
    return this.divisor > 0 ? (this.bus.clkPeri * 4) / this.divisor : 0;
  }

  onFrame(listener: FrameListener): void {
    this.listeners.push(listener);
  }

  private get depth(): number {
    return this.lineControl & UARTLCR_H_FEN ? FIFO_DEPTH : 1;
  }

  private get wordBits(): number {
    return 5 + ((this.lineControl >> UARTLCR_H_WLEN_SHIFT) & 3);
  }

  private get busy(): boolean {
    return this.shifting >= 0 || this.transmitFifo.length > 0;
  }

  // ------------------------------------------------------------------- transmitter

  private transmit(byte: number): void {
    if (this.transmitFifo.length >= this.depth) {
      this.warn("write to a full transmit FIFO, the byte is lost");
      return;
    }
    this.transmitFifo.push(byte);
    // TRM 2.8.3: cleared by filling the FIFO beyond the trigger level.
    if (this.transmitFifo.length > this.transmitTrigger) this.raw &= ~INT_TX;
    this.startFrame();
    this.updateInterrupt();
  }

  private get transmitTrigger(): number {
    return this.lineControl & UARTLCR_H_FEN ? (TRIGGER_LEVELS[this.levels & 7] as number) : 0;
  }

  private startFrame(): void {
    const enabled = (this.control & (UARTCR_UARTEN | UARTCR_TXE)) === (UARTCR_UARTEN | UARTCR_TXE);
    if (this.shifting >= 0 || this.transmitFifo.length === 0 || !enabled || this.lineControl & UARTLCR_H_BRK)
      return;
    const baud = this.baudRate;
    if (baud === 0) {
      this.warn("transmission without a baud rate: no divisor, or clk_peri does not run");
      return;
    }
    this.shifting = this.transmitFifo.shift() as number;
    this.shiftStart = this.bus.alarms.nanos;
    this.shiftBitNanos = 1e9 / baud;
    const bits =
      1 +
      this.wordBits +
      (this.lineControl & UARTLCR_H_PEN ? 1 : 0) +
      (this.lineControl & UARTLCR_H_STP2 ? 2 : 1);
    this.sent.schedule(bits * this.shiftBitNanos);
    // TRM 2.8.3: a transition through the level, not the level itself, raises the interrupt.
    if (this.transmitFifo.length === this.transmitTrigger) this.raise(INT_TX);
  }

  private frameSent(): void {
    const byte = this.shifting & ((1 << this.wordBits) - 1);
    const { shiftStart, shiftBitNanos } = this;
    this.shifting = -1;
    this.startFrame();
    if (this.control & UARTCR_LBE) this.accept({ byte, bitNanos: shiftBitNanos });
    if (!this.transmitRouted()) return;
    for (const listener of this.listeners) listener(byte, shiftStart, shiftBitNanos);
  }

  // ------------------------------------------------------------------- receiver

  /** A frame on the receive line whose stop bit ends now. */
  receive(frame: ReceivedFrame): void {
    if (this.control & UARTCR_LBE || !this.receiveRouted()) return;
    this.accept(frame);
  }

  private accept(frame: ReceivedFrame): void {
    if ((this.control & (UARTCR_UARTEN | UARTCR_RXE)) !== (UARTCR_UARTEN | UARTCR_RXE) || this.baudRate === 0)
      return;
    let entry = this.sampled(frame);
    if (frame.parityError && this.lineControl & UARTLCR_H_PEN) entry |= UARTDR_PE;
    this.raiseErrors(entry);
    if (this.receiveFifo.length >= this.depth) {
      // TRM 2.4.2: the character is lost and the FIFO is unchanged; OE is stored with the next character.
      this.overrunPending = true;
      this.errors |= UARTRSR_OE;
      this.raise(INT_OE);
    } else {
      if (this.overrunPending) entry |= UARTDR_OE;
      this.overrunPending = false;
      this.receiveFifo.push(entry);
      if (this.receiveFifo.length === this.receiveTrigger) this.raise(INT_RX);
    }
    // TRM 2.8.4: data in the FIFO, and nothing more for 32 bit periods.
    this.timeout.schedule((32 * 1e9) / this.baudRate);
  }

  /**
   * Datasheet 2.19.2: an input sees the OR of the pins that are switched to it. Without a pin that is low,
   * and a receiver that is being enabled takes it for the start bit of a frame.
   */
  private checkReceiveLine(control: number): void {
    const enables = UARTCR_UARTEN | UARTCR_RXE;
    const wasEnabled = (this.control & enables) === enables;
    if (wasEnabled || (control & enables) !== enables || control & UARTCR_LBE || this.receiveRouted()) return;
    this.warn("receiver enabled before a pin is switched to it: the low input gives a junk byte");
  }

  private get receiveTrigger(): number {
    return this.lineControl & UARTLCR_H_FEN ? (TRIGGER_LEVELS[(this.levels >> 3) & 7] as number) : 1;
  }

  /** Samples the frame on the line in the middle of this receiver's bits. */
  private sampled(frame: ReceivedFrame): number {
    const scale = 1e9 / this.baudRate / frame.bitNanos;
    const low = frame.break === true;
    const stopBit = 1 + this.wordBits + (this.lineControl & UARTLCR_H_PEN ? 1 : 0);
    const level = (bit: number): number => {
      const at = Math.floor((bit + 0.5) * scale);
      if (low || at <= 0) return 0;
      if (at <= 8) return (frame.byte >> (at - 1)) & 1;
      return at <= stopBit && frame.framingError ? 0 : 1;
    };
    let byte = 0;
    for (let bit = 0; bit < this.wordBits; bit++) byte |= level(1 + bit) << bit;
    if (level(stopBit) === 1) return byte;
    // A break is low for the whole frame; PL011 stores one zero character for it.
    return byte === 0 ? UARTDR_BE | UARTDR_FE : byte | UARTDR_FE;
  }

  private raiseErrors(entry: number): void {
    if (entry & UARTDR_FE) this.raise(INT_FE);
    if (entry & UARTDR_PE) this.raise(INT_PE);
    if (entry & UARTDR_BE) this.raise(INT_BE);
  }

  private readData(): number {
    const entry = this.receiveFifo.shift() ?? 0;
    this.errors = (this.errors & UARTRSR_OE) | ((entry >> UARTRSR_SHIFT) & UARTRSR_FRAME_ERRORS);
    if (this.receiveFifo.length < this.receiveTrigger) this.raw &= ~INT_RX;
    if (this.receiveFifo.length === 0) {
      this.raw &= ~INT_RT;
      this.timeout.cancel();
    }
    this.updateInterrupt();
    return entry;
  }

  // ------------------------------------------------------------------- registers

  private raise(bits: number): void {
    this.raw |= bits;
    this.updateInterrupt();
  }

  private updateInterrupt(): void {
    this.bus.setInterrupt(this.interrupt, (this.raw & this.mask) !== 0);
  }

  private get flags(): number {
    const transmit = this.transmitFifo.length;
    const receive = this.receiveFifo.length;
    return (
      (this.busy ? UARTFR_BUSY : 0) |
      (receive === 0 ? UARTFR_RXFE : 0) |
      (transmit >= this.depth ? UARTFR_TXFF : 0) |
      (receive >= this.depth ? UARTFR_RXFF : 0) |
      (transmit === 0 ? UARTFR_TXFE : 0)
    );
  }

  protected override peek(offset: number): number | undefined {
    return offset === UART.UARTDR ? 0 : this.read(offset);
  }

  protected read(offset: number): number | undefined {
    if (offset >= UART.UARTPERIPHID0) return IDENTIFICATION[(offset - UART.UARTPERIPHID0) >> 2];
    switch (offset) {
      case UART.UARTDR:
        return this.readData();
      case UART.UARTRSR:
        return this.errors;
      case UART.UARTFR:
        return this.flags;
      case UART.UARTILPR:
        return 0;
      case UART.UARTIBRD:
        return this.integer;
      case UART.UARTFBRD:
        return this.fraction;
      case UART.UARTLCR_H:
        return this.lineControl;
      case UART.UARTCR:
        return this.control;
      case UART.UARTIFLS:
        return this.levels;
      case UART.UARTIMSC:
        return this.mask;
      case UART.UARTRIS:
        return this.raw;
      case UART.UARTMIS:
        return this.raw & this.mask;
      case UART.UARTICR:
      case UART.UARTDMACR:
        return 0;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case UART.UARTDR:
        if (!(this.control & UARTCR_UARTEN))
          this.warn("data written while UARTEN is clear waits in the FIFO");
        this.transmit(value & 0xff);
        return true;
      case UART.UARTRSR:
        this.errors = 0;
        return true;
      case UART.UARTIBRD:
        this.integer = value & 0xffff;
        return true;
      case UART.UARTFBRD:
        this.fraction = value & 0x3f;
        return true;
      case UART.UARTLCR_H:
        this.writeLineControl(value & 0xff);
        return true;
      case UART.UARTCR:
        if (value & (UARTCR_RTSEN | UARTCR_CTSEN)) this.warn("hardware flow control is not modelled");
        this.checkReceiveLine(value & 0xff87);
        this.control = value & 0xff87;
        this.startFrame();
        return true;
      case UART.UARTIFLS:
        this.levels = value & 0x3f;
        return true;
      case UART.UARTIMSC:
        this.mask = value & INT_ALL;
        break;
      case UART.UARTICR:
        this.raw &= ~this.written;
        break;
      case UART.UARTDMACR:
        if (value & (UARTDMACR_RXDMAE | UARTDMACR_TXDMAE)) this.warn("DMA is not modelled");
        return true;
      default:
        return false;
    }
    this.updateInterrupt();
    return true;
  }

  private writeLineControl(value: number): void {
    const divisor = this.integer * 64 + this.fraction;
    if (
      this.control & UARTCR_UARTEN &&
      this.busy &&
      (divisor !== this.divisor || (value ^ this.lineControl) & ~UARTLCR_H_BRK)
    ) {
      // TRM 3.3.7: not while a character is being sent.
      this.warn("line control or baud rate changed while a character is being sent");
    }
    // IBRD of zero is no divisor at all (TRM 3.3.6).
    this.divisor = this.integer > 0 ? divisor : 0;
    if ((value ^ this.lineControl) & UARTLCR_H_FEN) this.transmitFifo.length = this.receiveFifo.length = 0;
    this.lineControl = value;
    this.onLine(!(value & UARTLCR_H_BRK));
    this.startFrame();
  }
}
