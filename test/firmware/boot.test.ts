/**
 * The flashed image in the emulator at its normal work: it boots, powers a slot in order, keeps the compute
 * board's boot log to the byte, reads the sensors, and switches off again.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ownBootlog, Slot } from "../../simulator/slot/slot.ts";
import {
  asserted,
  assertNoWarnings,
  buildDirectory,
  command,
  firmware,
  powerUp,
  realBootlogs,
  startedSlot,
} from "../support/simulated-slot.ts";

/** Offset of the payload of block `index` in a UF2 file (UF2 specification: 512-byte blocks, data at 32). */
const payload = (index: number) => index * 512 + 32;

test("the prompt comes within 150 ms of reset", () => {
  const slot = startedSlot();
  assert.ok(slot.chip.nanos < 150e6, `prompt after ${slot.chip.nanos / 1e6} ms`);
  assertNoWarnings(slot);
});

test("one changed byte in the second stage keeps the chip in its boot ROM", () => {
  for (const offset of [0, 100, 251, 252, 255]) {
    const image = Uint8Array.from(firmware());
    image[payload(0) + offset] = (image[payload(0) + offset] ?? 0) ^ 1;
    const slot = new Slot({ directory: buildDirectory(), image });
    slot.powerOn();
    slot.runFor(200);
    assert.equal(slot.chip.state, "boot-rom", `byte ${offset}`);
    assert.equal(slot.terminal.text, "");
  }
});

test("rails come up in order, COMPUTE_RUN last, and down in reverse", () => {
  const slot = startedSlot();
  const events: string[] = [];
  for (const name of ["EN_3V3_AUX", "EN_5V", "COMPUTE_RUN", "PG_3V3_AUX", "PG_5V"]) {
    const signal = slot.signal(name);
    assert.ok(signal);
    signal.onChange((now) => events.push(`${now ? "+" : "-"}${name}`));
  }
  powerUp(slot);
  assert.deepEqual(events.splice(0), ["+EN_3V3_AUX", "+PG_3V3_AUX", "+EN_5V", "+PG_5V", "+COMPUTE_RUN"]);
  command(slot, "power force-off --yes");
  slot.expect(/power: off\r\n/, 2000);
  const outputs = events.filter((event) => !event.includes("PG"));
  assert.deepEqual(outputs, ["-COMPUTE_RUN", "-EN_5V", "-EN_3V3_AUX"]);
  assert.ok(events.indexOf("-PG_5V") < events.indexOf("-EN_3V3_AUX"), `5V is down first: ${events}`);
  assertNoWarnings(slot);
});

/** Boots with a log and returns the log that the BMC prints. */
function captureLog(bootlog: Uint8Array): { slot: Slot; captured: Buffer; trailer: string } {
  const slot = startedSlot({ bootlog });
  powerUp(slot);
  slot.terminal.type("log -f --raw\r");
  const from = slot.expect(/raw log from byte 0\r\n/, 1000);
  const start = (from.input ?? "").indexOf(from[0]) + from[0].length;
  assert.ok(start > 0);
  slot.runUntil(() => slot.compute.bootlogFinished, 300_000, "the end of the boot log");
  slot.runFor(4000);
  slot.terminal.type("\x03");
  const trailer = slot.expect(/\r\nraw log to byte (\d+), (\d+) dropped\r\n/, 5000);
  const text = slot.terminal.text;
  const end = text.lastIndexOf(trailer[0]);
  const head = text.indexOf("raw log from byte 0\r\n") + "raw log from byte 0\r\n".length;
  return { slot, captured: Buffer.from(text.slice(head, end), "latin1"), trailer: trailer[0].trim() };
}

function assertCaptured(bootlog: Uint8Array): void {
  const { slot, captured, trailer } = captureLog(bootlog);
  assert.equal(trailer, `raw log to byte ${bootlog.length}, 0 dropped`);
  assert.ok(captured.equals(bootlog), "captured log differs from the one sent");
  assert.match(
    command(slot, "status"),
    new RegExp(`boot log {5}${bootlog.length} bytes captured, 0 dropped`),
  );
  assertNoWarnings(slot);
}

test("the project's own boot log is captured to the byte", () => assertCaptured(ownBootlog()));

test("the BMC prints a long answer at the line's full rate", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runUntil(() => slot.compute.bootlogFinished, 60_000, "the end of the boot log");
  slot.runFor(1000);
  const [bytes, nanos] = [slot.terminal.received, slot.chip.nanos];
  slot.terminal.type("log\r");
  const arrived = () => slot.terminal.received - bytes;
  slot.runUntil(() => arrived() >= slot.compute.sent.length, 10_000, "the whole log");
  const rate = arrived() / ((slot.chip.nanos - nanos) / 1e9);
  assert.ok(rate > 11_520 * 0.95, `${Math.round(rate)} bytes a second, 11520 fit on the line`);
});

for (const log of realBootlogs() ?? []) {
  test(`the real boot log ${log.name} is captured to the byte`, () => assertCaptured(readFileSync(log.path)));
}

test("real boot logs", {
  skip: realBootlogs() ? false : "needs ../shared/data/bootlogs, which is not here",
}, () => {
  assert.ok((realBootlogs() ?? []).length >= 2);
});

