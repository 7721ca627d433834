/**
 * The power monitor of the compute supply, a PAC1921 on the sensor bus. Its readings confirm or contradict
 * those of the converter. This file is a state machine without side effects: `step` says which transfer is
 * due, `complete` takes its result, and sensor-bus.ts carries it out.
 *
 * Every 100 ms the configuration is read back, and then the results. A chip that has lost its configuration,
 * because its supply dipped, is configured again. After three failed tries in a row it counts as absent or
 * failed. It is then probed again after a pause, which grows from 1 s to 60 s so that the bus is not kept
 * busy. A chip that answers again is used again.
 *
 * Registers and bits are those of the datasheet, DS20005293, and of Linux's driver
 * (drivers/iio/adc/pac1921.c).
 */
import {
  I2C_RESULT_BUS_CLEARED,
  I2C_RESULT_NACK_ADDRESS,
  I2C_RESULT_OK,
  NO_DEADLINE,
} from "../generated/abi";
import {
  POWER_MONITOR_ADDRESS,
  POWER_MONITOR_CURRENT_GAIN_LOG2,
  POWER_MONITOR_SHUNT_MICRO_OHM,
  POWER_MONITOR_VOLTAGE_GAIN_LOG2,
} from "../generated/board";
import { MonitorState } from "../generated/vocabulary";

/** The last failure: a result of the bus (I2C_RESULT_*), or one of these. */
export enum Trouble {
  None = 0,
  WrongId = 16,
  /** The configuration differs from what was written: the supply dipped, or another controller wrote. */
  ConfigurationLost = 17,
  /** The results stand still while those of the converter move. */
  Frozen = 18,
}

/** The result of comparing the monitor with the converter. */
export enum Comparison {
  /** There were no readings to compare, or too few. */
  Unknown,
  Agrees,
  Deviates,
}

// Register addresses.
const GAIN_CFG: u32 = 0x00;
const INT_CFG: u32 = 0x01;
const VBUS: u32 = 0x10;
const OVERFLOW_STATUS: u32 = 0x1c;
const PRODUCT_ID: u32 = 0xfd;

const PRODUCT: u32 = 0x5b;
const MANUFACTURER: u32 = 0x5d;

/** GAIN_CFG: resolution of 14 bits, and the board's gains. */
const GAINS: u32 = (POWER_MONITOR_CURRENT_GAIN_LOG2 << 3) | POWER_MONITOR_VOLTAGE_GAIN_LOG2;
/** INT_CFG: 16 samples, post filters, and READ/INT overridden by the register to READ. */
const CONFIGURATION: u32 = (4 << 4) | 0x0e;
/** INT_CFG: starts the integration. */
const INTEGRATE: u32 = 1;
/** CONTROL: VPOWER in free run. */
const CONTROL: u32 = 3 << 6;
/** GAIN_CFG, INT_CFG and CONTROL in the order of reading, while the chip integrates. */
const CONFIGURED: u32 = (GAINS << 16) | ((CONFIGURATION | INTEGRATE) << 8) | CONTROL;

const FULL_SCALE_MV: u64 = 32000;
const FULL_SCALE_UV: u64 = 100000;
const STEPS: u64 = 1023;

const US_PER_MS: u64 = 1000;
const PERIOD_US: u64 = 100 * US_PER_MS;
/** The chip answers 20 ms after its supply is good (tINT_T), which may be just now. Half as much again. */
const START_US: u64 = 30 * US_PER_MS;
/** 16 samples take 23 ms (table 4-5), and the first results come after that. Half as much again. */
const INTEGRATION_US: u64 = 35 * US_PER_MS;
/** Pause between tries. All tries together last longer than the chip is silent after a dip of its supply. */
const RETRY_US: u64 = 15 * US_PER_MS;
const TRIES: u32 = 3;
const FIRST_PAUSE_US: u64 = 1000 * US_PER_MS;
const LONGEST_PAUSE_US: u64 = 60000 * US_PER_MS;
/** The host ends a transfer after 10 ms, but only when it is asked for the result. */
const TRANSFER_US: u64 = 11 * US_PER_MS;
const ASK_AGAIN_US: u64 = 1 * US_PER_MS;

