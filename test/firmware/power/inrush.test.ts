/**
 * The fast over-current path in the flashed image: it rides through the inrush of a USB device, and still
 * switches off what lasts longer or is a short circuit.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Slot } from "../../../simulator/slot/slot.ts";
import { asserted, assertNoWarnings, command, powerUp, startedSlot } from "../../support/simulated-slot.ts";

const BASE_MA = 800;
/** No multiple of the converter's round of 10 us or buffer of 40 us, so that pulses begin at all moments. */
const PHASE_STEP_US = 7.3;

function runningSlot(): Slot {
  const slot = startedSlot({ fault: "never-prints" });
  powerUp(slot);
  slot.load.override(BASE_MA);
  slot.runFor(20);
  return slot;
}

/** Draws a current for so long, and returns when EN_5V went low: microseconds from the beginning, or null. */
function pulse(slot: Slot, ma: number, us: number): number | null {
  const began = slot.chip.nanos;
  let low_us: number | null = null;
  slot.signal("EN_5V")?.onChange((high) => {
    if (!high) low_us ??= (slot.chip.nanos - began) / 1000;
  });
  slot.load.override((nanos) => (nanos - began < us * 1000 ? ma : BASE_MA));
  slot.runFor(1);
  slot.load.override(BASE_MA);
  return low_us;
}

for (const [ma, us] of [
  [6000, 15],
  [6000, 20],
  [6000, 29],
  [9000, 9],
] as const) {
  test(`${ma} mA for ${us} us is ridden through, at whatever moment`, () => {
    const slot = runningSlot();
    for (let trial = 0; trial < 40; trial++) {
      slot.runFor(0.2 + ((trial * PHASE_STEP_US) % 100) / 1000);
      assert.equal(pulse(slot, ma, us), null, `pulse ${trial}`);
    }
    assert.ok(asserted(slot, "COMPUTE_RUN"));
    assert.match(command(slot, "fault"), /^fault +none/);
    assertNoWarnings(slot);
  });
}

test("an over-current that stays is off within 80 us, one at full scale within 60 us, and both are told", () => {
  for (const [ma, most_us] of [
    [6000, 80],
    [9000, 60],
  ] as const) {
    for (let trial = 0; trial < 6; trial++) {
      const slot = runningSlot();
      slot.runFor((trial * PHASE_STEP_US) / 1000);
      const low_us = pulse(slot, ma, Number.POSITIVE_INFINITY);
      assert.ok(low_us !== null && low_us < most_us, `${ma} mA: ${low_us} us`);
      slot.expect(/power: fault: over-current/, 10);
    }
  }
});

test("the fault usb-plug costs nothing: the board boots on", () => {
  const slot = startedSlot({ fault: "usb-plug" });
  powerUp(slot);
  slot.runFor(4000);
  assert.ok(asserted(slot, "COMPUTE_RUN"));
  assert.match(command(slot, "fault"), /^fault +none/);
});
