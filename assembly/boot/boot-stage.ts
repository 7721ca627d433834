/**
 * How far the compute board has come, by what it prints on its console: boot loader, kernel, log-in. Every
 * byte passes here on its way into the boot log, so there is one look at most bytes and no memory of lines.
 */
import { BootStage } from "../generated/vocabulary";

/** What a stage announces itself with, as U-Boot, Linux and getty have done for decades. */
const MARKS: StaticArray<string> = ["U-Boot ", "Linux version ", "login:"];
const STAGES: StaticArray<BootStage> = [BootStage.BootLoader, BootStage.Kernel, BootStage.Login];

/** What marks begin with, each with a letter of its own: most bytes are none of these, and go by quickly. */
const FIRST_0 = MARKS[0].charCodeAt(0);
const FIRST_1 = MARKS[1].charCodeAt(0);
const FIRST_2 = MARKS[2].charCodeAt(0);
assert(MARKS.length == 3);

let stage: BootStage = BootStage.None;
/** Characters of a mark that have been seen in a row. */
let matched: i32 = 0;
let mark: i32 = 0;

export function current(): BootStage {
  return stage;
}

/** The compute board was let out of its reset. */
export function released(): void {
  stage = BootStage.Released;
  matched = 0;
}

/** Looks through bytes as they are captured. Stages only go on, until the next reset. */
export function scan(address: usize, length: u32): void {
  if (length == 0) return;
  if (stage == BootStage.Released) stage = BootStage.Printing;
  if (stage == BootStage.Login) return;
  const end = address + length;
  for (; address < end; address++) {
    const byte = <i32>load<u8>(address);
    if (matched != 0 && goesOn(byte)) continue;
    if (byte == FIRST_0) begins(0);
    else if (byte == FIRST_1) begins(1);
    else if (byte == FIRST_2) begins(2);
  }
}

function begins(which: i32): void {
  mark = which;
  matched = 1;
}

/** Whether the byte is the next of the mark under way. */
function goesOn(byte: i32): bool {
  const text = unchecked(MARKS[mark]);
  if (byte != text.charCodeAt(matched)) {
    matched = 0;
    return false;
  }
  if (++matched == text.length) reached(unchecked(STAGES[mark]));
  return true;
}

function reached(found: BootStage): void {
  matched = 0;
  if (found > stage) stage = found;
}
