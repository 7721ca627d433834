/**
 * Every npm script calls this: `node scripts/run.mjs COMMAND [options]`. It sets the machine up and runs
 * the TypeScript that does the work.
 *
 * Plain JavaScript without packages, because it must run in a fresh clone. It imports nothing before the
 * version check, so that an old Node shows a message and not a syntax error.
 */

const NODE_MAJOR = 20;

/**
 * `npmOptions`: options that npm takes for its own if the -- before them is missing. `operands`: whether
 * the command takes arguments that are not options. `running`: options with which it builds nothing,
 * because the slot runs already.
 * @typedef {{ script: string, toolchain: boolean, npmOptions: string[], operands?: boolean,
 *   running?: string[], what: string }} Command
 * @type {Record<string, Command>}
 */
const COMMANDS = {
  start: {
    script: "scripts/start.ts",
    toolchain: true,
    npmOptions: [
      ...["board", "engine", "bootlog", "fault", "vcd", "plot", "curve", "seed", "speed", "gdb"],
      ...["serve", "attach"],
    ],
    running: ["attach"],
    what: "build, then run the slot in the emulator",
  },
  smbus: {
    script: "cli/smbus/smbus.ts",
    toolchain: true,
    npmOptions: [
      "board",
      "bootlog",
      "fault",
      "vcd",
      "seed",
      "speed",
      "bus",
      "served",
      "slot",
      "page",
      "json",
    ],
    operands: true,
    running: ["bus", "served"],
    what: "build, then speak to a slot in the emulator over its SMBus; or to a real one",
  },
  slot: {
    script: "cli/slot/slot.ts",
    toolchain: false,
    npmOptions: ["served", "json"],
    operands: true,
    what: "let faults come and go in a slot that npm start -- --serve keeps running",
  },
  test: { script: "scripts/test.ts", toolchain: true, npmOptions: [], what: "build, then run all tests" },
  build: {
    script: "scripts/build.ts",
    toolchain: true,
    npmOptions: ["board", "engine", "logic", "out"],
    what: "build the firmware image of a board",
  },
  flash: {
    script: "flash/flash.ts",
    toolchain: false,
    npmOptions: ["board", "engine", "volume"],
    what: "put a built image on a board in BOOTSEL mode",
  },
  check: {
    script: "scripts/check.ts",
    toolchain: true,
    npmOptions: [],
    what: "formatting, linting, types, generated files, imports",
  },
  generate: {
    script: "scripts/generate.ts",
    toolchain: false,
    npmOptions: ["check"],
    what: "write the generated files",
  },
  bench: {
    script: "lab/bench/bench.ts",
    toolchain: true,
    npmOptions: ["json", "profile"],
    what: "measure both engines in the emulator",
  },
  "bench:smbus": {
    script: "lab/bench/smbus.ts",
    toolchain: true,
    npmOptions: ["json", "engine"],
    what: "measure how long the SMBus waits",
  },
  "bench:power": {
    script: "lab/bench/power.ts",
    toolchain: true,
    npmOptions: ["json", "minutes", "resets", "seed", "engine"],
    what: "measure protection, readings, energy and restarts",
  },
  "fuzz:engine": {
    script: "lab/fuzz/engine.ts",
    toolchain: true,
    npmOptions: ["modules", "seed"],
    what: "random modules in all engines, which must agree",
  },
  "fuzz:power": {
    script: "lab/fuzz/power.ts",
    toolchain: false,
    npmOptions: ["steps", "seed", "board"],
    what: "every state of the power sequencer, then random steps through it",
  },
  "fuzz:smbus": {
    script: "lab/fuzz/smbus.ts",
    toolchain: true,
    npmOptions: ["node", "emulator", "seed", "board"],
    what: "random traffic on the SMBus, compared with a model of the slot",
  },
  mutate: {
    script: "lab/mutate/mutate.ts",
    toolchain: true,
    npmOptions: ["count", "seed", "again", "json"],
    operands: true,
    what: "plant small faults in the sources, and list those that no test notices",
  },
};

/**
 * Returns the value that npm has stored for an option it took for its own. It knows some options by another
 * name: --engine is an abbreviation of its --engine-strict.
 * @param {string} option
 */
function valueTakenByNpm(option) {
  if (option === "engine" && process.env.npm_config_engine_strict) return "true";
  return process.env[`npm_config_${option}`];
}

/**
 * Notices `npm run build --board pico` without the -- in between. npm then takes `--board` for a setting of
 * its own and passes on only `pico`. Of `--board=pico` it passes on nothing, so the wrong board would be
 * built. npm stores the options it took in the environment.
 * @param {string} name
 * @param {readonly string[]} options
 * @returns {string | undefined} What is wrong, and what to type instead.
 */
function missingDashes(name, options) {
  // If npm has taken an option, the arguments begin with one that is not an option, or there are none.
  if (options[0]?.startsWith("-")) return undefined;
  const strays = options.filter((argument) => !argument.startsWith("-"));
  const taken = COMMANDS[name]?.npmOptions ?? [];
  const lost = taken.filter((option) => valueTakenByNpm(option) !== undefined);
  const command = name === "start" ? "npm start" : `npm run ${name}`;
  if (lost.length > 0) {
    const suggestion = lost.map((option) => {
      const value = valueTakenByNpm(option);
      // "true" stands for an option whose value npm has not seen: that value is the stray argument.
      if (value !== "true") return `--${option} ${value}`;
      return strays.length === 0 ? `--${option}` : `--${option} ${lost.length === 1 ? strays[0] : "..."}`;
    });
    // If the command takes operands, the first stray argument may be the value of the one option.
    const given = lost.length === 1 && valueTakenByNpm(lost[0] ?? "") === "true" ? 1 : 0;
    if (COMMANDS[name]?.operands && lost.length === 1) suggestion.push(...strays.slice(given));
    const mistake = "npm took the options for its own, because the -- before them is missing";
    return `${mistake}. Try: ${command} -- ${suggestion.join(" ")}`;
  }
  // The emulator reports stray arguments itself.
  if (strays.length === 0 || name === "start" || COMMANDS[name]?.operands || !taken.includes("board"))
    return undefined;
  return `"${strays[0]}" is not an option; options follow after --. Try: ${command} -- --board ${strays[0]}`;
}

const USAGE = `usage: npm COMMAND, where COMMAND is

${Object.entries(COMMANDS)
  .map(
    ([name, { what }]) => `  ${name === "start" || name === "test" ? name : `run ${name}`}`.padEnd(20) + what,
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
  const { script, toolchain, running = [] } = /** @type {(typeof COMMANDS)[string]} */ (COMMANDS[name]);
  const slip = missingDashes(name, options);
  if (slip !== undefined) {
    console.error(slip);
    return 2;
  }
  // Programs run in the project's folder; the user means the one the command was typed in.
  process.env.INIT_CWD ??= process.cwd();
  const { setUp } = await import("./setup.mjs");
  // Help must not wait for a compiler to be installed.
  const isGiven = (/** @type {string} */ wanted) =>
    options.some((option) => option === `--${wanted}` || option.startsWith(`--${wanted}=`));
  const builds = ![...running, "help"].some(isGiven);
  const ready = await setUp({ toolchain: toolchain && builds });
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
