/**
 * SSI (datasheet 4.10, Synopsys DW_apb_ssi): serial transfers through its FIFOs, and the check that its
 * set-up turns a read of the XIP window into a command that the flash understands.
 *
 * That check runs when a register or the flash changes mode, never at a fetch.
 */

import type { SystemBus } from "../bus.ts";
import type { Alarm } from "../clocks/clock.ts";
import { Peripheral } from "../peripheral.ts";
import type { Flash } from "./flash.ts";
import { FlashCommand } from "./flash-commands.ts";
import type { PadsQspi } from "./qspi-pins.ts";

/** Offsets (datasheet 4.10.13). DR0 answers at each word up to 0xec. */
export enum SSI {
  CTRLR0 = 0x00,
  CTRLR1 = 0x04,
  SSIENR = 0x08,
  MWCR = 0x0c,
  SER = 0x10,
  BAUDR = 0x14,
  TXFTLR = 0x18,
  RXFTLR = 0x1c,
  TXFLR = 0x20,
  RXFLR = 0x24,
  SR = 0x28,
  IMR = 0x2c,
  ISR = 0x30,
  RISR = 0x34,
  TXOICR = 0x38,
  RXOICR = 0x3c,
  RXUICR = 0x40,
  MSTICR = 0x44,
  ICR = 0x48,
  DMACR = 0x4c,
  DMATDLR = 0x50,
  DMARDLR = 0x54,
  IDR = 0x58,
  SSI_VERSION_ID = 0x5c,
  DR0 = 0x60,
  RX_SAMPLE_DLY = 0xf0,
  SPI_CTRLR0 = 0xf4,
  TXD_DRIVE_EDGE = 0xf8,
}

const FIFO_DEPTH = 16;
const CTRLR0_TMOD_SHIFT = 8;
const CTRLR0_DFS_32_SHIFT = 16;
const CTRLR0_SPI_FRF_SHIFT = 21;
const TMOD_TX_AND_RX = 0;
const TMOD_TX_ONLY = 1;
const TMOD_RX_ONLY = 2;
const TMOD_EEPROM_READ = 3;
const FRF_STANDARD = 0;
const FRF_QUAD = 2;
const SSIENR_SSI_EN = 1 << 0;
const SR_BUSY = 1 << 0;
const SR_TFNF = 1 << 1;
const SR_TFE = 1 << 2;
const SR_RFNE = 1 << 3;
const SR_RFF = 1 << 4;
const RISR_RXOIR = 1 << 3;
const SPI_CTRLR0_ADDR_L_SHIFT = 2;
const SPI_CTRLR0_INST_L_SHIFT = 8;
const SPI_CTRLR0_WAIT_CYCLES_SHIFT = 11;
const SPI_CTRLR0_XIP_CMD_SHIFT = 24;
const SPI_CTRLR0_RESET = 3 << SPI_CTRLR0_XIP_CMD_SHIFT;
/** The last of the words at which DR0 answers. */
const DR0_LAST = 0xec;

/** Registers that cannot be written while the SSI is enabled (datasheet 4.10.13). */
const LOCKED: readonly number[] = [SSI.CTRLR0, SSI.CTRLR1, SSI.BAUDR, SSI.SPI_CTRLR0];

/** W25Q16JV 9.6: fR 50 MHz for 03h, FR 133 MHz for the others. */
const SLOW_READ_HZ = 50e6;
const FAST_READ_HZ = 133e6;

const XIP_WORD_BITS = 32;
/**
 * Cycles of a word beyond its SCK periods: from the cache over the APB bridge to the SSI and back, chip
 * select before and after, the sample delay. No datasheet gives the figure. Our choice agrees with the one
 * measurement found: about 400 ns at 125 MHz, 50 cycles, for a load that is not cached (oberon-rtk.org,
 * Flash Memory). A quad read in continuous mode takes 20 SCK of these, which is 40 cycles with the divider of
 * 2 that the Pico SDK has for its board. The page names a divider of 4 and then counts an instruction, half a
 * word: 200 cycles are two words or 40 SCK, and 5 SCK a word remain, the same 10 cycles at our divider.
 */
const XIP_OVERHEAD_CYCLES = 10;

