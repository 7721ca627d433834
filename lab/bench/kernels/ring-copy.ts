/**
 * A ring buffer as the boot log uses it: blocks of 1 to 200 bytes go in and out, each in one piece, or in
 * two at the end of the ring. memory.copy does the copying, so this measures the cost of a block around it.
 */
import { next, seed } from "./common";

const BLOCKS: u32 = 128;
const LONGEST_BLOCK: u32 = 200;
const RING_BYTES: u32 = 2048;
const MASK: u32 = RING_BYTES - 1;
const SOURCE_BYTES: u32 = 512;

const ring: usize = memory.data(2048, 4);
const source: usize = memory.data(512, 4);
const target: usize = memory.data(200, 4);
const putSizes: usize = memory.data(128);
const takeSizes: usize = memory.data(128);

// The counters run freely: their difference is the fill level, even after they have wrapped.
let written: u32 = 0;
let taken: u32 = 0;

export function prepareRingCopy(): void {
  seed(0x419);
  for (let i: u32 = 0; i < SOURCE_BYTES; i++) store<u8>(source + i, <u8>next());
  for (let i: u32 = 0; i < BLOCKS; i++) {
    store<u8>(putSizes + i, <u8>((next() % LONGEST_BLOCK) + 1));
    store<u8>(takeSizes + i, <u8>((next() % LONGEST_BLOCK) + 1));
  }
  memory.fill(ring, 0, RING_BYTES);
  memory.fill(target, 0, LONGEST_BLOCK);
  written = 0;
  taken = 0;
}

/** Puts in as many bytes as there is room for, and returns their number. */
function put(from: usize, length: u32): u32 {
  length = min(length, RING_BYTES - (written - taken));
  const offset = written & MASK;
  const first = min(length, RING_BYTES - offset);
  memory.copy(ring + offset, from, first);
  if (first < length) memory.copy(ring, from + first, length - first);
  written += length;
  return length;
}

/** Takes out as many bytes as there are, and returns their number. */
function take(to: usize, length: u32): u32 {
  length = min(length, written - taken);
  const offset = taken & MASK;
  const first = min(length, RING_BYTES - offset);
  memory.copy(to, ring + offset, first);
  if (first < length) memory.copy(to + first, ring, length - first);
  taken += length;
  return length;
}

export function ring_copy(): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < BLOCKS; i++) {
    sum = sum * 31 + put(source + i, load<u8>(putSizes + i));
    const length = take(target, load<u8>(takeSizes + i));
    // Only both ends and the middle are added: adding up the whole block would cost more than copying it.
    sum = sum * 31 + length;
    sum = sum * 31 + load<u8>(target);
    sum = sum * 31 + load<u8>(target + (length >> 1));
    sum = sum * 31 + load<u8>(target + length - 1);
  }
  return sum;
}
