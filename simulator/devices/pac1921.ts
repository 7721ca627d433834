/**
 * Microchip PAC1921, a power monitor with an integrating converter, as its registers show it. The model
 * follows drivers that are written from its datasheet (DS20005293): Linux (drivers/iio/adc/pac1921.c:
 * registers, bits, scales, integration times, start-up), MikroElektronika's PAC1921_click (the register map,
 * reads and writes of several registers) and STFC's odin-devices (identification, power-on values, conversion
 * times by resolution).
 *
 * The model warns when a driver uses a part that is not modelled: the accumulators and their count of samples
 * (14h to 1Bh, 21h to 27h), the SMBus time-out and the analogue output.
 */
import type { I2cResponder } from "./i2c-target-lines.ts";
import { NOISE_STREAM, noise } from "./noise.ts";
import { NANOS_PER_MS, type Signal } from "./world.ts";

export interface Pac1921Options {
  readonly clock: { readonly nanos: number };
  readonly address: number;
  readonly seed: number;
  readonly shuntMicroOhm: number;
  /** Voltage and current at the SENSE pins now. */
  readonly busMv: () => number;
  readonly shuntMa: () => number;
  /**
   * READ/INT, asserted to integrate. When it is left out, the pin is open, and only INT_EN of the register
   * counts.
   */
  readonly integratePin?: Signal;
  /** Reports something that a driver should not have done. */
  readonly warn: (message: string) => void;
}

/** Register 00h is GAIN_CFG: 11 bits of VSENSE and VBUS, DI_GAIN, DV_GAIN. */
const INT_CFG = 0x01;
const CONTROL = 0x02;
const VBUS_RESULT = 0x10;
const VSENSE_RESULT = 0x12;
const OVERFLOW_STATUS = 0x1c;
const VPOWER_RESULT = 0x1d;
const PRODUCT_ID = 0xfd;
const MANUFACTURER_ID = 0xfe;
const REVISION = 0xff;

/** Values of 00h to 02h after power-on: 14 bits, no gain; both post filters on; VPOWER, pin-controlled. */
const RESET_VALUES = [0x00, 0x0c, 0x00];
const INT_CFG_RIOV = 1 << 1;
const INT_CFG_INTEN = 1 << 0;
const CONTROL_TOUT = 1 << 3;
const CONTROL_SLEEP = 1 << 2;
const MODE = { pin: 0, vsense: 1, vbus: 2, vpower: 3 } as const;
const OVERFLOW = { vsense: 1 << 2, vbus: 1 << 1, vpower: 1 << 0 } as const;

const FULL_SCALE_BUS_MV = 32_000;
const FULL_SCALE_SENSE_UV = 100_000;
const RESULT_MAX = 1023;
/** A result has ten bits, left aligned in two registers. */
const RESULT_SHIFT = 6;

/** From power to the first communication (tINT_T). */
const POWER_UP_NANOS = 20 * NANOS_PER_MS;
/** From sleep to the start of an integration (tSLEEP_TO_INT). */
const SLEEP_TO_INTEGRATE_NANOS = 86_000;

/**
 * Integration time in microseconds by SMPL, measuring power with 14 bits and post filters (table 4-5, as
 * Linux quotes it). From 0Bh on it is that of 2048 samples.
 */
const PERIODS_US = [
  2720, 4050, 6790, 12_200, 23_000, 46_000, 92_000, 184_000, 368_000, 736_000, 1_471_000, 2_941_000,
];
/**
 * The post filters make an integration half as long again. 11 bits take 1000 ms where 14 bits take 2941
 * (odin-devices).
 */
const WITHOUT_FILTERS = 1 / 1.5;
const ELEVEN_BITS = 1000 / 2941;

/**
 * Largest gain error of a part, within the 1 % that the datasheet promises for power. The seed decides the
 * error of each part.
 */
