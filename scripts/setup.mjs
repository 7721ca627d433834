/**
 * Sets up a machine so that the project can be built: installs the Node packages of the lock file and, for
 * commands that build, the ARM toolchain. If both are there it returns quickly and does nothing.
 *
 * It prints everything to stderr: `npm start </dev/null` promises JSON as its last line on stdout.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./setup/lock.mjs";
import { notWritable } from "./setup/not-writable.mjs";
import { installPackages, packagesProblem } from "./setup/packages.mjs";
import { StepFailed } from "./setup/step.mjs";
import { ensureToolchain, toolchainProblem } from "./setup/toolchain.mjs";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

/**
 * @param {{ toolchain: boolean }} needs
 * @returns {Promise<{ ok: true } | { ok: false, status: number }>}
 */
export async function setUp({ toolchain }) {
  const missing = () => packagesProblem(PROJECT) ?? (toolchain ? toolchainProblem() : undefined);
  if (missing() === undefined) return { ok: true };
  try {
    await withLock(join(PROJECT, "build/.setup-lock"), async () => {
      // Check again: the process that held the lock before may have installed everything.
      const problem = packagesProblem(PROJECT);
      if (problem !== undefined) await installPackages(PROJECT, problem);
      if (toolchain) await ensureToolchain();
    });
    return { ok: true };
  } catch (error) {
    const foreign = notWritable(error, PROJECT);
    if (foreign !== undefined) {
      console.error(`set-up: ${foreign}`);
      return { ok: false, status: 1 };
    }
    if (!(error instanceof StepFailed)) throw error;
    console.error(error.message);
    return { ok: false, status: error.status };
  }
}
