/**
 * The probe as Linux' driver does it, against a device in memory that has the commands of the table alone.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { probePmbus } from "@racklet/client";
import { MemorySlot } from "./memory-slot.ts";

function device(): MemorySlot {
  const slot = new MemorySlot();
  slot.put("READ_VIN", [0x80, 0xd2]);
  slot.put("READ_VOUT", [0, 0x50], 0);
  slot.put("READ_VOUT", [0, 0x30], 1);
  slot.put("OT_WARN_LIMIT", [0x30, 0xea]);
  slot.put("MFR_ID", [...Buffer.from("Racklet")]);
  slot.put("PMBUS_REVISION", [0x22]);
  return slot;
}

test("pages, PEC, identification and every sensor of the table are found, and no phantom", async () => {
  const found = await probePmbus(device(), 0x10);
  const { pec, statusWord, writeProtected, revision, pages, identification } = found;
  assert.deepEqual(
    { pec, statusWord, writeProtected, revision, pages },
    { pec: true, statusWord: true, writeProtected: false, revision: 0x22, pages: 2 },
  );
  assert.equal(identification.MFR_ID, "Racklet");
  const sensors = found.sensors.map(({ name, page, value, alarms, limits }) => [
    name,
    page,
    value,
    alarms,
    limits.length,
  ]);
  assert.deepEqual(sensors, [
    ["READ_VIN", 0, 10, true, 4],
    ["READ_TEMPERATURE_1", 0, 0, true, 4],
    ["READ_VOUT", 0, 5, true, 4],
    ["READ_IOUT", 0, 0, true, 2],
    ["READ_POUT", 0, 0, true, 2],
    ["READ_VOUT", 1, 3, true, 4],
  ]);
  const warning = found.sensors[1]?.limits.find(({ name }) => name === "OT_WARN_LIMIT");
  assert.equal(warning?.value, 70);
});

test("the first messages are those of the driver, the first without PEC; each question ends with CLEAR_FAULTS", async () => {
  const slot = device();
  await probePmbus(slot, 0x10);
  const sent = slot.trace.filter((line) => !line.startsWith(">")).map((line) => line.slice(0, 4));
  const opening = [
    "r 19",
    "r 79",
    "r 10",
    "r 98",
    "w 03",
    "r 00",
    "r 79",
    "w 03",
    "w 00",
    "r 00",
    "w 00",
    "r 00",
  ];
  assert.deepEqual(sent.slice(0, opening.length), opening);
  assert.match(slot.trace[1] as string, /^> d0$/);
  // 8Ah is not in the table: it reads as FFFFh, and only STATUS_CML shows that it does not exist.
  const at = sent.indexOf("r 8a");
  assert.deepEqual(sent.slice(at, at + 4), ["r 8a", "r 79", "r 7e", "w 03"]);
});

test("a device that another controller left on page 1 has its sensors all the same", async () => {
  const slot = device();
  slot.page = 1;
  const found = await probePmbus(slot, 0x10);
  assert.deepEqual(
    found.sensors.filter(({ name }) => name === "READ_VOUT").map(({ value }) => value),
    [5, 3],
  );
});

test("write-protected, the driver trusts every answer: phantoms, but no more than it would show", async () => {
  const slot = device();
  slot.put("WRITE_PROTECT", [0x40]);
  const found = await probePmbus(slot, 0x10);
  assert.equal(found.writeProtected, true);
  assert.ok(found.sensors.some(({ name }) => name === "READ_VCAP"));
});

test("an address without a device is no PMBus device", async () => {
  await assert.rejects(probePmbus(device(), 0x33), /PMBus status register not found/);
});
