/** A program that notes how late an alarm of TIMER interrupts it. */
import { CRYSTAL_TICK } from "../program.ts";

/** Sets ALARM0 `delta` us from now, notes the time of the interrupt. */
export const alarm = (delta: number) => `
main:
  unreset RESET.TIMER
  ${CRYSTAL_TICK}
  put TIMER + TIMER.INTE, 1
  put PPB + PPB.NVIC_ISER, 1 << IRQ.TIMER
  put results, 0
  put TIMER + TIMER.TIMELW, 1000000
  put TIMER + TIMER.TIMEHW, 0
  ldr r0, =TIMER
  ldr r1, [r0, #TIMER.TIMERAWL]
  ldr r2, =${delta}
  adds r1, r2
  str r1, [r0, #TIMER.ALARM0]
  ldr r2, =results
  str r1, [r2, #4]
2: wfi
  b 2b
  .thumb_func
irq:
  ldr r0, =TIMER
  movs r1, #1
  str r1, [r0, #TIMER.INTR]
  ldr r2, =results
  ldr r1, [r0, #TIMER.TIMERAWL]
  str r1, [r2]
  bx lr
`;
