/**
 * Reads the boot log and the console over the SMBus, and types on the consoles. Output is read by position,
 * and the same position gives the same bytes: after an error or a break a reader asks again and misses
 * nothing.
 */
import { RefusedError } from "./bus.ts";
import { BLOCK_BYTES } from "./generated/commands.ts";
import type { SlotCommands } from "./slot-commands.ts";
import type { ValueOf } from "./values.ts";

export interface Chunk {
  /** Position of its first byte, counted since the BMC's start, modulo 2^32. */
  readonly position: number;
  /**
   * Number of bytes before it that are missing, because the reader was too slow: they are no longer kept, or
   * the reader has skipped them to stay ahead of a ring that moves. 0 where the BMC has restarted meanwhile.
   */
  readonly lost: number;
  /** The BMC has restarted. This chunk is empty, and the ones behind it are of the new start. */
  readonly restarted: boolean;
  readonly data: Uint8Array;
  /** Position at which the next chunk begins. */
  readonly next: number;
  /** When the BMC started, as MFR_LOG_STATUS returns it; 0 where its firmware is older than that field. */
  readonly started_ms: number;
}

/**
 * Where a reader begins: at a position, or behind a chunk that it has read before. Only the chunk lets it
 * notice that the BMC has restarted since.
 */
export type ReadFrom = number | Pick<Chunk, "next" | "started_ms">;

type Stream = "MFR_LOG_READ" | "MFR_CONSOLE_OUTPUT";
type Slice = ValueOf<Stream>;

const POSITIONS = 2 ** 32;

/**
 * Slices of 28 bytes that are read before the reader asks whether the BMC is still the same start. Our
 * choice: one message in seventeen, and text that comes on the screen every 70 ms at 100 kHz.
 */
const SLICES_AT_ONCE = 16;

/**
 * Two tenths of a second: in one, the compute board's line takes all the bytes that the host holds for it.
 */
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 10;

/** Reads the boot log, from its oldest byte on by default, up to the byte that is the newest by then. */
export async function* readLog(slot: SlotCommands, from?: ReadFrom): AsyncGenerator<Chunk> {
  yield* chunks(slot, "MFR_LOG_READ", from);
}

/** Reads the output of the BMC's console in the same way. */
export async function* readConsole(slot: SlotCommands, from?: ReadFrom): AsyncGenerator<Chunk> {
  yield* chunks(slot, "MFR_CONSOLE_OUTPUT", from);
}

/**
 * After a restart positions count from 0 again, and one from before it may by now be one of the new log. So
 * the reader gives out what it has read only when the BMC, asked afterwards, is still the same start.
 */
async function* chunks(slot: SlotCommands, stream: Stream, from?: ReadFrom): AsyncGenerator<Chunk> {
  let { position, started_ms } =
    typeof from === "object" ? { ...from, position: from.next } : await beginning(slot, stream, from);
  for (let hasTurnedBack = false; ; ) {
    const { read, isBehindEnd } = await readSlices(slot, stream, position);
    if (read.length === 0 && (!isBehindEnd || hasTurnedBack)) return;
    const now = await beginning(slot, stream);
    if (isBehindEnd || now.started_ms !== started_ms) {
      hasTurnedBack ||= isBehindEnd; // once, so that a device that contradicts itself holds no reader
      ({ position, started_ms } = now);
      yield { position, lost: 0, restarted: true, data: new Uint8Array(0), next: position, started_ms };
      continue;
    }
    for (const slice of read) {
      const lost = isLater(slice.position, position) ? distance(position, slice.position) : 0;
      position = behind(slice);
      yield { ...slice, lost, restarted: false, next: position, started_ms };
    }
  }
}

/** The start of the BMC that runs now, and where to begin: by default with the oldest byte that is kept. */
async function beginning(slot: SlotCommands, stream: Stream, from?: number) {
  const { oldest, started_ms } = await slot.get("MFR_LOG_STATUS");
  return { position: from ?? (stream === "MFR_LOG_READ" ? oldest : 0), started_ms };
}

/**
 * Reads slices as long as there is data. `isBehindEnd`: the position is one that the slot has not reached, so
 * it is from before a restart. That also shows a loss of power, after which the time of the start may be the
 * same.
 */
async function readSlices(slot: SlotCommands, stream: Stream, from: number) {
  const read: Slice[] = [];
  for (let position = from; read.length < SLICES_AT_ONCE; ) {
    let slice: Slice = await slot.call(stream, { position });
    if (isLater(slice.position, position)) slice = await skippedAhead(slot, stream, slice);
    if (slice.data.length === 0)
      return { read, isBehindEnd: read.length === 0 && isLater(position, slice.position) };
    read.push(slice);
    position = behind(slice);
  }
  return { read, isBehindEnd: false };
}

/**
 * The slice with which a reader goes on that the ring has overtaken. `oldest` is what it got instead of the
 * one it asked for. Where the ring stands still, nothing more is lost, and that slice comes again. While the
 * ring moves, because a board prints faster than the bus carries, a reader at the oldest byte would lose some
 * before every slice. The middle of what is kept is our choice: it gives up half, and the 16 KB of lead in
 * the boot log are good for 45 KB without a gap at 115200 baud on a bus of 100 kHz.
 */
async function skippedAhead(slot: SlotCommands, stream: Stream, oldest: Slice): Promise<Slice> {
  const again: Slice = await slot.call(stream, { position: oldest.position });
  if (!isLater(again.position, oldest.position)) return again;
  // Far behind the newest byte there is nothing, and the answer says where the newest one ends.
  const far = (again.position + POSITIONS / 4) % POSITIONS;
  const { position: end } = await slot.call(stream, { position: far });
  const middle = again.position + Math.floor(distance(again.position, end) / 2);
  return slot.call(stream, { position: middle % POSITIONS });
}

function behind({ position, data }: Slice): number {
  return (position + data.length) % POSITIONS;
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
