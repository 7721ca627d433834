/**
 * Supervises the readings: takes them from the converter, compares them with the limits, judges the sensors,
 * and fills the inputs of the sequencer. The meaning of a reading depends on the state of the rails, and so
 * this file knows both. Its parts know nothing of each other (protection.ts, sensors/health.ts).
 *
 * A rail's power-good and its sensor can contradict each other. If the sensor shows nothing at all while
 * power-good is asserted, the power-good signal is trusted: a supply that collapses loses its power-good too.
 *
 * A compute board can feed its rail from outside, through HDMI, USB or PoE, and a power-good that watches the
 * rail's voltage may then stay asserted. So the power-good of a rail that is not enabled says nothing about
 * the supply or its input.
 */
import * as log from "../events/log";
import { NO_DEADLINE, SAMPLING_CHANNELS, SIGNAL_COMPUTE_RUN } from "../generated/abi";
import {
  COMPUTE_RAIL,
  NO_LIMIT,
  QUANTITY_RAIL,
  RAIL_COUNT,
  RAIL_ENABLE,
  RAIL_NOMINAL_MV,
  RAIL_POWER_GOOD,
  RAIL_QUANTITY,
} from "../generated/board";
import {
  EventKind,
  Health,
  isOff,
  isOn,
  LIMIT_KINDS,
  LimitKind,
  Origin,
  QUANTITIES,
  Quantity,
  State,
} from "../generated/vocabulary";
import { milliOf } from "../sensors/converter";
import { Expectation, NOTHING_CODES, SensorHealth } from "../sensors/health";
import { channelOf, isMeasured, quantityOn } from "../sensors/quantities";
import * as powerMonitor from "../sensors/sensor-bus";
import * as sensors from "../sensors/sensors";
import { Inputs } from "./inputs";
import { isFault, Protection } from "./protection";

/** The limits of this slot, and which of them are exceeded. */
export const protection = new Protection();

const healths: StaticArray<SensorHealth> = new StaticArray<SensorHealth>(QUANTITIES);
for (let quantity = 0; quantity < QUANTITIES; quantity++)
  healths[quantity] = new SensorHealth(quantity != Quantity.Iout);

/**
 * No slot runs below this voltage. If a rail is good, the input sensor must be wrong. Our choice: a wide
 * margin.
 */
const NO_INPUT_MV: i32 = 2000;
/**
 * This long after COMPUTE_RUN a board surely draws current. Our choice: any board starts within a second.
 */
const DRAWS_CURRENT_AFTER_US: u64 = 1000000;

/**
 * A rail below this share of its nominal voltage is not regulated by its supply. Our choice: supplies keep to
 * 3 %, and a diode from outside takes more than the rest away.
 */
const REGULATED_PERCENT: i32 = 95;

/** Without a round for this long the converter is silent. Our choice: three windows of a slot that is off. */
const SILENT_US: u64 = 300000;

/** No running chip is as hot or as cold. Our choice: well beyond the range that limits may have. */
const HOTTEST_MDEG: i32 = 175000;
const COLDEST_MDEG: i32 = -75000;

/** Time until the next look after a brown-out: a little more than between two summed rounds. */
const NEXT_ROUND_US: u64 = 200;

let next_us: u64 = 0;
let wasOn: bool = false;
/** A sensor that protection depends on is faulty, or has not yet shown that it works. */
let untrusted: bool = true;
/** When the converter last delivered rounds, or when it was first read. */
let lastRounds_us: u64 = NO_DEADLINE;
/** The exceeded limits as last logged: one bit for each index. */
let logged: u64 = 0;
let brownOuts: u32 = 0;
/** The host has reported a brown-out, and no window has come since to check the input sensor with. */
let wasBrownedOut: bool = false;

/** Brown-outs since start. They may be too short for a window's mean to show them. */
export function brownOutCount(): u32 {
  return brownOuts;
}

/** When `step` must be called again at the latest. */
export function deadline_us(): u64 {
  return next_us;
}

export function healthOf(quantity: i32): Health {
  return unchecked(healths[quantity]).health;
}

/**
 * Evaluates one window, if it is time or if the host has reported a brown-out (`brownedOut`). Fills the
 * fields of `inputs` that follow from readings; the caller has filled in its signals. `entered_us` is when
 * the sequencer entered its state, and `outputs` are the output signals that it asserts.
 */
