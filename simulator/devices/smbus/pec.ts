/**
 * Packet Error Code (SMBus 3.2, 6.4): CRC-8 with the polynomial x^8 + x^2 + x + 1, initial value 0, over
 * every byte of a message, addresses included. It is computed bit by bit, as the firmware's host does it too;
 * the logic has a table. The test of this one uses the published check value.
 */
const POLYNOMIAL = 0x07;

export class Pec {
  #crc = 0;

  get value(): number {
    return this.#crc;
  }

  /** Adds a byte to the code and returns the byte, so that a caller can count it where it writes it. */
  add(byte: number): number {
    this.#crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      this.#crc = this.#crc & 0x80 ? ((this.#crc << 1) ^ POLYNOMIAL) & 0xff : this.#crc << 1;
    }
    return byte;
  }
}

/** Returns the code that follows these bytes. */
export function pecOf(bytes: Iterable<number>): number {
  const pec = new Pec();
  for (const byte of bytes) pec.add(byte);
  return pec.value;
}
