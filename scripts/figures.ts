/** `npm run figures`: builds the image, then measures it in the emulator (simulator/figures.ts). */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { handOver } from "./setup/hand-over.mjs";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

async function main(options: readonly string[]): Promise<number> {
  const measure = ["simulator/figures.ts", ...options];
  if (options.includes("--help")) return handOver(measure);
  const build = ["--import", "tsx", "scripts/build.ts", "--quiet"];
  const { status } = spawnSync(process.execPath, build, { cwd: PROJECT, stdio: ["ignore", 2, 2] });
  return status === 0 ? handOver(measure) : (status ?? 1);
}

process.exitCode = await main(process.argv.slice(2));
