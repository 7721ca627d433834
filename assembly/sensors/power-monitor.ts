/**
 * The power monitor of the compute supply, a PAC1921 on the sensor bus: a pure state machine, and the second
 * opinion on what the converter says.
 *
 * Every 100 ms its configuration is read back, then its results. A chip that lost its configuration (its
 * supply dipped) gets it again. Three tries in a row that fail make it absent or failed, which is a state to
 * be reported and no reason to hammer on the bus: it is looked for again after a pause that grows from 1 s to
 * 60 s, and a chip that answers again is used again.
 *
 * Registers and bits are those of Linux's driver (drivers/iio/adc/pac1921.c) and its datasheet, DS20005293.
 * `step` says which transfer is wanted, `complete` takes what became of it; sensor-bus.ts carries it out.
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

/** What went wrong last. The results of the bus (I2C_RESULT_*), and these. */
export enum Trouble {
  None = 0,
  WrongId = 16,
  /** Its configuration is not what was written: its supply dipped, or somebody else wrote. */
  ConfigurationLost = 17,
  /** Its results stand still while the converter's move. */
  Frozen = 18,
}

/** Whether monitor and converter say the same. */
export enum Comparison {
  /** There is nothing to compare, or not for long enough. */
  Unknown,
  Agrees,
  Deviates,
}

const GAIN_CFG: u32 = 0x00;
const INT_CFG: u32 = 0x01;
const VBUS: u32 = 0x10;
const OVERFLOW_STATUS: u32 = 0x1c;
const PRODUCT_ID: u32 = 0xfd;

const PRODUCT: u32 = 0x5b;
const MANUFACTURER: u32 = 0x5d;

/** 14 bits, the board's gains. */
const GAINS: u32 = (POWER_MONITOR_CURRENT_GAIN_LOG2 << 3) | POWER_MONITOR_VOLTAGE_GAIN_LOG2;
/** 16 samples, post filters, READ/INT overridden by the register: READ. */
const CONFIGURATION: u32 = (4 << 4) | 0x0e;
const INTEGRATE: u32 = 1;
/** VPOWER free run. */
const CONTROL: u32 = 3 << 6;
/** GAIN_CFG, INT_CFG and CONTROL in the order they are read, while it integrates. */
const CONFIGURED: u32 = (GAINS << 16) | ((CONFIGURATION | INTEGRATE) << 8) | CONTROL;

const FULL_SCALE_MV: u64 = 32000;
const FULL_SCALE_UV: u64 = 100000;
const STEPS: u64 = 1023;

const MS: u64 = 1000;
const PERIOD_US: u64 = 100 * MS;
/** It answers 20 ms after its supply has come (tINT_T), which may have been just now. */
const START_US: u64 = 30 * MS;
/** 16 samples take 23 ms (table 4-5), until then there is nothing to be read. Half as much again. */
const INTEGRATION_US: u64 = 35 * MS;
/** Longer than it is silent after a dip of its supply, for all tries together. */
const RETRY_US: u64 = 15 * MS;
const TRIES: u32 = 3;
const FIRST_PAUSE_US: u64 = 1000 * MS;
const LONGEST_PAUSE_US: u64 = 60000 * MS;
/** The host ends a transfer after 10 ms, when it is asked. */
const TRANSFER_US: u64 = 11 * MS;
const ASK_AGAIN_US: u64 = 1 * MS;

/**
 * What monitor and converter may differ by: 3 % of the larger, for two parts of 1 % and a shunt, and what
 * noise and readings of different moments make of small values. Chosen.
 */
const TOLERATED_PERMILLE: u32 = 30;
const FLOOR_MV: u32 = 50;
const FLOOR_MA: u32 = 40;
const FLOOR_MW: u32 = 200;
/** As many in a row change what is said: a second. */
const COMPARISONS: u32 = 10;

