/**
 * Converter codes for given readings of the reference board, by its dividers. They are the inverse of what a
 * perfect converter does, including erratum RP2040-E11 (codes 512, 1536, 2560 and 3584 are ten steps wide).
 */

const REFERENCE_MV = 3300;
const STEPS = 4132;
const WIDE = [512, 1536, 2560, 3584];
/** Channels of VIN, V5, I5 and V3V3. `factor` is the quantity (mV or mA) per millivolt at the pin. */
const VIN = { channel: 0, factor: 8 };
const V5 = { channel: 1, factor: 2 };
const I5 = { channel: 2, factor: 2 };
const V3V3 = { channel: 3, factor: 2 };

export const CHANNELS = { VIN, V5, I5, V3V3 } as const;

export interface Supplies {
  readonly vin_mv?: number;
  readonly v5_mv?: number;
  readonly i5_ma?: number;
  readonly v3v3_mv?: number;
}

/** Millivolts at the pin in the middle of a code. */
export function pinOf(code: number): number {
  const below = WIDE.filter((wide) => wide < code).length;
  const within = WIDE.includes(code) ? 4 : 0;
  return ((code + 9 * below + within + 0.5) * REFERENCE_MV) / STEPS;
}

/** The code whose middle is nearest. */
export function codeOf(value: number, { factor }: { readonly factor: number }): number {
  if (value <= 0) return 0;
  let best = 0;
  for (let code = 0; code < 4096; code++) {
    const distance = Math.abs(pinOf(code) * factor - value);
    if (distance < Math.abs(pinOf(best) * factor - value)) best = code;
  }
  return best;
}

/**
 * Codes of all channels of a slot. By default its input has 12 V and its rails are off. The chip has 28
 * degrees.
 */
export function codesOf({ vin_mv = 12_000, v5_mv = 0, i5_ma = 0, v3v3_mv = 0 }: Supplies): number[] {
  const codes = [codeOf(vin_mv, VIN), codeOf(v5_mv, V5), codeOf(i5_ma, I5), codeOf(v3v3_mv, V3V3)];
  return [...codes, 874];
}

/** A slot that runs on 5.1 V. */
export const RUNNING: Supplies = { v5_mv: 5100, i5_ma: 1000, v3v3_mv: 3300 };
