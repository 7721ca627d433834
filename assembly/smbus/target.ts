/**
 * The SMBus target. It takes requests from the host, checks them and carries them out. A refused request
 * changes nothing but the status, which shows the reason. The checks come in this order:
 *
 * - the command cannot be written: INVALID_COMMAND. The PEC is not checked, because the length is not known
 * - the PEC is wrong: PEC_FAILED
 * - the command does not exist on this page, or is write-protected: INVALID_COMMAND
 * - there is too little or too much data, or a value is not allowed: INVALID_DATA
 * - the command is not possible in the present state: BUSY in STATUS_BYTE
 * - the command failed: OTHER_MEMORY_LOGIC
 *
 * A message that the controller broke off sets OTHER_COMMUNICATION and is ignored.
 */
import { SMBUS_REQUESTS_PER_PASS } from "../capacities";
import {
  RESET_CAUSE_HANG,
  SMBUS_REQUEST_ALERT_ANSWERED,
  SMBUS_REQUEST_BROKEN_OFF,
  SMBUS_REQUEST_BYTES,
  SMBUS_REQUEST_READ,
  smbus_open,
  smbus_page,
  smbus_take,
} from "../generated/abi";
import { RAIL_COUNT } from "../generated/board";
import {
  BLOCK_BYTES,
  CODE_CLEAR_FAULTS,
  CODE_MFR_COMPUTE_INPUT,
  CODE_MFR_CONSOLE_INPUT,
  CODE_MFR_CONSOLE_OUTPUT,
  CODE_MFR_COUNTERS,
  CODE_MFR_EVENT_READ,
  CODE_MFR_EVENT_STATUS,
  CODE_MFR_FAULT_CLEAR,
  CODE_MFR_IDENTIFY,
  CODE_MFR_LOG_READ,
  CODE_MFR_LOG_STATUS,
  CODE_MFR_POWER_COMMAND,
  CODE_MFR_RESTORE_POLICY,
  CODE_MFR_TRACE_READ,
  CODE_ON_OFF_CONFIG,
  CODE_OPERATION,
  CODE_PAGE,
  CODE_SMBALERT_MASK,
  CODE_WRITE_PROTECT,
  COMMAND_FORMS,
  OPERATION_OFF,
  OPERATION_ON,
  OPERATION_SOFT_OFF,
  PAGES_0,
  PAGES_MASK,
  READ_CALL,
  READ_MASK,
  STATUS_CML_INVALID_COMMAND,
  STATUS_CML_INVALID_DATA,
  STATUS_CML_OTHER_COMMUNICATION,
  STATUS_CML_OTHER_MEMORY_LOGIC,
  STATUS_CML_PEC_FAILED,
  STATUS_MFR_SPECIFIC_RESTARTED,
  WRITABLE_UNDER,
  WRITE_BYTE,
  WRITE_MASK,
  WRITE_NONE,
  WRITE_PROTECT_ALL,
  WRITE_PROTECT_ALL_BUT_CONFIG,
  WRITE_PROTECT_ALL_BUT_OPERATION,
  WRITE_PROTECT_NONE,
  WRITE_SEND,
  WRITE_WORD,
} from "../generated/smbus";
import { Command, isPowered } from "../generated/vocabulary";
import * as power from "../power/power";
import * as system from "../system";
import { showFaults, startFaults } from "./faults";
import { publishIdentity } from "./identity";
import * as limits from "./limit-commands";
import * as records from "./records";
import {
  answerBlock,
  answerNothing,
  beginBlock,
  EVERY_PAGE,
  pecOfWrite,
  publishByte,
  put,
  setAddress,
  withdraw,
} from "./responses";
import * as slot from "./slot-commands";
import { Outcome } from "./slot-commands";
import * as status from "./status";
import { Register } from "./status";
import * as telemetry from "./telemetry";

/** 18h: OPERATION alone switches the power, and no control pin does (bits 4 and 3). */
const ON_OFF_BY_OPERATION: u32 = 0x18;
const PROTECTION_LEVELS: u32 =
  WRITE_PROTECT_ALL | WRITE_PROTECT_ALL_BUT_CONFIG | WRITE_PROTECT_ALL_BUT_OPERATION;

const request: usize = memory.data(SMBUS_REQUEST_BYTES, 4);
/** The bytes that the controller wrote, command code first. */
const bytes: usize = request + 4;

let page: u32 = 0;
let writeProtect: u32 = 0;
let pecErrors: u32 = 0;
let refused: u32 = 0;
let publishedOperation: u32 = 0xff;

/** Opens the target at its address, which follows from the board and the slot's strap pins. */
export function start(resetCause: u32, serial: u64): void {
  const address = system.smbusAddress();
  setAddress(address);
  status.start();
  startFaults();
  if (resetCause >= RESET_CAUSE_HANG) status.set(Register.Slot, STATUS_MFR_SPECIFIC_RESTARTED);
  publishIdentity(system.slotNumber(), serial);
  publishPages();
  publishByte(CODE_ON_OFF_CONFIG, EVERY_PAGE, ON_OFF_BY_OPERATION);
  publishByte(CODE_WRITE_PROTECT, EVERY_PAGE, writeProtect);
  limits.publishAll();
  telemetry.step();
  slot.start();
  publishChanges();
  smbus_open(address); // last, so that the first read finds every response
}

