/**
 * Looks after the readings: takes what the converter brings, compares it with the limits, judges the
 * sensors, and tells the sequencer what it must know. What a reading is worth depends on what the rails
 * are, so this file knows both; the parts it is made of are pure (protection.ts, sensors/health.ts).
 *
 * Which of two that contradict each other is believed: a rail's own power-good against a sensor that says
 * there is nothing at all. A supply that collapses takes its power-good along.
 */
import * as log from "../events/log";
import { NO_DEADLINE, SIGNAL_COMPUTE_RUN } from "../generated/abi";
import {
  COMPUTE_RAIL,
  NO_LIMIT,
  QUANTITY_RAIL,
  RAIL_COUNT,
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
import { channelOf, isMeasured } from "../sensors/quantities";
import * as sensors from "../sensors/sensors";
import { Inputs } from "./inputs";
import { isFault, Protection } from "./protection";

export const protection = new Protection();

const healths: StaticArray<SensorHealth> = new StaticArray<SensorHealth>(QUANTITIES);
for (let quantity = 0; quantity < QUANTITIES; quantity++)
  healths[quantity] = new SensorHealth(quantity != Quantity.Iout);

/** Below this no slot runs, so with a rail good it is the sensor's word against the rail's. Chosen. */
const NO_INPUT_MV: i32 = 2000;
/** After COMPUTE_RUN a board draws something; before that nobody can say. Chosen. */
const DRAWS_AFTER_US: u64 = 1000000;

/** Without a round for so long the converter is silent. Chosen: three windows of a slot that is off. */
const SILENT_US: u64 = 300000;

/** No chip that still runs is as hot or as cold. Chosen: well beyond what limits may be set to. */
const HOTTEST_MDEG: i32 = 175000;
const COLDEST_MDEG: i32 = -75000;

/** A few rounds. */
const AGAIN_US: u64 = 200;

let next_us: u64 = 0;
let wasOn: bool = false;
/** Protection depends on a sensor that cannot be believed, or that has proved nothing yet. */
let isDoubted: bool = true;
/** When the converter brought something, or was first asked. */
let heard_us: u64 = NO_DEADLINE;
/** Warnings and faults that have been told, by place. */
let told: u64 = 0;
let brownOuts: u32 = 0;
/** The host has said so, and no window was there to tell whether it can be believed. */
let wasBrownedOut: bool = false;

/** Times the input was below its limit for a moment, since start: what no window may have seen. */
export function brownOutCount(): u32 {
  return brownOuts;
}

/** When `step` wants to be called again. */
export function deadline_us(): u64 {
  return next_us;
}

export function healthOf(quantity: i32): Health {
  return unchecked(healths[quantity]).health;
}

/** Limits exceeded, as PMBus orders them: 8 high fault, 4 high warning, 2 low warning, 1 low fault. */
export function exceeded(quantity: i32): u32 {
  let bits: u32 = 0;
  for (let kind = 0; kind < LIMIT_KINDS; kind++) {
    if (protection.isActive(quantity * LIMIT_KINDS + kind)) bits |= 8 >> kind;
  }
  return bits;
}

/**
 * One look, when it is time or `now` must be known. Fills what the sequencer asks of `inputs`, whose
 * signals are there already. `brownedOut`: the host has seen the input below its limit for a moment.
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
    // Nothing to hold it against yet; a round takes 40 us.
    if (wasBrownedOut) next_us = now_us + AGAIN_US;
    if (heard_us == NO_DEADLINE) heard_us = now_us;
    if (now_us - heard_us >= SILENT_US) fallSilent(now_us, inputs);
    inputs.inhibited = isDoubted;
    return;
  }
  heard_us = now_us;
  wasOn = isRunning;
  judge(now_us, state, entered_us, outputs, inputs.signals);
  const anyGood = isAnyRailGood(inputs.signals);
  watchInput(now_us, wasBrownedOut, anyGood, inputs);
  wasBrownedOut = false;
  watchOutputs(now_us, isRunning, inputs);
  watchTemperature(now_us, inputs);
  inputs.inhibited = isDoubted || isBeyond();
  tell(now_us);
}

function isAnyRailGood(signals: u32): bool {
  for (let rail = 0; rail < RAIL_COUNT; rail++) {
    if (signals & unchecked(RAIL_POWER_GOOD[rail])) return true;
  }
  return false;
}

/** A fault limit is exceeded although it takes no rail for it. */
export function isBeyond(): bool {
  const input: u64 = (<u64>1) << (Quantity.Vin * LIMIT_KINDS + LimitKind.HighFault);
  const heat: u64 = (<u64>1) << (Quantity.Temperature * LIMIT_KINDS + LimitKind.HighFault);
  const cold: u64 = (<u64>1) << (Quantity.Temperature * LIMIT_KINDS + LimitKind.LowFault);
  return (protection.active & (input | heat | cold)) != 0;
}

/** A sensor that protection depends on cannot be believed. */
export function isDoubtful(): bool {
  return isDoubted;
}

/** Somebody says that sensors are mended: what was shorted is believed again. True if there was something. */
export function mend(now_us: u64, inputs: Inputs): bool {
  let isMended = false;
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (!unchecked(healths[quantity]).mend()) continue;
    noteHealth(now_us, quantity);
    isMended = true;
  }
  if (!isMended) return false;
  isDoubted = isAnyDoubted();
  inputs.inhibited = isDoubted || isBeyond();
  return true;
}

