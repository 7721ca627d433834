/**
 * `npm start`: builds the board's image, then runs the slot in the emulator. The emulator is a
 * program of its own (simulator/start.ts) that knows only the built files; this one gets them
 * there and passes the terminal, signals and exit status through.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { handOver } from "./setup/hand-over.mjs";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const SIMULATOR = "simulator/start.ts";

/** The options that the build has to know as well; the emulator checks everything. */
function buildOptions(options: readonly string[]): string[] {
  return ["--board", "--engine"].flatMap((name) => {
    const index = options.findIndex((option) => option === name || option.startsWith(`${name}=`));
    if (index < 0) return [];
    return options[index] === name ? options.slice(index, index + 2) : [options[index] as string];
  });
}

/** Exit status of the build. Its output goes to stderr: stdout belongs to the demonstration's result. */
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
  // A slip in the options must not cost a build first.
  const checked = await handOver([SIMULATOR, "--check-options", ...options]);
  if (checked !== 0) return checked;
  const built = build(options);
  return built === 0 ? handOver([SIMULATOR, ...options]) : built;
}

process.exitCode = await main(process.argv.slice(2));
