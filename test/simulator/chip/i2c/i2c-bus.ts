/**
 * A controller for the tests of the I2C peripheral, made of two open-drain drivers and a clock, and a chip at
 * 125 MHz whose core sleeps: the test writes the registers in place of the firmware.
 */
import assert from "node:assert/strict";
import {
  I2C,
  IC_CON_SPEED_SHIFT,
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
} from "../../../../simulator/chip/i2c/i2c-registers.ts";
import { PERIPHERALS } from "../../../../simulator/chip/peripherals.ts";
import type { Rp2040 } from "../../../../simulator/chip/rp2040.ts";
import { assemble, ms, startChip, uf2 } from "../program.ts";

/** Names of the registers without their IC_ (datasheet 4.3.17). */
export type Register = {
  [Name in keyof typeof I2C]: Name extends `IC_${infer Short}` ? Short : never;
}[keyof typeof I2C];

/** Bits of IC_RAW_INTR_STAT. */
export const INTR = {
  RX_UNDER: INTR_RX_UNDER,
  RX_OVER: INTR_RX_OVER,
  RX_FULL: INTR_RX_FULL,
  TX_OVER: INTR_TX_OVER,
  TX_EMPTY: INTR_TX_EMPTY,
  RD_REQ: INTR_RD_REQ,
  TX_ABRT: INTR_TX_ABRT,
  RX_DONE: INTR_RX_DONE,
  ACTIVITY: INTR_ACTIVITY,
  STOP_DET: INTR_STOP_DET,
  START_DET: INTR_START_DET,
  GEN_CALL: INTR_GEN_CALL,
  RESTART_DET: INTR_RESTART_DET,
} as const;

/** One cycle of ic_clk, which is clk_sys. */
export const CYCLE = 8;
export const ADDRESS = 0x2c;
/** Fast mode, target on, controller off. */
export const TARGET = 2 << IC_CON_SPEED_SHIFT;

/** Crystal, PLL_SYS at 125 MHz, GPIO6 and 7 to I2C1 without pull-downs; then sleep. */
const program = (main: string, handler: string) => `
main:
  put XOSC + XOSC.STARTUP, 47
  put XOSC + XOSC.CTRL, 0xfabaa0
1: ldr r0, =XOSC + XOSC.STATUS
  ldr r1, [r0]
  lsrs r1, r1, #31
  beq 1b
  unreset RESET.I2C1 | RESET.IO_BANK0 | RESET.PADS_BANK0 | RESET.PLL_SYS
  put PLL_SYS + PLL.FBDIV_INT, 125
  put PLL_SYS + PLL.PWR, 0x08
2: ldr r0, =PLL_SYS + PLL.CS
  ldr r1, [r0]
  lsrs r1, r1, #31
  beq 2b
  put PLL_SYS + PLL.PRIM, 0x62000
  put PLL_SYS + PLL.PWR, 0x00
  put CLOCKS + CLOCKS.CLK_SYS_CTRL, 1
  put PADS_BANK0 + PADS_BANK0.GPIO6, 0x52
  put PADS_BANK0 + PADS_BANK0.GPIO7, 0x52
  put IO_BANK0 + IO_BANK0.GPIO6_CTRL, FUNCTION_I2C
  put IO_BANK0 + IO_BANK0.GPIO7_CTRL, FUNCTION_I2C
${main}
3: wfi
  b 3b
${handler}
`;

const images = new Map<string, Uint8Array>();

export class Bench {
  readonly chip: Rp2040;
  /** Half a period of SCL in nanoseconds: 400 kbit/s. */
  half = 1250;
  /** Called while the target holds SCL low; without it a hold fails the test. */
  onHold: (() => void) | null = null;
  private readonly base: number;

  constructor(main = "", handler = "", base: number = PERIPHERALS.I2C1.base) {
    const source = program(main, handler);
    const image = images.get(source) ?? uf2(assemble(source));
    images.set(source, image);
    this.base = base;
    this.chip = startChip("", { image });
    for (const pin of [6, 7]) this.pin(pin).pull("up");
    this.chip.runUntilNanos(ms(12));
    assert.equal(this.chip.clkSysHz, 125_000_000);
  }

