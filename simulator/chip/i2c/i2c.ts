/**
 * I2C0 and I2C1: Synopsys DW_apb_i2c as configured for the RP2040 (datasheet 4.3): registers and FIFOs.
 * i2c-target.ts and i2c-controller.ts model the transfers bit by bit, i2c-lines.ts the levels of SDA and
 * SCL, which are all that the peripheral knows of its bus. Not modelled: ten-bit addresses, general calls and
 * START bytes of a controller, IC_ENABLE.TX_CMD_BLOCK, DMA.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";
import { PERIPHERALS } from "../peripherals.ts";
import { type ControllerOwner, I2cController } from "./i2c-controller.ts";
import {
  ABRT_SLV_ARBLOST,
  ABRT_SLVFLUSH_TXFIFO,
  ABRT_SLVRD_INTX,
  ARB_LOST,
  CLEARS,
  FIFO_DEPTH,
  I2C,
  IC_CON_10BITADDR_MASTER,
  IC_CON_10BITADDR_SLAVE,
  IC_CON_MASTER_MODE,
  IC_CON_RESTART_EN,
  IC_CON_RX_FIFO_FULL_HLD_CTRL,
  IC_CON_SLAVE_DISABLE,
  IC_CON_SPEED,
  IC_CON_SPEED_SHIFT,
  IC_CON_STOP_DET_IFADDRESSED,
  IC_CON_TX_EMPTY_CTRL,
  IC_DATA_CMD_CMD,
  IC_DATA_CMD_FIRST_DATA_BYTE,
  IC_DATA_CMD_RESTART,
  IC_DATA_CMD_STOP,
  IC_ENABLE_ABORT,
  IC_ENABLE_ENABLE,
  IC_STATUS_ACTIVITY,
  IC_STATUS_MST_ACTIVITY,
  IC_STATUS_RFF,
  IC_STATUS_RFNE,
  IC_STATUS_SLV_ACTIVITY,
  IC_STATUS_TFE,
  IC_STATUS_TFNF,
  IC_TAR_SPECIAL,
  INTR_ACTIVITY,
  INTR_GEN_CALL,
  INTR_RD_REQ,
  INTR_RESTART_DET,
  INTR_RX_DONE,
  INTR_RX_FULL,
  INTR_RX_OVER,
  INTR_RX_UNDER,
  INTR_START_DET,
  INTR_STOP_DET,
  INTR_TX_ABRT,
  INTR_TX_EMPTY,
  INTR_TX_OVER,
  READ_ONLY,
  SLV_DISABLED_WHILE_BUSY,
  SLV_RX_DATA_LOST,
  STORED,
  type Stored,
  TX_FLUSH_CNT,
  TX_FLUSH_CNT_SHIFT,
} from "./i2c-registers.ts";
import { type Addressee, I2cTarget, type TargetOwner } from "./i2c-target.ts";

const COMMAND = 0xff | IC_DATA_CMD_CMD | IC_DATA_CMD_STOP | IC_DATA_CMD_RESTART;

export class I2c extends Peripheral implements TargetOwner, ControllerOwner {
  private readonly interrupt: number;
  private readonly target: I2cTarget;
  private readonly controller: I2cController;
  /** By offset; the ones of STORED. */
  private readonly registers = new Uint32Array(0x100);
  private readonly receiveFifo: number[] = [];
  private readonly transmitFifo: number[] = [];
  private enabled = false;
  /** Interrupts raised by events; `raw` adds those that follow a level. */
  private raised = 0;
  private abortSource = 0;
  /** Both FIFOs are kept empty from a transmit abort until IC_CLR_TX_ABRT is read. */
  private flushed = false;
  /** Bits 2:1 of IC_ENABLE_STATUS. */
  private disableStatus = 0;
  private interruptLevel = false;

  constructor(bus: SystemBus, name: "I2C0" | "I2C1") {
    super(bus, name);
    [this.interrupt] = PERIPHERALS[name].interrupts;
    this.target = new I2cTarget(bus, this.name, this);
    this.controller = new I2cController(bus, this.name, this.target.lines, this);
    this.storeResetValues();
  }

  /** Called at every change of the outputs: true pulls the line low. */
  set onOutput(listener: (dataLow: boolean, clockLow: boolean) => void) {
    this.target.lines.onOutput = listener;
  }

  dataInput(level: boolean): void {
    this.target.lines.dataInput(level);
  }

  clockInput(level: boolean): void {
    this.target.lines.clockInput(level);
  }

  reset(): void {
    this.controller.reset();
    this.target.disable();
    this.enabled = this.flushed = false;
    this.receiveFifo.length = this.transmitFifo.length = 0;
    this.raised = this.abortSource = this.disableStatus = 0;
    this.storeResetValues();
    this.updateInterrupt();
  }

  private storeResetValues(): void {
    for (const [offset, { reset }] of STORED) this.registers[offset] = reset;
    this.setTiming();
  }

  private register(offset: number): number {
    return this.registers[offset] as number;
  }

  // ------------------------------------------------------------------- for the bit machine

  get targetEnabled(): boolean {
    return (this.register(I2C.IC_CON) & (IC_CON_SLAVE_DISABLE | IC_CON_MASTER_MODE)) === 0;
  }

  private get controllerEnabled(): boolean {
    return (this.register(I2C.IC_CON) & IC_CON_MASTER_MODE) !== 0;
  }

  private get active(): boolean {
    return this.target.active || this.controller.active;
  }

  get nacksData(): boolean {
    return this.register(I2C.IC_SLV_DATA_NACK_ONLY) === 1;
  }

  get mustWaitForRoom(): boolean {
    const holds = (this.register(I2C.IC_CON) & IC_CON_RX_FIFO_FULL_HLD_CTRL) !== 0;
    return holds && this.receiveFifo.length >= FIFO_DEPTH;
  }

  get setupCycles(): number {
    return this.register(I2C.IC_SDA_SETUP);
  }

  addressee(byte: number): Addressee {
    if (byte === 0) return this.register(I2C.IC_ACK_GENERAL_CALL) ? "general" : null;
    return byte >> 1 === (this.register(I2C.IC_SAR) & 0x7f) ? "own" : null;
  }

  started(restartOf: Addressee): void {
    const activity = this.targetEnabled ? INTR_ACTIVITY : 0;
    this.raise(INTR_START_DET | activity | (restartOf === "own" ? INTR_RESTART_DET : 0));
  }

  /** A general call does not count as being addressed (IC_CON.STOP_DET_IFADDRESSED). */
  stopped(addressed: Addressee): void {
    const onlyAddressed = (this.register(I2C.IC_CON) & IC_CON_STOP_DET_IFADDRESSED) !== 0;
    if (!onlyAddressed || !this.targetEnabled || addressed === "own") this.raise(INTR_STOP_DET);
  }

  generalCall(): void {
    this.raise(INTR_GEN_CALL);
  }

  received(byte: number, first: boolean): void {
    if (this.flushed) {
      this.warn("received byte lost: the FIFOs are kept empty until IC_CLR_TX_ABRT is read");
    } else if (this.receiveFifo.length >= FIFO_DEPTH) {
      this.raise(INTR_RX_OVER);
    } else {
      this.receiveFifo.push(byte | (first ? IC_DATA_CMD_FIRST_DATA_BYTE : 0));
      this.updateInterrupt();
    }
  }

  flushLeftovers(): void {
    if (this.transmitFifo.length > 0) this.abort(ABRT_SLVFLUSH_TXFIFO);
  }

  requestData(): void {
    this.raise(INTR_RD_REQ);
  }

  nextByte(): number {
    const byte = this.transmitFifo.shift() ?? -1;
    this.updateInterrupt();
    return byte;
  }

  readEnded(): void {
    this.flushLeftovers();
    this.raise(INTR_RX_DONE);
  }

  arbitrationLost(): void {
    this.abort(ABRT_SLV_ARBLOST | ARB_LOST);
  }

  /** Neither FIFO survives a transmit abort (IC_AVOID_RX_FIFO_FLUSH_ON_TX_ABRT is 0 in this chip). */
  private abort(source: number): void {
    const count = ((this.abortSource >>> TX_FLUSH_CNT_SHIFT) + this.transmitFifo.length) & TX_FLUSH_CNT;
    const sources = (this.abortSource | source) & 0x1ffff;
    this.abortSource = ((count << TX_FLUSH_CNT_SHIFT) | sources) >>> 0;
    if (this.receiveFifo.length > 0)
      this.warn("transmit abort while the receive FIFO holds data: it is lost");
    this.receiveFifo.length = this.transmitFifo.length = 0;
    this.flushed = true;
    this.raise(INTR_TX_ABRT);
  }

  // ------------------------------------------------------------------- for the controller

  get targetAddress(): number {
    return this.register(I2C.IC_TAR) & 0x7f;
  }

  private get standardMode(): boolean {
    return (this.register(I2C.IC_CON) & IC_CON_SPEED) >> IC_CON_SPEED_SHIFT === 1;
  }

  get highCount(): number {
    return this.register(this.standardMode ? I2C.IC_SS_SCL_HCNT : I2C.IC_FS_SCL_HCNT);
  }

  get lowCount(): number {
    return this.register(this.standardMode ? I2C.IC_SS_SCL_LCNT : I2C.IC_FS_SCL_LCNT);
  }

  get restartCount(): number {
    return this.standardMode ? this.lowCount : this.highCount;
  }

  get restartEnabled(): boolean {
    return (this.register(I2C.IC_CON) & IC_CON_RESTART_EN) !== 0;
  }

  get nextCommand(): number | undefined {
    return this.transmitFifo[0];
  }

  takeCommand(): number {
    return this.transmitFifo.shift() as number;
  }

  aborted(source: number): void {
    this.abort(source);
  }

  changed(): void {
    if (this.controller.active) this.raised |= INTR_ACTIVITY;
    this.updateInterrupt();
  }

  // ------------------------------------------------------------------- interrupts

  private raise(bits: number): void {
    this.raised |= bits;
    this.updateInterrupt();
  }

  private get raw(): number {
    if (!this.enabled) return this.raised;
    const full = this.receiveFifo.length > this.register(I2C.IC_RX_TL) ? INTR_RX_FULL : 0;
    const below = this.transmitFifo.length <= this.register(I2C.IC_TX_TL);
    const busy = (this.register(I2C.IC_CON) & IC_CON_TX_EMPTY_CTRL) !== 0 && this.shifting;
    return this.raised | full | (below && !busy ? INTR_TX_EMPTY : 0);
  }

  private get shifting(): boolean {
    return this.target.shifting || this.controller.shifting;
  }

  private updateInterrupt(): void {
    const level = (this.raw & this.register(I2C.IC_INTR_MASK)) !== 0;
    if (level === this.interruptLevel) return;
    this.interruptLevel = level;
    this.bus.setInterrupt(this.interrupt, level);
  }

  private clear(offset: number, bits: number): number {
    const before = this.raised & bits;
    // ACTIVITY stays while there is any.
    this.raised &= ~(this.active ? bits & ~INTR_ACTIVITY : bits);
    if (bits & INTR_TX_ABRT) this.abortSource = 0;
    if (offset === I2C.IC_CLR_TX_ABRT) this.flushed = false;
    this.updateInterrupt();
    return before === 0 ? 0 : 1;
  }

  // ------------------------------------------------------------------- registers

  private get status(): number {
    const receive = this.receiveFifo.length;
    const transmit = this.transmitFifo.length;
    return (
      (this.active ? IC_STATUS_ACTIVITY : 0) |
      (this.target.active ? IC_STATUS_SLV_ACTIVITY : 0) |
      (this.controller.active ? IC_STATUS_MST_ACTIVITY : 0) |
      (transmit < FIFO_DEPTH ? IC_STATUS_TFNF : 0) |
      (transmit === 0 ? IC_STATUS_TFE : 0) |
      (receive > 0 ? IC_STATUS_RFNE : 0) |
      (receive >= FIFO_DEPTH ? IC_STATUS_RFF : 0)
    );
  }

  protected override peek(offset: number): number | undefined {
    return offset === I2C.IC_DATA_CMD || CLEARS.has(offset) ? 0 : this.read(offset);
  }

  protected read(offset: number): number | undefined {
    this.target.lines.sync();
    if (STORED.has(offset)) return this.register(offset);
    const clears = CLEARS.get(offset);
    if (clears !== undefined) return this.clear(offset, clears);
    switch (offset) {
      case I2C.IC_DATA_CMD:
        return this.readData();
      case I2C.IC_INTR_STAT:
        return this.raw & this.register(I2C.IC_INTR_MASK);
      case I2C.IC_RAW_INTR_STAT:
        return this.raw;
      case I2C.IC_ENABLE:
        return (this.enabled ? IC_ENABLE_ENABLE : 0) | (this.controller.aborting ? IC_ENABLE_ABORT : 0);
      case I2C.IC_STATUS:
        return this.status;
      case I2C.IC_TXFLR:
        return this.transmitFifo.length;
      case I2C.IC_RXFLR:
        return this.receiveFifo.length;
      case I2C.IC_TX_ABRT_SOURCE:
        return this.abortSource;
      case I2C.IC_ENABLE_STATUS:
        return this.disableStatus | (this.enabled || this.controller.active ? 1 : 0);
      case I2C.IC_COMP_PARAM_1:
        return 0;
      case I2C.IC_COMP_VERSION:
        return 0x3230_312a;
      case I2C.IC_COMP_TYPE:
        return 0x4457_0140;
    }
    return undefined;
  }

  private readData(): number {
    const entry = this.receiveFifo.shift();
    if (entry === undefined) {
      this.raise(INTR_RX_UNDER);
      return 0;
    }
    this.target.roomAvailable();
    this.controller.roomAvailable();
    this.updateInterrupt();
    return entry;
  }

  protected write(offset: number, value: number): boolean {
    this.target.lines.sync();
    const stored = STORED.get(offset);
    if (stored) this.store(offset, stored, value);
    else if (offset === I2C.IC_DATA_CMD) this.writeData(value);
    else if (offset === I2C.IC_ENABLE) this.writeEnable(value);
    else if (READ_ONLY.has(offset)) this.warn(`write to read-only register 0x${offset.toString(16)}`);
    else return false;
    return true;
  }

  private store(offset: number, { mask, least, most, locked }: Stored, value: number): void {
    if (locked && this.enabled) {
      this.warn(`write to register 0x${offset.toString(16)} while IC_ENABLE is set has no effect`);
      return;
    }
    let kept = Math.min(Math.max(value & mask, least ?? 0), most ?? mask);
    // There is no speed 0, and high speed is more than this chip has (IC_MAX_SPEED_MODE is 2).
    const speed = (kept & IC_CON_SPEED) >> IC_CON_SPEED_SHIFT;
    if (offset === I2C.IC_CON && (speed === 0 || speed === 3))
      kept = (kept & ~IC_CON_SPEED) | (2 << IC_CON_SPEED_SHIFT);
    if (offset === I2C.IC_DMA_CR && kept !== 0) this.warn("DMA is not modelled");
    if (offset === I2C.IC_SDA_SETUP && kept < 2) this.warn("IC_SDA_SETUP below its minimum of 2");
    this.registers[offset] = kept;
    this.setTiming();
    this.updateInterrupt();
  }

  private setTiming(): void {
    const { lines } = this.target;
    const hold = this.register(I2C.IC_SDA_HOLD);
    lines.spikeCycles = this.register(I2C.IC_FS_SPKLEN);
    lines.transmitHoldCycles = hold & 0xffff;
    lines.receiveHoldCycles = hold >> 16;
  }

  private writeData(value: number): void {
    if (!this.enabled) {
      this.warn("data written while IC_ENABLE is clear is lost");
    } else if (this.flushed) {
      this.warn("data written after a transmit abort is lost until IC_CLR_TX_ABRT is read");
    } else if (this.targetEnabled && value & IC_DATA_CMD_CMD) {
      // A target has no read commands: the controller decides the direction.
      this.abort(ABRT_SLVRD_INTX);
    } else if (this.transmitFifo.length >= FIFO_DEPTH) {
      this.raise(INTR_TX_OVER);
    } else {
      this.transmitFifo.push(value & (this.controllerEnabled ? COMMAND : 0xff));
      if (this.controllerEnabled) this.controller.commandAvailable();
      else this.target.dataAvailable();
      this.updateInterrupt();
    }
  }

  private writeEnable(value: number): void {
    if (value & ~(IC_ENABLE_ENABLE | IC_ENABLE_ABORT)) this.warn("IC_ENABLE.TX_CMD_BLOCK is not modelled");
    const enable = (value & IC_ENABLE_ENABLE) !== 0;
    if (enable !== this.enabled) {
      if (enable) this.enable();
      else this.disable();
    } else if (value & IC_ENABLE_ABORT && enable && this.controllerEnabled) {
      this.controller.abort();
    }
    this.updateInterrupt();
  }

  private enable(): void {
    this.enabled = true;
    this.disableStatus = 0;
    if (this.targetEnabled) {
      const address = this.register(I2C.IC_SAR);
      if (this.register(I2C.IC_CON) & IC_CON_10BITADDR_SLAVE)
        this.warn("ten-bit target addresses are not modelled");
      if (address < 0x08 || address > 0x77)
        this.warn(`IC_SAR is 0x${address.toString(16)}, a reserved address`);
      if (this.controller.active)
        this.warn("enabled as a target in the middle of a transfer as a controller");
      this.controller.reset();
      this.target.enable();
    } else {
      this.checkController();
      this.controller.enable();
    }
  }

  private checkController(): void {
    const control = this.register(I2C.IC_CON);
    const spike = this.register(I2C.IC_FS_SPKLEN);
    const { lowCount, highCount } = this;
    // MASTER_MODE and SLAVE_DISABLE belong together, either way (IC_CON, 4.3.17).
    if (!(control & IC_CON_MASTER_MODE) || !(control & IC_CON_SLAVE_DISABLE))
      this.warn("IC_CON: neither a target nor a controller");
    if (control & IC_CON_10BITADDR_MASTER || this.register(I2C.IC_TAR) & (IC_TAR_SPECIAL | ~0x7f))
      this.warn("ten-bit addresses, general calls and START bytes are not modelled");
    if (lowCount <= spike + 7) this.warn("LCNT must be larger than IC_FS_SPKLEN + 7");
    if (highCount <= spike + 5) this.warn("HCNT must be larger than IC_FS_SPKLEN + 5");
    if ((this.register(I2C.IC_SDA_HOLD) & 0xffff) > lowCount - 2)
      this.warn("IC_SDA_HOLD is longer than SCL is low");
  }

  /** As a target it takes effect at once; silicon waits for the end of the byte under way. */
  private disable(): void {
    const { active, receiving } = this.target;
    this.disableStatus = (active ? SLV_DISABLED_WHILE_BUSY : 0) | (receiving ? SLV_RX_DATA_LOST : 0);
    this.enabled = this.flushed = false;
    this.receiveFifo.length = this.transmitFifo.length = 0;
    if (this.targetEnabled) this.target.disable();
    else this.controller.disable();
    this.raised = 0;
    this.abortSource &= (1 << TX_FLUSH_CNT_SHIFT) - 1;
  }
}
