/** The JSON object at the end of the demonstration: its keys, their order, and helpers to fill it. */
import { createHash } from "node:crypto";

/** Null means that the value was not measured, because an earlier step failed. */
export interface Result {
  board: string;
  image_bytes: number;
  wasm_bytes: number | null;
  /** Emulated time at which COMPUTE_RUN was asserted. */
  powered_on_at_ms: number | null;
  rail_order: string[];
  bootlog_sent: number | null;
  bootlog_captured: number | null;
  bootlog_dropped: number | null;
  bootlog_sha256_sent: string | null;
  bootlog_sha256_captured: string | null;
  v5_mv: number | null;
  i5_ma: number | null;
  /** From the Enter of `power off` to the last rail down; null if the board did not halt by itself. */
  graceful_off_ms: number | null;
  stack_high_water_bytes: number | null;
  ram_used_bytes: number | null;
  flash_used_bytes: number | null;
  emulated_ms: number;
  wall_ms: number;
  warnings: number;
}

/** A result with nothing measured yet; the order of its keys is the order of the output. */
export function emptyResult(board: string, imageBytes: number, wasmBytes: number | null): Result {
  return {
    board,
    image_bytes: imageBytes,
    wasm_bytes: wasmBytes,
    powered_on_at_ms: null,
    rail_order: [],
    bootlog_sent: null,
    bootlog_captured: null,
    bootlog_dropped: null,
    bootlog_sha256_sent: null,
    bootlog_sha256_captured: null,
    v5_mv: null,
    i5_ma: null,
    graceful_off_ms: null,
    stack_high_water_bytes: null,
    ram_used_bytes: null,
    flash_used_bytes: null,
    emulated_ms: 0,
    wall_ms: 0,
    warnings: 0,
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Milliseconds rounded to whole microseconds, so that runs can be compared. */
export function milliseconds(nanos: number): number {
  return Math.round(nanos / 1000) / 1000;
}

const UF2_BLOCK_BYTES = 512;
const UF2_PAYLOAD_LENGTH_OFFSET = 16;

/** Payload bytes of a UF2 file that the emulated chip has already accepted. */
export function imageBytes(uf2: Uint8Array): number {
  const view = new DataView(uf2.buffer, uf2.byteOffset, uf2.byteLength);
  let total = 0;
  for (let block = 0; block + UF2_BLOCK_BYTES <= uf2.length; block += UF2_BLOCK_BYTES) {
    total += view.getUint32(block + UF2_PAYLOAD_LENGTH_OFFSET, true);
  }
  return total;
}