/**
 * Tolerated deviation of the monitor from the converter. Our choice: 3 % of the larger value, for two parts
 * of 1 % and a shunt. Deviations below the floors come from noise, and from reading at different moments.
 */
const TOLERATED_PERMILLE: u32 = 30;
const FLOOR_MV: u32 = 50;
const FLOOR_MA: u32 = 40;
const FLOOR_MW: u32 = 200;
/** This many equal comparisons in a row change `comparison`. They take a second. */
const COMPARISONS: u32 = 10;

/**
 * The monitor is frozen if its results stay the same to the bit for FROZEN_READINGS readings, while the
 * converter has moved by one of these.
 */
const FROZEN_MV: u32 = 250;
const FROZEN_MA: u32 = 300;
const FROZEN_READINGS: u32 = 5;

enum Stage {
  Identify,
  Configure,
  Start,
  Check,
  ReadInputs,
  ReadPower,
}

export class PowerMonitor {
  /** The last readings. They are valid while `state` is Ok. */
  voltage_mv: u32 = 0;
  current_ma: u32 = 0;
  power_mw: u32 = 0;
  state: MonitorState = MonitorState.NotFitted;
  trouble: u32 = Trouble.None;
  /**
   * Transfers and failures since start, wrapping at 2^32. A failure is a transfer, or a reading of wrong
   * data.
   */
  transfers: u32 = 0;
  errors: u32 = 0;
  /** How often the monitor gave readings again after it had failed. */
  recoveries: u32 = 0;
  /** How often clock pulses made the chip release SDA. */
  busClears: u32 = 0;
  comparison: Comparison = Comparison.Unknown;
  /** Largest deviation of the last readings, relative to the larger value; 0 below the floors. */
  deviation_permille: u32 = 0;
  /** A bit for each value beyond full scale: 04h for VSENSE, 02h for VBUS, 01h for VPOWER. */
  overflow: u32 = 0;

  /**
   * The transfer that is due: the bytes to write, the first one in the lowest eight bits, and how many to
   * read.
   */
  request: u32 = 0;
  requestLength: u32 = 0;
  readLength: u32 = 0;
  /** A transfer has begun and is not complete. */
  underWay: bool = false;
  /** When `step` must be called, or the transfer must be asked for, at the latest. */
  deadline_us: u64 = NO_DEADLINE;
  /** Time of the last readings. */
  read_us: u64 = 0;
  /** The voltages of the last readings agree. */
  voltageAgrees: bool = false;

  private stage: Stage = Stage.Identify;
  private cycle_us: u64 = 0;
  private tries: u32 = 0;
  private pause_us: u64 = FIRST_PAUSE_US;
  /** Comparisons in a row whose result differs from `comparison`. */
  private changedComparisons: u32 = 0;
  private rawInputs: u32 = 0;
  /** Results that have not changed, and the converter's readings when they came. */
  private heldInputs: u32 = 0;
  private heldPower: u32 = 0;
  private held_mv: u32 = 0;
  private held_ma: u32 = 0;
  private frozenReadings: u32 = 0;

  /** Begins with probing, if the board has a monitor. */
  start(now_us: u64): void {
    if (POWER_MONITOR_ADDRESS == 0) return;
    this.state = MonitorState.Probing;
    this.deadline_us = now_us + START_US;
  }

