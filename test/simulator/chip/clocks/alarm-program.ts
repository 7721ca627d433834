/** A program that notes how late an alarm of TIMER interrupts it. */
import { CRYSTAL_TICK } from "../program.ts";

/** Sets ALARM0 `delta` us from now, notes the time of the interrupt. */
export const alarm = (delta: number) => `
main:
  unreset 1 << 21
  ${CRYSTAL_TICK}
  put TIMER + 0x38, 1
  put NVIC_ISER, 1
  put results, 0
  put TIMER + 4, 1000000
  put TIMER + 0, 0
  ldr r0, =TIMER
  ldr r1, [r0, #0x28]
  ldr r2, =${delta}
  adds r1, r2
  str r1, [r0, #0x10]
  ldr r2, =results
  str r1, [r2, #4]
2: wfi
  b 2b
  .thumb_func
irq:
  ldr r0, =TIMER
  movs r1, #1
  str r1, [r0, #0x34]
  ldr r2, =results
  ldr r1, [r0, #0x28]
  str r1, [r2]
  bx lr
`;