export function step(
  now_us: u64,
  state: State,
  entered_us: u64,
  outputs: u32,
  brownedOut: bool,
  inputs: Inputs,
): void {
  inputs.limit = inputs.limitRail = -1;
  if (now_us < next_us && !brownedOut) return;
  wasBrownedOut = wasBrownedOut || brownedOut;
  next_us = now_us + (outputs != 0 ? sensors.WINDOW_ON_US : sensors.WINDOW_OFF_US);
  const isRunning = isOn(state);
  if (!sensors.take(isRunning && wasOn)) {
    // No summed round has come yet to check the brown-out with; one comes every 160 us.
    if (wasBrownedOut) next_us = now_us + NEXT_ROUND_US;
    if (lastRounds_us == NO_DEADLINE) lastRounds_us = now_us;
    if (now_us - lastRounds_us >= SILENT_US) fallSilent(now_us, inputs);
    inputs.inhibited = untrusted;
    return;
  }
  lastRounds_us = now_us;
  wasOn = isRunning;
  judge(now_us, state, entered_us, outputs, inputs.signals);
  const anyGood = isAnyRailGood(outputs, inputs.signals);
  inputs.fed = fedRails(outputs);
  watchInput(now_us, wasBrownedOut, anyGood, inputs);
  wasBrownedOut = false;
  watchOutputs(now_us, isRunning, inputs);
  watchTemperature(now_us, inputs);
  inputs.inhibited = untrusted || isFaultLimitExceeded();
  logWarnings(now_us);
}

/** True if a supply works: it is enabled and reports power-good. */
function isAnyRailGood(outputs: u32, signals: u32): bool {
  for (let rail = 0; rail < RAIL_COUNT; rail++) {
    if (isRailGood(rail, outputs, signals)) return true;
  }
  return false;
}

function isRailGood(rail: i32, outputs: u32, signals: u32): bool {
  return (outputs & unchecked(RAIL_ENABLE[rail])) != 0 && (signals & unchecked(RAIL_POWER_GOOD[rail])) != 0;
}

/** The power-goods of the rails that are not enabled and have a voltage that their supply does not make. */
function fedRails(outputs: u32): u32 {
  let fed: u32 = 0;
  for (let rail = 0; rail < RAIL_COUNT; rail++) {
    const quantity: i32 = unchecked(RAIL_QUANTITY[rail]);
    if (quantity < 0 || (outputs & unchecked(RAIL_ENABLE[rail])) != 0) continue;
    if (!isTrusted(quantity) || sensors.windowMinimum(channelOf(quantity)) < NOTHING_CODES) continue;
    const isRegulated =
      sensors.windowOf(quantity) * 100 >= unchecked(RAIL_NOMINAL_MV[rail]) * REGULATED_PERCENT;
    if (!isRegulated) fed |= unchecked(RAIL_POWER_GOOD[rail]);
  }
  return fed;
}

/** True while a fault limit of the input or the temperature is exceeded, which does not depend on a rail. */
export function isFaultLimitExceeded(): bool {
  const input: u64 = (<u64>1) << (Quantity.Vin * LIMIT_KINDS + LimitKind.HighFault);
  const heat: u64 = (<u64>1) << (Quantity.Temperature * LIMIT_KINDS + LimitKind.HighFault);
  const cold: u64 = (<u64>1) << (Quantity.Temperature * LIMIT_KINDS + LimitKind.LowFault);
  return (protection.active & (input | heat | cold)) != 0;
}

/** True while a sensor that protection depends on is not trusted. */
export function isSensorUntrusted(): bool {
  return untrusted;
}

/**
 * Trusts sensors again because a user has cleared the fault: shorted ones, and those that show a voltage of a
 * rail that is off. True if there were any.
 */
export function clearSensorFaults(now_us: u64, inputs: Inputs): bool {
  let isCleared = false;
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (!unchecked(healths[quantity]).clearFault()) continue;
    logHealth(now_us, quantity);
    isCleared = true;
  }
  if (!isCleared) return false;
  untrusted = isAnySensorUntrusted();
  inputs.inhibited = untrusted || isFaultLimitExceeded();
  return true;
}

/** Begins a window after a transition, because earlier readings belong to another state. */
export function beginWindow(now_us: u64): void {
  next_us = min(next_us, now_us + sensors.WINDOW_ON_US);
}

// ------------------------------------------------------------------- sensors

