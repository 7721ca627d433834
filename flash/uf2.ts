/**
 * Writes and reads UF2 files for the RP2040 (UF2 specification; RP2040 datasheet 2.8.4.2). A file consists
 * of blocks of 512 bytes. Each carries 256 bytes of flash, their absolute address and the RP2040's family
 * id.
 */

const RP2040_FAMILY = 0xe48bff56;
export const PAYLOAD_BYTES = 256;
const BLOCK_BYTES = 512;

const MAGIC_START_0 = 0x0a324655;
const MAGIC_START_1 = 0x9e5d5157;
const MAGIC_END = 0x0ab16f30;
const FLAG_FAMILY_ID = 0x2000;
const FLAG_NOT_MAIN_FLASH = 0x0001;
const DATA_OFFSET = 32;

/** The XIP window, which contains the absolute flash addresses (datasheet 2.2.1). */
const FLASH_START = 0x1000_0000;
const FLASH_END = 0x1100_0000;

/**
 * Returns the image as a UF2 file. The image begins at `baseAddress`; the last block is padded with zeroes.
 */
export function writeUf2(image: Uint8Array, baseAddress: number): Uint8Array {
  if (image.length === 0) throw new Uf2Error("the image is empty");
  const blocks = Math.ceil(image.length / PAYLOAD_BYTES);
  checkAddress(baseAddress, baseAddress + blocks * PAYLOAD_BYTES, "the image");
  const file = new Uint8Array(blocks * BLOCK_BYTES);
  const view = new DataView(file.buffer);
  for (let block = 0; block < blocks; block++) {
    const at = block * BLOCK_BYTES;
    const from = block * PAYLOAD_BYTES;
    const words = [
      MAGIC_START_0,
      MAGIC_START_1,
      FLAG_FAMILY_ID,
      baseAddress + from,
      PAYLOAD_BYTES,
      block,
      blocks,
      RP2040_FAMILY,
    ];
    words.forEach((word, index) => {
      view.setUint32(at + index * 4, word, true);
    });
    file.set(image.subarray(from, from + PAYLOAD_BYTES), at + DATA_OFFSET);
    view.setUint32(at + BLOCK_BYTES - 4, MAGIC_END, true);
  }
  return file;
}

/** The message says what is wrong with a UF2 file. */
export class Uf2Error extends Error {}

export interface Uf2Block {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/**
 * Returns the blocks of a UF2 file for the RP2040, in order. Throws a Uf2Error for every block that the
 * boot ROM would ignore: it gives no message, and the board then waits forever for the missing block.
 */
export function readUf2(file: Uint8Array): Uf2Block[] {
  if (file.length === 0) throw new Uf2Error("the UF2 file is empty");
  if (file.length % BLOCK_BYTES !== 0) {
    throw new Uf2Error(`not a UF2 file: ${file.length} bytes are not a multiple of 512-byte blocks`);
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const blocks = file.length / BLOCK_BYTES;
  const addresses = new Set<number>();
  return Array.from({ length: blocks }, (_, block) => {
    const at = block * BLOCK_BYTES;
    const word = (index: number) => view.getUint32(at + index * 4, true);
    const magic = [word(0), word(1), view.getUint32(at + BLOCK_BYTES - 4, true)];
    if (magic[0] !== MAGIC_START_0 || magic[1] !== MAGIC_START_1 || magic[2] !== MAGIC_END) {
      throw new Uf2Error(`not a UF2 file: block ${block} lacks the magic numbers`);
    }
    const flags = word(2);
    const family = word(7);
    if (!(flags & FLAG_FAMILY_ID) || family !== RP2040_FAMILY) {
      const named = flags & FLAG_FAMILY_ID ? `family id 0x${family.toString(16)}` : "no family id";
      throw new Uf2Error(
        `this UF2 file is for another chip: block ${block} has ${named}, an RP2040 has 0xe48bff56`,
      );
    }
    if (flags & FLAG_NOT_MAIN_FLASH) throw new Uf2Error(`block ${block} is marked as not for main flash`);
    if (word(5) !== block || word(6) !== blocks) {
      throw new Uf2Error(
        "the UF2 file is incomplete or out of order: " +
          `block ${block} says ${word(5)} of ${word(6)}, the file has ${blocks}`,
      );
    }
    const bytes = word(4);
    if (bytes !== PAYLOAD_BYTES) {
      throw new Uf2Error(`block ${block} claims ${bytes} bytes of data, an RP2040 takes ${PAYLOAD_BYTES}`);
    }
    const address = word(3);
    checkAddress(address, address + bytes, `block ${block}`);
    if (addresses.has(address)) throw new Uf2Error(`block ${block} writes ${hex(address)} again`);
    addresses.add(address);
    return { address, bytes: file.slice(at + DATA_OFFSET, at + DATA_OFFSET + bytes) };
  });
}

function checkAddress(start: number, end: number, what: string): void {
  if (start < FLASH_START || end > FLASH_END) {
    throw new Uf2Error(
      `${what} goes to ${hex(start)}, outside flash (${hex(FLASH_START)} to ${hex(FLASH_END)})`,
    );
  }
  if (start % PAYLOAD_BYTES !== 0) throw new Uf2Error(`${what} goes to ${hex(start)}, amid a flash page`);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
