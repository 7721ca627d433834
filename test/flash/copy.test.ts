/** Tests copying to a volume: when a copy counts as verified, and every way it can fail. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CopyError, copyImage } from "../../flash/copy.ts";
import { writeUf2 } from "../../flash/uf2.ts";
import { type Volume, volumeAt } from "../../flash/volumes.ts";
import { temporaryFolder, volumeFolder } from "./bootsel.ts";

const IMAGE = writeUf2(
  Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) & 0xff),
  0x1000_0000,
);
const NOWHERE = { platform: "linux", mounts: "", roots: [] } as const;

function boardAt(path: string): Volume {
  const volume = volumeAt(volumeFolder(path), NOWHERE);
  assert.ok(volume !== undefined);
  return volume;
}

test("a volume that stays is read back and compared", async (context) => {
  const volume = boardAt(join(temporaryFolder(context), "RPI-RP2"));
  const steps: number[] = [];
  assert.equal(await copyImage(IMAGE, volume, (bytes) => steps.push(bytes), 0), "read-back");
  assert.deepEqual(readFileSync(join(volume.path, "FIRMWARE.UF2")), Buffer.from(IMAGE));
  assert.ok(steps.length > 3);
  assert.deepEqual(
    steps,
    [...steps].sort((left, right) => left - right),
  );
  assert.equal(steps.at(-1), IMAGE.length);
});

test("a volume that goes away after the last block is a board that restarted", async (context) => {
  const folder = temporaryFolder(context);
  const volume = boardAt(join(folder, "RPI-RP2"));
  const unplug = (bytes: number) => {
    if (bytes === IMAGE.length) renameSync(volume.path, join(folder, "taken"));
  };
  assert.equal(await copyImage(IMAGE, volume, unplug), "restarted");
  assert.deepEqual(readFileSync(join(folder, "taken", "FIRMWARE.UF2")), Buffer.from(IMAGE));
});

test("a restart that takes a moment is waited for", async (context) => {
  const folder = temporaryFolder(context);
  const volume = boardAt(join(folder, "RPI-RP2"));
  const unplug = (bytes: number) => {
    if (bytes === IMAGE.length) setTimeout(() => renameSync(volume.path, join(folder, "taken")), 150);
  };
  assert.equal(await copyImage(IMAGE, volume, unplug), "restarted");
});

test("what reads back otherwise than written is an error that says where", async (context) => {
  const volume = boardAt(join(temporaryFolder(context), "RPI-RP2"));
  const path = join(volume.path, "FIRMWARE.UF2");
  const corrupt = (bytes: number) => {
    if (bytes !== IMAGE.length) return;
    const file = readFileSync(path);
    file.writeUInt8(file.readUInt8(70_000) ^ 1, 70_000);
    rmSync(path);
    writeFileSync(path, file);
  };
  await assert.rejects(
    copyImage(IMAGE, volume, corrupt, 0),
    /differs from the image at byte 70000 when it is read back\./,
  );
});

test("a file cut short is noticed", async (context) => {
  const volume = boardAt(join(temporaryFolder(context), "RPI-RP2"));
  const path = join(volume.path, "FIRMWARE.UF2");
  const truncate = (bytes: number) => {
    if (bytes === IMAGE.length) writeFileSync(path, readFileSync(path).subarray(0, 512));
  };
  await assert.rejects(
    copyImage(IMAGE, volume, truncate, 0),
    /differs from the image at byte 512 when it is read back\./,
  );
});

test("a full volume is refused before anything is written", async (context) => {
  // A file system that reports no free blocks, as sysfs does, counts as full.
  const mounted = process.platform === "linux" && statfsSync("/sys").blocks === 0;
  if (!mounted) return context.skip("needs sysfs at /sys");
  const volume: Volume = { path: "/sys", boardId: "RPI-RP2", isRp2040: true, device: undefined };
  await assert.rejects(
    copyImage(IMAGE, volume, () => {}, 0),
    /\/sys is full: 0 bytes free, \d+ needed\. .*BOOTSEL/,
  );
});

test("a read-only volume is an error with the next step", async (context) => {
  const volume = boardAt(join(temporaryFolder(context), "RPI-RP2"));
  chmodSync(volume.path, 0o555);
  // Root may write anywhere, so this call runs as another user.
  const root = process.geteuid?.() === 0;
  if (root) {
    chmodSync(join(volume.path, ".."), 0o755);
    process.seteuid?.(65_534);
  }
  try {
    await assert.rejects(
      copyImage(IMAGE, volume, () => {}, 0),
      (error) => {
        assert.ok(error instanceof CopyError);
        assert.match(error.message, /cannot be written \(EACCES\)\. Mount it writable for this user/);
        return true;
      },
    );
  } finally {
    if (root) process.seteuid?.(0);
    chmodSync(volume.path, 0o755);
  }
});

test("a file that cannot be opened for another reason is reported in the system's words", async (context) => {
  const volume = boardAt(join(temporaryFolder(context), "RPI-RP2"));
  mkdirSync(join(volume.path, "FIRMWARE.UF2"));
  await assert.rejects(
    copyImage(IMAGE, volume, () => {}, 0),
    /^Error: writing .*FIRMWARE\.UF2 failed: EISDIR/,
  );
});
