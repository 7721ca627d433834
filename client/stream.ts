/**
 * Reads the boot log and the console over the SMBus, and types on the consoles. Output is read by position,
 * and the same position gives the same bytes: after an error or a break a reader asks again and misses
 * nothing.
 */
import { RefusedError } from "./bus.ts";
import { BLOCK_BYTES } from "./generated/commands.ts";
import type { SlotCommands } from "./slot-commands.ts";

export interface Chunk {
  /** Position of its first byte, counted since the BMC's start, modulo 2^32. */
  readonly position: number;
  /**
   * Number of bytes before it that are missing, because the reader was too slow: they are no longer kept, or
   * the reader has skipped them to stay ahead of a ring that moves. 0 where the BMC has restarted meanwhile.
   */
  readonly lost: number;
  readonly data: Uint8Array;
  /** Position at which the next chunk begins, from which a reader can resume. */
  readonly next: number;
}

type Stream = "MFR_LOG_READ" | "MFR_CONSOLE_OUTPUT";

const POSITIONS = 2 ** 32;

/**
 * Two tenths of a second: in one, the compute board's line takes all the bytes that the host holds for it.
 */
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 10;

/** Reads the boot log from a position up to the byte that is the newest by then. */
export async function* readLog(slot: SlotCommands, from?: number): AsyncGenerator<Chunk> {
  yield* chunks(slot, "MFR_LOG_READ", from ?? (await slot.get("MFR_LOG_STATUS")).oldest);
}

/**
 * Reads the output of the BMC's console in the same way; from 0 it begins with the oldest byte that is kept.
 */
export async function* readConsole(slot: SlotCommands, from = 0): AsyncGenerator<Chunk> {
  yield* chunks(slot, "MFR_CONSOLE_OUTPUT", from);
}

async function* chunks(slot: SlotCommands, stream: Stream, from: number): AsyncGenerator<Chunk> {
  for (let position = from; ; ) {
    let answer = await slot.call(stream, { position });
    if (isLater(answer.position, position) && stream === "MFR_LOG_READ") {
      const ahead = await skippedAhead(slot, answer.position);
      if (ahead !== null) answer = await slot.call(stream, { position: ahead });
    }
    const lost = isLater(answer.position, position) ? distance(position, answer.position) : 0;
    const next = (answer.position + answer.data.length) % POSITIONS;
    if (answer.data.length === 0) return;
    yield { position: answer.position, lost, data: answer.data, next };
    position = next;
  }
}

/**
 * Where a reader goes on that the ring has overtaken, or null where the ring stands still: then nothing more
 * is lost. While the board prints faster than the bus carries, a reader at the oldest byte would lose some
 * before every slice of 28 bytes. The middle of what is kept is our choice: it gives up half, and 16 KB of
 * lead are good for 45 KB without a gap at 115200 baud on a bus of 100 kHz.
 */
async function skippedAhead(slot: SlotCommands, position: number): Promise<number | null> {
  const { oldest, captured } = await slot.get("MFR_LOG_STATUS");
  if (!isLater(oldest, position)) return null;
  return (oldest + Math.floor(distance(oldest, captured) / 2)) % POSITIONS;
}

/** Bytes from one position to a later one; positions wrap. */
function distance(from: number, to: number): number {
  return (to - from + POSITIONS) % POSITIONS;
}

function isLater(position: number, than: number): boolean {
  const ahead = distance(than, position);
  return ahead > 0 && ahead < POSITIONS / 2;
}

/**
 * Types on the BMC's console or on the compute board's, in blocks. Where the slot has no room for a block, a
 * client that verifies sends it again after a `pause` of some milliseconds. Throws its RefusedError where
 * there is no room for 0.2 s.
 */
export async function typeText(
  slot: SlotCommands,
  into: "MFR_CONSOLE_INPUT" | "MFR_COMPUTE_INPUT",
  text: string,
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  const bytes = Buffer.from(text, "utf8");
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
    await patiently(() => slot.set(into, { data: bytes.subarray(at, at + BLOCK_BYTES) }), pause);
}

async function patiently(write: () => Promise<void>, pause: (ms: number) => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      const isBusy = error instanceof RefusedError && error.reasons.has("BUSY");
      if (!isBusy || tries === BUSY_TRIES) throw error;
    }
    await pause(BUSY_PAUSE_MS);
  }
}
