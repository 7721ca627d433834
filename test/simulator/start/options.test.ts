import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { FAULT_NAMES } from "../../../simulator/devices/faults.ts";
import { parseOptions, UsageError, usage } from "../../../simulator/start/options.ts";

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
      [options.bootlog, options.fault, options.vcd, options.speed, options.gdbPort],
      [null, null, null, null, null],
    );
  });

  it("takes every option", () => {
    const log = join(folder, "boot.log");
    const vcd = join(folder, "slot.vcd");
    writeFileSync(log, "hello\n");
    const options = parseOptions(
      `--board pico --bootlog ${log} --fault never-halts --vcd=${vcd} --seed 7 --speed max --gdb 3333`.split(
        " ",
      ),
    );
    assert.equal(options.board, "pico");
    assert.equal(Buffer.from(options.bootlog ?? []).toString(), "hello\n");
    assert.equal(options.fault, "never-halts");
    assert.equal(options.vcd, vcd);
    assert.equal(options.seed, 7);
    assert.equal(options.speed, "max");
    assert.equal(options.gdbPort, 3333);
  });

  it("names the nearest option or fault", () => {
    refused(["--bootlgo", "x"], /unknown option --bootlgo, nearest is --bootlog/);
    refused(["-x"], /unknown option -x/);
    refused(["--fault", "never-halt"], /nearest is "never-halts"/);
    refused(["slot-hat"], /"slot-hat" is not an option/);
  });

  it("refuses values that make no sense", () => {
    refused(["--seed", "-1"], /seed/);
    refused(["--seed=4294967296"], /--seed 4294967296: a whole number from 0 to 4294967295/);
    refused(["--seed=1e3"], /whole number/);
    refused(["--gdb", "0"], /--gdb 0: a whole number from 1 to 65535/);
    refused(["--speed", "fast"], /either real or max/);
    refused(["--board", "../pico"], /no board name/);
    refused(["--bootlog"], /bootlog/);
    refused(["--help=yes"], /help/);
  });

  it("says why a boot log cannot be read, or a VCD file not written", () => {
    const empty = join(folder, "empty.log");
    const huge = join(folder, "huge.log");
    mkdirSync(join(folder, "sub"));
    writeFileSync(empty, "");
    writeFileSync(huge, Buffer.alloc(5 * 1024 * 1024));
    refused(["--bootlog", join(folder, "none.log")], /cannot read the boot log .*there is no such file/);
    refused(["--bootlog", join(folder, "sub")], /that is a folder/);
    refused(["--bootlog", empty], /is empty/);
    refused(["--bootlog", huge], /5242880 bytes/);
    refused(["--vcd", join(folder, "no", "where.vcd")], /cannot write the VCD file .*no such file/);
  });

  it("help names every option and every fault", () => {
    const text = usage();
    for (const option of ["board", "bootlog", "fault", "vcd", "seed", "speed", "gdb", "help"]) {
      assert.match(text, new RegExp(`^ {2}--${option}\\b`, "m"));
    }
    for (const name of FAULT_NAMES) assert.match(text, new RegExp(`^ {2}${name} +\\S`, "m"));
  });
});
