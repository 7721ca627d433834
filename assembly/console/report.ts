/**
 * Prints the answers of `status`, `version` and `uptime`, and what the console shows at the start: banner,
 * last reset, and a problem with the settings.
 */
import * as bootLog from "../boot/boot-log";
import {
  CONTRACT_VERSION,
  NO_DEADLINE,
  PORT_CONSOLE,
  PORT_COUNTERS_DROPPED_BYTES,
  PORT_COUNTERS_FRAMING_ERRORS,
  PORT_COUNTERS_OVERRUNS,
  PORT_COUNTERS_PARITY_ERRORS,
  PORT_COUNTERS_WORDS,
  RESET_CAUSE_HANG,
  RESET_CAUSE_HARD_FAULT,
  RESET_CAUSE_POWER_ON,
  RESET_CAUSE_REQUESTED,
  RESET_CAUSE_RUN_PIN,
  RESET_CAUSE_STACK_OVERFLOW,
  SIGNAL_PRESENT,
  SMBUS_COUNTERS_BROKEN_OFF,
  SMBUS_COUNTERS_BUSY,
  SMBUS_COUNTERS_LATE_ANSWERS,
  SMBUS_COUNTERS_MESSAGES,
  SMBUS_COUNTERS_TIMEOUTS,
  SMBUS_COUNTERS_TOO_LONG,
  SMBUS_COUNTERS_WORDS,
  SYSTEM_INFO_FLASH_USED_BYTES,
  SYSTEM_INFO_LONGEST_PASS_US,
  SYSTEM_INFO_MODULE_BYTES,
  SYSTEM_INFO_PASSES,
  SYSTEM_INFO_RAM_USED_BYTES,
  SYSTEM_INFO_RESET_CAUSE,
  SYSTEM_INFO_RESET_DETAIL,
  SYSTEM_INFO_RESTARTS,
  SYSTEM_INFO_STACK_BYTES,
  SYSTEM_INFO_STACK_HIGH_WATER_BYTES,
  signals_read,
  smbus_counters,
  TRAP_ABORT,
  TRAP_BAD_IMPORT_ARGUMENT,
  TRAP_CALL_STACK,
  TRAP_DIVISION,
  TRAP_INDIRECT_CALL,
  TRAP_OUT_OF_BOUNDS,
  TRAP_UNREACHABLE,
  uart_counters,
} from "../generated/abi";
import { BOARD_NAME, RAIL_COUNT, RAIL_NAME, RAIL_POWER_GOOD } from "../generated/board";
import { VERSION } from "../generated/version";
import { stateText } from "../generated/vocabulary";
import * as power from "../power/power";
import * as settings from "../settings/settings";
import * as system from "../system";
import { beginNotice, endNotice } from "./notice";
import { decimal, droppedBytes, endLine, hexadecimal, key, seconds, text } from "./output";
import { lastFaultText, lastFaultTime } from "./power-words";

const SECOND_US: u64 = 1000000;
/** Saves within this time need no mention. */
const SAVED_AT_ONCE_US: u64 = SECOND_US;

/** Counters of a port or of the SMBus, for the line that is being printed. */
const counters: usize = memory.data(SMBUS_COUNTERS_WORDS * 4, 4);
assert(PORT_COUNTERS_WORDS <= SMBUS_COUNTERS_WORDS);

export function status(now_us: u64): void {
  key("power");
  text(stateText(power.state()));
  text(", for ");
  seconds(now_us - power.entered_us());
  text(" s\r\n");
  key("board");
  text(signals_read() & SIGNAL_PRESENT ? "present" : "absent");
  endLine();
  key("rails");
  rails();
  key("fault");
  if (power.isFaulted()) {
    lastFaultText();
    text(" at ");
    lastFaultTime();
  } else {
    text("none");
  }
  endLine();
  key("boot log");
  decimal(bootLog.captured);
  text(" bytes captured, ");
  decimal(bootLog.dropped());
  text(" dropped\r\n");
  key("line errors");
  decimal(bootLog.counter(PORT_COUNTERS_OVERRUNS));
  text(" overruns, ");
  decimal(bootLog.counter(PORT_COUNTERS_FRAMING_ERRORS));
  text(" framing, ");
  decimal(bootLog.counter(PORT_COUNTERS_PARITY_ERRORS));
  text(" parity\r\n");
  consoleLine();
  smbusLine();
  settingsLine();
  // Read last, because this function has the deepest calls, which the stack's high-water mark must show.
  system.refresh();
  memoryLines();
  resetLine();
}

function rails(): void {
  const signals = signals_read();
  for (let rail = 0; rail < RAIL_COUNT; rail++) {
    if (rail > 0) text(", ");
    text(unchecked(RAIL_NAME[rail]));
    text(signals & unchecked(RAIL_POWER_GOOD[rail]) ? " good" : " off");
  }
  endLine();
}

function consoleLine(): void {
  uart_counters(PORT_CONSOLE, counters);
  key("console");
  decimal(
    load<u32>(counters + (PORT_COUNTERS_OVERRUNS << 2)) +
      load<u32>(counters + (PORT_COUNTERS_DROPPED_BYTES << 2)),
  );
  text(" bytes lost in, ");
  decimal(droppedBytes);
  text(" out\r\n");
}

