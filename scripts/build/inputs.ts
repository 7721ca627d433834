/** Determines whether anything that goes into an image has changed since the image was built. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** The files and folders an image is made from. The lock file stands for node_modules. */
const INPUTS = [
  "abi",
  "asconfig.json",
  "assembly",
  "boards",
  "flash/uf2.ts",
  "host",
  "package-lock.json",
  "scripts/boards",
  "scripts/build",
  "scripts/build.ts",
  // wasm3 compiles the logic in the emulator.
  "simulator/tools/bare.ts",
  "simulator/chip",
  "simulator/tools/elf.ts",
];

/** The files that a finished build leaves. */
const OUTPUTS = ["board.json", "firmware.elf", "firmware.uf2", "logic.wasm", "size.json"];
const STAMP = "inputs.sha256";

/** Returns one digest of every input and of `settings`. */
export function digestOfInputs(settings: readonly string[], further: readonly string[]): string {
  const digest = createHash("sha256").update(JSON.stringify(settings));
  const add = (path: string) => {
    const absolute = join(PROJECT, path);
    if (statSync(absolute).isDirectory()) {
      for (const name of readdirSync(absolute).sort()) add(join(path, name));
    } else {
      const content = readFileSync(absolute);
      digest.update(`${path}\0${content.length}\0`).update(content);
    }
  };
  for (const path of [...INPUTS, ...further]) add(path);
  return digest.digest("hex");
}

/** Returns true if `out` holds a finished build of exactly these inputs. */
export function isUpToDate(out: string, digest: string): boolean {
  const stamp = join(out, STAMP);
  return (
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === digest &&
    OUTPUTS.every((name) => existsSync(join(out, name)))
  );
}

/** Call it before a build: until the build ends, the files in `out` do not match their digest. */
export function forget(out: string): void {
  rmSync(join(out, STAMP), { force: true });
}

/** Call it after a build. */
export function remember(out: string, digest: string): void {
  writeFileSync(join(out, STAMP), digest);
}
