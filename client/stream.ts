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
   * Number of bytes before it that are no longer kept, because the reader was too slow. 0 where the BMC has
   * restarted meanwhile.
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
    const answer = await slot.call(stream, { position });
    const ahead = (answer.position - position + POSITIONS) % POSITIONS;
    const lost = ahead < POSITIONS / 2 ? ahead : 0;
    const next = (answer.position + answer.data.length) % POSITIONS;
    if (answer.data.length === 0) return;
    yield { position: answer.position, lost, data: answer.data, next };
    position = next;
  }
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
