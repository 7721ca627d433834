/**
 * Runs the ARM compiler, and compiles each source at most once. An object file is stored under a hash of
 * everything that went into it: compiler, flags, source, and every header the source could see. So building
 * three boards, or running the tests again, compiles only what has changed.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";

export const PREFIX = "arm-none-eabi-";

/** Returns the version line of the compiler. Throws an Error that says what to install. */
export function compilerVersion(): string {
  const { status, stdout } = spawnSync(`${PREFIX}gcc`, ["--version"], { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(
      "the ARM compiler (arm-none-eabi-gcc) is missing; on Debian and Ubuntu:\n" +
        "  sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi\n" +
        "elsewhere install the Arm GNU Toolchain and put its bin folder on the PATH",
    );
  }
  return stdout.split("\n")[0] ?? "";
}

/** Runs a tool and returns its output. Throws an Error with the tool's messages if it fails. */
export async function run(tool: string, options: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, options, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`${tool} failed:\n${errors || output}`));
    });
  });
}

export interface Compilation {
  readonly source: string;
  readonly flags: readonly string[];
  /** Folders whose headers the source can see, apart from the compiler's own. */
  readonly includes: readonly string[];
}

/** Returns the object files of the sources, in order. Those of unchanged sources come from the cache. */
export async function compileAll(compilations: readonly Compilation[], cache: string): Promise<string[]> {
  mkdirSync(cache, { recursive: true });
  const version = compilerVersion();
  const headers = new Map<string, string>();
  const hashOfHeaders = (folder: string): string => {
    let hash = headers.get(folder);
    if (hash === undefined) {
      const all = createHash("sha256");
      const paths = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
      const names = paths.filter((path) => path.endsWith(".h"));
      for (const name of names.sort()) all.update(name).update(readFileSync(join(folder, name)));
      hash = all.digest("hex");
      headers.set(folder, hash);
    }
    return hash;
  };
  const objects = compilations.map(({ source, flags, includes }) => {
    const key = createHash("sha256")
      .update(JSON.stringify([version, flags]))
      .update(readFileSync(source));
    for (const folder of includes) key.update(hashOfHeaders(folder));
    return join(cache, `${basename(source)}-${key.digest("hex").slice(0, 20)}.o`);
  });
  const pending = compilations
    .map((compilation, index) => ({ ...compilation, object: objects[index] as string }))
    .filter(({ object }) => !existsSync(object));
  const worker = async () => {
    for (let job = pending.pop(); job; job = pending.pop()) {
      const { source, flags, includes, object } = job;
      // Written under another name and then renamed: an interrupted compilation must not look finished.
      const partial = `${object}.${process.pid}.tmp`;
      // -iquote serves quoted names only: no header of the host can hide one of the C library.
      const folders = includes.flatMap((folder) => ["-iquote", folder]);
      await run(`${PREFIX}gcc`, [...flags, ...folders, "-c", source, "-o", partial]);
      renameSync(partial, object);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return objects;
}

/**
 * Leaves the file and its time stamp alone if nothing has changed: a debugger compares the stamp with the
 * image's.
 */
export function writeIfChanged(path: string, text: string): void {
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch {
    // The file does not exist yet.
  }
  writeFileSync(path, text);
}
