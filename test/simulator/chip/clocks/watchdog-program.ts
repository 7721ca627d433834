/** A program that starts the watchdog once, and what it may leave behind for the reset to change. */
import { CRYSTAL_TICK } from "../program.ts";

/** Watchdog of `load` counts; scratch 0 counts starts. Leaves the results in scratch 1 and 2. */
export const watchdog = (load: number, psm: number, resets: number, more = "") => `
main:
  ldr r4, =WATCHDOG
  ldr r1, [r4, #0x0c]
  adds r1, #1
  str r1, [r4, #0x0c]
  ldr r2, =results
  str r1, [r2]
  ldr r3, [r4, #8]
  str r3, [r2, #4]
  cmp r1, #1
  bne done
  ldr r0, =0x20000100
  ldr r1, =0xcafe
  str r1, [r0]
  ${more}
  ${CRYSTAL_TICK}
  put PSM + 8, ${psm}
  put RESETS + 4, ${resets}
  put WATCHDOG + 4, ${load}
  put WATCHDOG, 0x40000000
done: b .
`;

/** GPIO22 as an output, high. */
export const OUTPUT = `
  unreset (1 << 5) | (1 << 8)
  put IO_BANK0 + 22 * 8 + 4, 5
  put SIO + 0x14, 1 << 22
  put SIO + 0x24, 1 << 22
`;
