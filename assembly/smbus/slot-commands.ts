/**
 * The slot's own commands, MFR_SPECIFIC D0h to DFh: power, boot stage, faults, both consoles, boot log.
 * Events and the trace of a fault are in records.ts. abi/smbus.ts defines the commands. This file checks
 * their data and calls power.ts and the other parts of the logic.
 */
import * as bootLog from "../boot/boot-log";
import * as bootStage from "../boot/boot-stage";
import * as output from "../console/output";
import * as shell from "../console/shell";
import {
  CONTRACT_VERSION,
  PORT_COMPUTE,
  SIGNAL_LED_IDENTIFY,
  SMBUS_COUNTERS_ALERTS,
  SMBUS_COUNTERS_BROKEN_OFF,
  SMBUS_COUNTERS_BUSY,
  SMBUS_COUNTERS_LATE_ANSWERS,
  SMBUS_COUNTERS_MESSAGES,
  SMBUS_COUNTERS_TIMEOUTS,
  SMBUS_COUNTERS_WORDS,
  signals_write,
  smbus_counters,
  time_us,
  uart_write,
} from "../generated/abi";
import { PAGE_RAIL, RAIL_COUNT, RAIL_NAME } from "../generated/board";
import {
  BLOCK_BYTES,
  CODE_MFR_BOOT_STAGE,
  CODE_MFR_FIRMWARE,
  CODE_MFR_IDENTIFY,
  CODE_MFR_LAST_FAULT,
  CODE_MFR_LOG_READ,
  CODE_MFR_POWER_STATE,
  CODE_MFR_RAIL,
  CODE_MFR_RESTORE_POLICY,
} from "../generated/smbus";
import { VERSION } from "../generated/version";
import { Answer, Command, Origin, Quantity, RestorePolicy } from "../generated/vocabulary";
import * as lastFault from "../power/last-fault";
import * as power from "../power/power";
import * as settings from "../settings/settings";
import { faultPage, faultReason } from "./faults";
import {
  beginBlock,
  blockRoom,
  EVERY_PAGE,
  publishBlock,
  publishByte,
  put,
  putDecimal,
  putNumber,
  putText,
} from "./responses";

/** The result of a write. */
export enum Outcome {
  Done,
  /** The data is not allowed. */
  Refused,
  /** Not possible in the present state, but later. */
  Busy,
  /** Not possible: no compute board, no power to cycle, a latched fault, no input power, a broken sensor. */
  Failed,
}

const counters: usize = memory.data(SMBUS_COUNTERS_WORDS * 4, 4);

/** Bytes for the compute board's console that did not yet fit into the host's buffer. */
const pending: usize = memory.data(BLOCK_BYTES);
let pendingBytes: u32 = 0;
let pendingSent: u32 = 0;

// As last published; -1 before that.
let publishedState: i32 = -1;
let publishedStage: i32 = -1;
let publishedFaults: i32 = -1;
let publishedPolicy: i32 = -1;
const US_PER_MS: u64 = 1000;

/** When the logic started, in ms since power-on of the BMC, modulo 2^32. Each start has another one. */
let started_ms: u32 = 0;

/** Publishes the responses that never change, and the first values of the others. */
export function start(): void {
  started_ms = <u32>(time_us() / US_PER_MS);
  beginBlock();
  putText("racklet-bmc ");
  putText(VERSION);
  putText(", contract ");
  putDecimal(CONTRACT_VERSION);
  publishBlock(CODE_MFR_FIRMWARE, EVERY_PAGE);
  publishByte(CODE_MFR_IDENTIFY, EVERY_PAGE, 0);
  for (let page = 0; page < RAIL_COUNT; page++) {
    beginBlock();
    put(RAIL_COUNT);
    putText(unchecked(RAIL_NAME[unchecked(PAGE_RAIL[page])]));
    publishBlock(CODE_MFR_RAIL, page);
  }
  publishChanges();
}

/** Publishes the responses that have changed since the last call. */
export function publishChanges(): void {
  const state = <i32>power.state();
  if (state != publishedState) {
    publishedState = state;
    publishByte(CODE_MFR_POWER_STATE, EVERY_PAGE, state);
  }
  const stage = <i32>bootStage.current();
  if (stage != publishedStage) {
    publishedStage = stage;
    publishByte(CODE_MFR_BOOT_STAGE, EVERY_PAGE, stage);
  }
  const kept = <i32>settings.restorePolicy();
  if (kept != publishedPolicy) {
    publishedPolicy = kept;
    publishByte(CODE_MFR_RESTORE_POLICY, EVERY_PAGE, kept);
  }
  const faults = (lastFault.changes << 1) | (power.isLatched() ? 1 : 0);
  if (faults == publishedFaults) return;
  publishedFaults = faults;
  publishFault();
}