/** Serves waiting requests. True if there may be more of them than one pass serves. */
export function step(now_us: u64): bool {
  telemetry.step();
  slot.sendPending();
  // Published before the requests as well: changes in this pass came before them.
  publishChanges();
  for (let i: u32 = 0; i < SMBUS_REQUESTS_PER_PASS; i++) {
    if (smbus_take(request) == 0) return false;
    serve(now_us);
    publishChanges();
  }
  return true;
}

/**
 * Publishes PAGE. It reads as the page that is set. While it is write-protected, only that page has a
 * response.
 */
function publishPages(): void {
  for (let each: u32 = 0; each < <u32>RAIL_COUNT; each++) {
    if (each == page || mayWrite(CODE_PAGE)) publishByte(CODE_PAGE, each, each);
    else withdraw(CODE_PAGE, each);
  }
}

/** Publishes every response that has changed. */
function publishChanges(): void {
  telemetry.refreshPresent();
  showFaults();
  const operation: u32 = isPowered(power.state()) ? OPERATION_ON : OPERATION_OFF;
  if (operation != publishedOperation) {
    publishedOperation = operation;
    publishByte(CODE_OPERATION, EVERY_PAGE, operation);
  }
  slot.publishChanges();
  status.publishChanges();
}

function byteAt(index: u32): u32 {
  return load<u8>(bytes + index);
}

function refuse(cmlBit: u32): void {
  refused++;
  status.set(Register.Cml, cmlBit);
}

function serve(now_us: u64): void {
  const length = <u32>load<u8>(request + 1);
  switch (<u32>load<u8>(request)) {
    case SMBUS_REQUEST_READ:
      serveRead(load<u16>(request + 2), length);
      break;
    case SMBUS_REQUEST_BROKEN_OFF:
      refuse(STATUS_CML_OTHER_COMMUNICATION);
      break;
    case SMBUS_REQUEST_ALERT_ANSWERED:
      status.alertAnswered();
      break;
    default:
      serveWrite(now_us, length);
      break;
  }
}

// ------------------------------------------------------------------- reads

/** Serves a read without a published response: fast-changing data, a process call, or an unknown command. */
function serveRead(number: u32, length: u32): void {
  const problem = prepareAnswer(byteAt(0), length);
  if (problem == 0) {
    answerBlock(number, bytes, length);
  } else {
    refuse(problem);
    answerNothing(number, bytes, length);
  }
}

/** Puts the answer into the response. Returns 0, or the bit of STATUS_CML that shows why there is none. */
function prepareAnswer(code: u32, length: u32): u32 {
  const form = <u32>unchecked(COMMAND_FORMS[code]);
  if ((form & READ_MASK) == READ_CALL) {
    // The written part is a count and its bytes. A process call has one PEC, at the end of the read part.
    const isBlock = length >= 2 && byteAt(1) == length - 2;
    return isBlock && call(code, length - 2) ? 0 : STATUS_CML_INVALID_DATA;
  }
  // More bytes would make this a process call, and this command is none.
  if (length != 1) return form == 0 ? STATUS_CML_INVALID_COMMAND : STATUS_CML_INVALID_DATA;
  if (code == CODE_MFR_LOG_STATUS) slot.putLogStatus();
  else if (code == CODE_MFR_EVENT_STATUS) records.putEventStatus();
  else if (code == CODE_MFR_COUNTERS) slot.putCounters(pecErrors, refused);
  else return STATUS_CML_INVALID_COMMAND;
  return 0;
}

/** Puts the answer to a process call into the response. False if the written data is not allowed. */
function call(code: u32, count: u32): bool {
  if (code == CODE_SMBALERT_MASK) {
    const register = count == 1 ? status.registerOf(byteAt(2), page) : -1;
    if (register < 0) return false;
    beginBlock();
    put(status.mask(register));
    return true;
  }
  if (count != 4) return false;
  const position = load<u32>(bytes + 2);
  if (code == CODE_MFR_EVENT_READ) records.putEvent(position);
  else if (code == CODE_MFR_TRACE_READ) records.putTrace(position);
  else if (code == CODE_MFR_LOG_READ || code == CODE_MFR_CONSOLE_OUTPUT) slot.putPrinted(code, position);
  else return false;
  return true;
}

// ------------------------------------------------------------------- writes

function isWritable(code: u32): bool {
  return (<u32>unchecked(COMMAND_FORMS[code]) & WRITE_MASK) != WRITE_NONE;
}

function mayWrite(code: u32): bool {
  return writeProtect == WRITE_PROTECT_NONE || (unchecked(WRITABLE_UNDER[code]) & writeProtect) != 0;
}

/**
 * True if the command exists on the page. This is about commands of page 0; limits also depend on the board.
 */
function isOnPage(code: u32): bool {
  return page == 0 || (<u32>unchecked(COMMAND_FORMS[code]) & PAGES_MASK) != PAGES_0;
}

