/**
 * A controller for the tests of the I2C block, made of nothing but two open-drain drivers and a
 * clock, and a chip at 125 MHz whose core sleeps: what the firmware would do, the test does.
 */
import assert from "node:assert/strict";
import type { Machine } from "../../../../simulator/chip/machine.ts";
import { assemble, machine, ms, uf2 } from "../program.ts";

/** Offsets by datasheet name (4.3.17). */
export const IC = {
  CON: 0x00,
  TAR: 0x04,
  SAR: 0x08,
  DATA_CMD: 0x10,
  SS_SCL_HCNT: 0x14,
  SS_SCL_LCNT: 0x18,
  FS_SCL_HCNT: 0x1c,
  FS_SCL_LCNT: 0x20,
  INTR_STAT: 0x2c,
  INTR_MASK: 0x30,
  RAW_INTR_STAT: 0x34,
  RX_TL: 0x38,
  TX_TL: 0x3c,
  CLR_INTR: 0x40,
  CLR_RX_UNDER: 0x44,
  CLR_RX_OVER: 0x48,
  CLR_TX_OVER: 0x4c,
  CLR_RD_REQ: 0x50,
  CLR_TX_ABRT: 0x54,
  CLR_RX_DONE: 0x58,
  CLR_ACTIVITY: 0x5c,
  CLR_STOP_DET: 0x60,
  CLR_START_DET: 0x64,
  CLR_GEN_CALL: 0x68,
  ENABLE: 0x6c,
  STATUS: 0x70,
  TXFLR: 0x74,
  RXFLR: 0x78,
  SDA_HOLD: 0x7c,
  TX_ABRT_SOURCE: 0x80,
  SLV_DATA_NACK_ONLY: 0x84,
  DMA_CR: 0x88,
  SDA_SETUP: 0x94,
  ACK_GENERAL_CALL: 0x98,
  ENABLE_STATUS: 0x9c,
  FS_SPKLEN: 0xa0,
  CLR_RESTART_DET: 0xa8,
  COMP_PARAM_1: 0xf4,
  COMP_VERSION: 0xf8,
  COMP_TYPE: 0xfc,
} as const;

export type Register = keyof typeof IC;

/** Bits of IC_RAW_INTR_STAT. */
export const INTR = {
  RX_UNDER: 1 << 0,
  RX_OVER: 1 << 1,
  RX_FULL: 1 << 2,
  TX_OVER: 1 << 3,
  TX_EMPTY: 1 << 4,
  RD_REQ: 1 << 5,
  TX_ABRT: 1 << 6,
  RX_DONE: 1 << 7,
  ACTIVITY: 1 << 8,
  STOP_DET: 1 << 9,
  START_DET: 1 << 10,
  GEN_CALL: 1 << 11,
  RESTART_DET: 1 << 12,
} as const;

/** One cycle of ic_clk, which is clk_sys. */
export const CYCLE = 8;
export const ADDRESS = 0x2c;
/** Fast mode, target on, controller off. */
export const TARGET = 0x04;
export const IFADDRESSED = 1 << 7;
export const TX_EMPTY_CTRL = 1 << 8;
export const HOLD_WHEN_FULL = 1 << 9;

/** Crystal, PLL_SYS at 125 MHz, GPIO6 and 7 to I2C1 without pull-downs; then sleep. */
const program = (main: string, handler: string) => `
main:
  put 0x4002400c, 47
  put 0x40024000, 0xfabaa0
1: ldr r0, =0x40024004
  ldr r1, [r0]
  lsrs r1, r1, #31
  beq 1b
  unreset (1 << 4) | (1 << 5) | (1 << 8) | (1 << 12)
  put 0x40028008, 125
  put 0x40028004, 0x08
2: ldr r0, =0x40028000
  ldr r1, [r0]
  lsrs r1, r1, #31
  beq 2b
  put 0x4002800c, 0x62000
  put 0x40028004, 0x00
  put 0x4000803c, 1
  put PADS_BANK0 + 4 + 6 * 4, 0x52
  put PADS_BANK0 + 4 + 7 * 4, 0x52
  put IO_BANK0 + 6 * 8 + 4, 3
  put IO_BANK0 + 7 * 8 + 4, 3
${main}
3: wfi
  b 3b
${handler}
`;

const images = new Map<string, Uint8Array>();

export class Bench {
  readonly slot: Machine;
  /** Half a period of SCL in nanoseconds: 400 kbit/s. */
  half = 1250;
  /** Called while the target holds SCL low; without it a hold fails the test. */
  onHold: (() => void) | null = null;
  private readonly base: number;

  constructor(main = "", handler = "", base = 0x4004_8000) {
    const source = program(main, handler);
    const image = images.get(source) ?? uf2(assemble(source));
    images.set(source, image);
    this.base = base;
    this.slot = machine("", { image });
    for (const pin of [6, 7]) this.pin(pin).pull("up");
    this.slot.runUntilNanos(ms(12));
    assert.equal(this.slot.clkSysHz, 125_000_000);
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
    const pin = this.slot.pins[gpio];
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
    return this.slot.mcu.readUint32(this.base + IC[name]);
  }

  put(name: Register, value: number): void {
    this.slot.mcu.writeUint32(this.base + IC[name], value);
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
    return this.slot.log.warnings.map(({ source, message }) => `${source}: ${message}`);
  }

  // ------------------------------------------------------------------- the two lines

  wait(nanos: number): void {
    this.slot.runUntilNanos(this.slot.nanos + nanos);
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
      this.slot.runUntil(() => this.scl, this.slot.nanos + 100_000),
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
