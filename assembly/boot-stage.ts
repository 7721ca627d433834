/**
 * How far the compute board has come, by what it prints on its console: boot loader, kernel, log-in. Every
 * byte passes here on its way into the boot log, so there is one look at most bytes and no memory of lines.
 */
import {
  MFR_BOOT_STAGE_BOOT_LOADER,
  MFR_BOOT_STAGE_KERNEL,
  MFR_BOOT_STAGE_LOGIN,
  MFR_BOOT_STAGE_NONE,
  MFR_BOOT_STAGE_PRINTING,
  MFR_BOOT_STAGE_RELEASED,
} from "./generated/smbus";

/** What a stage announces itself with, as U-Boot, Linux and getty have done for decades. */
const MARKS: StaticArray<string> = ["U-Boot ", "Linux version ", "login:"];
const STAGES: StaticArray<u32> = [MFR_BOOT_STAGE_BOOT_LOADER, MFR_BOOT_STAGE_KERNEL, MFR_BOOT_STAGE_LOGIN];

let stage: u32 = MFR_BOOT_STAGE_NONE;
/** Characters of a mark that have been seen in a row; marks begin with letters of their own. */
let matched: i32 = 0;
let mark: i32 = 0;

export function current(): u32 {
  return stage;
}

/** The compute board was let out of its reset. */
export function released(): void {
  stage = MFR_BOOT_STAGE_RELEASED;
  matched = 0;
}

/** Looks through bytes as they are captured. Stages only go on, until the next reset. */
export function scan(address: usize, length: u32): void {
  if (length == 0) return;
  if (stage == MFR_BOOT_STAGE_RELEASED) stage = MFR_BOOT_STAGE_PRINTING;
  if (stage == MFR_BOOT_STAGE_LOGIN) return;
  const end = address + length;
  for (; address < end; address++) {
    const byte = <i32>load<u8>(address);
    if (matched != 0) {
      if (byte == unchecked(MARKS[mark]).charCodeAt(matched)) {
        if (++matched == unchecked(MARKS[mark]).length) reached(unchecked(STAGES[mark]));
        continue;
      }
      matched = 0;
    }
    begins(byte);
  }
}

function begins(byte: i32): void {
  for (let each = 0; each < MARKS.length; each++) {
    if (byte != unchecked(MARKS[each]).charCodeAt(0)) continue;
    mark = each;
    matched = 1;
  }
}

function reached(found: u32): void {
  matched = 0;
  if (found > stage) stage = found;
}
