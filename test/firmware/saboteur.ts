/**
 * The logic of a slot with a built-in fault. Everything is as in assembly/ until three seconds after a start.
 * Then the logic fails in the way that the slot number straps select. Tests use it to check how the host
 * reacts.
 *
 * Straps 1 to 13 fail once, in the first life of the BMC. Strap 14 spins and strap 15 traps in every life.
 */
import {
  SIGNAL_SLOT_ID0,
  SYSTEM_INFO_RESTARTS,
  signals_read,
  system_info,
  time_us,
  uart_write,
} from "../../assembly/generated/abi";
import * as logic from "../../assembly/index";

const DELAY_US: u64 = 3000000;

const info: usize = memory.data(48, 4);
let strike_us: u64 = 0;
let sink: u32 = 1;

export function contract_version(): u32 {
  return logic.contract_version();
}

export function start(): u64 {
  strike_us = time_us() + DELAY_US;
  system_info(info);
  const straps = (signals_read() / SIGNAL_SLOT_ID0) & 15;
  const spared = straps < 14 && load<u32>(info + SYSTEM_INFO_RESTARTS * 4) > 0;
  if (straps == 0 || spared) strike_us = u64.MAX_VALUE;
  return min(logic.start(), strike_us);
}

export function handle(events: u32): u64 {
  if (time_us() >= strike_us) strike((signals_read() / SIGNAL_SLOT_ID0) & 15);
  return min(logic.handle(events), strike_us);
}

function strike(kind: u32): void {
  switch (kind) {
    case 1: // hangs
    case 14:
      while (time_us() != 0) sink++;
      break;
    case 2:
    case 15:
      unreachable();
      break;
    case 3: // writes one byte behind its memory
      store<u8>(131072, 1);
      break;
    case 4: // calls itself until a stack is full
      sink = descend(sink);
      break;
    case 5:
      sink = sink / (sink - sink);
      break;
    case 6: // passes the host a block that ends outside linear memory
      uart_write(1, 130000, 2000);
      break;
    case 8: // calls an entry that no table has
      call_indirect<void>(sink + 9999);
      break;
    case 9: // calls a function by a type that is not its own
      sink = <u32>call_indirect<u64>(load<u32>(changetype<usize>(descendant)), <u64>sink);
      break;
    case 10:
      assert(sink == 0);
      break;
    case 11: // the quotient does not fit
      sink = <u32>(i32.MIN_VALUE / -<i32>sink);
      break;
    default: // straight-line code: under wasm3 every operation nests, until the native stack is full
      sink = straightDown(20);
  }
}

const descendant: (depth: u32) => u32 = descend;

function descend(depth: u32): u32 {
  return depth == 0 ? 0 : descend(depth + 1) + 1;
}

@inline
function straight1(): void {
  sink = (sink ^ load<u32>(8)) * 3;
}

@inline
function straight4(): void {
  straight1();
  straight1();
  straight1();
  straight1();
}

@inline
function straight16(): void {
  straight4();
  straight4();
  straight4();
  straight4();
}

@inline
function straight64(): void {
  straight16();
  straight16();
  straight16();
  straight16();
}

/** A few of its frames fill the native stack long before WebAssembly's own. */
function straightDown(depth: u32): u32 {
  straight64();
  return depth == 0 ? sink : straightDown(depth - 1) + 1;
}
