/**
 * The output of the compute board on its serial console. A ring keeps the newest bytes exactly as they came,
 * even if no reader is attached. A position is the count of bytes captured before it since start, so that a
 * slow reader can see how many bytes it has missed.
 */
import { BOOT_LOG_BYTES } from "../capacities";
import {
  PORT_COMPUTE,
  PORT_COUNTERS_DROPPED_BYTES,
  PORT_COUNTERS_OVERRUNS,
  PORT_COUNTERS_WORDS,
  uart_counters,
  uart_read,
} from "../generated/abi";
import { scan } from "./boot-stage";

const MASK: u64 = BOOT_LOG_BYTES - 1;
const ring: usize = memory.data(BOOT_LOG_BYTES);
const counters: usize = memory.data(PORT_COUNTERS_WORDS * 4, 4);

/** Bytes captured since start. This is also the position behind the newest byte. */
export let captured: u64 = 0;
/**
 * The position behind the last piece that ended with text. A break is captured as a zero byte, and a board
 * that loses its power makes one without printing anything.
 */
export let printed: u64 = 0;

/** Moves the bytes that wait at the host into the ring, at most as many in one pass as the ring holds. */
export function capture(): void {
  for (let room = BOOT_LOG_BYTES; room != 0; ) {
    const offset = <u32>(captured & MASK);
    const length = min(room, BOOT_LOG_BYTES - offset);
    const taken = uart_read(PORT_COMPUTE, ring + offset, length);
    scan(ring + offset, taken);
    captured += taken;
    if (taken != 0 && load<u8>(ring + offset + taken - 1) != 0) printed = captured;
    room -= taken;
    if (taken < length) return;
  }
}

/** Position of the oldest byte still kept. */
export function oldest(): u64 {
  return captured > BOOT_LOG_BYTES ? captured - BOOT_LOG_BYTES : 0;
}

/** The byte at a position between `oldest()` and `captured`. */
export function byteAt(position: u64): u32 {
  return load<u8>(ring + <usize>(position & MASK));
}

/** Address of the byte at `position`. */
export function addressOf(position: u64): usize {
  return ring + <usize>(position & MASK);
}

/** Number of captured bytes that follow it without a wrap of the ring. */
export function contiguousFrom(position: u64): u32 {
  return min(<u32>(captured - position), BOOT_LOG_BYTES - <u32>(position & MASK));
}

/**
 * Bytes of the compute board that never reached the ring, because of FIFO overruns or a full buffer of the
 * host. Each overrun counts as one byte, although it may have lost more.
 */
export function dropped(): u32 {
  uart_counters(PORT_COMPUTE, counters);
  return counter(PORT_COUNTERS_OVERRUNS) + counter(PORT_COUNTERS_DROPPED_BYTES);
}

/** A PORT_COUNTERS word as `dropped` last read it. */
export function counter(field: i32): u32 {
  return load<u32>(counters + ((<usize>field) << 2));
}
