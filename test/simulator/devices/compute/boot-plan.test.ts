/**
 * The pace at which the compute board sends a boot log, for made-up logs with every kind of time stamp and
 * for the project's own log.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { findPromptEnd, planBoot } from "../../../../simulator/devices/compute/boot-plan.ts";

const OWN_LOG = new URL("../../../../simulator/slot/bootlogs/network-boot.log", import.meta.url);

function plan(text: string) {
  const log = Buffer.from(text, "latin1");
  const result = planBoot(log);
  /** Start of the step that begins with this text, in ms. */
  const at = (start: string) => {
    const offset = text.indexOf(start);
    const step = result.steps.find((candidate) => candidate.offset === offset);
    assert.ok(step, `no step begins with ${start}`);
    return step.startNanos / 1e6;
  };
  return { ...result, at };
}

function assertCovers(log: Uint8Array) {
  const { steps } = planBoot(log);
  let offset = 0;
  let freeNanos = 0;
  for (const step of steps) {
    assert.equal(step.offset, offset);
    assert.ok(step.startNanos >= freeNanos - 1, "a step begins before the wire is free");
    offset += step.length;
    freeNanos = step.startNanos + step.length * (1e10 / 115200);
  }
  assert.equal(offset, log.length);
}

describe("pacing plan of a boot log", () => {
  it("keeps to kernel time stamps", () => {
    const { at } = plan("[    0.000000] a\n[    1.250000] b\n[    3.000000] c\n");
    assert.ok(Math.abs(at("[    1.25") - at("[    0.00") - 1250) < 0.01);
    assert.ok(Math.abs(at("[    3.00") - at("[    0.00") - 3000) < 0.01);
  });

  it("lets the wire fall behind a kernel that logs faster, and catch up", () => {
    const line = `${"x".repeat(60)}\n`;
    const burst = Array.from({ length: 20 }, () => `[    0.000000] ${line}`).join("");
    const { at } = plan(`${burst}[    0.050000] behind\n[    2.000000] again in time\n`);
    const wireMs = (20 * 76 * 10) / 115.2;
    const first = at("[    0.000000]");
    assert.ok(at("[    0.050000]") - first >= wireMs - 0.01);
    assert.ok(Math.abs(at("[    2.000000]") - first - 2000) < 0.01);
  });

  it("follows a time stamp in the middle of a line", () => {
    const { at } = plan("[    1.000000] a\nConfiguring ... [    5.000000] link up\n");
    assert.ok(Math.abs(at("[    5.0") - at("[    1.0") - 4000) < 0.01);
  });

  it("bounds the pause that a nonsense time stamp can cause", () => {
    const { endNanos } = plan("[    0.000000] a\n[999999.000000] b\n[    0.500000] c\n");
    assert.ok(endNanos < 3e9, `${endNanos}`);
  });

  it("spends time on transfers by their size, 3 s at most", () => {
    const small = plan("NET_BOOT\nRead start4.elf bytes  2257088\nx\n");
    const large = plan("NET_BOOT\nRead start4.elf bytes  999999999\nx\n");
    assert.ok(small.at("Read") - small.at("NET") > 150);
    const pause = large.at("Read") - large.at("NET");
    assert.ok(pause > 2900 && pause < 3200, `${pause}`);
  });

  it("recognises the stages", () => {
    const { steps } = plan(
      "RPi: BOOTLOADER\nBoot mode: NETWORK (02)\nStarting start4.elf\n[    0.000000] Booting Linux\n" +
        "[    1.000000] Run /init as init process\n\nhost login: root\n",
    );
    const stages = [...new Set(steps.map((step) => step.stage))];
    assert.deepEqual(stages, [
      "bootloader",
      "network boot",
      "firmware",
      "kernel",
      "userspace",
      "log-in prompt",
    ]);
  });

  it("finds the prompt, and does not take a mention of a last login for it", () => {
    assert.equal(findPromptEnd(Buffer.from("\nhost login: ")), 13);
    assert.equal(findPromptEnd(Buffer.from("x\nhost login: root\n")), 14);
    assert.equal(findPromptEnd(Buffer.from("Last login: Fri\n")), null);
    assert.equal(findPromptEnd(Buffer.from("systemd-logind: ready\n")), null);
  });

  it("covers any bytes exactly, in order", () => {
    assertCovers(readFileSync(OWN_LOG));
    assertCovers(Buffer.from("\n\n[    0.000000] a[    0.000001] b\r\n\0\xff login: login: ", "latin1"));
    assertCovers(Buffer.from([...Array(512).keys()].map((value) => (value * 7) & 0xff)));
  });
});

describe("the project's own boot log", () => {
  const log = readFileSync(OWN_LOG);
  const text = log.toString("latin1");

  it("is plain ASCII with LF line ends, 18 to 26 KB, at least 300 lines", () => {
    assert.match(text, /^[\n\x20-\x7e]*$/);
    assert.ok(log.length >= 18_000 && log.length <= 26_000, `${log.length} bytes`);
    assert.ok(text.split("\n").length >= 300);
  });

  it("ends in a log-in prompt without a line end", () => {
    assert.match(text, /\nracklet-slot\d+ login: $/);
    assert.equal(findPromptEnd(log), log.length);
  });

  it("passes through all stages in 15 to 25 s", () => {
    const { steps, endNanos } = planBoot(log);
    const stages = new Set(steps.map((step) => step.stage));
    assert.deepEqual([...stages], ["bootloader", "network boot", "firmware", "kernel", "userspace"]);
    assert.ok(endNanos > 15e9 && endNanos < 25e9, `${endNanos / 1e9} s`);
  });

  it("has kernel time stamps that never run backwards", () => {
    const stamps = [...text.matchAll(/^\[ *(\d+\.\d{6})\]/gm)].map((match) => Number(match[1]));
    assert.ok(stamps.length > 100);
    assert.deepEqual(
      stamps,
      [...stamps].sort((a, b) => a - b),
    );
  });
});
