/**
 * Scans a boot log: finds the ends of lines, the longest line, and the lines that report a problem or that
 * the machine is up. One pass over the bytes. A table says for each byte whether it needs a closer check,
 * because nearly none does.
 */
import { copyText, LENGTH, matches, NAME_BYTES, putNames } from "./common";

const WORDS: StaticArray<string> = ["panic", "login:", "error", "FAILED"];
/**
 * The table's value for a byte: 0, or 1 plus the index of the word that begins with it, or this for a line
 * end.
 */
const LINE_END: u32 = 255;

/** Each is printed with a time before it, ROUNDS times. They resemble a Raspberry Pi's messages. */
const MESSAGES: StaticArray<string> = [
  "Booting Linux on physical CPU 0x0000000000 [0x410fd083]",
  "Machine model: Raspberry Pi Compute Module 4 Rev 1.1",
  "Zone ranges: DMA [mem 0x0000000000000000-0x000000003fffffff]",
  "Kernel command line: console=ttyAMA0,115200 root=PARTUUID=8a43 rootfstype=ext4 fsck.repair=yes panic=10 rw",
  "Dentry cache hash table entries: 524288 (order: 10, 4194304 bytes, linear)",
  "rcu: Hierarchical RCU implementation.",
  "Console: colour dummy device 80x25",
  "SMP: Total of 4 processors activated.",
  "pinctrl core: initialized pinctrl subsystem",
  "NET: Registered PF_INET protocol family",
  "iproc-rng200 fe104000.rng: hwrng registered",
  "brcm-pcie fd500000.pcie: link down",
  "mmc0: new high speed SDIO card at address 0001",
  "mmcblk0: p1 p2",
  "EXT4-fs (mmcblk0p2): mounted filesystem with ordered data mode. Quota mode: none.",
  "usb 1-1: device descriptor read/64, error -71",
  "systemd[1]: Started Journal Service.",
  "systemd[1]: [FAILED] Failed to start Load Kernel Modules.",
  "bcmgenet fd580000.ethernet eth0: Link is Up - 1Gbps/Full - flow control rx/tx",
  "slot1 login: ",
];
const ROUNDS: u32 = 3;

const words: usize = memory.data(32, 4);
const text: usize = memory.data(4608, 4);
const classes: usize = memory.data(256, 4);
let textEnd: usize = 0;

export function prepareLineScan(): void {
  putNames(words, WORDS);
  memory.fill(classes, 0, 256);
  for (let word = 0; word < WORDS.length; word++) {
    store<u8>(classes + load<u8>(changetype<usize>(unchecked(WORDS[word]))), <u8>(word + 1));
  }
  store<u8>(classes + 0x0a, <u8>LINE_END);
  let at = text;
  let time_us: u32 = 0;
  for (let round: u32 = 0; round < ROUNDS; round++) {
    for (let i = 0; i < MESSAGES.length; i++) {
      at = copyTime(at, time_us);
      at = copyText(at, unchecked(MESSAGES[i]));
      at = copyText(at, "\r\n");
      time_us += 48271;
    }
  }
  textEnd = at;
}

/** Writes a time as the Linux kernel does: "[    1.234567] ". */
function copyTime(at: usize, time_us: u32): usize {
  at = copyText(at, "[    0.000000] ");
  for (let digit = at - 3; time_us != 0; digit--) {
    if (load<u8>(digit) == 0x2e) digit--;
    store<u8>(digit, <u8>(0x30 + (time_us % 10)));
    time_us /= 10;
  }
  return at;
}

export function line_scan(): u32 {
  const end = textEnd;
  let sum: u32 = 0;
  let lines: u32 = 0;
  let longest: u32 = 0;
  let found: u32 = 0;
  let start = text;
  for (let at = text; at != end; at++) {
    const kind: u32 = load<u8>(classes + load<u8>(at));
    if (kind == 0) continue;
    if (kind == LINE_END) {
      // The carriage return does not belong to the line.
      const length = <u32>(at > start && load<u8>(at - 1) == 0x0d ? at - start - 1 : at - start);
      if (length > longest) longest = length;
      if (found != 0) {
        sum = sum * 31 + lines;
        sum = sum * 31 + found;
      }
      lines++;
      found = 0;
      start = at + 1;
    } else {
      const word = words + (kind - 1) * NAME_BYTES;
      if (end - at >= load<u32>(word, LENGTH) && matches(at, word)) found |= 1 << kind;
    }
  }
  sum = sum * 31 + lines;
  return sum * 31 + longest;
}
