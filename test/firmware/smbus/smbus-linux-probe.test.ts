/**
 * Linux' generic `pmbus` driver against the image: the sensors that it would find, message by message as it
 * asks (drivers/hwmon/pmbus/pmbus.c, pmbus_core.c), and no others. A phantom would be a sensor that shows
 * nonsense.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type PmbusProbe, probePmbus } from "@racklet/client";
import { SimulatedBus } from "../../../simulator/slot/simulated-bus.ts";
import type { Slot } from "../../../simulator/slot/slot.ts";
import { assertNoWarnings, buildDirectory, powerUp, startedSlot } from "../../support/simulated-slot.ts";
import { ADDRESS, code, SlotBus, SPEEDS } from "./smbus-slot.ts";

/** The sensors of each page: quantity, page, and the names of the commands of its limits. */
const INPUT = ["VIN_UV_WARN_LIMIT", "VIN_UV_FAULT_LIMIT", "VIN_OV_WARN_LIMIT", "VIN_OV_FAULT_LIMIT"];
const TEMPERATURE = ["UT_WARN_LIMIT", "UT_FAULT_LIMIT", "OT_WARN_LIMIT", "OT_FAULT_LIMIT"];
const VOLTAGE = ["VOUT_UV_WARN_LIMIT", "VOUT_UV_FAULT_LIMIT", "VOUT_OV_WARN_LIMIT", "VOUT_OV_FAULT_LIMIT"];
const CURRENT = ["IOUT_OC_WARN_LIMIT", "IOUT_OC_FAULT_LIMIT"];
const POWER = ["POUT_OP_WARN_LIMIT", "POUT_OP_FAULT_LIMIT"];

const PAGE_0 = [
  ["READ_VIN", 0, INPUT],
  ["READ_TEMPERATURE_1", 0, TEMPERATURE],
  ["READ_VOUT", 0, VOLTAGE],
  ["READ_IOUT", 0, CURRENT],
  ["READ_POUT", 0, POWER],
] as const;
const PAGE_1 = [["READ_VOUT", 1, VOLTAGE]] as const;

function found({ sensors }: PmbusProbe) {
  return sensors.map(({ name, page, limits }) => [name, page, limits.map((limit) => limit.name)]);
}

/** The value of one sensor that the probe found. */
function value(probe: PmbusProbe, name: string, page: number): number {
  return probe.sensors.find((sensor) => sensor.name === name && sensor.page === page)?.value ?? Number.NaN;
}

/** An adapter for a device that reports no PEC: the driver then uses no PEC in any message. */
class WithoutPec extends SimulatedBus {
  override async read(
    address: number,
    sent: Uint8Array,
    length: number | "block",
    extra = 0,
  ): Promise<Uint8Array> {
    const answer = await super.read(address, sent, length, extra);
    if (sent[0] === code("CAPABILITY")) answer[0] = (answer[0] as number) & 0x7f;
    return answer;
  }
}

async function probe(slot: Slot, pec: boolean): Promise<PmbusProbe> {
  return probePmbus(pec ? new SimulatedBus(slot) : new WithoutPec(slot), ADDRESS);
}

for (const hz of SPEEDS) {
  for (const pec of [true, false]) {
    test(`both pages, every sensor with its limits and no phantom, ${hz} Hz, PEC ${pec}`, async () => {
      const slot = startedSlot();
      slot.smbus.hz = hz;
      powerUp(slot);
      slot.runFor(300);
      const result = await probe(slot, pec);
      const { pages, statusWord, writeProtected, revision } = result;
      assert.deepEqual(
        { pec: result.pec, pages, statusWord, writeProtected },
        { pec, pages: 2, statusWord: true, writeProtected: false },
      );
      assert.equal(revision, new SlotBus(slot).number("PMBUS_REVISION"));
      assert.deepEqual(found(result), [...PAGE_0, ...PAGE_1]);
      assert.ok(
        result.sensors.every(({ alarms }) => alarms),
        "all have a status register",
      );
      assert.equal(result.identification.MFR_ID, "Racklet");
      assert.equal(result.identification.MFR_MODEL, "slot-hat");
      assert.ok(Math.abs(value(result, "READ_VOUT", 0) - 5.1) < 0.1);
      assert.ok(Math.abs(value(result, "READ_VOUT", 1) - 3.3) < 0.1);
      assert.ok(Math.abs(value(result, "READ_VIN", 0) - 12) < 0.5);
      assert.ok(value(result, "READ_IOUT", 0) > 0.1 && value(result, "READ_POUT", 0) > 0.5);
      // The driver has no side effects: no complaint, no alert, and power is as it was.
      const bus = new SlotBus(slot);
      assert.equal(bus.number("STATUS_CML"), 0);
      assert.equal(slot.smbusAlert?.asserted, false);
      assert.equal(bus.number("OPERATION"), 0x80);
      assertNoWarnings(slot);
    });
  }
}

test("the driver finds the same on a slot without power", async () => {
  const slot = startedSlot();
  const result = await probe(slot, true);
  assert.deepEqual(found(result), [...PAGE_0, ...PAGE_1]);
  assertNoWarnings(slot);
});

test("the driver finds the same on a slot that another controller left on page 1", async () => {
  const slot = startedSlot();
  new SlotBus(slot).write("PAGE", 1);
  assert.deepEqual(found(await probe(slot, true)), [...PAGE_0, ...PAGE_1]);
});

test("pico has no sensor on its auxiliary supply: page 1 has no VOUT, and no phantom instead", async () => {
  const slot = startedSlot({ directory: buildDirectory("pico") });
  const result = await probe(slot, true);
  assert.equal(result.pages, 2);
  assert.deepEqual(found(result), [...PAGE_0]);
  assert.equal(result.identification.MFR_MODEL, "pico");
  assertNoWarnings(slot);
});