export class Ssi extends Peripheral {
  /** True if all six QSPI pins are switched to the SSI and chip select is not overridden. */
  routed: () => boolean = () => true;
  /** The pads between here and the flash. */
  pads: Pick<PadsQspi, "problem" | "dataOut" | "hearsFlash"> | null = null;
  /** The reason why execute-in-place does not work; empty while it works. */
  xipProblem = "SSI is in reset";

  private readonly flash: Flash;
  private readonly transfer: Alarm;
  private ctrlr0 = 0;
  private ctrlr1 = 0;
  private enabled = false;
  private slaveEnable = 0;
  private baud = 0;
  private spiCtrlr0 = SPI_CTRLR0_RESET;
  private sampleDelay = 0;
  private driveEdge = 0;
  private readonly thresholds = [0, 0];
  private mask = 0x3f;
  private readonly transmitFifo: number[] = [];
  private readonly receiveFifo: number[] = [];
  private busy = false;
  private framesToRead = 0;
  private overflow = false;
  /** Chip select held low by IO_QSPI: transfers then join into one command. */
  private forcedSelect = false;

  constructor(bus: SystemBus, flash: Flash) {
    super(bus, "SSI");
    this.flash = flash;
    this.transfer = bus.alarms.createAlarm(() => this.frameDone());
    flash.onModeChange = () => this.validate();
  }

  reset(): void {
    this.ctrlr0 = this.ctrlr1 = this.slaveEnable = this.baud = this.sampleDelay = this.driveEdge = 0;
    this.spiCtrlr0 = SPI_CTRLR0_RESET;
    this.mask = 0x3f;
    this.disable();
    this.validate();
  }

  /** The boot ROM's set-up: standard SPI, 8-bit frames, divider 6 (its flash_init_spi). */
  bootRomSetUp(): void {
    this.disable();
    this.ctrlr0 = 7 << CTRLR0_DFS_32_SHIFT;
    this.baud = 6;
    this.slaveEnable = 1;
    this.enabled = true;
    this.validate();
  }

  /** IO_QSPI overrides chip select; null ends the override. */
  forceSelect(level: boolean | null): void {
    const forced = level === false;
    if (forced && !this.forcedSelect) this.flash.select();
    if (!forced && this.forcedSelect) this.flash.deselect();
    this.forcedSelect = forced;
    this.validate();
  }

  private disable(): void {
    this.enabled = false;
    this.transfer.cancel();
    this.transmitFifo.length = this.receiveFifo.length = 0;
    this.framesToRead = 0;
    if (this.busy && !this.forcedSelect) this.flash.deselect();
    this.busy = false;
  }

  // ------------------------------------------------------------------- execute in place

  private get frameFormat(): number {
    return (this.ctrlr0 >> CTRLR0_SPI_FRF_SHIFT) & 3;
  }
  private get transferMode(): number {
    return (this.ctrlr0 >> CTRLR0_TMOD_SHIFT) & 3;
  }
  private get frameBits(): number {
    return ((this.ctrlr0 >> CTRLR0_DFS_32_SHIFT) & 31) + 1;
  }
  private get addressNibbles(): number {
    return (this.spiCtrlr0 >> SPI_CTRLR0_ADDR_L_SHIFT) & 15;
  }
  private get waitCycles(): number {
    return (this.spiCtrlr0 >> SPI_CTRLR0_WAIT_CYCLES_SHIFT) & 31;
  }
  private get instructionBits(): number {
    return [0, 4, 8, 16][(this.spiCtrlr0 >> SPI_CTRLR0_INST_L_SHIFT) & 3] as number;
  }
  private get transactionType(): number {
    return this.spiCtrlr0 & 3;
  }
  private get xipCommand(): number {
    return this.spiCtrlr0 >>> SPI_CTRLR0_XIP_CMD_SHIFT;
  }

  validate(): void {
    this.xipProblem = this.findXipProblem();
    this.bus.setXipBytes(this.xipProblem === "" ? this.flash.bytes.length : 0);
    this.bus.xipCache?.followSsi(this.xipWordCycles);
  }

