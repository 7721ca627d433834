/**
 * Carries out the transfers that the power monitor's state machine asks for, on the sensor bus. It also gives
 * the state machine the converter's readings of the same supply, from the last window. The console's views
 * use the functions at the end to show the monitor's readings.
 */
import * as log from "../events/log";
import { I2C_READ_BYTES, I2C_RESULT_TIMEOUT, i2c_begin, i2c_take } from "../generated/abi";
import { POWER_MONITOR_ADDRESS } from "../generated/board";
import { EventKind, MonitorState, Origin, Quantity } from "../generated/vocabulary";
import { Comparison, PowerMonitor } from "./power-monitor";
import { windowOf } from "./sensors";

const monitor = new PowerMonitor();
/** The state and the comparison as last logged. */
let loggedState: MonitorState = MonitorState.NotFitted;
let loggedDeviates: bool = false;
const RESPONSE_BYTES: u32 = 1 + I2C_READ_BYTES;
const request: usize = memory.data(sizeof<u32>(), 4);
const response: usize = memory.data(RESPONSE_BYTES, 4);

export function start(now_us: u64): void {
  monitor.start(now_us);
}

/** When `step` must be called again at the latest, or NO_DEADLINE. */
export function deadline_us(): u64 {
  return monitor.deadline_us;
}

/** Takes the result of a finished transfer, begins the next one if it is due, and logs changes. */
export function step(now_us: u64): void {
  transfer(now_us);
  // Probing is not logged. Otherwise a monitor that answers now and then would fill the log.
  if (monitor.state == MonitorState.Probing) return;
  const deviates = monitor.comparison == Comparison.Deviates;
  if (monitor.state == loggedState && deviates == loggedDeviates) return;
  loggedState = monitor.state;
  loggedDeviates = deviates;
  log.record(now_us, EventKind.Monitor, Origin.Bmc, loggedState, deviates ? 1 : 0, monitor.voltage_mv);
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
  // The bus has no other user. If the host still refuses the transfer, it counts as a failed try.
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

/** Voltage of the compute supply. This and the two below are valid while `state` is Ok. */
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

/** The largest deviation of the last readings from those of the converter. */
export function deviation_permille(): u32 {
  return monitor.deviation_permille;
}

/** True if the monitor measures the same voltage of the compute supply as the converter. */
export function confirmsVoltage(): bool {
  return monitor.state == MonitorState.Ok && monitor.voltageAgrees;
}

export function errors(): u32 {
  return monitor.errors;
}

export function recoveries(): u32 {
  return monitor.recoveries;
}
