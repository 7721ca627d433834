/**
 * Reads the firmware's ELF file: its symbols, so that tools can watch the emulated chip by name, and the
 * bytes that it puts into memory. It reads 32-bit little-endian ELF as arm-none-eabi-ld writes it, and
 * nothing else (System V ABI, chapters 4 and 5).
 */

const SYMBOL_TABLE = 2;
const SYMBOL_BYTES = 16;
const LOADABLE = 1;
const FUNCTION = 2;

export interface Segment {
  /**
   * Address of the bytes in the image (physical address), and address at which they are when the code runs.
   */
  readonly load: number;
  readonly run: number;
  readonly bytes: Uint8Array;
}

function viewOf(elf: Uint8Array): DataView {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (elf.length < 52 || view.getUint32(0, false) !== 0x7f454c46 || elf[4] !== 1 || elf[5] !== 1) {
    throw new Error("not a 32-bit little-endian ELF file");
  }
  return view;
}

/** The segments that the program headers load, without areas that are only zeroed. */
export function readSegments(elf: Uint8Array): Segment[] {
  const view = viewOf(elf);
  const headers = view.getUint32(28, true);
  const headerBytes = view.getUint16(42, true);
  const segments: Segment[] = [];
  for (let index = 0; index < view.getUint16(44, true); index++) {
    const at = headers + index * headerBytes;
    const offset = view.getUint32(at + 4, true);
    const length = view.getUint32(at + 16, true);
    if (view.getUint32(at, true) !== LOADABLE || length === 0) continue;
    segments.push({
      run: view.getUint32(at + 8, true),
      load: view.getUint32(at + 12, true),
      bytes: elf.subarray(offset, offset + length),
    });
  }
  return segments;
}

interface ElfSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly isFunction: boolean;
}

function* symbolsOf(elf: Uint8Array): Generator<ElfSymbol> {
  const view = viewOf(elf);
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
  for (let index = 0; index < view.getUint16(48, true); index++) {
    const table = section(index);
    if (table.type !== SYMBOL_TABLE) continue;
    const names = section(table.link);
    for (let at = table.offset; at < table.offset + table.size; at += SYMBOL_BYTES) {
      const nameAt = names.offset + view.getUint32(at, true);
      const end = elf.indexOf(0, nameAt);
      const name = Buffer.from(elf.subarray(nameAt, end)).toString("latin1");
      const isFunction = ((elf[at + 12] ?? 0) & 15) === FUNCTION;
      const value = view.getUint32(at + 4, true);
      const size = view.getUint32(at + 8, true);
      if (name) yield { name, value: isFunction ? value & ~1 : value, size, isFunction };
    }
  }
}

/** Address by name; the Thumb bit of functions is cleared. */
export function readSymbols(elf: Uint8Array): Map<string, number> {
  const symbols = new Map<string, number>();
  for (const { name, value } of symbolsOf(elf)) symbols.set(name, value);
  return symbols;
}

export interface FunctionRange {
  readonly name: string;
  /** Address at which it runs. */
  readonly address: number;
  readonly bytes: number;
}

/**
 * All functions by address, including static ones. A function without a size, as hand-written ones may be,
 * reaches to the next function. Of several names for one address the first with a size counts.
 */
export function readFunctions(elf: Uint8Array): FunctionRange[] {
  const byAddress = new Map<number, FunctionRange>();
  for (const { name, value, size, isFunction } of symbolsOf(elf)) {
    if (!isFunction || (byAddress.get(value)?.bytes ?? 0) > 0) continue;
    byAddress.set(value, { name, address: value, bytes: size });
  }
  const functions = [...byAddress.values()].sort((one, other) => one.address - other.address);
  return functions.map((range, index) => {
    const next = functions[index + 1]?.address ?? range.address + 2;
    return range.bytes > 0 ? range : { ...range, bytes: next - range.address };
  });
}
