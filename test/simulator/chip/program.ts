/**
 * Small Thumb programs for the tests of the emulated chip: assembled at test time with the GNU
 * assembler, given a second stage with a correct checksum, packed into a UF2 file.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADC } from "../../../simulator/chip/adc/adc.ts";
import { CLOCKS, CTRL_ENABLE } from "../../../simulator/chip/clocks/clocks.ts";
import { ROSC, XOSC } from "../../../simulator/chip/clocks/oscillators.ts";
import { PLL } from "../../../simulator/chip/clocks/pll.ts";
import { PSM, PSM_STAGES, psmMask, VREG_AND_CHIP_RESET } from "../../../simulator/chip/clocks/power-on.ts";
import { RESETS } from "../../../simulator/chip/clocks/resets.ts";
import { TIMER } from "../../../simulator/chip/clocks/timer.ts";
import { TICK_ENABLE, WATCHDOG } from "../../../simulator/chip/clocks/watchdog.ts";
import { PPB } from "../../../simulator/chip/core/ppb.ts";
import { CHANNEL_BYTES, DMA } from "../../../simulator/chip/dma/dma.ts";
import { I2C } from "../../../simulator/chip/i2c/i2c-registers.ts";
import {
  FUNCTION_I2C,
  FUNCTION_SIO,
  FUNCTION_UART,
  gpioCtrl,
  IO_BANK0,
  PADS_BANK0,
  padControl,
} from "../../../simulator/chip/io/gpio.ts";
import { SIO } from "../../../simulator/chip/io/sio-registers.ts";
import { UART } from "../../../simulator/chip/io/uart.ts";
import { IO_QSPI, PADS_QSPI } from "../../../simulator/chip/memory/qspi-pins.ts";
import { SSI } from "../../../simulator/chip/memory/ssi.ts";
import { RP2040_FAMILY } from "../../../simulator/chip/memory/uf2.ts";
import { XIP_CTRL } from "../../../simulator/chip/memory/xip-control.ts";
import {
  ALIAS_CLR,
  ALIAS_SET,
  PPB_BASE,
  ROWS,
  SIO_BASE,
  SRAM_BASE,
  XIP_BASE,
} from "../../../simulator/chip/peripherals.ts";
import { Rp2040, type Rp2040Options } from "../../../simulator/chip/rp2040.ts";

const FLASH_BYTES = 2 * 1024 * 1024;
/** Results of a program: `results` in its source. */
export const RESULTS = SRAM_BASE + 0x1000;
const STACK_TOP = SRAM_BASE + 0x4000;

/** 03h reads, 24-bit address, 32-bit frames: the plainest execute-in-place set-up (datasheet 4.10). */
const SECOND_STAGE = `
  .section .stage, "ax"
  ldr r3, =SSI
  movs r1, #0
  str r1, [r3, #SSI.SSIENR]
  movs r1, #4
  str r1, [r3, #SSI.BAUDR]
  ldr r1, =0x001f0300
  str r1, [r3, #SSI.CTRLR0]
  movs r1, #0
  str r1, [r3, #SSI.CTRLR1]
  ldr r1, =0x03000218
  ldr r0, =SSI + SSI.SPI_CTRLR0
  str r1, [r0]
  movs r1, #1
  str r1, [r3, #SSI.SSIENR]
  ldr r0, =0x10000100
  ldr r1, =PPB + PPB.VTOR
  str r0, [r1]
  ldmia r0!, {r1, r2}
  msr msp, r1
  bx r2
  .ltorg
`;