/** Results that are the same to the bit while the converter has moved so far, so often, are frozen. */
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
  /** The last readings; they count while `state` is Ok. */
  voltage_mv: u32 = 0;
  current_ma: u32 = 0;
  power_mw: u32 = 0;
  state: MonitorState = MonitorState.NotFitted;
  trouble: u32 = Trouble.None;
  /** Since start, wrapping at 2^32: transfers done, those (and readings) that failed. */
  transfers: u32 = 0;
  errors: u32 = 0;
  /** Times it gave readings again after it had not. */
  recoveries: u32 = 0;
  /** Times clock pulses made it let go of SDA. */
  busClears: u32 = 0;
  comparison: Comparison = Comparison.Unknown;
  /** Largest deviation of the last reading, of what the larger says; 0 within the floors. */
  deviation_permille: u32 = 0;
  /** One of VSENSE, VBUS, VPOWER was beyond full scale: 04h, 02h, 01h. */
  overflow: u32 = 0;

  /** The transfer wanted: the bytes written, first in the lowest eight bits, and how many are read then. */
  request: u32 = 0;
  requestLength: u32 = 0;
  readLength: u32 = 0;
  /** Between `step` that said so and `complete`. */
  underWay: bool = false;
  /** When `step`, or a look at the transfer under way, is wanted at the latest. */
  deadline_us: u64 = NO_DEADLINE;
  /** Of the last readings. */
  read_us: u64 = 0;

  private stage: Stage = Stage.Identify;
  private cycle_us: u64 = 0;
  private tries: u32 = 0;
  private pause_us: u64 = FIRST_PAUSE_US;
  /** Comparisons in a row that say otherwise than `comparison`. */
  private otherwise: u32 = 0;
  private rawInputs: u32 = 0;
  /** Results that have not changed, and what the converter said when they came. */
  private heldInputs: u32 = 0;
  private heldPower: u32 = 0;
  private held_mv: u32 = 0;
  private held_ma: u32 = 0;
  private frozenReadings: u32 = 0;

  start(now_us: u64): void {
    if (POWER_MONITOR_ADDRESS == 0) return;
    this.state = MonitorState.Probing;
    this.deadline_us = now_us + START_US;
  }

  /** True when a transfer is to begin now: `request`, `requestLength`, `readLength`. */
  step(now_us: u64): bool {
    if (this.underWay || now_us < this.deadline_us) return false;
    if (this.stage == Stage.Check) this.cycle_us = now_us;
    switch (this.stage) {
      case Stage.Identify: {
        this.want(PRODUCT_ID, 1, 2);
        break;
      }
      case Stage.Configure: {
        this.want(GAIN_CFG | (GAINS << 8) | (CONFIGURATION << 16) | (CONTROL << 24), 4, 0);
        break;
      }
      case Stage.Start: {
        this.want(INT_CFG | ((CONFIGURATION | INTEGRATE) << 8), 2, 0);
        break;
      }
      case Stage.Check: {
        this.want(GAIN_CFG, 1, 3);
        break;
      }
      case Stage.ReadInputs: {
        this.want(VBUS, 1, 4);
        break;
      }
      default:
        this.want(OVERFLOW_STATUS, 1, 3);
    }
    this.underWay = true;
    this.deadline_us = now_us + TRANSFER_US;
    return true;
  }

  /** The transfer under way ends in a comparison: now is when the converter must be asked. */
  get comparesNext(): bool {
    return this.underWay && this.stage == Stage.ReadPower;
  }

  private want(request: u32, requestLength: u32, readLength: u32): void {
    this.request = request;
    this.requestLength = requestLength;
    this.readLength = readLength;
  }

  /** The transfer is still under way: the host's clock may be behind ours by what a pass takes. */
  keepWaiting(now_us: u64): void {
    if (now_us >= this.deadline_us) this.deadline_us = now_us + ASK_AGAIN_US;
  }

  /**
   * What became of the transfer: an I2C result, and up to four bytes read, the first in the highest of the
   * `readLength` places. `mv`, `ma`, `mw` are what the converter says of the same supply.
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
    // A pass that came late is not made up for.
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
    this.deviation_permille = max(voltage, max(current, power));
    const now = this.deviation_permille > TOLERATED_PERMILLE ? Comparison.Deviates : Comparison.Agrees;
    if (now == this.comparison) {
      this.otherwise = 0;
    } else if (++this.otherwise >= COMPARISONS) {
      this.comparison = now;
      this.otherwise = 0;
    }
  }

  // ------------------------------------------------------------------- what goes wrong

  private fail(now_us: u64, trouble: u32): void {
    this.errors++;
    this.trouble = trouble;
    // What it was set to may be gone; after a dip it even is.
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
    this.otherwise = 0;
    this.deviation_permille = 0;
    this.deadline_us = now_us + this.pause_us;
    this.pause_us = min(this.pause_us * 2, LONGEST_PAUSE_US);
  }
}

/** A result of ten bits in mV, nearest. */
export function voltageOf(code: u32): u32 {
  const divisor = STEPS << POWER_MONITOR_VOLTAGE_GAIN_LOG2;
  return <u32>((<u64>code * FULL_SCALE_MV + divisor / 2) / divisor);
}

/** In mA: microvolts over micro-ohms are amperes. */
export function currentOf(code: u32): u32 {
  const divisor = (STEPS * POWER_MONITOR_SHUNT_MICRO_OHM) << POWER_MONITOR_CURRENT_GAIN_LOG2;
  return <u32>((<u64>code * FULL_SCALE_UV * 1000 + divisor / 2) / divisor);
}

/** In mW: full scale is that of the voltage times that of the current. */
export function powerOf(code: u32): u32 {
  const gains = POWER_MONITOR_VOLTAGE_GAIN_LOG2 + POWER_MONITOR_CURRENT_GAIN_LOG2;
  const divisor = (STEPS * POWER_MONITOR_SHUNT_MICRO_OHM) << gains;
  return <u32>((<u64>code * FULL_SCALE_MV * FULL_SCALE_UV + divisor / 2) / divisor);
}

function distance(one: u32, other: u32): u32 {
  return one > other ? one - other : other - one;
}

/** What two readings differ by beyond `floor`, in thousandths of the larger. */
export function deviation(one: u32, other: u32, floor: u32): u32 {
  const apart = distance(one, other);
  if (apart <= floor) return 0;
  return <u32>((<u64>apart * 1000) / max(one, other));
}
