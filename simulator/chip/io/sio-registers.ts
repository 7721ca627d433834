/**
 * Registers of SIO (datasheet 2.3.1.7) that the emulator or its tests name. rp2040js models them; SIO lies
 * beside the core and not on the bus.
 */
export enum SIO {
  CPUID = 0x00,
  GPIO_IN = 0x04,
  GPIO_HI_IN = 0x08,
  GPIO_OUT = 0x10,
  GPIO_OUT_SET = 0x14,
  GPIO_OUT_CLR = 0x18,
  GPIO_OE = 0x20,
  GPIO_OE_SET = 0x24,
  GPIO_OE_CLR = 0x28,
  GPIO_HI_OE_XOR = 0x4c,
  FIFO_ST = 0x50,
  DIV_UDIVIDEND = 0x60,
  DIV_REMAINDER = 0x74,
}
