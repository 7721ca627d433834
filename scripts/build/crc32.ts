/**
 * CRC-32 as in host/flash/crc32.c: polynomial 0xedb88320, reflected. Node's own crc32 exists only from
 * 20.15 on.
 */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
