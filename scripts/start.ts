/**
 * `npm start`: builds the board's image, then runs the slot in the emulator. The emulator is a separate
 * program (simulator/start.ts) that knows only the built files. This program builds them, and passes
 * terminal, signals and exit status through.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { handOver } from "./setup/hand-over.mjs";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const SIMULATOR = "simulator/start.ts";

/** Returns the options that the build needs as well. The emulator checks all of them. */
function buildOptions(options: readonly string[]): string[] {
  return ["--board", "--engine"].flatMap((name) => {
    const index = options.findIndex((option) => option === name || option.startsWith(`${name}=`));
    if (index < 0) return [];
    return options[index] === name ? options.slice(index, index + 2) : [options[index] as string];
  });
}

/**
 * Returns the exit status of the build. Its output goes to stderr: stdout is for the demonstration's
 * result.
 */
function build(options: readonly string[]): number {
  const { status, error } = spawnSync(
    process.execPath,
    ["--import", "tsx", "scripts/build.ts", "--quiet", ...buildOptions(options)],
    { cwd: PROJECT, stdio: ["ignore", 2, 2] },
  );
  if (error !== undefined) console.error(`the build could not be started: ${error.message}`);
  return status ?? 1;
}

async function main(options: readonly string[]): Promise<number> {
  if (options.includes("--help")) return handOver([SIMULATOR, "--help"]);
  // Check the options first, so that a mistake in them does not cost a build.
  const checked = await handOver([SIMULATOR, "--check-options", ...options]);
  // A slot that is served already has its image.
  const attaches = options.some((option) => /^--attach(=|$)/.test(option));
  if (checked !== 0 || attaches) return checked !== 0 ? checked : handOver([SIMULATOR, ...options]);
  const built = build(options);
  return built === 0 ? handOver([SIMULATOR, ...options]) : built;
}

process.exitCode = await main(process.argv.slice(2));
