/**
 * High-level model of the RP2040 boot ROM (datasheet 2.8.1; its source is public as
 * pico-bootrom-rp2040). It changes the chip as the ROM does, takes about as long, and then starts the core in
 * the second stage or in watchdog boot code, or waits for a USB host.
 */
import type { SystemBus } from "../bus.ts";
import type { Alarm } from "../clocks/clock.ts";
import type { Resets } from "../clocks/resets.ts";
import type { Watchdog } from "../clocks/watchdog.ts";
import { PAD_IE } from "../io/gpio.ts";
import { resetMask, SRAM_BASE } from "../peripherals.ts";
import type { Flash } from "./flash.ts";
import type { IoQspi } from "./qspi-pins.ts";
import type { Ssi } from "./ssi.ts";

const SECOND_STAGE_BYTES = 256;
const SECOND_STAGE_ADDRESS = 0x2004_1f00;
/** `_stacktop` of the ROM, less the registers that main() and the flash boot inlined in it have pushed. */
const STACK_AT_ENTRY = 0x2004_1f00 - 0x20;

/** Cycles until the first 256 bytes are read: CSn strap delay, twice 2048 x 3 in the XIP exit, some more. */
const CYCLES_BEFORE_READ = 14_000;
/** One attempt: "around 4 ms total with a 6.5 MHz boot clock" (ROM source). */
const CYCLES_PER_ATTEMPT = 26_000;
/** Attempts, in about half a second, before the ROM waits for a USB host (ROM source, _flash_boot). */
const ATTEMPTS = 128;
/** Cycles until the ROM reads the watchdog's scratch registers. */
const CYCLES_BEFORE_WATCHDOG_BOOT = 100;

const WATCHDOG_BOOT_MAGIC = 0xb007_c0d3;

/** Where watchdog boot code returns to; the model takes over when the core fetches there. */
const RETURN_ADDRESS = 0x200;
const DEAD_ADDRESS = 0x40;
const LOOKUP_ADDRESS = 0x50;
const EMPTY_TABLE_ADDRESS = 0x60;

export interface BootRomParts {
  readonly bus: SystemBus;
  readonly flash: Flash;
  readonly ssi: Ssi;
  readonly ioQspi: IoQspi;
  readonly resets: Resets;
  readonly watchdog: Watchdog;
}

/** CRC-32 as the ROM wants it: polynomial 0x04c11db7, start 0xffffffff, nothing reflected (2.8.1.3.1). */
function secondStageCrc(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}

export class BootRom {
  /** The ROM is running: time passes, but the core executes no instructions. */
  running = false;
  /** No valid second stage: the ROM waits for a USB host. */
  waitingForUsb = false;

  private readonly parts: BootRomParts;
  private readonly phase: Alarm;
  private next: () => void = () => {};

  constructor(parts: BootRomParts) {
    this.parts = parts;
    this.phase = parts.bus.alarms.createAlarm(() => this.next());
    this.fillRom();
  }

  /**
   * Fills in the parts of the ROM that faults and look-ups reach before VTOR is set: the initial stack
   * pointer, an NMI and HardFault handler that sleeps for ever, the "Mu" signature, and a function table
   * without entries.
   */
  private fillRom(): void {
    const { rom } = this.parts.bus;
    const word = (address: number, value: number) => {
      rom[address >> 1] = value & 0xffff;
      rom[(address >> 1) + 1] = value >>> 16;
    };
    word(0x00, SECOND_STAGE_ADDRESS);
    word(0x04, DEAD_ADDRESS | 1);
    word(0x08, DEAD_ADDRESS | 1);
    word(0x0c, DEAD_ADDRESS | 1);
    word(0x10, 0x0301_754d);
    word(0x14, (EMPTY_TABLE_ADDRESS << 16) | EMPTY_TABLE_ADDRESS);
    word(0x18, LOOKUP_ADDRESS | 1);
    word(DEAD_ADDRESS, 0xe7fd_bf30); // wfi; b back to it
    word(LOOKUP_ADDRESS, 0x4770_2000); // movs r0, #0; bx lr
    word(RETURN_ADDRESS, 0xe7fe_e7fe);
  }

  /** Core 0 comes out of reset. */
  start(): void {
    this.running = true;
    this.waitingForUsb = false;
    this.after(CYCLES_BEFORE_WATCHDOG_BOOT, () => this.watchdogBoot());
  }

  stop(): void {
    this.running = this.waitingForUsb = false;
    this.phase.cancel();
  }

  /** The core fetched in ROM: true when the model takes over from it. */
  fetched(address: number): boolean {
    if (address !== RETURN_ADDRESS || this.running) return false;
    this.running = true;
    this.after(0, () => this.flashBoot());
    return true;
  }

  private after(cycles: number, action: () => void): void {
    this.next = action;
    this.phase.schedule((cycles * 1e9) / this.parts.bus.clkSys);
  }

  /** Watchdog boot (2.8.1.1), after PADS_BANK0 was released and the ADC pads' inputs switched off. */
  private watchdogBoot(): void {
    const { bus, resets, watchdog } = this.parts;
    bus.cpu.interruptNMIMask = 0;
    resets.release(resetMask("PADS_BANK0"));
    for (let gpio = 26; gpio <= 29; gpio++) {
      const pad = bus.gpio[gpio];
      if (pad) {
        pad.padValue &= ~PAD_IE;
        pad.checkForUpdates();
        pad.refreshInput();
      }
    }
    const [magic, check, stack, entry] = watchdog.scratch.subarray(4, 8) as unknown as [
      number,
      number,
      number,
      number,
    ];
    if (magic !== WATCHDOG_BOOT_MAGIC || (magic + (check ^ entry)) >>> 0 !== 0) {
      this.flashBoot();
      return;
    }
    watchdog.scratch[4] = 0;
    bus.cpu.LR = RETURN_ADDRESS | 1;
    this.enter(entry, stack);
  }

  private flashBoot(): void {
    const { ioQspi, resets } = this.parts;
    const mask = resetMask("IO_QSPI", "PADS_QSPI", "TIMER");
    resets.hold(mask);
    resets.release(mask);
    ioQspi.routeToSsi();
    this.after(CYCLES_BEFORE_READ + CYCLES_PER_ATTEMPT, () => this.readSecondStage(ATTEMPTS - 1));
  }

  private readSecondStage(attemptsLeft: number): void {
    const { bus, flash, ssi } = this.parts;
    // Ones on all lines end any continuous read mode, then plain 03h reads work with every flash.
    ssi.bootRomSetUp();
    flash.leaveContinuousRead();
    const stage = flash.bytes.subarray(0, SECOND_STAGE_BYTES);
    const view = new DataView(stage.buffer, stage.byteOffset);
    bus.sram8.set(stage, SECOND_STAGE_ADDRESS - SRAM_BASE);
    if (flash.busy && attemptsLeft > 0) {
      this.after(CYCLES_PER_ATTEMPT, () => this.readSecondStage(attemptsLeft - 1));
      return;
    }
    if (flash.busy || secondStageCrc(stage.subarray(0, 252)) !== view.getUint32(252, true)) {
      // The ROM tries 127 times more with other clock modes, then starts its USB device. The flash
      // would return the same bytes each time, so the model gives up now.
      this.waitingForUsb = true;
      return;
    }
    bus.cpu.LR = 0;
    this.enter(SECOND_STAGE_ADDRESS + 1, STACK_AT_ENTRY);
  }

  private enter(entry: number, stack: number): void {
    const { cpu } = this.parts.bus;
    this.running = false;
    cpu.SP = stack;
    cpu.PC = entry;
    cpu.attend();
  }
}