  /**
   * clk_sys cycles of one word read through the XIP window: a transfer of its own each time, with
   * command (unless left out), address and mode bits, dummy cycles and data, and the overhead.
   */
  get xipWordCycles(): number {
    return this.transferClocks(XIP_WORD_BITS) * this.baud + XIP_OVERHEAD_CYCLES;
  }

  /** SCK periods of an instruction, an address and the data after it, each on the lanes it has (4.10.13). */
  private transferClocks(dataBits: number): number {
    const lanes = [1, 2, 4, 1][this.frameFormat] as number;
    const instructionLanes = this.transactionType === 2 ? lanes : 1;
    const addressLanes = this.transactionType === 0 ? 1 : lanes;
    return (
      this.instructionBits / instructionLanes +
      (this.addressNibbles * 4) / addressLanes +
      this.waitCycles +
      dataBits / lanes
    );
  }

  private findXipProblem(): string {
    if (!this.enabled) return "SSI is disabled";
    if (!this.routed()) return "the QSPI pins are not switched to the SSI";
    if (this.pads?.problem) return this.pads.problem;
    if (!(this.slaveEnable & 1)) return "no slave is enabled in SER";
    if (this.baud < 2 || this.baud & 1) return `BAUDR is ${this.baud}, the SSI clock is off`;
    if (this.flash.busy) return "the flash is busy";
    if (this.frameBits !== 32) return `data frames have ${this.frameBits} bits, the bus asks for 32`;
    if (this.ctrlr1 !== 0) return "CTRLR1.NDF asks for more than one frame";
    const enhanced = this.frameFormat !== FRF_STANDARD;
    if (this.transferMode !== TMOD_EEPROM_READ && !(enhanced && this.transferMode === TMOD_RX_ONLY)) {
      return "CTRLR0.TMOD does not read";
    }
    return this.findReadProblem();
  }

  /** The reason why the flash does not answer SPI_CTRLR0's read command in its mode; empty if it does. */
  private findReadProblem(): string {
    const { flash, xipCommand, addressNibbles, waitCycles, instructionBits, transactionType } = this;
    const format = this.frameFormat;
    const sck = this.bus.clkSys / this.baud;
    if (format !== FRF_STANDARD && format !== FRF_QUAD) return "dual SPI is not modelled";
    if (format === FRF_QUAD && !flash.quadEnabled) return "quad transfers, but QE is clear in the flash";
    if (sck > FAST_READ_HZ) return `SCK of ${sck / 1e6} MHz is too fast for the flash`;
    if (instructionBits === 0) {
      if (!flash.continuousRead) return "no command is sent, but the flash is not in continuous read mode";
      if (format !== FRF_QUAD || transactionType !== 2)
        return "continuous read needs address and data on four lanes";
      if ((xipCommand & 0x30) !== 0x20) return "the mode bits end the continuous read mode";
      return addressNibbles === 8 && waitCycles === 4
        ? ""
        : "address, mode bits or dummy cycles do not fit EBh";
    }
    if (instructionBits !== 8) return "the flash takes 8-bit commands";
    if (flash.continuousRead) return "a command is sent, but the flash is in continuous read mode";
    const fits = (nibbles: number, wait: number, type: number) =>
      addressNibbles === nibbles && waitCycles === wait && transactionType === type;
    if (format === FRF_STANDARD) {
      if (xipCommand === FlashCommand.READ_DATA) {
        if (sck > SLOW_READ_HZ) return `SCK of ${sck / 1e6} MHz is too fast for 03h`;
        return fits(6, 0, 0) ? "" : "address or dummy cycles do not fit 03h";
      }
      if (xipCommand === FlashCommand.FAST_READ)
        return fits(8, 0, 0) ? "" : "address or dummy cycles do not fit 0Bh";
    } else {
      if (xipCommand === FlashCommand.FAST_READ_QUAD_IO)
        return fits(6, 6, 1) ? "" : "address or dummy cycles do not fit EBh";
      if (xipCommand === FlashCommand.FAST_READ_QUAD_OUTPUT)
        return fits(6, 8, 0) ? "" : "address or dummy cycles do not fit 6Bh";
    }
    return `command ${xipCommand.toString(16)}h is no read of this flash`;
  }

  // ------------------------------------------------------------------- transfers

