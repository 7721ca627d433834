/**
 * Serial commands to the flash through SSI, IO_QSPI and PADS_QSPI, register by register as the boot ROM's
 * flash functions make them (raspberrypi/pico-bootrom-rp2040, program_flash_generic.c). The core stands in
 * SRAM meanwhile; registers are written past it.
 */
import assert from "node:assert/strict";
import { STATUS_BUSY } from "../../../../simulator/chip/memory/flash.ts";
import { FlashCommand } from "../../../../simulator/chip/memory/flash-commands.ts";
import {
  CTRL_OUTOVER_SHIFT,
  IO_QSPI,
  OUTOVER_HIGH,
  OUTOVER_LOW,
  PAD_OD,
  PAD_PDE,
  PAD_PUE,
  PADS_QSPI,
} from "../../../../simulator/chip/memory/qspi-pins.ts";
import { SSI } from "../../../../simulator/chip/memory/ssi.ts";
import { XIP_CTRL } from "../../../../simulator/chip/memory/xip-control.ts";
import { ALIAS_SET, PERIPHERALS, SRAM_BASE } from "../../../../simulator/chip/peripherals.ts";
import type { Rp2040, Rp2040Options } from "../../../../simulator/chip/rp2040.ts";
import { ms, startChip } from "../program.ts";

const { base } = PERIPHERALS.SSI;
const CTRLR0 = base + SSI.CTRLR0;
const CTRLR1 = base + SSI.CTRLR1;
const SSIENR = base + SSI.SSIENR;
const SER = base + SSI.SER;
const BAUDR = base + SSI.BAUDR;
const TXFLR = base + SSI.TXFLR;
const RXFLR = base + SSI.RXFLR;
const SR = base + SSI.SR;
const ICR = base + SSI.ICR;
const DR0 = base + SSI.DR0;
const SPI_CTRLR0 = base + SSI.SPI_CTRLR0;
const SS_CTRL = PERIPHERALS.IO_QSPI.base + IO_QSPI.GPIO_QSPI_SS_CTRL;
export const PAD_SD0 = PERIPHERALS.PADS_QSPI.base + PADS_QSPI.GPIO_QSPI_SD0;
const XIP_CONTROL = PERIPHERALS.XIP_CTRL.base + XIP_CTRL.CTRL;
const XIP_FLUSH = PERIPHERALS.XIP_CTRL.base + XIP_CTRL.FLUSH;

const LOW = OUTOVER_LOW << CTRL_OUTOVER_SHIFT;
const HIGH = OUTOVER_HIGH << CTRL_OUTOVER_SHIFT;
/** Bytes on their way, two fewer than the FIFOs hold. */
const IN_FLIGHT = 14;

const PARKED = `
main:
  ldr r0, =${SRAM_BASE + 0x2000}
  ldr r1, =0xe7fee7fe
  str r1, [r0]
  adds r0, #1
  bx r0
`;

/** A chip whose core has left flash alone, 20 ms after power-on. */
export function parkedChip(options: Partial<Rp2040Options> = {}): { chip: Rp2040; flash: SerialFlash } {
  const chip = startChip(PARKED, options);
  chip.runUntilNanos(ms(20));
  return { chip, flash: new SerialFlash(chip) };
}

export class SerialFlash {
  readonly #chip: Rp2040;

  constructor(chip: Rp2040) {
    this.#chip = chip;
  }

  store(address: number, value: number): void {
    this.#chip.bus.writeUint32(address, value);
  }

  load(address: number): number {
    this.wait(1);
    return this.#chip.bus.readUint32(address);
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
    const floating = (saved & ~(PAD_PUE | PAD_PDE)) | PAD_OD;
    this.select(HIGH);
    for (const pull of [PAD_PDE, PAD_PUE]) {
      for (let pad = 0; pad < 4; pad++) this.store(PAD_SD0 + 4 * pad, floating | pull);
      this.wait(50);
      this.putGet([0, 0, 0, 0]);
      this.select(LOW);
    }
    const pulledUp = (saved & ~PAD_PDE) | PAD_PUE;
    for (const [pad, value] of [saved, saved, pulledUp, pulledUp].entries())
      this.store(PAD_SD0 + 4 * pad, value);
    if (lastStep) this.putGet([0xff, 0xff]);
    this.store(SS_CTRL, 0);
  }

  /** flash_flush_cache */
  flushCache(): void {
    this.store(XIP_FLUSH, 1);
    this.load(XIP_FLUSH);
    this.store(XIP_CONTROL + ALIAS_SET, 1);
    this.select(0);
  }

  /** flash_enter_cmd_xip: 03h reads on one line. */
  enterXip(): void {
    this.store(SSIENR, 0);
    this.store(CTRLR0, (31 << 16) | (3 << 8));
    this.store(SPI_CTRLR0, (FlashCommand.READ_DATA << 24) | (2 << 8) | (6 << 2));
    this.store(SSIENR, 1);
  }

  /** Quad reads in continuous mode, as second stages set them up (datasheet 4.10.10). */
  enterQuadXip(): void {
    this.command(FlashCommand.VOLATILE_WRITE_ENABLE);
    this.command(FlashCommand.WRITE_STATUS_2, [2]);
    this.select(0);
    this.store(SSIENR, 0);
    this.store(CTRLR0, (2 << 21) | (31 << 16) | (3 << 8));
    this.store(CTRLR1, 0);
    this.store(SPI_CTRLR0, (4 << 11) | (2 << 8) | (8 << 2) | 1);
    this.store(SSIENR, 1);
    this.store(DR0, FlashCommand.FAST_READ_QUAD_IO);
    this.store(DR0, 0xa0);
    this.wait(50);
    this.store(SSIENR, 0);
    this.store(SPI_CTRLR0, (0xa0 << 24) | (4 << 11) | (8 << 2) | 2);
    this.store(SSIENR, 1);
  }

  get status(): number {
    return this.command(FlashCommand.READ_STATUS_1, [0])[0] as number;
  }

  /** Polls until ready; returns how long that took, in microseconds. */
  waitReady(limitUs: number): number {
    const from = this.#chip.nanos;
    while (this.status & STATUS_BUSY) assert.ok(this.#chip.nanos - from < limitUs * 1000, "ready in time");
    return (this.#chip.nanos - from) / 1000;
  }

  /** flash_page_program */
  program(address: number, bytes: readonly number[]): void {
    this.command(FlashCommand.WRITE_ENABLE);
    this.at(FlashCommand.PAGE_PROGRAM, address, bytes);
  }

  /** flash_user_erase */
  erase(code: number, address: number): void {
    this.command(FlashCommand.WRITE_ENABLE);
    this.at(code, address);
  }

  read(address: number, count: number): number[] {
    return this.at(FlashCommand.READ_DATA, address, new Array<number>(count).fill(0));
  }
}