function judge(now_us: u64, state: State, entered_us: u64, outputs: u32, signals: u32): void {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const channel = channelOf(quantity);
    if (channel < 0) continue;
    const expectation = expectationOf(quantity, now_us, state, entered_us, outputs, signals);
    const isConfirmed = hasWitness(quantity, signals);
    const minimum = sensors.windowMinimum(channel);
    const maximum = sensors.windowMaximum(channel);
    const health = unchecked(healths[quantity]);
    if (health.step(now_us, minimum, maximum, expectation, isConfirmed)) logHealth(now_us, quantity);
  }
  untrusted = isAnySensorUntrusted();
}

/** True if another part shows that a rail has a voltage: its power-good, or the power monitor. */
function hasWitness(quantity: i32, signals: u32): bool {
  const rail: i32 = unchecked(QUANTITY_RAIL[quantity]);
  if (rail < 0) return false;
  if (signals & unchecked(RAIL_POWER_GOOD[rail])) return true;
  return quantity == Quantity.Vout0 && powerMonitor.confirmsVoltage();
}

/** A rail that is fed from outside shows that its sensor works. */
function isTrusted(quantity: i32): bool {
  const health = healthOf(quantity);
  return health == Health.Good || health == Health.Fed;
}

/** Protection depends on every sensor except the temperature's. */
function isAnySensorUntrusted(): bool {
  for (let channel = 0; channel < <i32>SAMPLING_CHANNELS; channel++) {
    const quantity = quantityOn(channel);
    if (quantity < 0 || quantity == Quantity.Temperature) continue;
    if (!isTrusted(quantity) || !unchecked(healths[quantity]).proven) return true;
  }
  return false;
}

/** Logs that the health of a sensor has changed. */
function logHealth(now_us: u64, quantity: i32): void {
  const health = healthOf(quantity);
  log.record(now_us, EventKind.Sensor, Origin.Bmc, health, quantity, sensors.windowOf(quantity));
}

/** The converter delivers nothing. The last readings no longer count, neither as good nor as exceeded. */
function fallSilent(now_us: u64, inputs: Inputs): void {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (channelOf(quantity) < 0) continue;
    protection.forget(quantity);
    if (unchecked(healths[quantity]).fallSilent()) logHealth(now_us, quantity);
  }
  untrusted = isAnySensorUntrusted();
  protection.forget(Quantity.Pout);
  inputs.fed = 0;
  wasBrownedOut = false;
  inputs.inputLost = false;
  if (isMeasured(Quantity.Vin)) inputs.inputGood = false;
  logWarnings(now_us);
}

/** The values that a sensor can show in this state, as far as they are known. */
function expectationOf(
  quantity: i32,
  now_us: u64,
  state: State,
  entered_us: u64,
  outputs: u32,
  signals: u32,
): Expectation {
  switch (quantity) {
    case Quantity.Vin:
      return isAnyRailGood(outputs, signals) ? Expectation.Something : Expectation.Unknown;
    case Quantity.Iout: {
      if (isOff(state)) return Expectation.Nothing;
      const runs = (outputs & SIGNAL_COMPUTE_RUN) != 0 && now_us - entered_us > DRAWS_CURRENT_AFTER_US;
      return runs && state == State.On ? Expectation.Something : Expectation.Unknown;
    }
    case Quantity.Temperature: {
      // The diode's voltage falls with temperature.
      const milli = sensors.windowOf(Quantity.Temperature);
      if (milli > HOTTEST_MDEG) return Expectation.TooLittle;
      return milli < COLDEST_MDEG ? Expectation.TooMuch : Expectation.Unknown;
    }
    default: {
      const rail: i32 = unchecked(QUANTITY_RAIL[quantity]);
      if (isRailGood(rail, outputs, signals)) return Expectation.Something;
      return isOff(state) ? Expectation.Nothing : Expectation.Unknown;
    }
  }
}

// ------------------------------------------------------------------- limits

