/**
 * The ARM compiler, and objects compiled at most once: an object is kept under a hash of all that
 * went into it (compiler, flags, the source and every header it could see), so that building three
 * boards or running the tests again costs only what really changed.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";

export const PREFIX = "arm-none-eabi-";

/** Version line of the compiler. Throws an Error that says what to install. */
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

/** Runs a tool of the chain. Throws an Error with what it said. */
export async function run(tool: string, options: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, options, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let complaints = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      complaints += chunk;
    });
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`${tool} failed:\n${complaints || output}`));
    });
  });
}

export interface Compilation {
  readonly source: string;
  readonly flags: readonly string[];
  /** Folders whose headers the source can see, besides the compiler's own. */
  readonly includes: readonly string[];
}

/** Object files for the sources, in order, from the cache where nothing changed. */
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
      // Written elsewhere and moved: an interrupted compilation must not look like a finished one.
      const partial = `${object}.${process.pid}.tmp`;
      // For quoted names only: host/capacities.h must not hide the C library's.
      const folders = includes.flatMap((folder) => ["-iquote", folder]);
      await run(`${PREFIX}gcc`, [...flags, ...folders, "-c", source, "-o", partial]);
      renameSync(partial, object);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return objects;
}

/** Keeps the time stamp where nothing changed: a debugger compares it with the image's. */
export function writeIfChanged(path: string, text: string): void {
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch {
    // Not there yet.
  }
  writeFileSync(path, text);
}