/** 125 MHz for clk_sys, 48 MHz for clk_adc, ticks of 1 us: PLLs and settings of datasheet 2.18.2.1. */
export const CLOCKS_AT_125_MHZ = `
  put XOSC + XOSC.STARTUP, 47
  put XOSC + XOSC.CTRL, 0xfabaa0
  await XOSC + XOSC.STATUS, 31
  put CLOCKS + CLOCKS.CLK_REF_CTRL, 2
  put WATCHDOG + WATCHDOG.TICK, ${TICK_ENABLE | 12}
  unreset RESET.PLL_SYS | RESET.PLL_USB | RESET.TIMER
  lock PLL_SYS, 125, 0x62000
  lock PLL_USB, 100, 0x55000
  put CLOCKS + CLOCKS.CLK_SYS_CTRL, 1
  await CLOCKS + CLOCKS.CLK_SYS_SELECTED, 1
  put CLOCKS + CLOCKS.CLK_ADC_CTRL, ${CTRL_ENABLE}
`;

/** Crystal for clk_ref, tick of 12 cycles: exactly 1 us (datasheet 2.16, 4.7.2). */
export const CRYSTAL_TICK = `
  put XOSC + XOSC.STARTUP, 47
  put XOSC + XOSC.CTRL, 0xfabaa0
1: ldr r0, =XOSC + XOSC.STATUS
  ldr r1, [r0]
  lsrs r1, r1, #31
  beq 1b
  put CLOCKS + CLOCKS.CLK_REF_CTRL, 2
  put WATCHDOG + WATCHDOG.TICK, ${TICK_ENABLE | 12}
`;

/** Registers of the peripherals by their names in the datasheet, as the peripherals' files have them. */
const REGISTERS = {
  ...{ ADC, CLOCKS, DMA, I2C, IO_BANK0, IO_QSPI, PADS_BANK0, PADS_QSPI, PLL, PPB, PSM, RESETS, ROSC, SIO },
  ...{ SSI, TIMER, UART, VREG_AND_CHIP_RESET, WATCHDOG, XIP_CTRL, XOSC },
};

/**
 * Names for the programs: base addresses as UART0, offsets as UART.UARTDR, bits of RESETS as RESET.UART0,
 * those of PSM as STAGE.PROC0, and interrupts, the first where there are several, as IRQ.UART0.
 */
function symbols(): string {
  const values: [name: string, value: number][] = [
    ["SIO", SIO_BASE],
    ["PPB", PPB_BASE],
    ...Object.entries({ ALIAS_SET, ALIAS_CLR, FUNCTION_SIO, FUNCTION_UART, FUNCTION_I2C, CHANNEL_BYTES }),
  ];
  for (const [name, { base, resetBit, interrupts }] of ROWS) {
    values.push([name, base]);
    if (resetBit !== undefined) values.push([`RESET.${name}`, 1 << resetBit]);
    if (interrupts?.[0] !== undefined) values.push([`IRQ.${name}`, interrupts[0]]);
  }
  for (const stage of PSM_STAGES) values.push([`STAGE.${stage.toUpperCase()}`, psmMask(stage)]);
  for (const [peripheral, offsets] of Object.entries(REGISTERS)) {
    for (const [name, offset] of Object.entries(offsets)) {
      // An enumeration lists its names by number, too.
      if (typeof offset === "number") values.push([`${peripheral}.${name}`, offset]);
    }
  }
  for (let gpio = 1; gpio < 30; gpio++) {
    values.push([`IO_BANK0.GPIO${gpio}_CTRL`, gpioCtrl(gpio)], [`PADS_BANK0.GPIO${gpio}`, padControl(gpio)]);
  }
  return values.map(([name, value]) => `  .set ${name}, ${value}`).join("\n");
}