function publishFault(): void {
  const reason = lastFault.reason;
  beginBlock();
  put(faultReason(reason));
  put(faultPage());
  put(power.isLatched() ? 1 : 0);
  put(lastFault.isMeasured ? 1 : 0);
  putNumber(lastFault.count, 2);
  putNumber(lastFault.at_us, 8);
  putNumber(lastFault.readingOf(Quantity.Vin), 2);
  putNumber(lastFault.readingOf(Quantity.Vout0), 2);
  putNumber(lastFault.readingOf(Quantity.Vout1), 2);
  putNumber(lastFault.readingOf(Quantity.Iout), 2);
  put(<u32>lastFault.limit);
  putNumber(lastFault.readingOf(Quantity.Vout2), 2);
  putNumber(lastFault.readingOf(Quantity.Vout3), 2);
  publishBlock(CODE_MFR_LAST_FAULT, EVERY_PAGE);
}

/** Carries out MFR_POWER_COMMAND. */
export function powerCommand(now_us: u64, value: u32): Outcome {
  if (value < <u32>Command.On || value > <u32>Command.Reset) return Outcome.Refused;
  return request(now_us, <Command>value);
}

/** Requests a power command. On while on, and off while off, succeed; a cycle or reset while off fails. */
export function request(now_us: u64, command: Command): Outcome {
  switch (power.request(now_us, command, Origin.Smbus)) {
    case Answer.Accepted:
    case Answer.AlreadyOn:
      return Outcome.Done;
    case Answer.AlreadyOff:
      return command == Command.Off || command == Command.ForceOff ? Outcome.Done : Outcome.Failed;
    case Answer.Busy:
      return Outcome.Busy;
    default:
      return Outcome.Failed;
  }
}

/** Clears a latched fault. Without a latched fault this succeeds too. */
export function clearFault(now_us: u64): Outcome {
  power.request(now_us, Command.ClearFault, Origin.Smbus);
  return Outcome.Done;
}

/** Sets the restore policy. */
export function setPolicy(now_us: u64, value: u32): Outcome {
  if (value > <u32>RestorePolicy.AlwaysOff) return Outcome.Refused;
  power.setPolicy(now_us, value, Origin.Smbus);
  return Outcome.Done;
}

/** Switches the identify LED: 1 is on, 0 is off. */
export function identify(value: u32): Outcome {
  if (value > 1) return Outcome.Refused;
  signals_write(SIGNAL_LED_IDENTIFY, value ? SIGNAL_LED_IDENTIFY : 0);
  publishByte(CODE_MFR_IDENTIFY, EVERY_PAGE, value);
  return Outcome.Done;
}

/** Types on the BMC's own console. Busy, without a byte typed, if not all of them fit. */
export function typeOnConsole(bytes: usize, length: u32): Outcome {
  return shell.typeRemotely(bytes, length) ? Outcome.Done : Outcome.Busy;
}

/** Types on the compute board's console. Busy, without a byte typed, while earlier bytes wait. */
export function typeOnCompute(bytes: usize, length: u32): Outcome {
  if (pendingBytes > 0) return Outcome.Busy;
  memory.copy(pending, bytes, length);
  pendingBytes = length;
  pendingSent = 0;
  sendPending();
  return Outcome.Done;
}

/** Sends waiting bytes as far as the host's buffer has room now. */
export function sendPending(): void {
  if (pendingBytes == 0) return;
  pendingSent += uart_write(PORT_COMPUTE, pending + pendingSent, pendingBytes - pendingSent);
  if (pendingSent == pendingBytes) pendingBytes = 0;
}

/** Puts the data of MFR_LOG_STATUS into the response. */
export function putLogStatus(): void {
  beginBlock();
  putNumber(bootLog.oldest(), 4);
  putNumber(bootLog.captured, 4);
  putNumber(bootLog.dropped(), 4);
  putNumber(started_ms, 4);
}

/**
 * Puts the data of MFR_LOG_READ or MFR_CONSOLE_OUTPUT into the response: the bytes from `position` on, or
 * from the oldest byte kept if `position` is older.
 */
export function putPrinted(code: u32, position: u32): void {
  const isLog = code == CODE_MFR_LOG_READ;
  const end = isLog ? <u32>bootLog.captured : output.printed();
  const kept = isLog ? <u32>(bootLog.captured - bootLog.oldest()) : output.printedKept();
  // Positions wrap at 2^32. One outside the kept bytes is older than they are, or beyond the end.
  let from = position;
  if (end - position > kept) from = position - end < 0x80000000 ? end : end - kept;
  beginBlock();
  putNumber(from, 4);
  for (; from != end && blockRoom() > 0; from++) {
    put(isLog ? bootLog.byteAt(from) : output.printedAt(from));
  }
}

/** Puts the data of MFR_COUNTERS into the response. */
export function putCounters(pecErrors: u32, refused: u32): void {
  smbus_counters(counters);
  beginBlock();
  putNumber(counter(SMBUS_COUNTERS_MESSAGES), 4);
  putNumber(counter(SMBUS_COUNTERS_TIMEOUTS), 2);
  putNumber(pecErrors, 2);
  putNumber(counter(SMBUS_COUNTERS_BROKEN_OFF), 2);
  putNumber(refused, 2);
  putNumber(counter(SMBUS_COUNTERS_BUSY), 2);
  putNumber(counter(SMBUS_COUNTERS_LATE_ANSWERS), 2);
  putNumber(counter(SMBUS_COUNTERS_ALERTS), 2);
}

function counter(field: i32): u32 {
  return load<u32>(counters + ((<usize>field) << 2));
}
