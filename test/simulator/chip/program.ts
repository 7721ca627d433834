/**
 * Small Thumb programs for the tests of the emulated chip: assembled at test time with the GNU
 * assembler, given a second stage with a correct checksum, packed into a UF2 file.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Machine, type MachineOptions } from "../../../simulator/chip/machine.ts";
import { RP2040_FAMILY } from "../../../simulator/chip/memory/uf2.ts";

const FLASH_BYTES = 2 * 1024 * 1024;
/** Results of a program: `results` in its source. */
const RESULTS = 0x2000_1000;
const STACK_TOP = 0x2000_4000;

/** 03h reads, 24-bit address, 32-bit frames: the plainest execute-in-place set-up (datasheet 4.10). */
const SECOND_STAGE = `
  .section .stage, "ax"
  ldr r3, =0x18000000
  movs r1, #0
  str r1, [r3, #0x08]
  movs r1, #4
  str r1, [r3, #0x14]
  ldr r1, =0x001f0300
  str r1, [r3, #0x00]
  movs r1, #0
  str r1, [r3, #0x04]
  ldr r1, =0x03000218
  ldr r0, =0x180000f4
  str r1, [r0]
  movs r1, #1
  str r1, [r3, #0x08]
  ldr r0, =0x10000100
  ldr r1, =0xe000ed08
  str r0, [r1]
  ldmia r0!, {r1, r2}
  msr msp, r1
  bx r2
  .ltorg
`;

/** 125 MHz for clk_sys, 48 MHz for clk_adc, ticks of 1 us: PLLs and settings of datasheet 2.18.2.1. */
export const CLOCKS_AT_125_MHZ = `
  put 0x4002400c, 47
  put 0x40024000, 0xfabaa0
  await 0x40024004, 31
  put 0x40008030, 2
  put WATCHDOG + 0x2c, 0x20c
  unreset (1 << 12) | (1 << 13) | (1 << 21)
  .irp base, 0x40028000, 0x4002c000
  put \\base, 1
  .if \\base == 0x40028000
  put \\base + 8, 125
  .else
  put \\base + 8, 100
  .endif
  put \\base + CLR + 4, 0x21
  await \\base, 31
  .if \\base == 0x40028000
  put \\base + 12, 0x62000
  .else
  put \\base + 12, 0x55000
  .endif
  put \\base + CLR + 4, 8
  .endr
  put 0x4000803c, 1
  await 0x40008044, 1
  put 0x40008060, 0x800
`;

/** Crystal for clk_ref, tick of 12 cycles: exactly 1 us (datasheet 2.16, 4.7.2). */
export const CRYSTAL_TICK = `
  put 0x4002400c, 47
  put 0x40024000, 0xfabaa0
1: ldr r0, =0x40024004
  ldr r1, [r0]
  lsrs r1, r1, #31
  beq 1b
  put 0x40008030, 2
  put WATCHDOG + 0x2c, 0x20c
`;

/** Vectors name handlers that a program may define; the postlude supplies the others. */
const PRELUDE = `
  .syntax unified
  .cpu cortex-m0plus
  .thumb
  .set results, ${RESULTS}
  .set SIO, 0xd0000000
  .set RESETS, 0x4000c000
  .set PSM, 0x40010000
  .set IO_BANK0, 0x40014000
  .set PADS_BANK0, 0x4001c000
  .set UART0, 0x40034000
  .set TIMER, 0x40054000
  .set WATCHDOG, 0x40058000
  .set SCB, 0xe000ed00
  .set NVIC_ISER, 0xe000e100
  .set NVIC_ISPR, 0xe000e200
  .set CLR, 0x3000
  .set SET, 0x2000
  .macro put address, value
    ldr r0, =\\address
    ldr r1, =\\value
    str r1, [r0]
  .endm
  .macro unreset mask
    put RESETS + CLR, \\mask
  .endm
  .macro await address, bit
    ldr r0, =\\address
  .Lwait\\@: ldr r1, [r0]
    lsrs r1, r1, #\\bit + 1
    bcc .Lwait\\@
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

export function uf2(image: Uint8Array, family = RP2040_FAMILY, base = 0x1000_0000): Uint8Array {
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

export function machine(source: string, options: Partial<MachineOptions> = {}): Machine {
  const image = options.image ?? uf2(assemble(source));
  const built = new Machine({ flashBytes: FLASH_BYTES, crystalHz: 12_000_000, seed: 1, ...options, image });
  built.powerOn();
  return built;
}

/** Word `index` of the program's results. */
export function result(from: Machine, index = 0): number {
  return from.mcu.sramView.getUint32(RESULTS - 0x2000_0000 + index * 4, true);
}

export const ms = (milliseconds: number) => milliseconds * 1e6;
export const us = (microseconds: number) => microseconds * 1e3;
