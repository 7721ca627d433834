/**
 * Symbols of the firmware's ELF file: where the machine can be watched by name. Reads 32-bit
 * little-endian ELF as arm-none-eabi-ld writes it, and nothing else (System V ABI, chapter 4).
 */

const SYMBOL_TABLE = 2;
const SYMBOL_BYTES = 16;

/** Address by name; the Thumb bit of functions is cleared. */
export function readSymbols(elf: Uint8Array): Map<string, number> {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (elf.length < 52 || view.getUint32(0, false) !== 0x7f454c46 || elf[4] !== 1 || elf[5] !== 1) {
    throw new Error("not a 32-bit little-endian ELF file");
  }
  const sectionHeaders = view.getUint32(32, true);
  const sectionHeaderBytes = view.getUint16(46, true);
  const section = (index: number) => {
    const at = sectionHeaders + index * sectionHeaderBytes;
    return {
      type: view.getUint32(at + 4, true),
      offset: view.getUint32(at + 16, true),
      size: view.getUint32(at + 20, true),
      link: view.getUint32(at + 24, true),
    };
  };
  const symbols = new Map<string, number>();
  for (let index = 0; index < view.getUint16(48, true); index++) {
    const table = section(index);
    if (table.type !== SYMBOL_TABLE) continue;
    const names = section(table.link);
    for (let at = table.offset; at < table.offset + table.size; at += SYMBOL_BYTES) {
      const nameAt = names.offset + view.getUint32(at, true);
      const end = elf.indexOf(0, nameAt);
      const name = Buffer.from(elf.subarray(nameAt, end)).toString("latin1");
      const isFunction = ((elf[at + 12] ?? 0) & 15) === 2;
      const value = view.getUint32(at + 4, true);
      if (name) symbols.set(name, isFunction ? value & ~1 : value);
    }
  }
  return symbols;
}
