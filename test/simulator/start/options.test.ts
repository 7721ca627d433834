/** The command line of `npm start`: defaults, every option, and a clear message for every mistake. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { UsageError } from "../../../cli/usage-error.ts";
import { loadBoard } from "../../../scripts/boards.ts";
import { faultsOf } from "../../../simulator/devices/faults.ts";
import { parseOptions, usage } from "../../../simulator/start/options.ts";

const folder = mkdtempSync(join(tmpdir(), "racklet-options-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const refused = (args: string[], message: RegExp) =>
  assert.throws(
    () => parseOptions(args),
    (error) => error instanceof UsageError && message.test(error.message),
    `${args.join(" ")} should fail with ${message}`,
  );

describe("options of npm start", () => {
  it("has defaults for everything", () => {
    const options = parseOptions([]);
    assert.equal(options.board, "slot-hat");
    assert.equal(options.seed, 1);
    assert.deepEqual(
      [options.bootlog, options.fault, options.vcd, options.plot, options.speed, options.gdbPort],
      [null, null, null, null, null, null],
    );
    assert.equal(options.curve, "auto");
  });

  it("takes every option", () => {
    const log = join(folder, "boot.log");
    const vcd = join(folder, "slot.vcd");
    writeFileSync(log, "hello\n");
    const plot = join(folder, "power.svg");
    const options = parseOptions(
      [
        `--board pico --bootlog ${log} --fault never-halts --vcd=${vcd} --seed 7 --speed max --gdb 3333`,
        `--plot ${plot} --curve off`,
      ].flatMap((line) => line.split(" ")),
    );
    assert.equal(options.board, "pico");
    assert.equal(Buffer.from(options.bootlog ?? []).toString(), "hello\n");
    assert.equal(options.fault, "never-halts");
    assert.equal(options.vcd, vcd);
    assert.equal(options.plot, plot);
    assert.equal(options.curve, "off");
    assert.equal(options.seed, 7);
    assert.equal(options.speed, "max");
    assert.equal(options.gdbPort, 3333);
  });

  it("serves or attaches to a slot, by a name or without one", () => {
    assert.deepEqual([parseOptions([]).serve, parseOptions([]).attach], [null, null]);
    assert.equal(parseOptions(["--serve"]).serve, "");
    assert.equal(parseOptions(["--serve", "rack"]).serve, "rack");
    assert.equal(parseOptions(["--serve=rack", "--seed", "2"]).serve, "rack");
    assert.deepEqual(parseOptions(["--serve", "--seed", "2"]).seed, 2);
    assert.equal(parseOptions(["--attach"]).attach, "");
    assert.equal(parseOptions(["--attach", "rack"]).attach, "rack");
    refused(["--serve", "--plot", "x.svg"], /^--plot does not go with --serve: leave one of them out$/);
    refused(["--serve", "--gdb", "3333"], /^--gdb does not go with --serve/);
    refused(
      ["--attach", "--seed", "2"],
      /^--seed is for a slot that starts, and --attach goes to one that runs/,
    );
    refused(["--attach", "--serve"], /^--serve is for a slot that starts/);
  });

  it("names an option or a fault that is near", () => {
    refused(["--bootlgo", "x"], /unknown option --bootlgo; did you mean --bootlog\?$/);
    refused(["-x"], /unknown option -x; see npm start -- --help$/);
    refused(["--fault", "never-halt"], /; did you mean never-halts\?$/);
    refused(["slot-hat"], /"slot-hat" is not an option/);
  });

  it("guesses which option npm took when only its value is left", () => {
    refused(["pico"], /: npm start -- --board pico;/);
    process.env.npm_config_fault = "true";
    try {
      refused(["absent"], /: npm start -- --fault absent;/);
    } finally {
      delete process.env.npm_config_fault;
    }
  });

  it("refuses values that make no sense", () => {
    refused(["--seed", "-1"], /^--seed -1: a whole number from 0 to 4294967295 is needed$/);
    refused(["--seed=-1"], /^--seed -1: a whole number from 0 to 4294967295 is needed$/);
    refused(["--gdb", "-5"], /^--gdb -5: a whole number from 1 to 65535/);
    refused(["--speed", "-max"], /^--speed -max: it is either real or max/);
    refused(["--fault", "-absent"], /absent/);
    refused(["--board", "-x"], /"-x" is no board name/);
    refused(["--bootlog", "-x"], /cannot read the boot log -x: there is no such file/);
    refused(["--seed=4294967296"], /--seed 4294967296: a whole number from 0 to 4294967295/);
    refused(["--seed=1e3"], /whole number/);
    refused(["--gdb", "0"], /--gdb 0: a whole number from 1 to 65535/);
    refused(["--speed", "fast"], /either real or max/);
    refused(["--curve", "maybe"], /^--curve maybe: it is on, off or auto$/);
    refused(["--board", "../pico"], /no board name/);
    refused(["--bootlog"], /^--bootlog needs a value: --bootlog FILE;/);
    refused(["--bootlog", "--seed", "3"], /^--bootlog needs a value, but --seed follows/);
    refused(["--help=yes"], /help/);
  });

  it("explains why a boot log cannot be read, or a VCD file or plot not written", () => {
    const empty = join(folder, "empty.log");
    const huge = join(folder, "huge.log");
    mkdirSync(join(folder, "sub"));
    writeFileSync(empty, "");
    writeFileSync(huge, Buffer.alloc(5 * 1024 * 1024));
    refused(["--bootlog", join(folder, "none.log")], /cannot read the boot log .*there is no such file/);
    refused(["--bootlog", join(folder, "sub")], /that is a folder/);
    refused(["--bootlog", empty], /is empty/);
    refused(["--bootlog", huge], /has more than the 4194304 bytes that are taken/);
    refused(
      ["--vcd", join(folder, "no", "where.vcd")],
      new RegExp(`there is no folder ${join(folder, "no")}$`),
    );
    refused(
      ["--plot", join(folder, "no", "where.svg")],
      new RegExp(`^cannot write the plot .*: there is no folder ${join(folder, "no")}$`),
    );
    const precious = join(folder, "package.json");
    writeFileSync(precious, "{}");
    refused(
      ["--plot", precious],
      /cannot write the plot .*package\.json: what is there is no SVG file; name another/,
    );
    refused(["--plot", folder], new RegExp(`name a file in it: --plot ${folder}/power.svg$`));
    const both = join(folder, "both");
    refused(
      ["--plot", both, "--vcd", both],
      /^--plot and --vcd both name .*both; each needs a file of its own$/,
    );
    refused(["--vcd", folder], new RegExp(`that is a folder; name a file in it: --vcd ${folder}/slot.vcd$`));
  });

  it("takes a boot log of the largest size, and reads no more than that from an endless device", () => {
    const path = join(folder, "largest.log");
    writeFileSync(path, Buffer.alloc(4 * 1024 * 1024, "x"));
    assert.equal(parseOptions(["--bootlog", path]).bootlog?.length, 4 * 1024 * 1024);
    refused(["--bootlog", "/dev/zero"], /has more than the 4194304 bytes that are taken/);
    refused(["--bootlog", "/dev/null"], /is empty/);
  });

  it("the check before the run takes no bytes from a pipe and does not disturb its reader", async () => {
    const [log, wave] = [join(folder, "log.pipe"), join(folder, "wave.pipe")];
    execFileSync("mkfifo", [log, wave]);
    // The other ends are not open: reading or opening the pipes here would wait for ever.
    assert.equal(parseOptions(["--check-options", "--bootlog", log, "--vcd", wave]).vcd, wave);
    const writer = spawn("sh", ["-c", `{ printf 'in two '; sleep 0.2; printf 'parts'; } > "$0"`, log]);
    const options = parseOptions(["--bootlog", log]);
    assert.equal(Buffer.from(options.bootlog ?? []).toString(), "in two parts");
    await once(writer, "close");
  });

  it("takes a fault that another board may have, and none that no board has", () => {
    const { fault } = parseOptions(["--board", "pico", "--fault", "pg-1v8-lost"]);
    assert.equal(fault, "pg-1v8-lost");
    assert.equal(parseOptions(["--board", "pico", "--fault", "v1v8-sensor-open"]).fault, "v1v8-sensor-open");
    refused(
      ["--board", "pico", "--fault", "pg-1v8-lots"],
      /unknown fault "pg-1v8-lots"; known faults: [^;]*$/,
    );
    refused(["--fault", "pg-1v8-lost"], /unknown fault "pg-1v8-lost"; .*; did you mean pg-5v-lost\?$/);
  });

  it("help names every option and every fault of the reference board", () => {
    const text = usage();
    for (const option of [
      "board",
      "bootlog",
      "fault",
      "vcd",
      "plot",
      "curve",
      "seed",
      "speed",
      "gdb",
      "help",
    ]) {
      assert.match(text, new RegExp(`^ {2}--${option}\\b`, "m"));
    }
    for (const name of Object.keys(faultsOf(loadBoard("slot-hat"))))
      assert.match(text, new RegExp(`^ {2}${name} +\\S`, "m"));
  });
});
