/**
 * Serial commands to the flash through SSI, IO_QSPI and PADS_QSPI, register by register as the boot ROM's
 * flash functions make them (raspberrypi/pico-bootrom-rp2040, program_flash_generic.c). The core stands in
 * SRAM meanwhile; registers are written past it.
 */
import assert from "node:assert/strict";
import type { Machine, MachineOptions } from "../../../../simulator/chip/machine.ts";
import { machine, ms } from "../program.ts";

const SSI = 0x1800_0000;
const CTRLR0 = SSI;
const CTRLR1 = SSI + 0x04;
const SSIENR = SSI + 0x08;
const SER = SSI + 0x10;
const BAUDR = SSI + 0x14;
const TXFLR = SSI + 0x20;
const RXFLR = SSI + 0x24;
const SR = SSI + 0x28;
const ICR = SSI + 0x48;
const DR0 = SSI + 0x60;
const SPI_CTRLR0 = SSI + 0xf4;
const SS_CTRL = 0x4001_800c;
const PAD_SD0 = 0x4002_0008;
const XIP_CTRL = 0x1400_0000;
const XIP_FLUSH = 0x1400_0004;

const LOW = 2 << 8;
const HIGH = 3 << 8;
const OUTPUT_DISABLE = 1 << 7;
const PULL_DOWN = 1 << 2;
const PULL_UP = 1 << 3;
/** Bytes on their way, two fewer than the FIFOs hold. */
const IN_FLIGHT = 14;

const PARKED = `
main:
  ldr r0, =0x20002000
  ldr r1, =0xe7fee7fe
  str r1, [r0]
  adds r0, #1
  bx r0
`;

/** A chip whose core has left flash alone, 20 ms after power-on. */
export function parkedChip(options: Partial<MachineOptions> = {}): { chip: Machine; flash: SerialFlash } {
  const chip = machine(PARKED, options);
  chip.runUntilNanos(ms(20));
  return { chip, flash: new SerialFlash(chip) };
}

export class SerialFlash {
  readonly #chip: Machine;

  constructor(chip: Machine) {
    this.#chip = chip;
  }

  store(address: number, value: number): void {
    this.#chip.mcu.writeUint32(address, value);
  }

  load(address: number): number {
    this.wait(1);
    return this.#chip.mcu.readUint32(address);
  }

  /** Microseconds. */
  wait(us: number): void {
    this.#chip.runUntilNanos(this.#chip.nanos + us * 1000);
  }

  select(override: number): void {
    this.store(SS_CTRL, override);
    this.load(SS_CTRL);
  }

  /** flash_init_spi */
  serialMode(): void {
    this.store(SSIENR, 0);
    this.load(SR);
    this.load(ICR);
    this.store(BAUDR, 6);
    this.store(CTRLR0, 7 << 16);
    this.store(SER, 1);
    this.store(SSIENR, 1);
  }

  /** flash_put_get: bytes out, bytes in, then chip select high. */
  putGet(bytes: readonly number[], skip = 0): number[] {
    const got: number[] = [];
    let sent = 0;
    for (let turns = 0; got.length < bytes.length + skip; turns++) {
      assert.ok(turns < 10_000, "the SSI goes on");
      if (sent < bytes.length && this.load(TXFLR) + this.load(RXFLR) < IN_FLIGHT) {
        this.store(DR0, bytes[sent++] as number);
      }
      if (this.load(RXFLR) > 0) got.push(this.load(DR0));
    }
    this.select(HIGH);
    return got.slice(skip);
  }

  /** flash_do_cmd: the code, then as many bytes each way. */
  command(code: number, bytes: readonly number[] = []): number[] {
    this.select(LOW);
    this.store(DR0, code);
    return this.putGet(bytes, 1);
  }

  /** flash_put_cmd_addr and flash_put_get: code, address, then as many bytes each way. */
  at(code: number, address: number, bytes: readonly number[] = []): number[] {
    this.select(LOW);
    for (const byte of [code, address >>> 16, (address >>> 8) & 0xff, address & 0xff]) this.store(DR0, byte);
    return this.putGet(bytes, 4);
  }

  /** flash_exit_xip; without its last step, the pads' pulls alone must do. */
  exitXip(lastStep = true): void {
    this.serialMode();
    const saved = this.load(PAD_SD0);
    const floating = (saved & ~(PULL_UP | PULL_DOWN)) | OUTPUT_DISABLE;
    this.select(HIGH);
    for (const pull of [PULL_DOWN, PULL_UP]) {
      for (let pad = 0; pad < 4; pad++) this.store(PAD_SD0 + 4 * pad, floating | pull);
      this.wait(50);
      this.putGet([0, 0, 0, 0]);
      this.select(LOW);
    }
    const pulledUp = (saved & ~PULL_DOWN) | PULL_UP;
    for (const [pad, value] of [saved, saved, pulledUp, pulledUp].entries())
      this.store(PAD_SD0 + 4 * pad, value);
    if (lastStep) this.putGet([0xff, 0xff]);
    this.store(SS_CTRL, 0);
  }

  /** flash_flush_cache */
  flushCache(): void {
    this.store(XIP_FLUSH, 1);
    this.load(XIP_FLUSH);
    this.store(XIP_CTRL + 0x2000, 1);
    this.select(0);
  }

  /** flash_enter_cmd_xip: 03h reads on one line. */
  enterXip(): void {
    this.store(SSIENR, 0);
    this.store(CTRLR0, (31 << 16) | (3 << 8));
    this.store(SPI_CTRLR0, (0x03 << 24) | (2 << 8) | (6 << 2));
    this.store(SSIENR, 1);
  }

  /** Quad reads in continuous mode, as second stages set them up (datasheet 4.10.10). */
  enterQuadXip(): void {
    this.command(0x50);
    this.command(0x31, [2]);
    this.select(0);
    this.store(SSIENR, 0);
    this.store(CTRLR0, (2 << 21) | (31 << 16) | (3 << 8));
    this.store(CTRLR1, 0);
    this.store(SPI_CTRLR0, (4 << 11) | (2 << 8) | (8 << 2) | 1);
    this.store(SSIENR, 1);
    this.store(DR0, 0xeb);
    this.store(DR0, 0xa0);
    this.wait(50);
    this.store(SSIENR, 0);
    this.store(SPI_CTRLR0, (0xa0 << 24) | (4 << 11) | (8 << 2) | 2);
    this.store(SSIENR, 1);
  }

  get status(): number {
    return this.command(0x05, [0])[0] as number;
  }

  /** Polls until ready; returns how long that took, in microseconds. */
  waitReady(limitUs: number): number {
    const from = this.#chip.nanos;
    while (this.status & 1) assert.ok(this.#chip.nanos - from < limitUs * 1000, "ready in time");
    return (this.#chip.nanos - from) / 1000;
  }

  /** flash_page_program */
  program(address: number, bytes: readonly number[]): void {
    this.command(0x06);
    this.at(0x02, address, bytes);
  }

  /** flash_user_erase */
  erase(code: number, address: number): void {
    this.command(0x06);
    this.at(code, address);
  }

  read(address: number, count: number): number[] {
    return this.at(0x03, address, new Array<number>(count).fill(0));
  }
}
