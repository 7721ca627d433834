/**
 * A program that samples as a power monitor does: the converter goes round all inputs, DMA channel 0
 * puts blocks of 20 results into memory and interrupts after each, channel 1 hands it the next
 * block's address from a ring of eight. 125 MHz, converter at 48 MHz, the core asleep in between.
 */
import { CLOCKS_AT_125_MHZ } from "../program.ts";

export const BLOCKS = 8;
export const SAMPLES_PER_BLOCK = 20;
/** Block `n` lies at BLOCKS_AT + n * BLOCK_STRIDE. */
export const BLOCKS_AT = 0x2000_2100;
export const BLOCK_STRIDE = 64;
const TABLE_AT = 0x2000_2000;

const DREQ_ADC = 36;
const PERMANENT = 0x3f;
/** EN, halfwords, INCR_WRITE, then channel 1. */
const SAMPLES_CTRL = 1 | (1 << 2) | (1 << 5) | (1 << 11) | (DREQ_ADC << 15);
/** EN, words, INCR_READ round a ring of 32 bytes, chained to nobody, IRQ_QUIET. */
const BLOCKS_CTRL = 1 | (2 << 2) | (1 << 4) | (5 << 6) | (1 << 11) | (PERMANENT << 15) | (1 << 21);

/** `divider` is DIV; `setUp` runs before the converter starts. Word 0 of the results counts blocks. */
export const sampling = (divider = 0, setUp = "") => `
main:
  ${CLOCKS_AT_125_MHZ}
  unreset (1 << 0) | (1 << 2) | (1 << 5) | (1 << 8)
  put results, 0
  ldr r0, =${TABLE_AT}
  ldr r1, =${BLOCKS_AT}
  movs r2, #${BLOCKS}
1: stmia r0!, {r1}
  adds r1, #${BLOCK_STRIDE}
  subs r2, #1
  bne 1b
  put 0x50000000, 0x4004c00c
  put 0x50000008, ${SAMPLES_PER_BLOCK}
  put 0x50000010, ${SAMPLES_CTRL}
  put 0x50000040, ${TABLE_AT}
  put 0x50000044, 0x5000002c
  put 0x50000048, 1
  put 0x50000050, ${BLOCKS_CTRL}
  put 0x50000404, 1
  put NVIC_ISER, 1 << 11
  ${setUp}
  put 0x50000430, 2
  put 0x4004c010, ${divider}
  put 0x4004c008, 0x01000009
  put 0x4004c000, 3
  ldr r0, =0x4004c000
1: ldr r1, [r0]
  lsrs r1, r1, #9
  bcc 1b
  put 0x4004c000, 0x001f000b
1: wfi
  b 1b
  .thumb_func
irq:
  ldr r0, =0x5000040c
  ldr r1, [r0]
  str r1, [r0]
  ldr r0, =results
  ldr r1, [r0]
  adds r1, #1
  str r1, [r0]
  bx lr
`;
