/**
 * A rail that is fed from outside the slot (HDMI, USB, PoE): the BMC says so, comes up when asked, and finds
 * its way through a power cycle. A broken wire that shows the same voltage is still not trusted.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Slot } from "../../../simulator/slot/slot.ts";
import { asserted, assertNoWarnings, command, powerUp, startedSlot } from "../../support/simulated-slot.ts";

const FED = /V5 is fed from outside while its supply is off, see `sensors`\r\n/;

/** On, off and on again by a cycle, and off. No fault, and the compute board runs whenever it should. */
function comesAndGoes(slot: Slot): void {
  powerUp(slot);
  slot.runFor(1500);
  assert.ok(asserted(slot, "COMPUTE_RUN"));
  command(slot, "power cycle --yes");
  slot.expect(/power: on\r\n/, 6000);
  slot.runFor(1500);
  assert.ok(asserted(slot, "COMPUTE_RUN"));
  command(slot, "power force-off --yes");
  slot.expect(/power: off\r\n/, 3000);
  assert.match(command(slot, "fault"), /^fault +none/);
  assertNoWarnings(slot);
}

for (const [fault, mv] of [
  ["fed-1v5", 1500],
  ["fed-4v3", 4300],
  ["fed-4v3-good", 4300],
] as const) {
  test(`${fault}: told once, believed, and no obstacle to on, cycle and off`, () => {
    const slot = startedSlot({ fault });
    slot.expect(FED, 2000);
    slot.runFor(5000);
    assert.doesNotMatch(slot.terminal.text, /not trusted/);
    const line = /^V5 +(\d+) mV.*$/m.exec(command(slot, "sensors"));
    assert.ok(Math.abs(Number(line?.[1]) - mv) < 60, line?.[0]);
    assert.match(line?.[0] ?? "", / fed from outside/);
    comesAndGoes(slot);
  });
}

test("a feed that comes while the slot is off, and goes, is told and keeps nothing off", () => {
  const slot = startedSlot();
  slot.runFor(2000);
  slot.supplies["5V"]?.feed({ mv: 1500 });
  slot.expect(FED, 2000);
  slot.supplies["5V"]?.feed(null);
  slot.expect(/sensor V5 is good\r\n/, 2000);
  comesAndGoes(slot);
});

test("a sensor that alone shows a voltage has a broken wire: power stays refused", () => {
  const slot = startedSlot();
  slot.runFor(1000);
  slot.chip.adcSource(1, (nanos) => 750 + (Math.floor(nanos / 1000) % 7));
  slot.expect(/sensor V5 is open and not trusted/, 2000);
  assert.match(command(slot, "power on"), /a sensor reads nonsense/);
  assert.equal(asserted(slot, "EN_3V3_AUX"), false);
});

test("without a power monitor a rail that never was empty is believed, any other when the user says so", () => {
  const slot = startedSlot({ fault: "fed-4v3" });
  assert.ok(slot.powerMonitor);
  slot.powerMonitor.chip.absent = true;
  slot.expect(/sensor V5 is open and not trusted/, 6000);
  assert.match(command(slot, "power on"), /if its rail is fed from outside/);
  assert.match(command(slot, "fault clear"), FED);
  comesAndGoes(slot);
});

test("an input that is lost is lost, although a rail reports power-good from outside", () => {
  const slot = startedSlot({ fault: "fed-4v3-good" });
  slot.runFor(2000);
  slot.input.fail();
  slot.expect(/input power/, 3000);
  slot.runFor(2000);
  assert.doesNotMatch(slot.terminal.text, /sensor VIN/);
  assert.match(command(slot, "power on"), /no input power/);
});

test("a supply that does not switch off is a fault, not a feed", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runFor(1500);
  slot.supplies["5V"]?.feed({ mv: 5080, keepsPowerGood: true });
  command(slot, "power force-off --yes");
  slot.expect(/power: fault: .*5V/, 3000);
});
