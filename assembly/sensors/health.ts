/**
 * Judges whether a sensor works. A working converter shows noise, and a voltage or current that is present
 * reads neither zero nor full scale. `step` takes the codes of one window, and the values that the sensor can
 * show.
 *
 * - shorted: it reads zero although something must be there
 * - open: it reads full scale, or something where nothing can be
 * - stuck: it shows not one code of noise for a second. The RP2040's converter has about 9 effective bits, so
 *   that its last bits never stand still (datasheet 4.9.3)
 * - silent: the converter delivers nothing at all
 * - fed: it works, and its rail has a voltage while it is off: from HDMI, USB or PoE
 *
 * A broken wire can show the same as a rail that is fed from outside, so a second witness decides: another
 * part that measures the same voltage, power-good, or the way down itself, if the reading fell with the rail
 * and stopped above zero. Without a witness the sensor counts as open, and a user who knows better clears the
 * fault.
 *
 * A voltage sensor that contradicts power-good stays shorted until it shows something, or until a user clears
 * the fault. That it reads zero while its rail is off does not show that it works. A current sensor is
 * different: a board that hangs may draw no current, and a power cycle must stay possible.
 */
import { LINEAR_CODES } from "../generated/abi";
import { Health } from "../generated/vocabulary";

/** The values that a sensor can show in the present state of the slot, as far as they are known. */
export enum Expectation {
  Unknown,
  Something,
  Nothing,
  /** It shows less than is possible. */
  TooLittle,
  /** It shows more than is possible. */
  TooMuch,
}

/** Codes below this are zero. Our choice: 13 mV at the pin, less than any supply gives. */
export const NOTHING_CODES: u32 = 16;
/** Codes from here on are full scale. Our choice: the converter's own error at full scale is less. */
const FULL_CODES: u32 = LINEAR_CODES - 16;
/** Codes above this show that something is there. Our choice: a discharged rail stays below a tenth. */
const SOMETHING_CODES: u32 = LINEAR_CODES / 10;
/**
 * A reading has fallen with its rail if it is lower by more than this. Our choice: 0.1 V of a rail of 5 V,
 * far more than noise and less than what a diode from outside takes away.
 */
const FALLEN_CODES: u32 = LINEAR_CODES / 64;
/** A suspicion must last for this long. Our choice: longer than contacts bounce and supplies ramp. */
const SETTLE_US: u64 = 300000;
/** A sensor is stuck after this long without noise. */
const STUCK_US: u64 = 1000000;

export class SensorHealth {
  health: Health = Health.Good;
  /** The sensor has shown noise since the start, or zero, which has no noise. Until then it may be stuck. */
  proven: bool = false;
  /** It is certain when something must be there. For a current it is not. */
  private readonly isSure: bool;
  private suspected: Health = Health.Good;
  private since_us: u64 = 0;
  private lastCode: u32 = 0;
  private moved_us: u64 = 0;
  /** The smallest code while the rail was last good; 0 once the rail has been empty. */
  private railCode: u32 = 0;
  /** The sensor shows a voltage of a rail that is off. */
  private showsExcess: bool = false;
  /** A user has said that this voltage is there; false once the rail has been empty. */
  private isAccepted: bool = false;

  constructor(isSure: bool = true) {
    this.isSure = isSure;
  }

  /**
   * Takes the smallest and largest linear code of one window. `isConfirmed`: another part shows the same
   * voltage. True if `health` has changed.
   */
  step(now_us: u64, minimum: u32, maximum: u32, expectation: Expectation, isConfirmed: bool = false): bool {
    const isFirst = this.moved_us == 0;
    const hasMoved = minimum != maximum || (!isFirst && minimum != this.lastCode);
    if (hasMoved || isFirst) this.moved_us = now_us;
    if (hasMoved || maximum < NOTHING_CODES) this.proven = true;
    this.lastCode = maximum;
    this.remember(minimum, maximum, expectation);
    const suspicion = this.judge(now_us, minimum, maximum, expectation, isConfirmed);
    if (suspicion != this.suspected) {
      this.suspected = suspicion;
      this.since_us = now_us;
    }
    if (suspicion == this.health || now_us - this.since_us < SETTLE_US) return false;
    this.health = suspicion;
    return true;
  }

  /** The converter has delivered nothing for too long. True if `health` has changed. */
  fallSilent(): bool {
    this.suspected = Health.Silent;
    if (this.health == Health.Silent) return false;
    this.health = Health.Silent;
    return true;
  }

  /**
   * Trusts a shorted sensor again, and one that shows a voltage of a rail that is off. True if there was
   * such a fault.
   */
  clearFault(): bool {
    if (this.health == Health.Open && this.showsExcess) {
      this.isAccepted = true;
      this.health = this.suspected = Health.Fed;
      return true;
    }
    if (this.health != Health.Shorted) return false;
    this.health = this.suspected = Health.Good;
    return true;
  }

  private remember(minimum: u32, maximum: u32, expectation: Expectation): void {
    const isThere = minimum > SOMETHING_CODES && maximum < FULL_CODES;
    this.showsExcess = this.isSure && isThere && expectation == Expectation.Nothing;
    if (!isThere) {
      this.railCode = 0;
      this.isAccepted = false;
    } else if (expectation == Expectation.Something) {
      this.railCode = minimum;
    }
  }

  private judge(
    now_us: u64,
    minimum: u32,
    maximum: u32,
    expectation: Expectation,
    isConfirmed: bool,
  ): Health {
    if (minimum >= FULL_CODES || expectation == Expectation.TooMuch) return Health.Open;
    if (expectation == Expectation.TooLittle) return Health.Shorted;
    if (expectation == Expectation.Nothing && minimum > SOMETHING_CODES) {
      const hasFallen = maximum + FALLEN_CODES < this.railCode;
      if (!this.showsExcess || !(isConfirmed || hasFallen || this.isAccepted)) return Health.Open;
    }
    const wasShorted = this.health == Health.Shorted && this.isSure;
    const isSomethingMissing = expectation == Expectation.Something || wasShorted;
    if (isSomethingMissing && maximum < NOTHING_CODES) return Health.Shorted;
    if (maximum >= NOTHING_CODES && now_us - this.moved_us >= STUCK_US) return Health.Stuck;
    return this.showsExcess ? Health.Fed : Health.Good;
  }
}