test("sensors agree with the true values of the devices, within 2 %", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runFor(2000);
  // The current ripples. Its value holds for a millisecond only, and the answer takes longer to print.
  const milliamperes = slot.supplies["5V"]?.milliamperes ?? NaN;
  const readings = Object.fromEntries(
    [...command(slot, "sensors").matchAll(/^(\w+) +(-?\d+) m/gm)].map(([, name, value]) => [
      name,
      Number(value),
    ]),
  );
  const near = (name: string, truth: number, tolerance: number) =>
    assert.ok(
      Math.abs((readings[name] ?? NaN) - truth) <= tolerance,
      `${name} ${readings[name]}, truly ${truth}`,
    );
  near("V5", slot.supplies["5V"]?.millivolts ?? NaN, 102);
  near("V3V3", slot.supplies["3V3_AUX"]?.millivolts ?? NaN, 66);
  near("I5", milliamperes, 60);
  near("VIN", 12000, 240);
  assertNoWarnings(slot);
});

test("graceful off: the board is asked, halts, and loses its rails", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runUntil(() => slot.compute.loginPromptReached, 60_000, "the log-in prompt");
  command(slot, "power off --yes");
  slot.expect(/power: halted, going down\r\n/, 30_000);
  slot.expect(/power: off\r\n/, 2000);
  assert.equal(asserted(slot, "EN_5V"), false);
  assert.equal(asserted(slot, "SHUTDOWN_REQ"), false);
  assertNoWarnings(slot);
});

test("graceful off of a board that never halts ends at the deadline", () => {
  const slot = startedSlot({ fault: "never-halts" });
  powerUp(slot);
  slot.runUntil(() => slot.compute.loginPromptReached, 60_000, "the log-in prompt");
  const asked = slot.chip.nanos;
  command(slot, "power off --yes");
  slot.expect(/did not halt in time, going down\r\n/, 70_000);
  const waited_ms = (slot.chip.nanos - asked) / 1e6;
  assert.ok(waited_ms > 59_900 && waited_ms < 60_200, `waited ${waited_ms} ms`);
  slot.expect(/power: off\r\n/, 2000);
});

test("power cycle and reset bring the board to boot again", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runUntil(() => slot.compute.sent.length > 500, 10_000, "some boot log");
  command(slot, "power reset --yes");
  slot.expect(/power: on\r\n/, 1000);
  assert.ok(slot.compute.running);
  command(slot, "power cycle --yes");
  slot.expect(/power: on\r\n/, 5000);
  slot.runUntil(() => slot.compute.sent.length > 500, 10_000, "the second boot log");
  assertNoWarnings(slot);
});

const POWER_FAULTS = [
  { fault: "pg-3v3-aux-never", blame: "3V3_AUX power-good did not come within 50 ms" },
  { fault: "pg-5v-never", blame: "5V power-good did not come within 100 ms" },
  { fault: "pg-5v-late", blame: "5V power-good did not come within 100 ms" },
  { fault: "pg-5v-lost", blame: "5V power-good lost" },
  { fault: "pg-3v3-aux-lost", blame: "3V3_AUX power-good lost" },
  { fault: "brown-out", blame: "over-current" },
] as const;

for (const { fault, blame } of POWER_FAULTS) {
  test(`${fault} is reported, tried again three times, and latched: ${blame}`, () => {
    const slot = startedSlot({ fault });
    slot.terminal.type("power on\r");
    for (const pause_ms of [1000, 5000, 25_000, null]) {
      slot.expect(`power: fault: ${blame}`, 60_000);
      const next = pause_ms === null ? /power: off, latched/ : `to be tried again in ${pause_ms} ms`;
      slot.expect(next, 2000);
      for (const output of ["EN_3V3_AUX", "EN_5V", "COMPUTE_RUN"]) {
        assert.equal(asserted(slot, output), false, output);
      }
      const since = slot.chip.nanos;
      if (pause_ms === null) break;
      slot.expect(/power: coming up, tried again/, pause_ms + 100);
      const paused_ms = (slot.chip.nanos - since) / 1e6;
      assert.ok(Math.abs(paused_ms - pause_ms) < 20, `a pause of ${paused_ms} ms`);
    }
    slot.runFor(5000);
    assert.match(command(slot, "power on"), /error: a fault is latched/);
    assert.match(command(slot, "status"), new RegExp(`power {8}off \\(fault\\).*fault {8}${blame}`, "s"));
    assertNoWarnings(slot);
  });
}

test("`fault clear` and nothing else clears a latched fault", () => {
  const slot = startedSlot({ fault: "pg-5v-never" });
  slot.terminal.type("power on\r");
  slot.expect(/power: off, latched/, 60_000);
  assert.match(command(slot, "power off --yes"), /already off/);
  assert.match(command(slot, "power on"), /error: a fault is latched/);
  assert.match(command(slot, "fault"), /latched: `fault clear`.*3 of 3 tries\s+used/s);
  assert.match(command(slot, "fault clear"), /power: off \(fault cleared\)/);
  assert.match(command(slot, "fault clear"), /no fault is latched/);
  slot.terminal.type("power on\r");
  slot.expect(/power: 3V3_AUX good/, 1000);
});

test("an empty slot is not powered", () => {
  const slot = startedSlot({ present: false });
  assert.match(command(slot, "power on"), /error: no compute board in the slot/);
  assert.equal(asserted(slot, "EN_3V3_AUX"), false);
});