  /** True if the caller must begin a transfer now, by `request`, `requestLength` and `readLength`. */
  step(now_us: u64): bool {
    if (this.underWay || now_us < this.deadline_us) return false;
    if (this.stage == Stage.Check) this.cycle_us = now_us;
    switch (this.stage) {
      case Stage.Identify: {
        this.prepare(PRODUCT_ID, 1, 2);
        break;
      }
      case Stage.Configure: {
        this.prepare(GAIN_CFG | (GAINS << 8) | (CONFIGURATION << 16) | (CONTROL << 24), 4, 0);
        break;
      }
      case Stage.Start: {
        this.prepare(INT_CFG | ((CONFIGURATION | INTEGRATE) << 8), 2, 0);
        break;
      }
      case Stage.Check: {
        this.prepare(GAIN_CFG, 1, 3);
        break;
      }
      case Stage.ReadInputs: {
        this.prepare(VBUS, 1, 4);
        break;
      }
      default:
        this.prepare(OVERFLOW_STATUS, 1, 3);
    }
    this.underWay = true;
    this.deadline_us = now_us + TRANSFER_US;
    return true;
  }

  private prepare(request: u32, requestLength: u32, readLength: u32): void {
    this.request = request;
    this.requestLength = requestLength;
    this.readLength = readLength;
  }

  /**
   * The transfer is not complete. Past its deadline, the next look is a millisecond later, because the host's
   * time-out can begin up to one pass after `step`.
   */
  keepWaiting(now_us: u64): void {
    if (now_us >= this.deadline_us) this.deadline_us = now_us + ASK_AGAIN_US;
  }

  /**
   * Takes the result of the transfer: an I2C_RESULT, and up to four bytes in `data`, the first byte the most
   * significant. `mv`, `ma` and `mw` are the converter's readings of the same supply.
   */
  complete(now_us: u64, result: u32, data: u32, mv: u32, ma: u32, mw: u32): void {
    this.underWay = false;
    this.deadline_us = now_us;
    this.transfers++;
    if (result == I2C_RESULT_BUS_CLEARED) this.busClears++;
    if (result != I2C_RESULT_OK) {
      this.fail(now_us, result);
      return;
    }
    switch (this.stage) {
      case Stage.Identify: {
        if (data == ((PRODUCT << 8) | MANUFACTURER)) this.stage = Stage.Configure;
        else this.fail(now_us, Trouble.WrongId);
        break;
      }
      case Stage.Configure: {
        this.stage = Stage.Start;
        break;
      }
      case Stage.Start: {
        this.stage = Stage.Check;
        this.deadline_us = now_us + INTEGRATION_US;
        break;
      }
      case Stage.Check: {
        if (data == CONFIGURED) this.stage = Stage.ReadInputs;
        else this.fail(now_us, Trouble.ConfigurationLost);
        break;
      }
      case Stage.ReadInputs: {
        this.rawInputs = data;
        this.stage = Stage.ReadPower;
        break;
      }
      default:
        this.finishCycle(now_us, data, mv, ma, mw);
    }
  }

  // ------------------------------------------------------------------- readings

  private finishCycle(now_us: u64, data: u32, mv: u32, ma: u32, mw: u32): void {
    if (this.isFrozen(data & 0xffff, mv, ma)) {
      this.fail(now_us, Trouble.Frozen);
      return;
    }
    this.voltage_mv = voltageOf(this.rawInputs >> 22);
    this.current_ma = currentOf((this.rawInputs >> 6) & 0x3ff);
    this.power_mw = powerOf((data >> 6) & 0x3ff);
    this.overflow = (data >> 16) & 7;
    this.read_us = now_us;
    if (this.state != MonitorState.Ok || this.tries > 0) {
      if (this.state != MonitorState.Probing) this.recoveries++;
      this.state = MonitorState.Ok;
    }
    this.tries = 0;
    this.pause_us = FIRST_PAUSE_US;
    this.compare(mv, ma, mw);
    this.stage = Stage.Check;
    // If this pass was late, the next cycle is late as well; no cycle is made up for.
    this.deadline_us = max(now_us, this.cycle_us + PERIOD_US);
  }

