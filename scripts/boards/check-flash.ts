/** Checks a board's flash: a chip that the firmware can drive, with the size that this chip has. */
import type { BoardParts } from "./parts.ts";
import type { Problem } from "./problem.ts";

/**
 * The chips that boards/schema.json allows, and their sizes in bytes. All take the commands of the W25Q16JV
 * that host/flash/ and the emulated flash use: QE in status register 2, written volatile by 50h and 31h, quad
 * reads by EBh with continuous mode, reset by 66h and 99h, the unique id by 4Bh. A chip with QE elsewhere,
 * such as an IS25LP, would start and then read nonsense.
 */
export const FLASH_CHIPS: Readonly<Record<string, number>> = {
  W25Q16JV: 2 << 20,
  W25Q32JV: 4 << 20,
  W25Q64JV: 8 << 20,
  W25Q128JV: 16 << 20,
  W25Q128JVS: 16 << 20,
};

export function flashProblems({ flash }: BoardParts): Problem[] {
  if (flash === undefined) return [];
  const bytes = FLASH_CHIPS[flash.chip];
  if (bytes === undefined || bytes === flash.bytes) return [];
  const message = `is ${flash.bytes}, which is not the size of a ${flash.chip}; allowed: ${bytes}`;
  return [{ path: ["flash", "bytes"], message }];
}