  private startTransfer(): void {
    if (this.busy || !this.enabled || !(this.slaveEnable & 1) || this.baud < 2) return;
    if (this.transmitFifo.length === 0) return;
    if (this.frameFormat !== FRF_STANDARD) {
      this.startEnhanced();
      return;
    }
    this.busy = true;
    if (!this.forcedSelect && this.routed()) this.flash.select();
    this.scheduleClocks(this.frameBits);
  }

  private scheduleClocks(clocks: number): void {
    this.transfer.schedule((clocks * this.baud * 1e9) / this.bus.clkSys);
  }

  /** Instruction and address are one FIFO entry each, then dummy cycles and NDF + 1 frames follow. */
  private startEnhanced(): void {
    const entries = (this.instructionBits ? 1 : 0) + (this.addressNibbles ? 1 : 0);
    if (this.transmitFifo.length < entries) return;
    this.busy = true;
    this.scheduleClocks(this.transferClocks((this.ctrlr1 + 1) * this.frameBits));
  }

  private finishEnhanced(): void {
    const instruction = this.instructionBits ? (this.transmitFifo.shift() as number) & 0xff : -1;
    const address = this.addressNibbles ? (this.transmitFifo.shift() as number) : 0;
    const understood =
      instruction === FlashCommand.FAST_READ_QUAD_IO
        ? !this.flash.continuousRead
        : instruction < 0 && this.flash.continuousRead;
    if (!understood || this.addressNibbles !== 8 || this.waitCycles !== 4) {
      this.warn(
        `quad transfer with command ${instruction.toString(16)} is not one the flash understands now`,
      );
    } else {
      this.flash.fastReadQuadIo(address & 0xff);
    }
    const { bytes } = this.flash;
    for (let frame = 0; frame <= this.ctrlr1; frame++) {
      let word = 0;
      for (let byte = 0; byte < this.frameBits / 8; byte++) {
        const at = ((address >>> 8) + frame * 4 + byte) % bytes.length;
        word = (word << 8) | (understood ? (bytes[at] as number) : 0xff);
      }
      this.pushReceived(word >>> 0);
    }
    this.busy = false;
  }

  private frameDone(): void {
    if (this.frameFormat !== FRF_STANDARD) {
      this.finishEnhanced();
      this.startTransfer();
      return;
    }
    const sends = this.framesToRead === 0;
    const out = sends ? (this.transmitFifo.shift() as number) : 0;
    let word = 0;
    for (let shift = this.frameBits - 8; shift >= 0; shift -= 8) {
      const byte = (out >>> shift) & 0xff;
      word = (word << 8) | (this.routed() || this.forcedSelect ? this.exchange(byte) : 0xff);
    }
    const mode = this.transferMode;
    if (mode === TMOD_TX_AND_RX || !sends) this.pushReceived(word >>> 0);
    if (sends && this.transmitFifo.length === 0 && (mode === TMOD_EEPROM_READ || mode === TMOD_RX_ONLY)) {
      this.framesToRead = this.ctrlr1 + 1;
    } else if (!sends) {
      this.framesToRead--;
    }
    if (this.transmitFifo.length > 0 || this.framesToRead > 0) {
      this.scheduleClocks(this.frameBits);
      return;
    }
    // The SSI releases chip select when it runs out of data (datasheet 4.10.8).
    this.busy = false;
    if (!this.forcedSelect) this.flash.deselect();
  }

  /** One byte each way, as far as the pads let it through. */
  private exchange(byte: number): number {
    const answer = this.flash.exchange(this.pads?.dataOut(byte) ?? byte);
    return this.pads?.hearsFlash === false ? 0 : answer;
  }

  private pushReceived(word: number): void {
    if (this.transferMode === TMOD_TX_ONLY) return;
    if (this.receiveFifo.length >= FIFO_DEPTH) {
      this.overflow = true;
      this.warn("receive FIFO overflow");
    } else {
      this.receiveFifo.push(word);
    }
  }

  // ------------------------------------------------------------------- registers