/** Bytes of a write without its PEC, command code included; 0 if the count of a block is not allowed. */
function expectedLength(form: u32, length: u32): u32 {
  switch (form & WRITE_MASK) {
    case WRITE_SEND:
      return 1;
    case WRITE_BYTE:
      return 2;
    case WRITE_WORD:
      return 3;
    default: {
      const count = length >= 2 ? byteAt(1) : 0;
      return count >= 1 && count <= BLOCK_BYTES ? count + 2 : 0;
    }
  }
}

function serveWrite(now_us: u64, length: u32): void {
  const code = byteAt(0);
  const problem = problemOfWrite(code, length);
  if (problem != 0) {
    if (problem == STATUS_CML_PEC_FAILED) pecErrors++;
    refuse(problem);
    return;
  }
  const limit = limits.limitOf(code, page);
  switch (limit >= 0 ? setLimit(limit) : execute(now_us, code)) {
    case Outcome.Refused:
      refuse(STATUS_CML_INVALID_DATA);
      break;
    case Outcome.Failed:
      refuse(STATUS_CML_OTHER_MEMORY_LOGIC);
      break;
    case Outcome.Busy:
      refused++;
      status.setBusy();
      break;
    default:
      break;
  }
}

/** The bit of STATUS_CML that shows why a write is refused, or 0 if it is allowed. */
function problemOfWrite(code: u32, length: u32): u32 {
  const form = <u32>unchecked(COMMAND_FORMS[code]);
  if (!isWritable(code)) return STATUS_CML_INVALID_COMMAND;
  const expected = expectedLength(form, length);
  const isRightLength = expected != 0 && (length == expected || length == expected + 1);
  if (isRightLength && length != expected && pecOfWrite(bytes, expected) != byteAt(expected)) {
    return STATUS_CML_PEC_FAILED;
  }
  if (!isOnPage(code) || !mayWrite(code)) return STATUS_CML_INVALID_COMMAND;
  if (limits.isLimit(code) && limits.limitOf(code, page) < 0) return STATUS_CML_INVALID_COMMAND;
  return isRightLength ? 0 : STATUS_CML_INVALID_DATA;
}

function setLimit(limit: i32): Outcome {
  const word = byteAt(1) | (byteAt(2) << 8);
  return limits.setLimit(limit, word) ? Outcome.Done : Outcome.Refused;
}

function execute(now_us: u64, code: u32): Outcome {
  const value = byteAt(1);
  switch (code) {
    case CODE_PAGE:
      return setPage(value);
    case CODE_OPERATION:
      return operate(now_us, value);
    case CODE_ON_OFF_CONFIG:
      return value == ON_OFF_BY_OPERATION ? Outcome.Done : Outcome.Refused;
    case CODE_CLEAR_FAULTS:
      status.clearFaults(page);
      return Outcome.Done;
    case CODE_WRITE_PROTECT:
      return protect(value);
    case CODE_SMBALERT_MASK:
      return setMask(value, byteAt(2));
    case CODE_MFR_POWER_COMMAND:
      return slot.powerCommand(now_us, value);
    case CODE_MFR_FAULT_CLEAR:
      return slot.clearFault(now_us);
    case CODE_MFR_RESTORE_POLICY:
      return slot.setPolicy(now_us, value);
    case CODE_MFR_IDENTIFY:
      return slot.identify(value);
    case CODE_MFR_CONSOLE_INPUT:
      return slot.typeOnConsole(bytes + 2, value);
    case CODE_MFR_COMPUTE_INPUT:
      return slot.typeOnCompute(bytes + 2, value);
    default:
      return clearStatus(code, value);
  }
}

function setPage(value: u32): Outcome {
  if (value >= <u32>RAIL_COUNT) return Outcome.Refused;
  page = value;
  smbus_page(value);
  return Outcome.Done;
}

function operate(now_us: u64, value: u32): Outcome {
  switch (value) {
    case OPERATION_ON:
      return slot.request(now_us, Command.On);
    case OPERATION_SOFT_OFF:
      return slot.request(now_us, Command.Off);
    case OPERATION_OFF:
      return slot.request(now_us, Command.ForceOff);
    default:
      return Outcome.Refused; // margin commands: the supplies have no margins
  }
}

function protect(value: u32): Outcome {
  if (value & ~PROTECTION_LEVELS || value & (value - 1)) return Outcome.Refused;
  writeProtect = value;
  publishByte(CODE_WRITE_PROTECT, EVERY_PAGE, value);
  publishPages();
  return Outcome.Done;
}

function setMask(code: u32, bits: u32): Outcome {
  const register = status.registerOf(code, page);
  if (register < 0) return Outcome.Refused;
  status.setMask(register, bits);
  return Outcome.Done;
}

/** Clears the bits of a status register that are ones in the written byte. */
function clearStatus(code: u32, bits: u32): Outcome {
  const register = status.registerOf(code, page);
  if (register < 0) return Outcome.Refused;
  status.clear(register, bits);
  return Outcome.Done;
}
