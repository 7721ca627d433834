/**
 * HALTED in the flashed image: a pin with a pull-up, which is high after each reset of the compute board,
 * must not switch the slot off, and a real halt must, asked for or not.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Slot } from "../../../simulator/slot/slot.ts";
import { asserted, assertNoWarnings, command, powerUp, startedSlot } from "../../support/simulated-slot.ts";

const PULLED_UP = ["halted-pull-up", "halted-pull-up-long"] as const;

function bootedSlot(fault?: string): Slot {
  const slot = startedSlot(fault ? { fault } : {});
  powerUp(slot);
  slot.runUntil(() => slot.compute.loginPromptReached, 60_000, "the log-in prompt");
  return slot;
}

for (const fault of PULLED_UP) {
  test(`${fault}: the board boots, reboots twice, and is switched off only when it halts`, () => {
    const slot = bootedSlot(fault);
    slot.runFor(1500);
    slot.compute.reboot();
    slot.runUntil(() => slot.signal("HALTED")?.asserted === true, 100, "HALTED of the pin's pull-up");
    slot.runUntil(() => slot.compute.loginPromptReached, 60_000, "the log-in prompt after a reboot");
    assert.ok(asserted(slot, "COMPUTE_RUN"));
    assert.match(command(slot, "status"), /\bon\b/);
    slot.runFor(1500);
    command(slot, "power off --yes");
    slot.expect(/power: halted, going down\r\n/, 30_000);
    slot.expect(/power: off\r\n/, 2000);
    assertNoWarnings(slot);
  });
}

test("a shutdown by request takes 50 ms from HALTED to the end of power, within the first pulse", () => {
  const slot = bootedSlot();
  slot.runFor(1500);
  command(slot, "power off --yes");
  slot.runUntil(() => slot.compute.halted, 30_000, "the halt");
  const halted = slot.chip.nanos;
  slot.runUntil(() => !asserted(slot, "COMPUTE_RUN"), 200, "the way down");
  const took_ms = (slot.chip.nanos - halted) / 1e6;
  assert.ok(took_ms >= 49.9 && took_ms < 52, `${took_ms} ms`);
});

test("an OS that halts by itself is switched off before its kernel complains", () => {
  const slot = bootedSlot();
  slot.runFor(1500);
  slot.compute.powerOff();
  slot.runUntil(() => slot.compute.halted, 30_000, "the halt");
  const halted = slot.chip.nanos;
  slot.expect(/power: halted, going down\r\n/, 3000);
  const took_ms = (slot.chip.nanos - halted) / 1e6;
  assert.ok(took_ms > 2200 && took_ms < 2400, `${took_ms} ms`);
  slot.expect(/power: off\r\n/, 2000);
  assert.doesNotMatch(Buffer.from(slot.compute.sent).toString("latin1"), /WARNING/);
  assertNoWarnings(slot);
});
