/**
 * Carries out what the power monitor's state machine wants on the sensor bus, and hands it what the
 * converter says of the same supply in its last window. The getters are for whoever shows the readings.
 */
import * as log from "../events/log";
import { I2C_READ_BYTES, I2C_RESULT_TIMEOUT, i2c_begin, i2c_take } from "../generated/abi";
import { POWER_MONITOR_ADDRESS } from "../generated/board";
import { EventKind, MonitorState, Origin, Quantity } from "../generated/vocabulary";
import { Comparison, PowerMonitor } from "./power-monitor";
import { windowOf } from "./sensors";

const monitor = new PowerMonitor();
let toldState: MonitorState = MonitorState.NotFitted;
let toldDeviates: bool = false;
const RESPONSE_BYTES: u32 = 1 + I2C_READ_BYTES;
const request: usize = memory.data(sizeof<u32>(), 4);
const response: usize = memory.data(RESPONSE_BYTES, 4);

export function start(now_us: u64): void {
  monitor.start(now_us);
}

/** When `step` wants to be called again. */
export function deadline_us(): u64 {
  return monitor.deadline_us;
}

/** Takes a transfer that is over, begins the next if one is due, and tells of what has changed. */
export function step(now_us: u64): void {
  transfer(now_us);
  // Looking for it is no news, or a monitor that comes and goes would fill the log.
  if (monitor.state == MonitorState.Probing) return;
  const deviates = monitor.comparison == Comparison.Deviates;
  if (monitor.state == toldState && deviates == toldDeviates) return;
  toldState = monitor.state;
  toldDeviates = deviates;
  log.note(now_us, EventKind.Monitor, Origin.Bmc, toldState, deviates ? 1 : 0, monitor.voltage_mv);
}

function transfer(now_us: u64): void {
  if (monitor.underWay) {
    const count = i2c_take(response, RESPONSE_BYTES);
    if (count == 0) monitor.keepWaiting(now_us);
    else complete(now_us, load<u8>(response), count);
  }
  if (!monitor.step(now_us)) return;
  store<u32>(request, monitor.request);
  const begun = i2c_begin(POWER_MONITOR_ADDRESS, request, monitor.requestLength, monitor.readLength);
  // Nobody else uses the bus; should it be refused all the same, that is a try that failed.
  if (begun == 0) complete(now_us, I2C_RESULT_TIMEOUT, 1);
}

function complete(now_us: u64, result: u32, count: u32): void {
  let data: u32 = 0;
  for (let index: u32 = 1; index < count; index++) data = (data << 8) | load<u8>(response + index);
  const v5_mv = <u32>windowOf(Quantity.Vout0);
  const i5_ma = <u32>windowOf(Quantity.Iout);
  monitor.complete(now_us, result, data, v5_mv, i5_ma, <u32>windowOf(Quantity.Pout));
}

export function state(): MonitorState {
  return monitor.state;
}

/** Of the compute supply; meaningful while `state` is Ok. */
export function voltage_mv(): u32 {
  return monitor.voltage_mv;
}

export function current_ma(): u32 {
  return monitor.current_ma;
}

export function power_mw(): u32 {
  return monitor.power_mw;
}

export function comparison(): Comparison {
  return monitor.comparison;
}

/** Largest deviation of the last reading from the converter's. */
export function deviation_permille(): u32 {
  return monitor.deviation_permille;
}

export function errors(): u32 {
  return monitor.errors;
}

export function recoveries(): u32 {
  return monitor.recoveries;
}
