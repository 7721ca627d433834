/**
 * Boot log and consoles over the SMBus. Output is asked for by position, and the same position gives the
 * same bytes, so that a reader may ask again after an error and goes on where it was after any break.
 */
import { RefusedError } from "./bus.ts";
import type { SlotClient } from "./client.ts";
import { BLOCK_BYTES } from "./generated/commands.ts";

export interface Chunk {
  /** Of its first byte, counted since the BMC's start, modulo 2^32. */
  readonly position: number;
  /**
   * Bytes before it that are no longer kept: the reader was too slow. 0 where the BMC has started anew
   * meanwhile.
   */
  readonly lost: number;
  readonly data: Uint8Array;
  /** Where the next one begins: what to resume from. */
  readonly next: number;
}

type Stream = "MFR_LOG_READ" | "MFR_CONSOLE_OUTPUT";

const POSITIONS = 2 ** 32;

/** Twice the tenth of a second in which the compute board's line takes all that the host keeps for it. */
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 10;

/** What there is from a position on, up to what is the newest now; ends there. */
export async function* readLog(slot: SlotClient, from?: number): AsyncGenerator<Chunk> {
  yield* chunks(slot, "MFR_LOG_READ", from ?? (await slot.get("MFR_LOG_STATUS")).oldest);
}

/** What the BMC's console printed, as `readLog`; from 0 on it begins with what is kept. */
export async function* readConsole(slot: SlotClient, from = 0): AsyncGenerator<Chunk> {
  yield* chunks(slot, "MFR_CONSOLE_OUTPUT", from);
}

async function* chunks(slot: SlotClient, stream: Stream, from: number): AsyncGenerator<Chunk> {
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
 * Types on the BMC's console or the compute board's, as many bytes at a time as a block holds. A client that
 * verifies sends a block again that found no room, after a `pause`; when there is none for long, that is its
 * RefusedError.
 */
export async function typeText(
  slot: SlotClient,
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
