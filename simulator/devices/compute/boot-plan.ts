/**
 * Decides when the compute board sends each piece of its boot log. The plan gives the bytes the pace of a
 * real boot: it keeps to time stamps, a transfer takes as long as its size says, and a boot loader that waits
 * for a link waits here too. The plan is computed once, from the log alone, and never changes a byte.
 */
import { BIT_NANOS_115200, BITS_PER_FRAME, NANOS_PER_MS, NANOS_PER_SECOND } from "../world.ts";

export type BootStage = "bootloader" | "network boot" | "firmware" | "kernel" | "userspace" | "log-in prompt";

/**
 * Bytes that go out back to back. They start `startNanos` after the board was released from reset, or later
 * if the wire is still busy.
 */
export interface BootStep {
  readonly offset: number;
  readonly length: number;
  readonly startNanos: number;
  readonly stage: BootStage;
}

export interface BootPlan {
  readonly steps: readonly BootStep[];
  /** Offset just behind the log-in prompt; null when the log never gets that far. */
  readonly promptEnd: number | null;
  /** The time at which the last byte's stop bit ends. */
  readonly endNanos: number;
}

/**
 * From reset to the boot loader's first byte: the mask ROM and loading from the EEPROM. Our choice: about
 * what boards of this kind take.
 */
const FIRST_BYTE_MS = 450;
/**
 * The longest single pause that a time stamp can cause, whatever it claims. Pauses in real logs are shorter.
 */
const LONGEST_PAUSE_MS = 20_000;
/** Our choice: a link of 1 Gbit/s with a TFTP server that answers block by block. */
const TRANSFER_BYTES_PER_MS = 14_000;
const LONGEST_TRANSFER_MS = 3000;

/** Pause between lines without a time stamp of their own. Our choice, from watching boards boot. */
const LINE_PAUSE_MS: Record<BootStage, number> = {
  bootloader: 12,
  "network boot": 20,
  firmware: 8,
  kernel: 4,
  userspace: 45,
  "log-in prompt": 80,
};

/**
 * Lines around slow work. A line that ends the work waits before it goes out. A line that begins the work is
 * followed by the pause.
 */
const SLOW: readonly { readonly pattern: RegExp; readonly beforeMs?: number; readonly afterMs?: number }[] = [
  { pattern: /SDRAM/, afterMs: 180 },
  { pattern: /Reset USB port-power/, afterMs: 1000 },
  { pattern: /wait for link/i, afterMs: 2200 },
  { pattern: /link (is )?up/i, beforeMs: 900 },
  { pattern: /DHCP.*(offer|ack)/i, beforeMs: 280 },
  { pattern: /broadcasting discover/, afterMs: 900 },
  { pattern: /^Starting start4?\.elf/, afterMs: 600 },
  { pattern: /Insert SD-CARD/, beforeMs: 1000 },
  { pattern: /login: ?$/, beforeMs: 400 },
];

const TRANSFER = /\b(?:bytes|size)[ =:]+(\d+)|\b(\d+) bytes\b/;
const KERNEL_STAMP = /(?:^|(?<=\s))\[ {0,4}(\d{1,9})\.(\d{6})\]/g;
const FIRMWARE_STAMP = /^MESS:(\d\d):(\d\d):(\d\d)\.(\d{6}):/;
const PROMPT = /(?:^|[\r\n])(?!Last )[^\r\n]*\blogin: ?/;

/** The texts that show which stage a boot has reached, in the order of a boot. A board never goes back. */
const STAGE_SIGNS: readonly { readonly stage: BootStage; readonly pattern: RegExp }[] = [
  { stage: "network boot", pattern: /\bNET_BOOT\b|\bDHCP\b|\bTFTP\b|Boot mode: NETWORK/ },
  { stage: "firmware", pattern: /^Starting start4?\.elf|^MESS:/ },
  { stage: "kernel", pattern: /^\[ {0,4}\d+\.\d{6}\]|Booting Linux/ },
  { stage: "userspace", pattern: /Run \/(sbin\/)?init as|systemd\[1\]:|^INIT: version/ },
];

const STAGES: readonly BootStage[] = [
  "bootloader",
  ...STAGE_SIGNS.map((sign) => sign.stage),
  "log-in prompt",
];

interface Piece {
  readonly offset: number;
  readonly text: string;
}

