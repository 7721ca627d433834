/**
 * Finds the USB volumes of RP2040 boards in BOOTSEL mode. On each, the boot ROM shows a file INFO_UF2.TXT
 * whose Board-ID is RPI-RP2 (datasheet 2.8.4). The label of the volume is the same, but any USB stick can
 * have that label.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join, posix, resolve } from "node:path";

const INFO_FILE = "INFO_UF2.TXT";
/** The ROM's file has about 60 bytes; a longer file is something else. */
const INFO_MAXIMUM_BYTES = 4096;
const BOARD_ID = "RPI-RP2";

export interface Volume {
  readonly path: string;
  /** The Board-ID in its INFO_UF2.TXT; undefined if the file has none. */
  readonly boardId: string | undefined;
  readonly isRp2040: boolean;
  /** The block device it is mounted from, if the system reports it. */
  readonly device: string | undefined;
}

/** The parts of the operating system that this file reads. Tests pass in their own. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** Text of /proc/mounts, empty where there is none. */
  readonly mounts: string;
  /** Folders in which volumes may be mounted: depth 1 in the folder itself, depth 2 one level below. */
  readonly roots: readonly { readonly path: string; readonly depth: 1 | 2 }[];
}

export function surroundings(): Surroundings {
  const { platform } = process;
  const roots: Surroundings["roots"] =
    platform === "darwin"
      ? [{ path: "/Volumes", depth: 1 }]
      : [
          { path: "/media", depth: 1 },
          { path: "/media", depth: 2 },
          { path: "/run/media", depth: 2 },
        ];
  return { platform, mounts: readText("/proc/mounts"), roots: platform === "win32" ? [] : roots };
}

/** Returns all volumes of UF2 bootloaders, of any chip. */
export function findVolumes(system: Surroundings): Volume[] {
  const paths = new Set([
    ...fatMounts(system.mounts).map(({ path }) => path),
    ...system.roots.flatMap(({ path, depth }) => foldersBelow(path, depth)),
    ...(system.platform === "win32" ? driveLetters() : []),
  ]);
  return [...paths].map((path) => volumeAt(path, system)).filter((volume) => volume !== undefined);
}

/** Returns the volume in this folder, or undefined if it has no INFO_UF2.TXT. */
export function volumeAt(path: string, system: Surroundings): Volume | undefined {
  const info = readInfo(path);
  if (info === undefined) return undefined;
  const boardId = /^Board-ID:[ \t]*(\S+)/im.exec(info)?.[1];
  // All mounts count here, not only FAT: the user may name a volume of any type.
  const device = mountLines(system.mounts).find((mount) => mount.path === resolve(path))?.device;
  return { path, boardId, isRp2040: boardId === BOARD_ID, device };
}

/**
 * Returns whether the volume has disappeared. A mount can outlive its device, so the device is checked
 * first.
 */
export function isGone(volume: Volume): boolean {
  if (volume.device?.startsWith("/dev/") && !existsSync(volume.device)) return true;
  return readInfo(volume.path) === undefined;
}

/** Returns the device of a board that is plugged in but not mounted, as on a machine without a desktop. */
export function unmountedDevice(system: Surroundings): string | undefined {
  const device = `/dev/disk/by-label/${BOARD_ID}`;
  return system.platform === "linux" && existsSync(device) ? device : undefined;
}

/**
 * Accepts upper and lower case: FAT ignores case, and how the system shows a name depends on the mount
 * options.
 */
function readInfo(folder: string): string | undefined {
  try {
    const name = readdirSync(folder).find((entry) => entry.toUpperCase() === INFO_FILE);
    if (name === undefined) return undefined;
    const file = openSync(join(folder, name), "r");
    try {
      const buffer = Buffer.alloc(INFO_MAXIMUM_BYTES);
      return buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

interface Mount {
  readonly device: string;
  readonly path: string;
  readonly type: string;
}

/** proc(5): blanks and some other characters in a path are written as octal escapes. */
function mountLines(text: string): Mount[] {
  const unescaped = (field: string) =>
    field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return text
    .split("\n")
    .map((line) => line.split(" "))
    .filter((fields) => fields.length >= 3)
    .map(([device = "", path = "", type = ""]) => ({ device, path: unescaped(path), type }));
}

function fatMounts(text: string): Mount[] {
  return mountLines(text).filter(({ type }) => type === "vfat" || type === "msdos");
}

function foldersBelow(path: string, depth: 1 | 2): string[] {
  const children = listFolders(path).map((name) => posix.join(path, name));
  return depth === 1 ? children : children.flatMap((child) => foldersBelow(child, 1));
}

function listFolders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function driveLetters(): string[] {
  return Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (letter) => `${letter}:\\`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
