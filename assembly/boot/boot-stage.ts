/**
 * Finds out how far the compute board has booted, from what it prints: boot loader, kernel, log-in. Every
 * byte passes through here on its way into the boot log. To be fast, this file looks at most bytes once and
 * stores no lines.
 */
import { BootStage } from "../generated/vocabulary";

/** The text that U-Boot, Linux and getty print when their stage begins. */
const MARKS: StaticArray<string> = ["U-Boot ", "Linux version ", "login:"];
const STAGES: StaticArray<BootStage> = [BootStage.BootLoader, BootStage.Kernel, BootStage.Login];

/** The first letters of the marks. They all differ. Most bytes are none of them and need no further work. */
const FIRST_0 = MARKS[0].charCodeAt(0);
const FIRST_1 = MARKS[1].charCodeAt(0);
const FIRST_2 = MARKS[2].charCodeAt(0);
assert(MARKS.length == 3);

let stage: BootStage = BootStage.None;
/** Number of characters of the mark that have matched so far. */
let matched: i32 = 0;
/** Index of the mark that is being matched. */
let mark: i32 = 0;

export function current(): BootStage {
  return stage;
}

/** The compute board was released from reset. */
export function released(): void {
  stage = BootStage.Released;
  matched = 0;
}

/** Searches captured bytes for marks. The stage never goes back until the next reset. */
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

/** True if the byte is the next one of the mark that is being matched. */
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