/** Vectors name handlers that a program may define; the postlude supplies the others. */
const PRELUDE = `
  .syntax unified
  .cpu cortex-m0plus
  .thumb
  .set results, ${RESULTS}
${symbols()}
  .macro put address, value
    ldr r0, =\\address
    ldr r1, =\\value
    str r1, [r0]
  .endm
  .macro unreset mask
    put RESETS + RESETS.RESET + ALIAS_CLR, \\mask
  .endm
  .macro await address, bit
    ldr r0, =\\address
  .Lwait\\@: ldr r1, [r0]
    lsrs r1, r1, #\\bit + 1
    bcc .Lwait\\@
  .endm
  .macro lock pll, fbdiv, prim
    put \\pll + PLL.CS, 1
    put \\pll + PLL.FBDIV_INT, \\fbdiv
    put \\pll + PLL.PWR + ALIAS_CLR, 0x21
    await \\pll + PLL.CS, 31
    put \\pll + PLL.PRIM, \\prim
    put \\pll + PLL.PWR + ALIAS_CLR, 8
  .endm
${SECOND_STAGE}
  .text
  .word ${STACK_TOP}
  .word main + 1
  .word nmi + 1
  .word hard_fault + 1
  .rept 7
  .word 0
  .endr
  .word svcall + 1
  .word 0
  .word 0
  .word pendsv + 1
  .word systick + 1
  .rept 26
  .word irq + 1
  .endr
`;

const POSTLUDE = `
  .ltorg
  .irp name, nmi, hard_fault, svcall, pendsv, systick, irq
  .ifndef \\name
  .thumb_func
  \\name: b \\name
  .endif
  .endr
`;

/** CRC-32 of the second stage, written again from the datasheet (2.8.1.3.1), bit by bit over numbers. */
function checksum(bytes: Uint8Array): number {
  let remainder = 0xffffffffn;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const out = ((remainder >> 31n) & 1n) ^ BigInt((byte >> bit) & 1);
      remainder = (remainder << 1n) & 0xffffffffn;
      if (out) remainder ^= 0x04c11db7n;
    }
  }
  return Number(remainder);
}

function tool(name: string, parameters: string[]): void {
  execFileSync(`arm-none-eabi-${name}`, parameters, { stdio: ["ignore", "ignore", "inherit"] });
}

/** Flash contents of a program: second stage, vectors at 0x100, then the source. */
export function assemble(source: string): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), "racklet-chip-"));
  try {
    const at = (name: string) => join(directory, name);
    writeFileSync(at("a.s"), `${PRELUDE}\n${source}\n${POSTLUDE}`);
    tool("as", ["-o", at("a.o"), at("a.s")]);
    tool("ld", [
      "--section-start=.stage=0x10000000",
      "-Ttext=0x10000100",
      "-e",
      "0x10000100",
      "-o",
      at("a.elf"),
      at("a.o"),
    ]);
    tool("objcopy", [
      "-O",
      "binary",
      "-j",
      ".stage",
      "-j",
      ".text",
      "--gap-fill",
      "0",
      at("a.elf"),
      at("a.bin"),
    ]);
    const image = new Uint8Array(readFileSync(at("a.bin")));
    new DataView(image.buffer).setUint32(252, checksum(image.subarray(0, 252)), true);
    return image;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function uf2(image: Uint8Array, family = RP2040_FAMILY, base = XIP_BASE): Uint8Array {
  const blocks = Math.ceil(image.length / 256);
  const file = new Uint8Array(blocks * 512);
  const view = new DataView(file.buffer);
  for (let block = 0; block < blocks; block++) {
    const words = [0x0a324655, 0x9e5d5157, 0x2000, base + block * 256, 256, block, blocks, family];
    for (const [index, word] of words.entries()) view.setUint32(block * 512 + index * 4, word, true);
    file.set(image.subarray(block * 256, block * 256 + 256), block * 512 + 32);
    view.setUint32(block * 512 + 508, 0x0ab16f30, true);
  }
  return file;
}

export function startChip(source: string, options: Partial<Rp2040Options> = {}): Rp2040 {
  const image = options.image ?? uf2(assemble(source));
  const built = new Rp2040({ flashBytes: FLASH_BYTES, crystalHz: 12_000_000, seed: 1, ...options, image });
  built.powerOn();
  return built;
}

/** Word `index` of the program's results. */
export function result(from: Rp2040, index = 0): number {
  return from.bus.sramView.getUint32(RESULTS - SRAM_BASE + index * 4, true);
}

export const ms = (milliseconds: number) => milliseconds * 1e6;
export const us = (microseconds: number) => microseconds * 1e3;
