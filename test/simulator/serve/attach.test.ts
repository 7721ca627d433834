/** `npm start -- --attach` in a terminal of its own, which `script` of util-linux makes. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually, type Served, serveAt, socketFolder } from "../../support/served-slot.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const skip = /util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "")
  ? false
  : "needs script of util-linux";
const home = socketFolder();
const path = join(home.folder, "s");
let served: Served;
before(async () => {
  served = await serveAt(path);
});
after(async () => {
  await served.end();
  home.remove();
});

/** Attaches in a terminal of 24 rows and 80 columns. */
function attached() {
  const program = `"${process.execPath}" --import tsx simulator/start.ts`;
  const line = `stty rows 24 cols 80; exec ${program} --attach ${path}`;
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    cwd: PROJECT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
  });
  const until = (pattern: RegExp) =>
    eventually(
      () => pattern.test(text),
      () => JSON.stringify(text),
    );
  return { child, until, text: () => text, keys: (keys: string) => child.stdin.write(keys) };
}

test("the console of a served slot with its status line; Ctrl-] leaves, and the slot runs on", {
  skip,
}, async () => {
  const { child, until, keys, text } = attached();
  await until(/slot-hat, served as .*Enter shows a prompt, Ctrl-\] leaves\]/);
  await until(/power off .*Ctrl-\] leaves/);
  keys("\r");
  await until(/bmc> /);
  // A paste: each line waits for the prompt of the one before.
  keys("power on\rhelp status\rpower\r");
  await until(/on: released from reset/);
  await until(/power on .*Ctrl-\] leaves/);
  const closed = once(child, "close");
  keys("\x1d");
  await closed;
  assert.equal(child.exitCode, 0);
  assert.doesNotMatch(text(), /has ended/);
  assert.equal(served.child.exitCode, null);
});

test("when the server ends, the terminal says so and is given back", { skip }, async () => {
  const { child, until, text } = attached();
  await until(/power on /);
  const closed = once(child, "close");
  assert.equal(await served.end(), 0);
  await closed;
  assert.equal(child.exitCode, 1);
  assert.match(text(), /\[the server has ended\]/);
  const scrollRegionOff = text().lastIndexOf("\x1b[r");
  assert.ok(scrollRegionOff > text().indexOf("has ended"));
});
