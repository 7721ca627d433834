/** Faults that come and go while a slot runs: several at once, taken back, contradicting each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../cli/usage-error.ts";
import { command, powerUp, startedSlot } from "../../support/simulated-slot.ts";

const SHORT_LOG = Buffer.from("U-Boot 2024.01\nStarting kernel ...\n[    0.000000] Booting\nnode login: ");

const running = () => {
  const slot = startedSlot({ bootlog: SHORT_LOG });
  powerUp(slot);
  return slot;
};

test("a short that is injected trips the slot, and once it is taken back the slot comes up again", () => {
  const slot = running();
  slot.faults.inject("short-5v");
  slot.expect(/fault: over-current/, 100);
  slot.faults.clear("short-5v");
  assert.deepEqual(slot.faults.names, []);
  slot.expect(/power: on\r\n/, 5000);
});

test("several faults are in force at once, and each is taken back alone", () => {
  const slot = running();
  slot.faults.inject("v5-sensor-open");
  slot.faults.inject("never-halts");
  slot.faults.inject("temperature-sensor-shorted");
  assert.deepEqual(slot.faults.names, ["v5-sensor-open", "never-halts", "temperature-sensor-shorted"]);
  slot.runFor(1000);
  assert.match(command(slot, "sensors"), /V5 [^\n]*open[\s\S]*TEMPERATURE [^\n]*shorted/);
  slot.faults.clear("v5-sensor-open");
  slot.runFor(2000);
  assert.match(command(slot, "sensors"), /V5 +50\d\d mV(?![^\n]*open)[\s\S]*TEMPERATURE [^\n]*shorted/);
  assert.deepEqual(slot.faults.names, ["never-halts", "temperature-sensor-shorted"]);
});

test("a power-good that is made silent is lost, and comes back with the fault taken back", () => {
  const slot = running();
  const supply = slot.supplies["5V"];
  assert.ok(supply?.powerGood);
  slot.faults.inject("pg-5v-never");
  assert.equal(supply.powerGood, false);
  slot.faults.clear("pg-5v-never");
  assert.equal(supply.powerGood, false, "it needs its own delay");
  slot.expect(/fault: 5V power-good lost/, 100);
  slot.expect(/power: on\r\n/, 5000);
  assert.ok(supply.powerGood);
});

test("a trip and a glitch of one power-good count from their injection, and add up", () => {
  const slot = running();
  const supply = slot.supplies["5V"];
  let falls = 0;
  slot.signal("PG_5V")?.onChange((good) => {
    if (!good) falls++;
  });
  slot.faults.inject("pg-5v-glitch");
  slot.faults.inject("pg-5v-lost");
  slot.runFor(2900);
  assert.deepEqual([supply?.powerGood, falls], [true, 0]);
  slot.faults.clear("pg-5v-lost");
  slot.runFor(2900);
  assert.equal(falls, 0, "the times start again with each change");
  slot.runFor(200);
  assert.equal(falls, 1);
});

test("a mishap that is taken back before its time does not happen", () => {
  const slot = startedSlot({ bootlog: SHORT_LOG, fault: "compute-removed" });
  powerUp(slot);
  assert.deepEqual(slot.faults.names, ["compute-removed"]);
  slot.runFor(2000);
  slot.faults.clear("compute-removed");
  slot.runFor(2000);
  assert.ok(slot.compute.plugged);
});

test("a failure of the input is over by itself, and can be ended before", () => {
  const slot = running();
  slot.faults.inject("input-brown-out");
  assert.deepEqual(slot.faults.names, ["input-brown-out"]);
  slot.runFor(400);
  assert.ok(slot.input.millivolts < 8001, `${slot.input.millivolts} mV`);
  slot.faults.clear("input-brown-out");
  slot.runFor(100);
  assert.ok(slot.input.millivolts > 11_000);
  slot.faults.inject("input-fails");
  slot.runFor(900);
  assert.deepEqual(slot.faults.names, ["input-fails"]);
  slot.runFor(200);
  assert.deepEqual(slot.faults.names, []);
  assert.ok(slot.input.millivolts > 11_000);
});

test("an input that is set to another voltage comes back to that after a failure", () => {
  const slot = running();
  slot.input.setNominal(14_200);
  slot.faults.inject("input-fails");
  slot.runFor(1100);
  assert.ok(slot.input.millivolts > 14_000, `${slot.input.millivolts} mV`);
});

test("a slot started without a board gets one, and a board is pulled and plugged", () => {
  const slot = startedSlot({ fault: "absent" });
  assert.equal(slot.compute.plugged, false);
  slot.faults.clear("absent");
  assert.equal(slot.compute.plugged, true);
  slot.faults.inject("absent");
  assert.equal(slot.compute.plugged, false);
});

test("what cannot be is refused with a sentence", () => {
  const slot = running();
  slot.faults.inject("v5-sensor-open");
  const refused = (act: () => void, message: RegExp) =>
    assert.throws(act, (error) => error instanceof UsageError && message.test(error.message));
  refused(() => slot.faults.inject("v5-sensor-open"), /^v5-sensor-open is in force already$/);
  refused(
    () => slot.faults.inject("v5-sensor-stuck"),
    /^v5-sensor-stuck contradicts v5-sensor-open, which is in force: clear v5-sensor-open first$/,
  );
  refused(() => slot.faults.inject("short-5"), /^unknown fault "short-5"; .*; did you mean short-5v\?$/);
  refused(() => slot.faults.clear("short-5v"), /^short-5v is not in force; in force: v5-sensor-open$/);
  refused(() => slot.faults.clear("__proto__"), /^unknown fault/);
  assert.deepEqual(slot.faults.names, ["v5-sensor-open"]);
});
