/**
 * Whether a sensor can be believed. A converter that works shows noise, and a quantity that is there is
 * neither nothing nor full scale. Pure: `step` is given what a window showed, and what to expect.
 *
 * - shorted: code 0 although something must be there
 * - open: full scale, or something where nothing can be
 * - stuck: for a second not one code of noise (the RP2040's converter has about 9 effective bits, so that
 *   its last bits never stand still; datasheet 4.9.3)
 * - silent: the converter brings nothing at all
 *
 * What was found shorted against the word of a supply is so until it shows something, or until it is said
 * to be mended: that an empty rail shows nothing proves nothing. A current is another matter: a board that
 * draws nothing is what power is cycled for.
 */
import { LINEAR_CODES } from "../generated/abi";
import { Health } from "../generated/vocabulary";

/** What a sensor must show just now, if that is known. */
export enum Expectation {
  Unknown,
  Something,
  Nothing,
  /** What it shows is less, or more, than there can be. */
  TooLittle,
  TooMuch,
}

/** Chosen: below 13 mV at the pin is nothing that a sensor would show of a supply. */
export const NOTHING_CODES: u32 = 16;
/** Chosen: the converter's own error at full scale is less. */
const FULL_CODES: u32 = LINEAR_CODES - 16;
/** Chosen: a tenth of full scale is more than an empty rail leaves behind. */
const SOMETHING_CODES: u32 = LINEAR_CODES / 10;
/** Chosen: contacts and supplies that come and go are not judged meanwhile. */
const SETTLE_US: u64 = 300000;
const STUCK_US: u64 = 1000000;

export class SensorHealth {
  health: Health = Health.Good;
  /** It has moved since the start, or showed nothing, which it may: until then it could be stuck. */
  proven: bool = false;
  /** Who says that something must be there is to be trusted. */
  private readonly isSure: bool;
  private suspected: Health = Health.Good;
  private since_us: u64 = 0;
  private lastCode: u32 = 0;
  private moved_us: u64 = 0;

  constructor(isSure: bool = true) {
    this.isSure = isSure;
  }

  /** One window of linear codes. True if the verdict has changed. */
  step(now_us: u64, minimum: u32, maximum: u32, expectation: Expectation): bool {
    const isFirst = this.moved_us == 0;
    const hasMoved = minimum != maximum || (!isFirst && minimum != this.lastCode);
    if (hasMoved || isFirst) this.moved_us = now_us;
    if (hasMoved || maximum < NOTHING_CODES) this.proven = true;
    this.lastCode = maximum;
    const suspicion = this.judge(now_us, minimum, maximum, expectation);
    if (suspicion != this.suspected) {
      this.suspected = suspicion;
      this.since_us = now_us;
    }
    if (suspicion == this.health || now_us - this.since_us < SETTLE_US) return false;
    this.health = suspicion;
    return true;
  }

  /** Nothing has come for too long. True if that is news. */
  fallSilent(): bool {
    this.suspected = Health.Silent;
    if (this.health == Health.Silent) return false;
    this.health = Health.Silent;
    return true;
  }

  /** It is said to be mended. True if it was shorted. */
  mend(): bool {
    if (this.health != Health.Shorted) return false;
    this.health = this.suspected = Health.Good;
    return true;
  }

  private judge(now_us: u64, minimum: u32, maximum: u32, expectation: Expectation): Health {
    if (minimum >= FULL_CODES || expectation == Expectation.TooMuch) return Health.Open;
    if (expectation == Expectation.TooLittle) return Health.Shorted;
    if (expectation == Expectation.Nothing && minimum > SOMETHING_CODES) return Health.Open;
    const wasShorted = this.health == Health.Shorted && this.isSure;
    const isSomethingMissing = expectation == Expectation.Something || wasShorted;
    if (isSomethingMissing && maximum < NOTHING_CODES) return Health.Shorted;
    if (maximum >= NOTHING_CODES && now_us - this.moved_us >= STUCK_US) return Health.Stuck;
    return Health.Good;
  }
}
