/**
 * Folders for tests: one that looks like the volume of a board in BOOTSEL mode, and one that behaves like
 * it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

const RP2040_INFO = "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n";
export const RP2350_INFO = "UF2 Bootloader v1.0\r\nModel: Raspberry Pi RP2350\r\nBoard-ID: RP2350\r\n";

export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "bootsel-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a folder at `path` with this INFO_UF2.TXT. */
export function volumeFolder(path: string, info = RP2040_INFO, name = "INFO_UF2.TXT"): string {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, name), info);
  return path;
}
