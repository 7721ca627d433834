/**
 * The second stage in the form that the boot ROM expects: 252 bytes of code and their CRC-32
 * (RP2040 datasheet 2.8.1.3.1: polynomial 0x04c11db7, initial value 0xffffffff, not reflected).
 */

const CODE_BYTES = 252;
const POLYNOMIAL = 0x04c11db7;

export function secondStageCrc(code: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of code) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  }
  return crc >>> 0;
}

/** Pads the code and appends the CRC. Throws an Error if the code is too long. */
export function sealSecondStage(code: Uint8Array): Uint8Array {
  if (code.length > CODE_BYTES) {
    throw new Error(
      `host/flash/second-stage.S is ${code.length} bytes long; the boot ROM takes ${CODE_BYTES}`,
    );
  }
  const sealed = new Uint8Array(CODE_BYTES + 4);
  sealed.set(code);
  new DataView(sealed.buffer).setUint32(CODE_BYTES, secondStageCrc(sealed.subarray(0, CODE_BYTES)), true);
  return sealed;
}
