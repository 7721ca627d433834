/** SMBus' packet error code: CRC-8 with polynomial 07h over every byte of a message, addresses included. */

const POLYNOMIAL = 0x07;

/** The code over these bytes; `before` is the code over the bytes that precede them. */
export function pecOf(bytes: Iterable<number>, before = 0): number {
  let code = before;
  for (const byte of bytes) {
    code ^= byte;
    for (let bit = 0; bit < 8; bit++) code = (code << 1) ^ (code & 0x80 ? POLYNOMIAL : 0);
    code &= 0xff;
  }
  return code;
}

/** The first byte of a message: the address, and the direction in its lowest bit. */
export function addressByte(address: number, direction: "write" | "read"): number {
  return (address << 1) | (direction === "read" ? 1 : 0);
}
