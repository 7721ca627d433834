/**
 * The demonstration of `npm start` without a terminal, as a child process: boots, every fault, signals,
 * plots, and outputs that cannot be written.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { emptyResult, sha256 } from "../../../simulator/start/result.ts";
import { type Finished, start } from "./run.ts";

const OWN_LOG = readFileSync(new URL("../../../simulator/slot/bootlogs/network-boot.log", import.meta.url));
/** Logs of real boards, which are not part of the project and may be absent. */
const REAL_LOGS = fileURLToPath(new URL("../../../../shared/data/bootlogs/", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "racklet-demonstration-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function assertLogArrived(run: Finished, log: Uint8Array) {
  const { result } = run;
  assert.equal(result?.bootlog_sent, log.length, run.output);
  assert.equal(result.bootlog_captured, log.length);
  assert.equal(result.bootlog_dropped, 0);
  assert.equal(result.bootlog_sha256_sent, sha256(log));
  assert.equal(result.bootlog_sha256_captured, sha256(log));
}

function within(value: number | null | undefined, low: number, high: number) {
  assert.ok(typeof value === "number" && value >= low && value <= high, `${value} is not in ${low}..${high}`);
}

describe("demonstration", { concurrency: 2 }, () => {
  it("boots the project's own log and measures everything", async () => {
    const run = await start([]);
    assert.equal(run.status, 0, run.output);
    assert.deepEqual(run.problems, []);
    const { result } = run;
    assert.ok(result);
    assert.deepEqual(Object.keys(result), Object.keys(emptyResult("", 0, 0)));
    assertLogArrived(run, OWN_LOG);
    assert.equal(result.board, "slot-hat");
    assert.deepEqual(result.rail_order, ["3V3_AUX", "5V"]);
    within(result.powered_on_at_ms, 50, 1000);
    within(result.v5_mv, 4950, 5150);
    within(result.i5_ma, 400, 900);
    within(result.graceful_off_ms, 1500, 10_000);
    within(result.stack_high_water_bytes, 500, 24_576);
    within(result.ram_used_bytes, 50_000, 264 * 1024);
    within(result.flash_used_bytes, 20_000, 160 * 1024);
    within(result.image_bytes, result.flash_used_bytes ?? 0, 170 * 1024);
    within(result.wasm_bytes, 1000, 100_000);
    assert.equal(result.warnings, 0);
    assert.match(
      run.output,
      new RegExp(`^ +image +build/slot-hat/firmware.uf2, ${result.image_bytes} bytes, engine aot$`, "m"),
    );
    for (const heading of ["Power on", "Boot log", "Sensors", "Status", "Power off", "Result"]) {
      assert.match(run.output, new RegExp(`\\n\\n== ${heading} ==\\n\\n`));
    }
    assert.doesNotMatch(run.output, /\x1b/, "no escape sequences without a terminal");
  });

  it("the same seed gives the same run, another seed another run", async () => {
    const withoutWallTime = (run: Finished) => run.output.replace(/"wall_ms":\d+/, "");
    const path = join(folder, "short.log");
    writeFileSync(path, "RPi: BOOTLOADER\n[    0.000000] Booting Linux\nslot login: ");
    const [first, again, other] = [
      await start(["--bootlog", path, "--seed", "7"]),
      await start(["--bootlog", path, "--seed=7"]),
      await start(["--bootlog", path, "--seed=8"]),
    ];
    assert.equal(first.status, 0, first.output);
    assert.equal(withoutWallTime(first), withoutWallTime(again));
    assert.notEqual(first.result?.i5_ma, other.result?.i5_ma);
  });

  it("a log without a log-in prompt: all of it arrives, power-off is forced, and both are problems", async () => {
    const path = join(folder, "stuck.log");
    const log = Buffer.from(
      "RPi: BOOTLOADER\r\nBoot mode: SD (00)\nInsert SD-CARD\n\xff\x00\x1b[2J\x07",
      "latin1",
    );
    writeFileSync(path, log);
    const run = await start(["--bootlog", path]);
    // A boot that came to nothing is no success, and a power-off that needed force is not graceful.
    assert.equal(run.status, 1, run.output);
    assertLogArrived(run, log);
    assert.equal(run.result?.graceful_off_ms, null);
    assert.match(run.output, /did not halt in time/);
    assert.equal(run.problems.length, 2, run.output);
    assert.match(run.problems[0] ?? "", /^the boot brought no log-in prompt: the boot loader found nothing/);
    assert.match(
      run.problems[1] ?? "",
      /^no OS was up that could halt; the BMC forced it off after 60\d\d\d ms/,
    );
    assert.doesNotMatch(run.output, /Everything went well/);
  });

  it("a panic after the log-in prompt is a problem", async () => {
    const path = join(folder, "panic.log");
    writeFileSync(
      path,
      "U-Boot 2023.07\n[    0.000000] Linux version 6.1.0\nslot login: \n" +
        "[    2.100000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n",
    );
    const run = await start(["--bootlog", path]);
    assert.equal(run.status, 1, run.output);
    assert.match(run.problems.join("\n"), /the kernel panicked after the log-in prompt: "Kernel panic - not/);
  });

  for (const [name, status] of [
    ["pi4-optee-linux-5.10.log", 0] as const,
    ["pi4-netboot-no-link.log", 1] as const,
  ]) {
    const path = join(REAL_LOGS, name);
    const skip = existsSync(path) ? false : `${path} is not there`;
    it(`boots the real log ${name} byte for byte`, { skip }, async () => {
      const run = await start(["--bootlog", path]);
      assert.equal(run.status, status, run.output);
      assertLogArrived(run, readFileSync(path));
    });
  }

  const FAULTS: Record<string, RegExp> = {
    "pg-3v3-aux-never": /not switched on.*fault: 3V3_AUX power-good did not come within 50 ms/,
    "pg-5v-never": /not switched on.*fault: 5V power-good did not come within 100 ms/,
    "pg-5v-late": /not switched on.*fault: 5V power-good did not come within 100 ms/,
    "pg-5v-lost": /fault: 5V power-good lost/,
    "pg-3v3-aux-lost": /fault: 3V3_AUX power-good lost/,
    "pg-5v-glitch": /fault: 5V power-good lost/,
    "never-halts": /did not halt; the BMC forced it off after 60\d\d\d ms/,
    "never-prints": /the compute board printed nothing/,
    garbage: /no log-in prompt/,
    "brown-out": /fault: over-current/,
    absent: /not switched on.*no compute board in the slot/,
    "compute-removed": /it lost power/,
    "short-5v": /fault: over-current/,
    "input-fails": /it lost power/,
    "v5-sensor-stuck": /the BMC says of its sensors: V5 nonsense: stuck/,
  };
  for (const [name, expected] of Object.entries(FAULTS)) {
    it(`with the fault ${name} reports the problem, and still ends in JSON`, async () => {
      const run = await start(["--fault", name]);
      assert.equal(run.status, 1, run.output);
      assert.ok(run.result, run.output);
      assert.ok(
        run.problems.some((problem) => expected.test(problem)),
        run.problems.join("\n"),
      );
      assert.equal(run.result.warnings, 0, run.output);
    });
  }

  for (const name of ["overload-5v", "input-brown-out", "i5-sensor-open"]) {
    it(`with the fault ${name}, which only shows in readings, ends in JSON`, async () => {
      const run = await start(["--fault", name]);
      assert.ok(run.result, run.output);
      assert.equal(run.result.warnings, 0, run.output);
    });
  }

  it("after a lost rail the captured log equals what was sent until then", async () => {
    const { result } = await start(["--fault", "pg-5v-lost"]);
    within(result?.bootlog_sent, 100, OWN_LOG.length - 1);
    assert.equal(result?.bootlog_sha256_captured, sha256(OWN_LOG.subarray(0, result?.bootlog_sent ?? 0)));
  });

  for (const [signal, status] of [
    ["SIGINT", 130] as const,
    ["SIGTERM", 143] as const,
    ["SIGHUP", 129] as const,
  ]) {
    it(`stops cleanly at ${signal}: reports the step under way, status ${status}`, async () => {
      let interrupted = false;
      const run = await start(["--speed", "real"], (child, output) => {
        if (interrupted || !output.includes("== Boot log ==")) return;
        interrupted = true;
        child.kill(signal);
      });
      assert.equal(run.status, status, run.output);
      assert.match(run.problems.join("\n"), /interrupted while following the boot log, at \d+\.\d+ s/);
      assert.ok(run.result);
      assert.notEqual(run.result.powered_on_at_ms, null);
      assert.equal(run.result.graceful_off_ms, null);
    });
  }

  it("with --plot is the same run, and leaves a picture of it", async () => {
    const path = join(folder, "power.svg");
    const withoutWallTime = (run: Finished) => run.output.replace(/"wall_ms":\d+/, "");
    const fault = ["--fault", "brown-out", "--seed", "5"];
    const [plain, plotted] = [await start(fault), await start([...fault, "--plot", path])];
    assert.equal(withoutWallTime(plotted), withoutWallTime(plain));
    const svg = readFileSync(path, "utf8");
    assert.match(svg, /<title>slot-hat, seed 5, fault brown-out<\/title>/);
    assert.match(svg, />COMPUTE_RUN on<\/text>/);
    assert.match(svg, /<\/svg>\n$/);
  });

  it("saves the plot even if it is interrupted or its output closed; a failed write gives an error message", async () => {
    const path = join(folder, "stopped.svg");
    const stopped = await start(["--speed", "real", "--plot", path], (child, output) => {
      if (output.includes("== Boot log ==")) child.kill("SIGINT");
    });
    // More than one signal arrived: one for each text that came after the heading.
    assert.equal(stopped.status, 130, stopped.output);
    assert.match(readFileSync(path, "utf8"), />COMPUTE_RUN on<\/text>.*<\/svg>\n$/s);
    const unread = join(folder, "unread.svg");
    await start(["--speed", "real", "--plot", unread], (child, output) => {
      if (output.includes("== Boot log ==")) child.stdout?.destroy();
    });
    assert.match(readFileSync(unread, "utf8"), />COMPUTE_RUN on<\/text>.*<\/svg>\n$/s);
    const full = await start(["--plot", "/dev/full", "--fault", "pg-5v-never"]);
    assert.equal(full.status, 1);
    assert.ok(full.result, "the result is printed all the same");
    assert.equal(full.errors, "error: cannot write the plot /dev/full: no space is left on the device\n");
  });

  it("is not fooled by a log that ends in an imitation of the BMC's closing line and prompt", async () => {
    const path = join(folder, "forged.log");
    const log = Buffer.from("slot login: \r\nraw log to byte 12, 0 dropped\r\nbmc> ");
    writeFileSync(path, log);
    const run = await start(["--bootlog", path]);
    assert.equal(run.status, 0, run.output);
    assertLogArrived(run, log);
  });

  it("prints the name of a boot log without control characters", async () => {
    const path = join(folder, "red\x1b[31m\nlog");
    writeFileSync(path, "RPi: BOOTLOADER\n");
    const run = await start(["--bootlog", path, "--fault", "pg-5v-never"]);
    assert.match(run.output, /boot log {2}\S*\/red\.log, /);
    assert.doesNotMatch(run.output, /\x1b/);
    const missing = await start(["--bootlog", join(folder, "none\x1b[31m")]);
    assert.doesNotMatch(missing.errors, /\x1b/);
    assert.match(missing.errors, /^error: .*there is no such file/);
  });

  it("a VCD file or an output that cannot be written gives an error message, not a stack trace", async () => {
    const full = await start(["--vcd", "/dev/full", "--fault", "pg-5v-never"]);
    assert.equal(full.status, 1);
    assert.equal(full.errors, "error: cannot write the VCD file /dev/full: no space is left on the device\n");
    const output = openSync("/dev/full", "w");
    const child = spawn(process.execPath, ["--import", "tsx", "simulator/start.ts"], {
      cwd: fileURLToPath(new URL("../../..", import.meta.url)),
      stdio: ["ignore", output, "pipe"],
    });
    closeSync(output);
    let errors = "";
    child.stderr?.on("data", (data: Buffer) => {
      errors += data.toString();
    });
    const [status] = await once(child, "close");
    assert.equal(status, 1);
    assert.equal(errors, "error: cannot write the output: no space is left on the device\n");
  });

  it("refuses wrong options with an error message and status 1", async () => {
    const refusals: [string[], RegExp][] = [
      [["--fualt", "absent"], /^error: unknown option --fualt; did you mean --fault\?\n$/],
      [["--board", "slothat"], /^error: unknown board slothat; known boards: .*; did you mean slot-hat\?\n$/],
      [["--bootlog", join(folder, "none")], /^error: cannot read the boot log .*there is no such file/],
    ];
    for (const [options, expected] of refusals) {
      const run = await start(options);
      assert.equal(run.status, 1);
      assert.match(run.errors, expected);
      assert.equal(run.output, "");
    }
  });
});
