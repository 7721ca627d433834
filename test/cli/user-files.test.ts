/** Files named on a command line: what is refused before a run, and what is left as it was. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UsageError } from "../../cli/usage-error.ts";
import { fromUser, isStream, outputFile, readAtMost, writableFile } from "../../cli/user-files.ts";

const folder = mkdtempSync(join(tmpdir(), "user-files-"));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, "sub"));
writeFileSync(join(folder, "kept"), "kept as it is");

function refused(action: () => unknown, message: RegExp): void {
  assert.throws(action, (error) => error instanceof UsageError && message.test(error.message));
}

test("a relative name starts from the folder in which the command was typed", (context) => {
  const before = process.env.INIT_CWD;
  context.after(() => {
    if (before === undefined) delete process.env.INIT_CWD;
    else process.env.INIT_CWD = before;
  });
  process.env.INIT_CWD = folder;
  assert.equal(fromUser("a.log"), join(folder, "a.log"));
  assert.equal(outputFile("new.json"), join(folder, "new.json"));
  delete process.env.INIT_CWD;
  assert.equal(fromUser("a.log"), join(process.cwd(), "a.log"));
  assert.equal(fromUser(join(folder, "a.log")), join(folder, "a.log"));
});

test("a file that is written at the end of a run is looked at and left alone", () => {
  assert.equal(outputFile(join(folder, "later")), join(folder, "later"));
  assert.equal(existsSync(join(folder, "later")), false);
  assert.equal(outputFile(join(folder, "kept")), join(folder, "kept"));
  assert.equal(readFileSync(join(folder, "kept"), "utf8"), "kept as it is");
  refused(() => outputFile(join(folder, "sub")), /cannot be written there: name a file in a folder/);
  refused(() => outputFile(join(folder, "none", "x")), /cannot be written there/);
});

test("a file that is written during a run exists before it, and keeps what it holds until then", () => {
  assert.equal(writableFile(join(folder, "wave"), "VCD file", "--vcd", "slot.vcd"), join(folder, "wave"));
  assert.equal(existsSync(join(folder, "wave")), true);
  writableFile(join(folder, "kept"), "VCD file", "--vcd", "slot.vcd");
  assert.equal(readFileSync(join(folder, "kept"), "utf8"), "kept as it is");
  refused(
    () => writableFile(join(folder, "sub"), "VCD file", "--vcd", "slot.vcd"),
    /^cannot write the VCD file .*sub: that is a folder; name a file in it: --vcd .*sub\/slot\.vcd$/,
  );
  refused(
    () => writableFile(join(folder, "none", "x"), "plot", "--plot", "power.svg"),
    /^cannot write the plot .*x: there is no folder .*none$/,
  );
});

test("of a device without an end so many bytes are read, of a shorter file those it has", () => {
  assert.equal(isStream("/dev/zero"), true);
  assert.equal(isStream(join(folder, "kept")), false);
  assert.equal(isStream(join(folder, "sub")), false);
  assert.equal(readAtMost("/dev/zero", 100_000).length, 100_000);
  assert.equal(Buffer.from(readAtMost(join(folder, "kept"), 100)).toString(), "kept as it is");
  assert.equal(Buffer.from(readAtMost(join(folder, "kept"), 4)).toString(), "kept");
});
