/** Gives the sequencer its inputs and records which of them it reads: the others made no difference. */

/** The words of `Given` in machine.ts, which the caller fills. */
const words = new StaticArray<i32>(16);
let asked: u32 = 0;

/** The fields of Inputs, in the order of their declaration, read from `words`. */
export function given(field: i32): i32 {
  asked |= 1 << field;
  return unchecked(words[field]);
}

export function givenAddress(): usize {
  return changetype<usize>(words);
}

export function forgetAsked(): void {
  asked = 0;
}

/** Returns one bit for each field that was read. */
export function askedFields(): u32 {
  return asked;
}