const GAIN_ERROR = 0.003;
/** Noise of one result, in steps of its ten bits. */
const NOISE_STEPS = 0.4;

interface Sample {
  readonly busMv: number;
  readonly senseUv: number;
}

export class Pac1921 implements I2cResponder {
  readonly address: number;
  /** True when the part is not on the board or has no power. */
  absent = false;
  /** True when the part does not acknowledge its address. */
  refusesAddress = false;
  /** True when the part acknowledges no byte written to it. */
  refusesData = false;
  /** True when the part no longer converts. Everything else works. */
  frozen = false;
  productId = 0x5b;
  /** How often the part acknowledged its address. */
  addressings = 0;

  readonly #options: Pac1921Options;
  readonly #registers = new Uint8Array(0x100);
  #pointer = 0;
  /** True when the next byte written is a register's number. */
  #pointerComes = false;
  #poweredAt = 0;
  #integrating = false;
  /**
   * The settings at the start of the integration. A value written meanwhile takes effect with the next one.
   */
  #gains = 0;
  #configuration = 0;
  #mode = 0;
  #periodStart = 0;
  #begin: Sample = { busMv: 0, senseUv: 0 };
  #results = 0;

  constructor(options: Pac1921Options) {
    this.#options = options;
    this.address = options.address;
    options.integratePin?.onChange(() => this.#update());
    this.#reset();
  }

  /** The supply comes, or comes back after a dip: everything is as after power-on. */
  powerUp(): void {
    this.#poweredAt = this.#options.clock.nanos;
    this.#reset();
  }

  #reset(): void {
    this.#registers.fill(0);
    this.#registers.set(RESET_VALUES);
    this.#registers[MANUFACTURER_ID] = 0x5d;
    // No driver states this value, and nothing depends on it.
    this.#registers[REVISION] = 0x82;
    this.#pointer = 0;
    this.#integrating = false;
    this.#update();
  }

  // ------------------------------------------------------------------- the bus

  addressed(address: number, read: boolean): boolean {
    const ready = this.#options.clock.nanos - this.#poweredAt >= POWER_UP_NANOS;
    if (address !== this.address || this.absent || this.refusesAddress || !ready) return false;
    this.addressings++;
    if (!read) this.#pointerComes = true;
    return true;
  }

  received(byte: number): boolean {
    if (this.refusesData) return false;
    if (this.#pointerComes) {
      this.#pointer = byte;
      this.#pointerComes = false;
      return true;
    }
    this.#write(this.#pointer, byte);
    this.#pointer = (this.#pointer + 1) & 0xff;
    return true;
  }

  send(): number {
    this.#update();
    const value = this.#read(this.#pointer);
    this.#pointer = (this.#pointer + 1) & 0xff;
    return value;
  }

  /** Warns of registers that no driver uses, because nothing is known about them. */
  #read(register: number): number {
    const results = register >= VBUS_RESULT && register < VSENSE_RESULT + 2;
    const status = register >= OVERFLOW_STATUS && register < VPOWER_RESULT + 2;
    if (register > CONTROL && !results && !status && register < PRODUCT_ID)
      this.#options.warn(`read of register 0x${register.toString(16)}, which is not modelled`);
    return register === PRODUCT_ID ? this.productId : (this.#registers[register] as number);
  }

