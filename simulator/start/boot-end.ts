/**
 * Says how a boot log ended that did not end well, for people who have it from a board of theirs: a panic, a
 * shell of the initramfs, emergency mode, the prompt of a boot loader. The texts are those of Linux,
 * initramfs-tools and dracut, systemd, U-Boot, GRUB and the Raspberry Pi's boot loader.
 */
import { safeLine } from "../../cli/safe-text.ts";

/** Longer last lines are cut. */
const SHOWN_CHARACTERS = 60;
/** The signs that end a boot are in its last lines. */
const END_CHARACTERS = 2000;
/** A kernel that panics prints its stack behind that line, and may restart: it counts wherever it is. */
const PANIC = /Kernel panic - not syncing[^\r\n]*/g;

const ENDS: readonly { readonly pattern: RegExp; readonly meaning: string }[] = [
  {
    pattern: /\(initramfs\)|\b(initramfs|dracut|switch_root):[^\r\n]*# ?$/,
    meaning: "it ends in the shell of the initramfs, because the root file system was not mounted",
  },
  {
    pattern: /emergency mode|rescue mode|emergency shell|Give root password for|sulogin/i,
    meaning: "the OS stopped in emergency mode",
  },
  {
    pattern: /(?:^|[\r\n])\s*(?:=>|U-Boot>|grub>|grub rescue>|Shell>) ?$/,
    meaning: "it ends at the prompt of the boot loader",
  },
  {
    pattern: /Insert SD-CARD|No bootable (device|medium)/i,
    meaning: "the boot loader found nothing to boot",
  },
  { pattern: /[#$] ?$/, meaning: "it ends in a shell without a log-in" },
];

/** Control sequences of a terminal. Some shells ask for the cursor behind their prompt. */
const SEQUENCES = /\x1b\[[0-9;?]*[A-Za-z]/g;

function textOf(log: Uint8Array): string {
  return Buffer.from(log).toString("latin1").replace(SEQUENCES, "");
}

function quoted(text: string): string {
  const line = safeLine(text.trim());
  return `"${line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}...` : line}"`;
}

/** Says how a log without a log-in prompt ended. */
export function describeEnd(log: Uint8Array): string {
  if (log.length === 0) return "the compute board printed nothing";
  const text = textOf(log);
  const panic = [...text.matchAll(PANIC)].at(-1);
  if (panic) return `the kernel panicked: ${quoted(panic[0])}`;
  const end = text.slice(-END_CHARACTERS);
  const known = ENDS.find(({ pattern }) => pattern.test(end));
  const lastLine =
    text
      .split(/[\r\n]+/)
      .filter((line) => /[!-~]/.test(line))
      .at(-1) ?? "";
  const quote = lastLine === "" ? "it has no readable line" : `its last line is ${quoted(lastLine)}`;
  return known ? `${known.meaning}; ${quote}` : quote;
}

/** The panic that a log shows behind its log-in prompt, or null. The board that printed it is not up. */
export function panicBehind(log: Uint8Array, promptEnd: number): string | null {
  const panic = [...textOf(log.subarray(promptEnd)).matchAll(PANIC)].at(-1);
  return panic ? quoted(panic[0]) : null;
}
