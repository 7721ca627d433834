/**
 * What every npm script calls: `node scripts/run.mjs COMMAND [options]`. It sets the machine up
 * and hands over to the TypeScript that does the work.
 *
 * Plain JavaScript without packages, because it must run in a fresh clone. Nothing is imported
 * before the version check, so that an old Node gets a sentence and not a syntax error.
 */

const NODE_MAJOR = 20;

const COMMANDS = {
  start: { script: "scripts/start.ts", toolchain: true, what: "build, then run the slot in the emulator" },
  test: { script: "scripts/test.ts", toolchain: true, what: "build, then run all tests" },
  build: { script: "scripts/build.ts", toolchain: true, what: "build the firmware image of a board" },
  flash: { script: "flash/flash.ts", toolchain: false, what: "put a built image on a board in BOOTSEL mode" },
  check: {
    script: "scripts/check.ts",
    toolchain: true,
    what: "formatting, linting, types, generated files, imports",
  },
  generate: { script: "scripts/generate.ts", toolchain: false, what: "write the generated files" },
  figures: { script: "scripts/figures.ts", toolchain: true, what: "measure the image in the emulator" },
};

const USAGE = `usage: npm COMMAND, where COMMAND is

${Object.entries(COMMANDS)
  .map(
    ([name, { what }]) => `  ${name === "start" || name === "test" ? name : `run ${name}`}`.padEnd(16) + what,
  )
  .join("\n")}

Options follow after --, for example: npm start -- --help`;

async function main() {
  if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR) {
    console.error(
      `Node ${NODE_MAJOR} or newer is needed, this is ${process.version}. ` +
        "Install one from https://nodejs.org/ or with your package manager, then run the command again.",
    );
    return 1;
  }
  const [name = "--help", ...options] = process.argv.slice(2);
  if (name === "--help" || name === "-h") {
    console.log(USAGE);
    return 0;
  }
  if (!Object.hasOwn(COMMANDS, name)) {
    console.error(`unknown command ${name}\n\n${USAGE}`);
    return 2;
  }
  const { script, toolchain } = COMMANDS[/** @type {keyof typeof COMMANDS} */ (name)];
  const { setUp } = await import("./setup.mjs");
  // Help must not wait for a compiler to be installed.
  const ready = await setUp({ toolchain: toolchain && !options.includes("--help") });
  if (!ready.ok) return ready.status;
  const { handOver } = await import("./setup/hand-over.mjs");
  return handOver([script, ...options]);
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