  /** With IC_ENABLE set; `more` is written before. */
  static target(control = TARGET, more: Partial<Record<Register, number>> = {}): Bench {
    const bench = new Bench();
    bench.enable(control, more);
    return bench;
  }

  enable(control: number, more: Partial<Record<Register, number>> = {}): void {
    this.put("CON", control);
    this.put("SAR", ADDRESS);
    for (const [name, value] of Object.entries(more)) this.put(name as Register, value);
    this.put("ENABLE", 1);
  }

  pin(gpio: number) {
    const pin = this.chip.pins[gpio];
    assert.ok(pin);
    return pin;
  }

  get sda(): boolean {
    return this.pin(6).level;
  }

  get scl(): boolean {
    return this.pin(7).level;
  }

  // ------------------------------------------------------------------- registers

  get(name: Register): number {
    return this.chip.bus.readUint32(this.base + I2C[`IC_${name}`]);
  }

  put(name: Register, value: number): void {
    this.chip.bus.writeUint32(this.base + I2C[`IC_${name}`], value);
  }

  /** The named bits of IC_RAW_INTR_STAT that are set, without TX_EMPTY, which nearly always is. */
  raw(): string[] {
    const value = this.get("RAW_INTR_STAT");
    return Object.entries(INTR).flatMap(([name, bit]) => (value & bit && name !== "TX_EMPTY" ? [name] : []));
  }

  has(bit: number): boolean {
    return (this.get("RAW_INTR_STAT") & bit) !== 0;
  }

  warnings(): string[] {
    return this.chip.log.warnings.map(({ source, message }) => `${source}: ${message}`);
  }

  // ------------------------------------------------------------------- the two lines

  wait(nanos: number): void {
    this.chip.runUntilNanos(this.chip.nanos + nanos);
  }

  data(level: boolean): void {
    this.pin(6).drive("controller", level ? null : false);
  }

  clock(level: boolean): void {
    this.pin(7).drive("controller", level ? null : false);
  }

  /** START, or a RESTART in mid-transfer. */
  start(): void {
    this.data(true);
    this.wait(this.half);
    this.clock(true);
    this.waitForClock();
    this.wait(this.half);
    this.data(false);
    this.wait(this.half);
    this.clock(false);
    this.wait(300);
  }

  stop(): void {
    this.data(false);
    this.wait(this.half);
    this.clock(true);
    this.waitForClock();
    this.wait(this.half);
    this.data(true);
    this.wait(this.half);
  }

  private waitForClock(): void {
    if (this.scl) return;
    assert.ok(this.onHold, "the target holds SCL low");
    this.onHold();
    assert.ok(
      this.chip.runUntil(() => this.scl, this.chip.nanos + 100_000),
      "SCL is not let go of",
    );
  }

  bit(level: boolean): boolean {
    this.data(level);
    this.wait(this.half - 300);
    this.clock(true);
    this.waitForClock();
    this.wait(this.half);
    const { sda } = this;
    this.clock(false);
    this.wait(300);
    return sda;
  }

  bits(byte: number, count = 8): void {
    for (let bit = 7; bit > 7 - count; bit--) this.bit(((byte >> bit) & 1) === 1);
  }

  /** True when the target acknowledges. */
  send(byte: number): boolean {
    this.bits(byte);
    return !this.bit(true);
  }

  receive(acknowledge: boolean): number {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte = (byte << 1) | (this.bit(true) ? 1 : 0);
    this.bit(!acknowledge);
    return byte;
  }

  /** START or RESTART and an address byte. */
  address(address: number, read: boolean): boolean {
    this.start();
    return this.send((address << 1) | (read ? 1 : 0));
  }

  write(...bytes: number[]): boolean[] {
    const acknowledged = [this.address(ADDRESS, false), ...bytes.map((byte) => this.send(byte))];
    this.stop();
    return acknowledged;
  }

  /** Everything in the receive FIFO. */
  drain(): number[] {
    return Array.from({ length: this.get("RXFLR") }, () => this.get("DATA_CMD"));
  }
}
