/**
 * Tests which volumes count as boards in BOOTSEL mode on the three systems, with folders in place of
 * volumes.
 */
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findVolumes, isGone, type Surroundings, volumeAt } from "../../flash/volumes.ts";
import { RP2350_INFO, temporaryFolder, volumeFolder } from "./bootsel.ts";

const NOWHERE: Surroundings = { platform: "linux", mounts: "", roots: [] };

test("on Linux a FAT mount is found, with its device, wherever it is", (context) => {
  const folder = temporaryFolder(context);
  const path = volumeFolder(join(folder, "RPI RP2"));
  const ignored = volumeFolder(join(folder, "ext"));
  const mounts = [
    "proc /proc proc rw 0 0",
    `/dev/sda1 ${path.replace("RPI RP2", "RPI\\040RP2")} vfat rw,nosuid 0 0`,
    `/dev/sdb1 ${ignored} ext4 rw 0 0`,
    `/dev/sdc1 ${join(folder, "gone")} vfat rw 0 0`,
    "a line that makes no sense",
  ].join("\n");
  assert.deepEqual(findVolumes({ ...NOWHERE, mounts }), [
    { path, boardId: "RPI-RP2", isRp2040: true, device: "/dev/sda1" },
  ]);
});

test("folders of volumes are searched one or two levels deep", (context) => {
  const folder = temporaryFolder(context);
  const shallow = volumeFolder(join(folder, "RPI-RP2"));
  const deep = volumeFolder(join(folder, "user", "RPI-RP2"));
  mkdirSync(join(folder, "user", "USB stick"));
  const found = (depth: 1 | 2) =>
    findVolumes({ ...NOWHERE, roots: [{ path: folder, depth }] }).map(({ path }) => path);
  assert.deepEqual(found(1), [shallow]);
  assert.deepEqual(found(2), [deep]);
  assert.deepEqual(findVolumes({ ...NOWHERE, roots: [{ path: join(folder, "none"), depth: 2 }] }), []);
});

test("a volume found in two ways counts once", (context) => {
  const folder = temporaryFolder(context);
  const path = volumeFolder(join(folder, "RPI-RP2"));
  const mounts = `/dev/sda1 ${path} vfat rw 0 0\n`;
  assert.equal(findVolumes({ ...NOWHERE, mounts, roots: [{ path: folder, depth: 1 }] }).length, 1);
});

test("the bootloader of another chip is recognized by its Board-ID", (context) => {
  const path = volumeFolder(join(temporaryFolder(context), "RP2350"), RP2350_INFO);
  assert.deepEqual(volumeAt(path, NOWHERE), { path, boardId: "RP2350", isRp2040: false, device: undefined });
});

test("the model alone does not make an RP2040", (context) => {
  const path = volumeFolder(join(temporaryFolder(context), "v"), "UF2 Bootloader\nModel: Raspberry Pi RP2\n");
  assert.deepEqual(volumeAt(path, NOWHERE), { path, boardId: undefined, isRp2040: false, device: undefined });
});

test("the file's name may be in lower case, as some mounts show it", (context) => {
  const path = volumeFolder(join(temporaryFolder(context), "v"), undefined, "info_uf2.txt");
  assert.equal(volumeAt(path, NOWHERE)?.isRp2040, true);
});

test("a Board-ID far into a huge file is not believed", (context) => {
  const info = `${"x".repeat(5000)}\nBoard-ID: RPI-RP2\n`;
  const path = volumeFolder(join(temporaryFolder(context), "v"), info);
  assert.equal(volumeAt(path, NOWHERE)?.isRp2040, false);
});

test("a folder without the file is no volume", (context) => {
  assert.equal(volumeAt(temporaryFolder(context), NOWHERE), undefined);
  assert.equal(volumeAt("/nowhere/at/all", NOWHERE), undefined);
});

test("a volume is gone when its file or its device is", (context) => {
  const path = volumeFolder(join(temporaryFolder(context), "v"));
  const volume = volumeAt(path, NOWHERE);
  assert.ok(volume !== undefined);
  assert.equal(isGone(volume), false);
  // A mount can outlive its device, and then answers from the cache.
  assert.equal(isGone({ ...volume, device: "/dev/no-such-device" }), true);
  rmSync(path, { recursive: true });
  assert.equal(isGone(volume), true);
});
