/**
 * Reads a UF2 file the way the RP2040 boot ROM's mass-storage device does (datasheet 2.8.4.2). Blocks for
 * other chips, broken blocks and payloads outside flash are refused, not skipped: the simulator must start
 * exactly the image that would be flashed.
 */
import { XIP_BASE } from "../peripherals.ts";

const BLOCK_BYTES = 512;
const MAGIC_START_0 = 0x0a324655;
const MAGIC_START_1 = 0x9e5d5157;
const MAGIC_END = 0x0ab16f30;
const FLAG_NOT_MAIN_FLASH = 0x0000_0001;
const FLAG_FAMILY_ID = 0x0000_2000;
const PAYLOAD_BYTES = 256;

export const RP2040_FAMILY = 0xe48bff56;

const hex = (value: number) => `0x${value.toString(16).padStart(8, "0")}`;

/** Not an image that the boot ROM would take; the message says where and why. */
export class Uf2Error extends Error {}

/** Flash contents of `flashBytes` bytes, erased (0xff) where the file has no bytes. Throws a Uf2Error. */
export function flashFromUf2(file: Uint8Array, flashBytes: number): Uint8Array {
  if (file.length === 0 || file.length % BLOCK_BYTES !== 0) {
    throw new Uf2Error(`not a UF2 file: ${file.length} bytes is no multiple of ${BLOCK_BYTES}`);
  }
  const flash = new Uint8Array(flashBytes).fill(0xff);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const blocks = file.length / BLOCK_BYTES;
  const seen = new Set<number>();
  for (let block = 0; block < blocks; block++) {
    const word = (index: number) => view.getUint32(block * BLOCK_BYTES + index * 4, true);
    const where = `UF2 block ${block} of ${blocks}`;
    if (word(0) !== MAGIC_START_0 || word(1) !== MAGIC_START_1 || word(127) !== MAGIC_END) {
      throw new Uf2Error(`${where}: wrong magic numbers, this is no UF2 file`);
    }
    const [flags, address, bytes, number, count, family] = [2, 3, 4, 5, 6, 7].map(word) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    if (!(flags & FLAG_FAMILY_ID) || family !== RP2040_FAMILY) {
      const found = flags & FLAG_FAMILY_ID ? `family ${hex(family)}` : "no family";
      throw new Uf2Error(
        `${where}: ${found}, this image is for another chip (RP2040 is ${hex(RP2040_FAMILY)})`,
      );
    }
    if (flags & FLAG_NOT_MAIN_FLASH) continue;
    if (count !== blocks || number >= count || seen.has(number)) {
      throw new Uf2Error(`${where}: says it is ${number} of ${count}, the file is damaged`);
    }
    seen.add(number);
    if (bytes !== PAYLOAD_BYTES || address % PAYLOAD_BYTES !== 0) {
      throw new Uf2Error(
        `${where}: ${bytes} bytes at ${hex(address)}, the boot ROM takes 256-byte pages only`,
      );
    }
    const offset = address - XIP_BASE;
    if (offset < 0 || offset + bytes > flashBytes) {
      throw new Uf2Error(`${where}: payload at ${hex(address)} is outside the ${flashBytes} bytes of flash`);
    }
    flash.set(file.subarray(block * BLOCK_BYTES + 32, block * BLOCK_BYTES + 32 + bytes), offset);
  }
  return flash;
}
