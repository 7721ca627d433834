/**
 * Brings a machine to where the project can be built: Node packages as the lock file says and,
 * for commands that build, the ARM toolchain. Does nothing, quickly, when all is there.
 *
 * Everything it prints goes to stderr: `npm start </dev/null` promises JSON as its last line on stdout.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./setup/lock.mjs";
import { installPackages, packagesProblem } from "./setup/packages.mjs";
import { notWritable } from "./setup/not-writable.mjs";
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
      // Looked at again: whoever held the lock before may have done it all.
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