/** A window begins now: what came before belongs to another state. */
export function beginWindow(now_us: u64): void {
  next_us = min(next_us, now_us + sensors.WINDOW_ON_US);
}

// ------------------------------------------------------------------- sensors

function judge(now_us: u64, state: State, entered_us: u64, outputs: u32, signals: u32): void {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const channel = channelOf(quantity);
    if (channel < 0) continue;
    const expectation = expectationOf(quantity, now_us, state, entered_us, outputs, signals);
    const health = unchecked(healths[quantity]);
    if (health.step(now_us, sensors.windowMinimum(channel), sensors.windowMaximum(channel), expectation)) {
      noteHealth(now_us, quantity);
    }
  }
  isDoubted = isAnyDoubted();
}

/** Protection depends on all of them but the temperature's. */
function isAnyDoubted(): bool {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (channelOf(quantity) < 0 || quantity == Quantity.Temperature) continue;
    const health = unchecked(healths[quantity]);
    if (health.health != Health.Good || !health.proven) return true;
  }
  return false;
}

/** Another verdict goes into the event log. */
function noteHealth(now_us: u64, quantity: i32): void {
  const health = healthOf(quantity);
  log.note(now_us, EventKind.Sensor, Origin.Bmc, health, quantity, sensors.windowOf(quantity));
}

/** Nothing that was shown last is worth anything now, for better or worse. */
function fallSilent(now_us: u64, inputs: Inputs): void {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (channelOf(quantity) < 0) continue;
    protection.forget(quantity);
    if (unchecked(healths[quantity]).fallSilent()) noteHealth(now_us, quantity);
  }
  isDoubted = isAnyDoubted();
  protection.forget(Quantity.Pout);
  wasBrownedOut = false;
  inputs.inputLost = false;
  if (isMeasured(Quantity.Vin)) inputs.inputGood = false;
  tell(now_us);
}

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
      return isAnyRailGood(signals) ? Expectation.Something : Expectation.Unknown;
    case Quantity.Iout: {
      if (isOff(state)) return Expectation.Nothing;
      const runs = (outputs & SIGNAL_COMPUTE_RUN) != 0 && now_us - entered_us > DRAWS_AFTER_US;
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
      if (signals & unchecked(RAIL_POWER_GOOD[rail])) return Expectation.Something;
      return isOff(state) ? Expectation.Nothing : Expectation.Unknown;
    }
  }
}

// ------------------------------------------------------------------- limits

/** Input power: there, gone, or between. A sensor that makes no sense decides nothing. */
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
  // The compute rail first: of two limits exceeded at once, the one that matters most is blamed.
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
  if (healthOf(Quantity.Vout0) == Health.Good) watch(now_us, Quantity.Pout, inputs, COMPUTE_RAIL);
  else protection.forget(Quantity.Pout);
}

function watchRail(now_us: u64, rail: i32, isRunning: bool, inputs: Inputs): void {
  const quantity: i32 = unchecked(RAIL_QUANTITY[rail]);
  if (quantity < 0) return;
  const isContradicted =
    (inputs.signals & unchecked(RAIL_POWER_GOOD[rail])) != 0 && healthSaysNothing(quantity);
  if (!isRunning || isContradicted) {
    protection.forget(quantity);
    return;
  }
  watch(now_us, quantity, inputs, rail);
}

/** A fault takes longer to count than the verdict on a sensor. */
function watchTemperature(now_us: u64, inputs: Inputs): void {
  const milli = sensors.windowOf(Quantity.Temperature);
  const isPossible = milli <= HOTTEST_MDEG && milli >= COLDEST_MDEG;
  if (isPossible && healthOf(Quantity.Temperature) == Health.Good) {
    watch(now_us, Quantity.Temperature, inputs, -1);
  } else {
    protection.forget(Quantity.Temperature);
  }
}

/** Nothing at all in the window: before the verdict is there, the doubt is. */
function healthSaysNothing(quantity: i32): bool {
  const channel = channelOf(quantity);
  return channel >= 0 && sensors.windowMinimum(channel) < NOTHING_CODES;
}

function watch(now_us: u64, quantity: i32, inputs: Inputs, rail: i32): void {
  if (!isMeasured(quantity)) return;
  protection.step(now_us, quantity, sensors.windowOf(quantity));
  for (let kind = 0; kind < LIMIT_KINDS; kind++) {
    const place = quantity * LIMIT_KINDS + kind;
    if (!isFault(kind) || !protection.isActive(place) || inputs.limit >= 0) continue;
    inputs.limit = place;
    inputs.limitRail = rail;
  }
}

/** What has begun and what is over goes into the event log; faults are the sequencer's to tell. */
function tell(now_us: u64): void {
  const changed = protection.active ^ told;
  if (changed == 0) return;
  told = protection.active;
  for (let place = 0; place < QUANTITIES * LIMIT_KINDS; place++) {
    if (!(changed & ((<u64>1) << place)) || isFault(place % LIMIT_KINDS)) continue;
    const kind = protection.isActive(place) ? EventKind.Warning : EventKind.WarningOver;
    const value = sensors.windowOf(place / LIMIT_KINDS);
    log.note(now_us, kind, Origin.Bmc, 0, place, value, protection.limit(place));
  }
}
