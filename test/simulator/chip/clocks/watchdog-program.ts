/** A program that starts the watchdog once, and an output that it may leave on for the reset to change. */
import { CTRL_ENABLE } from "../../../../simulator/chip/clocks/watchdog.ts";
import { SRAM_BASE } from "../../../../simulator/chip/peripherals.ts";
import { CRYSTAL_TICK } from "../program.ts";

/** A word of SRAM that the program sets to 0xcafe before its watchdog runs. */
export const KEPT = SRAM_BASE + 0x100;

/** Watchdog of `load` counts; scratch 0 counts starts. Leaves the results in scratch 1 and 2. */
export const watchdog = (load: number, psm: number, resets: number, more = "") => `
main:
  ldr r4, =WATCHDOG
  ldr r1, [r4, #WATCHDOG.SCRATCH0]
  adds r1, #1
  str r1, [r4, #WATCHDOG.SCRATCH0]
  ldr r2, =results
  str r1, [r2]
  ldr r3, [r4, #WATCHDOG.REASON]
  str r3, [r2, #4]
  cmp r1, #1
  bne done
  ldr r0, =${KEPT}
  ldr r1, =0xcafe
  str r1, [r0]
  ${more}
  ${CRYSTAL_TICK}
  put PSM + PSM.WDSEL, ${psm}
  put RESETS + RESETS.WDSEL, ${resets}
  put WATCHDOG + WATCHDOG.LOAD, ${load}
  put WATCHDOG + WATCHDOG.CTRL, ${CTRL_ENABLE}
done: b .
`;

/** This GPIO as an output, high. */
export const OUTPUT_GPIO = 22;
export const OUTPUT = `
  unreset RESET.IO_BANK0 | RESET.PADS_BANK0
  put IO_BANK0 + IO_BANK0.GPIO${OUTPUT_GPIO}_CTRL, FUNCTION_SIO
  put SIO + SIO.GPIO_OUT_SET, 1 << ${OUTPUT_GPIO}
  put SIO + SIO.GPIO_OE_SET, 1 << ${OUTPUT_GPIO}
`;