  #write(register: number, value: number): void {
    if (register > CONTROL) {
      this.#options.warn(`write to register 0x${register.toString(16)}, which is read-only`);
      return;
    }
    this.#update();
    if (register === CONTROL && value & CONTROL_TOUT) this.#options.warn("CONTROL.TOUT is not modelled");
    this.#registers[register] = value;
    this.#update();
  }

  // ------------------------------------------------------------------- converting

  get #wantsToIntegrate(): boolean {
    const configuration = this.#registers[INT_CFG] as number;
    if (configuration & INT_CFG_RIOV) return (configuration & INT_CFG_INTEN) !== 0;
    return this.#options.integratePin?.asserted ?? false;
  }

  get #periodNanos(): number {
    const samples = PERIODS_US[this.#configuration >> 4] ?? (PERIODS_US.at(-1) as number);
    const filters = (this.#configuration & 0x0c) === 0 ? WITHOUT_FILTERS : 1;
    const bits = (this.#gains & 0xc0) === 0xc0 ? ELEVEN_BITS : 1;
    return samples * filters * bits * 1000;
  }

  /** Brings the state and the results up to the present time. */
  #update(): void {
    const now = this.#options.clock.nanos;
    const wanted = this.#wantsToIntegrate;
    if (this.#integrating) {
      if (this.#mode !== MODE.pin) this.#runFreely(now);
      else if (!wanted) this.#finish();
    }
    if (wanted && !this.#integrating) this.#start(now);
    this.#integrating = wanted;
  }

  #start(now: number): void {
    const [gains, configuration, control] = this.#registers as unknown as [number, number, number];
    this.#gains = gains;
    this.#configuration = configuration;
    this.#mode = control >> 6;
    this.#periodStart = now + (control & CONTROL_SLEEP ? SLEEP_TO_INTEGRATE_NANOS : 0);
    this.#begin = this.#sample();
  }

  /** Computes the results of the last whole period, from the two samples around it. */
  #runFreely(now: number): void {
    const periods = Math.floor((now - this.#periodStart) / this.#periodNanos);
    if (periods < 1) return;
    this.#periodStart += periods * this.#periodNanos;
    // A sample that is older than one period does not count.
    if (periods > 1) this.#begin = this.#sample();
    this.#finish();
  }

  #sample(): Sample {
    const { busMv, shuntMa, shuntMicroOhm } = this.#options;
    return { busMv: busMv(), senseUv: (shuntMa() * shuntMicroOhm) / 1000 };
  }

  #finish(): void {
    const end = this.#sample();
    const busMv = (this.#begin.busMv + end.busMv) / 2;
    const senseUv = (this.#begin.senseUv + end.senseUv) / 2;
    this.#begin = end;
    if (this.frozen) return;
    this.#results++;
    const dvGain = 2 ** Math.min(this.#gains & 7, 5);
    const diGain = 2 ** ((this.#gains >> 3) & 7);
    const voltage = ((busMv * this.#error(0)) / FULL_SCALE_BUS_MV) * dvGain;
    const current = ((senseUv * this.#error(1)) / FULL_SCALE_SENSE_UV) * diGain;
    let overflow = 0;
    if (this.#mode !== MODE.vsense) overflow |= this.#put(VBUS_RESULT, voltage) ? OVERFLOW.vbus : 0;
    if (this.#mode !== MODE.vbus) overflow |= this.#put(VSENSE_RESULT, current) ? OVERFLOW.vsense : 0;
    if (this.#mode === MODE.pin || this.#mode === MODE.vpower)
      overflow |= this.#put(VPOWER_RESULT, voltage * current) ? OVERFLOW.vpower : 0;
    this.#registers[OVERFLOW_STATUS] = overflow;
  }

  #error(quantity: number): number {
    return 1 + GAIN_ERROR * noise(this.#options.seed, NOISE_STREAM.powerMonitor + quantity, 0);
  }

  /**
   * Stores `share` of full scale as a result. Returns true if the share is beyond full scale. The part
   * measures nothing below ground.
   */
  #put(register: number, share: number): boolean {
    const stream = NOISE_STREAM.powerMonitor + 2 + register;
    const steps = share * RESULT_MAX + NOISE_STEPS * noise(this.#options.seed, stream, this.#results);
    const result = Math.min(Math.max(Math.round(steps), 0), RESULT_MAX);
    this.#registers[register] = (result << RESULT_SHIFT) >> 8;
    this.#registers[register + 1] = (result << RESULT_SHIFT) & 0xff;
    return steps > RESULT_MAX + 0.5;
  }
}
