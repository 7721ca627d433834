/**
 * CRC-32 as in Ethernet and zlib: polynomial 04c11db7h, low bit first, initial value all ones, result
 * inverted. It processes four bits at a time. The table of 16 words is small, and speed hardly matters for
 * short, rare records.
 */

// biome-ignore format: four to a line
const TABLE: usize = memory.data<u32>([
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
  0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
  0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
  0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
]);

/** CRC-32 of `length` bytes of linear memory. */
export function crc32(address: usize, length: u32): u32 {
  let crc: u32 = 0xffffffff;
  for (let at = address; at < address + length; at++) {
    crc ^= load<u8>(at);
    crc = (crc >> 4) ^ load<u32>(TABLE + ((<usize>crc & 15) << 2));
    crc = (crc >> 4) ^ load<u32>(TABLE + ((<usize>crc & 15) << 2));
  }
  return ~crc;
}
