/**
 * Writes an image to a BOOTSEL volume and verifies that it arrived.
 *
 * The boot ROM writes each block to flash as it arrives, and restarts the board after the last one, which
 * removes the volume. So if the volume disappears, the ROM has received every block. If the volume stays,
 * this file reads the image back and compares it. That shows what the system holds, perhaps only in its
 * cache, not what is in flash.
 */
import { closeSync, fsyncSync, openSync, readFileSync, statfsSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isGone, type Volume } from "./volumes.ts";

const FILE_NAME = "FIRMWARE.UF2";
/** 64 blocks. Our choice: small enough to show progress, large enough to keep USB fast. */
const CHUNK_BYTES = 64 * 512;
/**
 * The ROM restarts within a second, and a desktop may take a while to notice. Our choice: five times that.
 */
const RESTART_DEADLINE_MS = 5_000;
const RESTART_POLL_MS = 100;

/** The message says why the copy stopped and what to do next. */
export class CopyError extends Error {}

export type Outcome = "restarted" | "read-back";

/** Copies and verifies. Calls `progress` with the number of bytes written so far. */
export async function copyImage(
  image: Uint8Array,
  volume: Volume,
  progress: (bytes: number) => void,
  restartDeadlineMs = RESTART_DEADLINE_MS,
): Promise<Outcome> {
  checkSpace(image, volume);
  const path = join(volume.path, FILE_NAME);
  const written = write(image, path, volume, progress);
  if (await waitUntilGone(volume, restartDeadlineMs)) {
    if (written === image.length) return "restarted";
    throw new CopyError(
      `the volume went away after ${written} of ${image.length} bytes. ` +
        "Plug the board in again with BOOTSEL held and repeat the command.",
    );
  }
  if (written < image.length)
    throw new CopyError(`only ${written} of ${image.length} bytes could be written`);
  compare(image, path);
  return "read-back";
}

function checkSpace(image: Uint8Array, volume: Volume): void {
  const { bavail, bsize } = statfsSync(volume.path);
  const free = bavail * bsize;
  if (free < image.length) throw full(image, volume, free);
}

function full(image: Uint8Array, volume: Volume, free: number): CopyError {
  return new CopyError(
    `${volume.path} is full: ${free} bytes free, ${image.length} needed. A board in BOOTSEL mode ` +
      "offers 128 MB: unplug it, plug it in again with BOOTSEL held and repeat the command.",
  );
}

/** Returns the number of bytes written. It is less than all if the volume disappeared meanwhile. */
function write(image: Uint8Array, path: string, volume: Volume, progress: (bytes: number) => void): number {
  let written = 0;
  let file: number | undefined;
  try {
    file = openSync(path, "w");
    progress(0);
    while (written < image.length) {
      written += writeSync(file, image, written, Math.min(CHUNK_BYTES, image.length - written));
      // Flush the page cache to the board, so that the progress shown is the board's.
      fsyncSync(file);
      progress(written);
    }
    return written;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC") {
      removeQuietly(path);
      throw full(image, volume, written);
    }
    if (code === "EROFS" || code === "EACCES" || code === "EPERM") {
      throw new CopyError(
        `${volume.path} cannot be written (${code}). Mount it writable for this user, ` +
          "for example by plugging the board in again with BOOTSEL held, and repeat the command.",
      );
    }
    // The board restarts as soon as it has the last block, so the call that wrote that block may fail.
    if (file !== undefined && ["EIO", "ENXIO", "ENODEV", "ENOENT", "EBADF"].includes(code)) return written;
    throw new CopyError(`writing ${path} failed: ${message}`);
  } finally {
    closeQuietly(file);
  }
}

function compare(image: Uint8Array, path: string): void {
  const found = readFileSync(path);
  if (Buffer.compare(found, image) === 0) return;
  const at = image.findIndex((byte, index) => found[index] !== byte);
  throw new CopyError(
    `${path} differs from the image at byte ${at < 0 ? image.length : at} when it is read back. ` +
      "Repeat the command; if it happens again, try another cable or USB port.",
  );
}

async function waitUntilGone(volume: Volume, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    if (isGone(volume)) return true;
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, RESTART_POLL_MS));
  }
}

function closeQuietly(file: number | undefined): void {
  try {
    if (file !== undefined) closeSync(file);
  } catch {
    // The volume is gone, and its file with it.
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // An incomplete file that stays does no harm: the ROM waits for the missing blocks.
  }
}