/** Decides whether input power is good or lost, or neither. A faulty input sensor decides nothing. */
function watchInput(now_us: u64, brownedOut: bool, anyGood: bool, inputs: Inputs): void {
  inputs.inputLost = false;
  inputs.inputGood = true;
  if (!isMeasured(Quantity.Vin)) return;
  const vin_mv = sensors.windowOf(Quantity.Vin);
  const lowest_mv = milliOf(Quantity.Vin, <i32>sensors.windowMinimum(channelOf(Quantity.Vin)) * 16);
  const isNonsense = anyGood && lowest_mv < NO_INPUT_MV;
  if (isNonsense || healthOf(Quantity.Vin) != Health.Good) {
    protection.forget(Quantity.Vin);
    inputs.inputGood = healthOf(Quantity.Vin) != Health.Shorted;
    return;
  }
  const lowFault = Quantity.Vin * LIMIT_KINDS + LimitKind.LowFault;
  const lowWarning = protection.limit(Quantity.Vin * LIMIT_KINDS + LimitKind.LowWarning);
  protection.step(now_us, Quantity.Vin, vin_mv);
  if (brownedOut) brownOuts++;
  inputs.inputLost = brownedOut || protection.isActive(lowFault);
  inputs.inputGood = !inputs.inputLost && (lowWarning == NO_LIMIT || vin_mv >= lowWarning);
  const highFault = Quantity.Vin * LIMIT_KINDS + LimitKind.HighFault;
  if (protection.isActive(highFault)) inputs.limit = highFault;
}

function watchOutputs(now_us: u64, isRunning: bool, inputs: Inputs): void {
  // The compute rail is checked first, since the fault names one limit: its own matters most.
  watchRail(now_us, COMPUTE_RAIL, isRunning, inputs);
  for (let rail = 0; rail < RAIL_COUNT; rail++) {
    if (rail != COMPUTE_RAIL) watchRail(now_us, rail, isRunning, inputs);
  }
  if (!isRunning) {
    protection.forget(Quantity.Iout);
    protection.forget(Quantity.Pout);
    return;
  }
  watch(now_us, Quantity.Iout, inputs, COMPUTE_RAIL);
  if (isTrusted(Quantity.Vout0)) watch(now_us, Quantity.Pout, inputs, COMPUTE_RAIL);
  else protection.forget(Quantity.Pout);
}

function watchRail(now_us: u64, rail: i32, isRunning: bool, inputs: Inputs): void {
  const quantity: i32 = unchecked(RAIL_QUANTITY[rail]);
  if (quantity < 0) return;
  const isContradicted =
    (inputs.signals & unchecked(RAIL_POWER_GOOD[rail])) != 0 && windowShowsNothing(quantity);
  if (!isRunning || isContradicted) {
    protection.forget(quantity);
    return;
  }
  watch(now_us, quantity, inputs, rail);
}

/** Implausible temperatures are ignored. A sensor is judged before a fault limit's filter time is over. */
function watchTemperature(now_us: u64, inputs: Inputs): void {
  const milli = sensors.windowOf(Quantity.Temperature);
  const isPossible = milli <= HOTTEST_MDEG && milli >= COLDEST_MDEG;
  if (isPossible && healthOf(Quantity.Temperature) == Health.Good) {
    watch(now_us, Quantity.Temperature, inputs, -1);
  } else {
    protection.forget(Quantity.Temperature);
  }
}

/**
 * True if the window has shown nothing at all. This holds at once, before the sensor is judged as shorted.
 */
function windowShowsNothing(quantity: i32): bool {
  const channel = channelOf(quantity);
  return channel >= 0 && sensors.windowMinimum(channel) < NOTHING_CODES;
}

function watch(now_us: u64, quantity: i32, inputs: Inputs, rail: i32): void {
  if (!isMeasured(quantity)) return;
  protection.step(now_us, quantity, sensors.windowOf(quantity));
  if (inputs.limit >= 0) return;
  const active = protection.activeKinds(quantity);
  for (let kind = 0; kind < LIMIT_KINDS; kind++) {
    if (!isFault(kind) || !(active & (1 << kind))) continue;
    inputs.limit = quantity * LIMIT_KINDS + kind;
    inputs.limitRail = rail;
    return;
  }
}

/** Logs warnings that have begun or ended. The sequencer's faults are logged with the last fault. */
function logWarnings(now_us: u64): void {
  const changed = protection.active ^ logged;
  if (changed == 0) return;
  logged = protection.active;
  for (let limit = 0; limit < QUANTITIES * LIMIT_KINDS; limit++) {
    if (!(changed & ((<u64>1) << limit)) || isFault(limit % LIMIT_KINDS)) continue;
    const kind = protection.isActive(limit) ? EventKind.Warning : EventKind.WarningOver;
    const value = sensors.windowOf(limit / LIMIT_KINDS);
    log.record(now_us, kind, Origin.Bmc, 0, limit, value, protection.limit(limit));
  }
}
