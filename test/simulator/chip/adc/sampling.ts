/**
 * A program that samples as a power monitor does: the converter goes round all inputs, DMA channel 0
 * fills buffers of 20 results in memory and interrupts after each, channel 1 gives it the address of the next
 * buffer from a ring of eight. The chip runs at 125 MHz, the converter at 48 MHz; the core sleeps in between.
 */
import { Ctrl, TREQ_PERMANENT } from "../../../../simulator/chip/dma/dma-channel.ts";
import { SRAM_BASE } from "../../../../simulator/chip/peripherals.ts";
import { CLOCKS_AT_125_MHZ } from "../program.ts";

export const BUFFERS = 8;
export const SAMPLES_PER_BUFFER = 20;
/** Buffer `n` lies at BLOCKS_AT + n * BLOCK_STRIDE. */
export const BUFFERS_AT = SRAM_BASE + 0x2100;
export const BUFFER_STRIDE = 64;
const TABLE_AT = SRAM_BASE + 0x2000;

const DREQ_ADC = 36;
/** EN, halfwords, INCR_WRITE, then channel 1. */
const SAMPLES_CTRL =
  Ctrl.EN |
  (1 << Ctrl.DATA_SIZE_SHIFT) |
  Ctrl.INCR_WRITE |
  (1 << Ctrl.CHAIN_TO_SHIFT) |
  (DREQ_ADC << Ctrl.TREQ_SEL_SHIFT);
/** EN, words, INCR_READ round a ring of 32 bytes, chained to itself, IRQ_QUIET. */
const BUFFERS_CTRL =
  Ctrl.EN |
  (2 << Ctrl.DATA_SIZE_SHIFT) |
  Ctrl.INCR_READ |
  (5 << Ctrl.RING_SIZE_SHIFT) |
  (1 << Ctrl.CHAIN_TO_SHIFT) |
  (TREQ_PERMANENT << Ctrl.TREQ_SEL_SHIFT) |
  Ctrl.IRQ_QUIET;

/** `divider` is DIV; `setUp` runs before the converter starts. Word 0 of the results counts buffers. */
export const sampling = (divider = 0, setUp = "") => `
main:
  ${CLOCKS_AT_125_MHZ}
  unreset RESET.ADC | RESET.DMA | RESET.IO_BANK0 | RESET.PADS_BANK0
  put results, 0
  ldr r0, =${TABLE_AT}
  ldr r1, =${BUFFERS_AT}
  movs r2, #${BUFFERS}
1: stmia r0!, {r1}
  adds r1, #${BUFFER_STRIDE}
  subs r2, #1
  bne 1b
  put DMA + DMA.CH0_READ_ADDR, ADC + ADC.FIFO
  put DMA + DMA.CH0_TRANS_COUNT, ${SAMPLES_PER_BUFFER}
  put DMA + DMA.CH0_AL1_CTRL, ${SAMPLES_CTRL}
  put DMA + CHANNEL_BYTES + DMA.CH0_READ_ADDR, ${TABLE_AT}
  put DMA + CHANNEL_BYTES + DMA.CH0_WRITE_ADDR, DMA + DMA.CH0_AL2_WRITE_ADDR_TRIG
  put DMA + CHANNEL_BYTES + DMA.CH0_TRANS_COUNT, 1
  put DMA + CHANNEL_BYTES + DMA.CH0_AL1_CTRL, ${BUFFERS_CTRL}
  put DMA + DMA.INTE0, 1
  put PPB + PPB.NVIC_ISER, 1 << IRQ.DMA
  ${setUp}
  put DMA + DMA.MULTI_CHAN_TRIGGER, 2
  put ADC + ADC.DIV, ${divider}
  put ADC + ADC.FCS, 0x01000009
  put ADC + ADC.CS, 3
  ldr r0, =ADC + ADC.CS
1: ldr r1, [r0]
  lsrs r1, r1, #9
  bcc 1b
  put ADC + ADC.CS, 0x001f000b
1: wfi
  b 1b
  .thumb_func
irq:
  ldr r0, =DMA + DMA.INTS0
  ldr r1, [r0]
  str r1, [r0]
  ldr r0, =results
  ldr r1, [r0]
  adds r1, #1
  str r1, [r0]
  bx lr
`;