/**
 * Splits a log into lines, each with its line end. A kernel message in the middle of a line starts a new
 * piece.
 */
function pieces(text: string, promptEnd: number | null): Piece[] {
  const cuts = new Set<number>([0]);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) cuts.add(at + 1);
  for (const stamp of text.matchAll(KERNEL_STAMP)) cuts.add(stamp.index);
  if (promptEnd !== null) cuts.add(promptEnd);
  cuts.delete(text.length);
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.map((offset, index) => ({
    offset,
    text: text.slice(offset, sorted[index + 1] ?? text.length),
  }));
}

/** Offset just behind `login:` and the blank that follows it, or null without a log-in prompt. */
export function findPromptEnd(log: Uint8Array): number | null {
  const match = PROMPT.exec(Buffer.from(log).toString("latin1"));
  return match ? match.index + match[0].length : null;
}

function stampNanos(text: string): { clock: "kernel" | "firmware"; nanos: number } | null {
  const firmware = FIRMWARE_STAMP.exec(text);
  if (firmware) {
    const [hours, minutes, seconds, micros] = firmware.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    return {
      clock: "firmware",
      nanos: (hours * 3600 + minutes * 60 + seconds) * NANOS_PER_SECOND + micros * 1000,
    };
  }
  const kernel = /^\[ *(\d+)\.(\d+)\]/.exec(text);
  if (kernel)
    return { clock: "kernel", nanos: Number(kernel[1]) * NANOS_PER_SECOND + Number(kernel[2]) * 1000 };
  return null;
}

function transferMs(text: string, stage: BootStage): number {
  if (stage === "kernel" || stage === "userspace" || stage === "log-in prompt") return 0;
  const match = TRANSFER.exec(text);
  const bytes = Number(match?.[1] ?? match?.[2] ?? 0);
  return Math.min(LONGEST_TRANSFER_MS, bytes / TRANSFER_BYTES_PER_MS);
}

function nextStage(stage: BootStage, text: string): BootStage {
  let reached = STAGES.indexOf(stage);
  for (const sign of STAGE_SIGNS) {
    const index = STAGES.indexOf(sign.stage);
    if (index > reached && sign.pattern.test(text)) reached = index;
  }
  return STAGES[reached] as BootStage;
}

/** Plans a whole log. The log may contain any bytes: lines that nothing here recognises go out one by one. */
export function planBoot(log: Uint8Array, bitNanos = BIT_NANOS_115200): BootPlan {
  const promptEnd = findPromptEnd(log);
  const steps: BootStep[] = [];
  /** The plan's time at which each time stamp's clock was zero. */
  const zeroNanos = new Map<string, number>();
  let stage: BootStage = "bootloader";
  let freeNanos = 0;
  let pauseMs = FIRST_BYTE_MS;
  for (const piece of pieces(Buffer.from(log).toString("latin1"), promptEnd)) {
    const line = piece.text.trimEnd();
    stage = promptEnd !== null && piece.offset >= promptEnd ? "log-in prompt" : nextStage(stage, line);
    const slow = SLOW.find((entry) => entry.pattern.test(line) || entry.pattern.test(piece.text));
    const pausedNanos =
      freeNanos + (pauseMs + (slow?.beforeMs ?? 0) + transferMs(line, stage)) * NANOS_PER_MS;
    const stamp = stampNanos(line);
    const zero = stamp ? zeroNanos.get(stamp.clock) : undefined;
    let startNanos = pausedNanos;
    if (stamp && zero !== undefined && zero + stamp.nanos <= freeNanos + LONGEST_PAUSE_MS * NANOS_PER_MS) {
      // The kernel logs faster than 115200 baud, so that the wire may be behind it. Then there is no pause.
      startNanos = Math.max(freeNanos, zero + stamp.nanos);
    } else if (stamp) {
      zeroNanos.set(stamp.clock, startNanos - stamp.nanos);
    }
    steps.push({ offset: piece.offset, length: piece.text.length, startNanos, stage });
    freeNanos = startNanos + piece.text.length * BITS_PER_FRAME * bitNanos;
    pauseMs = (line === "" ? 0 : LINE_PAUSE_MS[stage]) + (slow?.afterMs ?? 0);
  }
  return { steps, promptEnd, endNanos: freeNanos };
}