function smbusLine(): void {
  smbus_counters(counters);
  key("smbus");
  text("address ");
  hexadecimal(system.smbusAddress(), 2);
  text(", ");
  decimal(smbusCount(SMBUS_COUNTERS_MESSAGES));
  text(" messages, ");
  decimal(smbusCount(SMBUS_COUNTERS_TIMEOUTS));
  text(" time-outs, ");
  decimal(smbusCount(SMBUS_COUNTERS_BROKEN_OFF) + smbusCount(SMBUS_COUNTERS_TOO_LONG));
  text(" broken, ");
  decimal(smbusCount(SMBUS_COUNTERS_LATE_ANSWERS));
  text(" late, ");
  decimal(smbusCount(SMBUS_COUNTERS_BUSY));
  text(" busy\r\n");
}

function settingsLine(): void {
  key("settings");
  text(settings.stateText());
  text("; ");
  decimal(settings.saves);
  text(" saves, ");
  decimal(settings.failures);
  text(" failed, ");
  decimal(settings.sectorErases());
  text(" erases, ");
  decimal(settings.unreadable());
  text(" unreadable\r\n");
}

/** Prints that the settings in flash cannot be used, and what applies instead. */
export function settingsNotice(now_us: u64): void {
  beginNotice(now_us);
  text("settings: ");
  text(settings.stateText());
  endNotice();
}

/** Prints when a setting that was just changed will be saved, unless that is at once. */
export function unsavedNote(now_us: u64): void {
  const due_us = settings.deadline_us();
  if (due_us == NO_DEADLINE || due_us < now_us + SAVED_AT_ONCE_US) return;
  text("not saved yet: flash is written in ");
  decimal((due_us - now_us + SECOND_US - 1) / SECOND_US);
  text(" s, and a loss of the supply before that undoes it\r\n");
}

function smbusCount(field: i32): u32 {
  return load<u32>(counters + ((<usize>field) << 2));
}

function memoryLines(): void {
  key("stack");
  decimal(system.fact(SYSTEM_INFO_STACK_HIGH_WATER_BYTES));
  text(" of ");
  decimal(system.fact(SYSTEM_INFO_STACK_BYTES));
  text(" bytes at most\r\n");
  key("memory");
  decimal(__heap_base); // static memory ends there, and nothing is allocated behind it
  text(" of ");
  decimal((<u64>memory.size()) << 16);
  text(" bytes, all static\r\n");
  key("ram");
  decimal(system.fact(SYSTEM_INFO_RAM_USED_BYTES));
  text(" bytes\r\n");
  key("flash");
  decimal(system.fact(SYSTEM_INFO_FLASH_USED_BYTES));
  text(" bytes, module ");
  decimal(system.fact(SYSTEM_INFO_MODULE_BYTES));
  endLine();
  key("passes");
  decimal(system.fact(SYSTEM_INFO_PASSES));
  text(", the longest ");
  decimal(system.fact(SYSTEM_INFO_LONGEST_PASS_US));
  text(" us\r\n");
}

function resetLine(): void {
  const cause = system.fact(SYSTEM_INFO_RESET_CAUSE);
  key("reset");
  text(causeText(cause));
  if (cause > RESET_CAUSE_HANG) {
    text(" (");
    if (cause >= RESET_CAUSE_HARD_FAULT) hexadecimal(system.fact(SYSTEM_INFO_RESET_DETAIL));
    else text(trapText(system.fact(SYSTEM_INFO_RESET_DETAIL)));
    text(")");
  }
  text(", ");
  decimal(system.fact(SYSTEM_INFO_RESTARTS));
  text(" restarts\r\n");
}

/** Prints a line after a restart that no command has requested. */
export function restartLine(): void {
  system.refresh();
  if (system.fact(SYSTEM_INFO_RESET_CAUSE) >= RESET_CAUSE_HANG) resetLine();
}

/** The text for a RESET_CAUSE. */
export function causeText(cause: u32): string {
  switch (cause) {
    case RESET_CAUSE_POWER_ON:
      return "power-on";
    case RESET_CAUSE_RUN_PIN:
      return "reset button";
    case RESET_CAUSE_REQUESTED:
      return "requested";
    case RESET_CAUSE_HANG:
      return "watchdog, the logic hung";
    case RESET_CAUSE_HARD_FAULT:
      return "HardFault";
    case RESET_CAUSE_STACK_OVERFLOW:
      return "stack overflow";
    default:
      return "trap in the logic";
  }
}

function trapText(kind: u32): string {
  switch (kind) {
    case TRAP_OUT_OF_BOUNDS:
      return "out of bounds";
    case TRAP_DIVISION:
      return "division";
    case TRAP_UNREACHABLE:
      return "unreachable";
    case TRAP_INDIRECT_CALL:
      return "indirect call";
    case TRAP_CALL_STACK:
      return "call stack exhausted";
    case TRAP_ABORT:
      return "assertion failed";
    case TRAP_BAD_IMPORT_ARGUMENT:
      return "bad import argument";
    default:
      return "unknown";
  }
}

/** Ends the line with the name of the firmware, which the host prints while it checks the logic. */
export function banner(): void {
  endLine();
}

export function version(): void {
  text("racklet-bmc ");
  text(VERSION);
  text(", contract ");
  decimal(CONTRACT_VERSION);
  text(", board ");
  text(BOARD_NAME);
  endLine();
}

export function uptime(now_us: u64, started_us: u64): void {
  key("power-on");
  seconds(now_us);
  text(" s ago\r\n");
  key("BMC start");
  seconds(now_us - started_us);
  text(" s ago\r\n");
}
