// The vector table, and the two entry points at which C has no stack yet: reset and HardFault.
//
// Start-up code and handlers use the main stack in SCRATCH_X. Thread mode uses the process stack at the
// bottom of SRAM. So a HardFault handler has a sound stack, whatever happened to the other one.

  .syntax unified
  .cpu cortex-m0plus
  .thumb

  .section .vectors, "a"
  .global vectors
vectors:
  .word handler_stack_top
  .word reset
  .word unexpected_interrupt           // NMI: no source is routed to it
  .word hard_fault
  .rept 7
  .word 0
  .endr
  .word unexpected_interrupt           // SVCall
  .word 0, 0
  .word unexpected_interrupt           // PendSV
  .word unexpected_interrupt           // SysTick
  .word timer_interrupt                // 0, TIMER_IRQ_0
  .word smbus_timer_interrupt          // 1, TIMER_IRQ_1
  .rept 9
  .word unexpected_interrupt
  .endr
  .word sampling_interrupt             // 11, DMA_IRQ_0
  .word unexpected_interrupt
  .word signals_interrupt              // 13, IO_IRQ_BANK0
  .rept 6
  .word unexpected_interrupt
  .endr
  .word uart0_interrupt                // 20
  .word uart1_interrupt                // 21
  .word unexpected_interrupt
  .word i2c0_interrupt                 // 23
  .word i2c1_interrupt                 // 24
  .rept 7
  .word unexpected_interrupt
  .endr

  .section .text.start, "ax"
  .global reset
  .thumb_func
reset:
  cpsid i
  ldr r0, =0xe000ed08                  // VTOR: flash, until start_up has copied the vectors to SRAM
  ldr r1, =vectors
  str r1, [r0]
  ldr r0, =handler_stack_top
  msr msp, r0
  bl start_up
  ldr r0, =stack_top
  msr psp, r0
  movs r0, #2                          // CONTROL.SPSEL (ARMv6-M B1.4.4)
  msr control, r0
  isb
  bl host_main                         // never returns

// Reports what the engine cannot resolve. For a fault within a handler (its frame is on this stack) the
// engine is not asked.
  .global hard_fault
  .thumb_func
hard_fault:
  mov r0, lr
  lsrs r0, #3                          // bit 2 of EXC_RETURN: a fault in thread mode leaves this stack sound
  bcc report
  mrs r0, psp
  ldr r1, =frame_is_readable
  push {r4-r7, lr}
  sub sp, #4                           // a call needs a stack aligned to 8 bytes
  blx r1
  cmp r0, #0
  beq 1f
  mrs r0, psp
  add r1, sp, #4
  ldr r2, =engine_resolve_fault
  blx r2
1:
  add sp, #4
  cmp r0, #0
  beq 2f
  pop {r4-r7, pc}                      // the engine has resolved it: return to the address in the frame
2:
  pop {r4-r7}
  pop {r0}
  mov lr, r0
report:                                // r0: EXC_RETURN; r1: process stack; r2: main stack
  mov r0, lr
  mrs r1, psp
  mrs r2, msp
  ldr r3, =hard_fault_report
  bx r3

  .global unexpected_interrupt
  .thumb_func
unexpected_interrupt:
  udf #0                               // causes a fault within a handler, which is recorded as a HardFault
  .ltorg
