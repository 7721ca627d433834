/** What the sequencer is given to look at, and what of it it has looked at: the rest made no difference. */

/** Words of `Given` in machine.ts, which a caller fills. */
const words = new StaticArray<i32>(16);
let asked: u32 = 0;

/** Inputs' fields, in the order of their declaration, read from here. */
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

/** A bit for each field that was read. */
export function askedFields(): u32 {
  return asked;
}
