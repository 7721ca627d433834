/**
 * From the voltage at the converter to a code, with erratum RP2040-E11: four codes are much wider than
 * the others, because of capacitors of the wrong ratio in the converter's DAC (datasheet 4.9.4).
 *
 * The datasheet names codes 512, 1536, 2560 and 3584. How wide they are is from measurements: Mark Omo,
 * "Characterizing the Raspberry Pi Pico ADC" (pico-adc.markomo.me), found a DNL of 8.9 LSB, and noise
 * of 0.97 to 1.36 LSB RMS. The averages of five chips in kitanokitsune/rp2040adc_correction come to codes
 * some 11 LSB wide, each one below those of the datasheet.
 */
export const ADC_REFERENCE_MV = 3300;
const CODES = 4096;
const WIDE_CODES = [512, 1536, 2560, 3584] as const;
/** Differential non-linearity of the wide codes: by how much they are wider than 1 LSB. */
export const E11_DNL_LSB = 8.9;

export class TransferFunction {
  /** Width of a wide code and of any other; all of them together are the full scale. */
  private readonly wide: number;
  private readonly narrow: number;
  /** Where each wide code begins, in LSB of the ideal converter. */
  private readonly begins: readonly number[];

  /** `dnlLsb` 0 is an ideal converter, -1 one in which the four codes are missing. */
  constructor(dnlLsb: number) {
    if (!(dnlLsb >= -1 && dnlLsb <= 100)) throw new Error(`DNL of ${dnlLsb} LSB: -1 to 100 makes sense`);
    this.wide = 1 + dnlLsb;
    this.narrow = (CODES - WIDE_CODES.length * this.wide) / (CODES - WIDE_CODES.length);
    this.begins = WIDE_CODES.map((code, before) => (code - before) * this.narrow + before * this.wide);
  }

  /** The code for a voltage given in LSB of the reference; ends of the scale hold beyond them. */
  code(lsb: number): number {
    const { begins, narrow, wide } = this;
    let index = begins.length - 1;
    while (index >= 0 && lsb < (begins[index] as number)) index--;
    let code: number;
    if (index < 0) {
      code = Math.floor(lsb / narrow);
    } else {
      const within = lsb - (begins[index] as number) - wide;
      code = (WIDE_CODES[index] as number) + (within < 0 ? 0 : 1 + Math.floor(within / narrow));
    }
    return code < 0 ? 0 : code >= CODES ? CODES - 1 : code;
  }
}
