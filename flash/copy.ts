/**
 * Writes an image to a BOOTSEL volume and finds out whether it arrived.
 *
 * The boot ROM flashes each block as it comes in and restarts the board after the last one, which
 * takes the volume away: that it does is the ROM's own word that every block was taken. Where the
 * volume stays, the file is read back and compared, which shows what the system has, perhaps in
 * its cache, and not what the flash holds.
 */
import { closeSync, fsyncSync, openSync, readFileSync, statfsSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isGone, type Volume } from "./volumes.ts";

const FILE_NAME = "FIRMWARE.UF2";
/** 64 blocks: a step small enough to show progress, large enough for USB to be quick. */
const CHUNK_BYTES = 64 * 512;
/** The ROM restarts within a second; a desktop may take a little to notice. Chosen. */
const RESTART_DEADLINE_MS = 5_000;
const RESTART_POLL_MS = 100;

/** What stopped the copy, and the next step. */
export class CopyError extends Error {}

export type Outcome = "restarted" | "read-back";

/** Copies and verifies; `progress` is told the bytes handed over so far. */
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

/** Returns how many bytes were handed over; less than all when the volume went away meanwhile. */
function write(image: Uint8Array, path: string, volume: Volume, progress: (bytes: number) => void): number {
  let written = 0;
  let file: number | undefined;
  try {
    file = openSync(path, "w");
    progress(0);
    while (written < image.length) {
      written += writeSync(file, image, written, Math.min(CHUNK_BYTES, image.length - written));
      // Out of the page cache and onto the board, so that the progress shown is the board's.
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
    // The board restarts as soon as it has the last block: the call that delivered it may then fail.
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
    `what ${path} reads back as differs from the image at byte ${at < 0 ? image.length : at}. ` +
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
    // The volume is gone, and the file with it.
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // A part of a file that cannot be removed does no harm: the ROM waits for the rest of the blocks.
  }
}
