/**
 * What the kernels share: the generator of their input, and text as bytes. Each checksum is sum * 31 +
 * result. The kernels write that out, because with the product's options a function for it would stay a
 * call. lab/bench/native/kernels.h has the same in C.
 */

let state: u32 = 1;

/** Restarts the generator. Each kernel has its own seed, which must not be 0. */
export function seed(value: u32): void {
  state = value;
}

/** Xorshift32 (Marsaglia, Journal of Statistical Software 8(14), 2003). */
export function next(): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/** Copies ASCII text to `to`, one byte for each letter, and returns the address behind it. */
export function copyText(to: usize, text: string): usize {
  const length = <u32>text.length;
  for (let i: u32 = 0; i < length; i++) {
    store<u8>(to + i, load<u8>(changetype<usize>(text) + (i << 1)));
  }
  return to + length;
}

/** An entry in a table of names: the address of its letters and, at LENGTH, their number. */
export const NAME_BYTES: usize = 8;
export const LENGTH: usize = 4;

/** The letters of all names together. Our choice: no kernel has more. */
const letters: usize = memory.data(160);
let lettersUsed: usize = 0;

/** Clears the letters of all tables. */
export function forgetNames(): void {
  lettersUsed = 0;
}

/** Fills a table at `table`, 8 bytes for each name. Strings are UTF-16, but the kernels compare bytes. */
export function putNames(table: usize, names: StaticArray<string>): void {
  for (let i = 0; i < names.length; i++) {
    const start = letters + lettersUsed;
    const end = copyText(start, unchecked(names[i]));
    store<usize>(table, start);
    store<u32>(table, end - start, LENGTH);
    lettersUsed += end - start;
    table += NAME_BYTES;
  }
}

/**
 * Returns whether the bytes at `at` are those of the name. The caller has checked that there are enough
 * bytes.
 */
export function matches(at: usize, name: usize): bool {
  const start = load<usize>(name);
  const length = load<u32>(name, LENGTH);
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(at + i) != load<u8>(start + i)) return false;
  }
  return true;
}
