/**
 * What the kernels share: the generator their input comes from, and text as bytes. Their checksums are
 * sum * 31 + result, written out, because at the product's settings a function for it stays a call.
 * lab/bench/native/kernels.h has the same in C.
 */

let state: u32 = 1;

/** Starts the generator anew; each kernel has a seed of its own, which must not be 0. */
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

/** Puts ASCII text at `to`, a byte a letter, and returns the address behind it. */
export function copyText(to: usize, text: string): usize {
  const length = <u32>text.length;
  for (let i: u32 = 0; i < length; i++) {
    store<u8>(to + i, load<u8>(changetype<usize>(text) + (i << 1)));
  }
  return to + length;
}

/** A name in a table of them: address of its letters; at LENGTH how many. */
export const NAME_BYTES: usize = 8;
export const LENGTH: usize = 4;

/** Letters of all names together; nothing here has more. */
const letters: usize = memory.data(160);
let lettersUsed: usize = 0;

/** Forgets the letters of all tables. */
export function forgetNames(): void {
  lettersUsed = 0;
}

/** Fills a table at `table`, 8 bytes a name: strings are UTF-16, and what is looked up is bytes. */
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

/** Whether the bytes at `at` are those of the name; there must be that many. */
export function matches(at: usize, name: usize): bool {
  const start = load<usize>(name);
  const length = load<u32>(name, LENGTH);
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(at + i) != load<u8>(start + i)) return false;
  }
  return true;
}
