/**
 * The ARM toolchain: arm-none-eabi-gcc with newlib for the Cortex-M0+. On Debian and Ubuntu apt installs
 * it, if that is possible without a password. Elsewhere a message says what to install.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { progress, runQuietly, StepFailed } from "./step.mjs";

const PACKAGES = ["gcc-arm-none-eabi", "libnewlib-arm-none-eabi"];

/**
 * Returns what is missing of the toolchain, or undefined.
 * @returns {string | undefined}
 */
export function toolchainProblem() {
  // If the compiler does not find the library, it prints only the file name. Checking for a header would
  // not notice a newlib without the Thumb variant.
  const query = ["-mcpu=cortex-m0plus", "-mthumb", "-print-file-name=libc.a"];
  const answer = spawnSync("arm-none-eabi-gcc", query, { encoding: "utf8" });
  if (answer.error !== undefined || answer.status !== 0) return "arm-none-eabi-gcc is missing";
  return answer.stdout.trim() === "libc.a" ? "newlib for arm-none-eabi is missing" : undefined;
}

/**
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {string} osRelease Text of /etc/os-release, empty if there is none.
 * @property {boolean} root
 * @property {boolean} sudo Whether sudo works without a password.
 */

/**
 * Returns how to install the toolchain on a machine: a command prefix for apt-get, or a message for the user.
 * @param {Machine} machine
 * @returns {{ prefix: readonly string[] } | { message: string }}
 */
export function toolchainPlan({ platform, osRelease, root, sudo }) {
  const apt = `apt-get install ${PACKAGES.join(" ")}`;
  if (platform === "linux" && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease)) {
    if (root) return { prefix: [] };
    if (sudo) return { prefix: ["sudo", "-n"] };
    return { message: `Install it with: sudo ${apt}` };
  }
  if (platform === "darwin") {
    return { message: "Install it with: brew install --cask gcc-arm-embedded" };
  }
  if (platform === "win32") {
    return {
      message:
        "Install the Arm GNU Toolchain for arm-none-eabi from developer.arm.com and let its installer " +
        "add it to PATH, or work in WSL with Debian or Ubuntu.",
    };
  }
  return {
    message:
      "Install GCC for arm-none-eabi and newlib with your package manager. Fedora: dnf install " +
      "arm-none-eabi-gcc-cs arm-none-eabi-newlib. Arch: pacman -S arm-none-eabi-gcc arm-none-eabi-newlib.",
  };
}

/** @returns {Machine} */
function thisMachine() {
  let osRelease = "";
  try {
    osRelease = readFileSync("/etc/os-release", "utf8");
  } catch {
    // Not Linux, or a very small one: apt is not available there.
  }
  const root = process.getuid?.() === 0;
  const sudo = !root && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
  return { platform: process.platform, osRelease, root, sudo };
}

/** Installs what is missing, or throws a `StepFailed` that says how to install it. */
export async function ensureToolchain() {
  const problem = toolchainProblem();
  if (problem === undefined) return;
  const plan = toolchainPlan(thisMachine());
  if ("message" in plan) {
    throw new StepFailed(
      `set-up: ${problem}. ${plan.message}, then run the command again.`.replace("., ", ", "),
    );
  }
  const done = progress(`installing the ARM toolchain with apt-get (${problem})`);
  // Wait for another apt to finish, instead of failing because of its lock.
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  /** @param {string[]} options */
  const apt = (...options) => {
    const [program = "", ...rest] = [...plan.prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    return runQuietly(program, [...rest, ...wait, ...options]);
  };
  // A fresh container has no package lists. If the update fails, old lists may still be usable.
  const update = await apt("update");
  const install = await apt("install", "-y", "--no-install-recommends", ...PACKAGES);
  const still = toolchainProblem();
  if (!install.ok || still !== undefined) {
    const output = `${update.ok ? "" : update.output}${install.output}`.trimEnd();
    throw new StepFailed(
      `${output}\n\nset-up: ${still ?? problem}, and apt-get could not install it, see above. ` +
        `Install the Debian packages ${PACKAGES.join(" and ")}, then run the command again.`,
    );
  }
  done();
}