  private get status(): number {
    const transmit = this.transmitFifo.length;
    const receive = this.receiveFifo.length;
    return (
      (this.busy ? SR_BUSY : 0) |
      (transmit < FIFO_DEPTH ? SR_TFNF : 0) |
      (transmit === 0 ? SR_TFE : 0) |
      (receive > 0 ? SR_RFNE : 0) |
      (receive === FIFO_DEPTH ? SR_RFF : 0)
    );
  }

  protected read(offset: number): number | undefined {
    if (offset >= SSI.DR0 && offset <= DR0_LAST) return this.readData();
    switch (offset) {
      case SSI.CTRLR0:
        return this.ctrlr0;
      case SSI.CTRLR1:
        return this.ctrlr1;
      case SSI.SSIENR:
        return this.enabled ? 1 : 0;
      case SSI.MWCR:
        return 0;
      case SSI.SER:
        return this.slaveEnable;
      case SSI.BAUDR:
        return this.baud;
      case SSI.TXFTLR:
      case SSI.RXFTLR:
        return this.thresholds[(offset - SSI.TXFTLR) >> 2];
      case SSI.TXFLR:
        return this.transmitFifo.length;
      case SSI.RXFLR:
        return this.receiveFifo.length;
      case SSI.SR:
        return this.status;
      case SSI.IMR:
        return this.mask;
      case SSI.ISR:
      case SSI.RISR:
        return this.overflow ? RISR_RXOIR : 0;
      case SSI.TXOICR:
      case SSI.RXOICR:
      case SSI.RXUICR:
      case SSI.MSTICR:
      case SSI.ICR:
        this.overflow = false;
        return 0;
      case SSI.DMACR:
      case SSI.DMATDLR:
      case SSI.DMARDLR:
        return 0;
      case SSI.IDR:
        return 0x5153_5049;
      case SSI.SSI_VERSION_ID:
        return 0x3430_312a;
      case SSI.RX_SAMPLE_DLY:
        return this.sampleDelay;
      case SSI.SPI_CTRLR0:
        return this.spiCtrlr0;
      case SSI.TXD_DRIVE_EDGE:
        return this.driveEdge;
    }
    return undefined;
  }

  private readData(): number {
    const word = this.receiveFifo.shift();
    if (word === undefined) this.warn("read of an empty receive FIFO");
    return word ?? 0;
  }

  protected write(offset: number, value: number): boolean {
    if (offset >= SSI.DR0 && offset <= DR0_LAST) {
      this.writeData(value);
      return true;
    }
    if (offset === SSI.SSIENR) {
      if (value & SSIENR_SSI_EN) this.enabled = true;
      else this.disable();
      this.validate();
      return true;
    }
    if (this.enabled && LOCKED.includes(offset)) {
      this.warn(`write to register ${offset.toString(16)} while enabled is ignored`);
      return true;
    }
    switch (offset) {
      case SSI.CTRLR0:
        this.ctrlr0 = value & 0x017f_ffff;
        break;
      case SSI.CTRLR1:
        this.ctrlr1 = value & 0xffff;
        break;
      case SSI.SER:
        this.slaveEnable = value & 1;
        break;
      case SSI.BAUDR:
        this.baud = value & 0xffff;
        break;
      case SSI.TXFTLR:
      case SSI.RXFTLR:
        this.thresholds[(offset - SSI.TXFTLR) >> 2] = value & 0xff;
        break;
      case SSI.IMR:
        this.mask = value & 0x3f;
        break;
      case SSI.DMACR:
      case SSI.DMATDLR:
      case SSI.DMARDLR:
        this.warn("DMA is not modelled");
        break;
      case SSI.RX_SAMPLE_DLY:
        this.sampleDelay = value & 0xff;
        break;
      case SSI.SPI_CTRLR0:
        this.spiCtrlr0 = value;
        break;
      case SSI.TXD_DRIVE_EDGE:
        this.driveEdge = value & 0xff;
        break;
      default:
        return false;
    }
    this.validate();
    return true;
  }

  private writeData(value: number): void {
    if (!this.enabled) this.warn("data written while disabled is lost");
    else if (this.transmitFifo.length >= FIFO_DEPTH) this.warn("transmit FIFO overflow");
    else {
      this.transmitFifo.push(value);
      this.startTransfer();
    }
  }
}
