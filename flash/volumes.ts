/**
 * Finds the USB volumes that RP2040 boards show in BOOTSEL mode. The boot ROM puts a file
 * INFO_UF2.TXT on them whose Board-ID is RPI-RP2 (datasheet 2.8.4); the volume's label says the
 * same, but a label is what any USB stick may carry.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join, posix, resolve } from "node:path";

const INFO_FILE = "INFO_UF2.TXT";
/** The ROM's file has about 60 bytes; whatever is longer than this is something else. */
const INFO_MAXIMUM_BYTES = 4096;
const BOARD_ID = "RPI-RP2";

export interface Volume {
  readonly path: string;
  /** Board-ID of its INFO_UF2.TXT; undefined when the file has none. */
  readonly boardId: string | undefined;
  readonly isRp2040: boolean;
  /** Block device it is mounted from, where the system tells. */
  readonly device: string | undefined;
}

/** What of the operating system matters here; a test brings its own. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** Text of /proc/mounts, empty where there is none. */
  readonly mounts: string;
  /** Folders whose entries, or entries' entries, may be volumes. */
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

/** Every UF2 bootloader volume there is, of whatever chip. */
export function findVolumes(system: Surroundings): Volume[] {
  const paths = new Set([
    ...fatMounts(system.mounts).map(({ path }) => path),
    ...system.roots.flatMap(({ path, depth }) => foldersBelow(path, depth)),
    ...(system.platform === "win32" ? driveLetters() : []),
  ]);
  return [...paths].map((path) => volumeAt(path, system)).filter((volume) => volume !== undefined);
}

/** The volume in this folder, or undefined when there is no INFO_UF2.TXT. */
export function volumeAt(path: string, system: Surroundings): Volume | undefined {
  const info = readInfo(path);
  if (info === undefined) return undefined;
  const boardId = /^Board-ID:[ \t]*(\S+)/im.exec(info)?.[1];
  // All mounts count here, not only FAT: a volume named by hand may be anything.
  const device = mountLines(system.mounts).find((mount) => mount.path === resolve(path))?.device;
  return { path, boardId, isRp2040: boardId === BOARD_ID, device };
}

/** Whether the board has taken its volume away. A mount outlives its device, so that is looked at first. */
export function isGone(volume: Volume): boolean {
  if (volume.device?.startsWith("/dev/") && !existsSync(volume.device)) return true;
  return readInfo(volume.path) === undefined;
}

/** The device of a board that is plugged in but not mounted, as on machines without a desktop. */
export function unmountedDevice(system: Surroundings): string | undefined {
  const device = `/dev/disk/by-label/${BOARD_ID}`;
  return system.platform === "linux" && existsSync(device) ? device : undefined;
}

/** Upper or lower case: FAT does not care, and what the system shows depends on how it mounts. */
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

/** proc(5): blanks and the like in a path are written as octal escapes. */
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