  private isFrozen(power: u32, mv: u32, ma: u32): bool {
    if (this.rawInputs != this.heldInputs || power != this.heldPower) {
      this.heldInputs = this.rawInputs;
      this.heldPower = power;
      this.held_mv = mv;
      this.held_ma = ma;
      this.frozenReadings = 0;
      return false;
    }
    const moved = distance(mv, this.held_mv) > FROZEN_MV || distance(ma, this.held_ma) > FROZEN_MA;
    this.frozenReadings = moved ? min(this.frozenReadings + 1, FROZEN_READINGS) : 0;
    return this.frozenReadings == FROZEN_READINGS;
  }

  private compare(mv: u32, ma: u32, mw: u32): void {
    const voltage = deviation(this.voltage_mv, mv, FLOOR_MV);
    const current = deviation(this.current_ma, ma, FLOOR_MA);
    const power = deviation(this.power_mw, mw, FLOOR_MW);
    this.voltageAgrees = voltage <= TOLERATED_PERMILLE;
    this.deviation_permille = max(voltage, max(current, power));
    const now = this.deviation_permille > TOLERATED_PERMILLE ? Comparison.Deviates : Comparison.Agrees;
    if (now == this.comparison) {
      this.changedComparisons = 0;
    } else if (++this.changedComparisons >= COMPARISONS) {
      this.comparison = now;
      this.changedComparisons = 0;
    }
  }

  // ------------------------------------------------------------------- failures

  private fail(now_us: u64, trouble: u32): void {
    this.errors++;
    this.trouble = trouble;
    // The chip may have lost its configuration. After a dip of its supply it has.
    this.stage = Stage.Identify;
    if (++this.tries < TRIES) {
      this.deadline_us = now_us + RETRY_US;
      return;
    }
    this.tries = 0;
    this.state =
      trouble == I2C_RESULT_NACK_ADDRESS
        ? MonitorState.Absent
        : trouble == Trouble.WrongId
          ? MonitorState.WrongDevice
          : MonitorState.Failed;
    this.comparison = Comparison.Unknown;
    this.changedComparisons = 0;
    this.deviation_permille = 0;
    this.deadline_us = now_us + this.pause_us;
    this.pause_us = min(this.pause_us * 2, LONGEST_PAUSE_US);
  }
}

/** Converts a 10-bit result to mV, rounded to nearest. */
export function voltageOf(code: u32): u32 {
  const divisor = STEPS << POWER_MONITOR_VOLTAGE_GAIN_LOG2;
  return <u32>((<u64>code * FULL_SCALE_MV + divisor / 2) / divisor);
}

/** Converts a 10-bit result to mA. Microvolts divided by micro-ohms are amperes. */
export function currentOf(code: u32): u32 {
  const divisor = (STEPS * POWER_MONITOR_SHUNT_MICRO_OHM) << POWER_MONITOR_CURRENT_GAIN_LOG2;
  return <u32>((<u64>code * FULL_SCALE_UV * 1000 + divisor / 2) / divisor);
}

/** Converts a 10-bit result to mW. Full scale is that of the voltage times that of the current. */
export function powerOf(code: u32): u32 {
  const gains = POWER_MONITOR_VOLTAGE_GAIN_LOG2 + POWER_MONITOR_CURRENT_GAIN_LOG2;
  const divisor = (STEPS * POWER_MONITOR_SHUNT_MICRO_OHM) << gains;
  return <u32>((<u64>code * FULL_SCALE_MV * FULL_SCALE_UV + divisor / 2) / divisor);
}

function distance(one: u32, other: u32): u32 {
  return one > other ? one - other : other - one;
}

/** Difference of two readings in thousandths of the larger one; 0 if it is at most `floor`. */
export function deviation(one: u32, other: u32, floor: u32): u32 {
  const apart = distance(one, other);
  if (apart <= floor) return 0;
  return <u32>((<u64>apart * 1000) / max(one, other));
}
