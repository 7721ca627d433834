/**
 * The client on the real firmware: every command behaves as the table says, Linux' driver finds the sensors
 * of the table, and the boot log over the bus is the one that the compute board printed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BadPecError,
  COMMAND_NAMES,
  commandNamed,
  Messages,
  pagesOf,
  probePmbus,
  type ReadableName,
  RefusedError,
  SlotClient,
  typeText,
  ValueError,
} from "@racklet/client";
import { pagesOfRails } from "../../boards/quantities.ts";
import { SimulatedBus } from "../../simulator/slot/simulated-bus.ts";
import { assertNoWarnings, buildDirectory, startedSlot } from "../support/simulated-slot.ts";

const BOOTLOG = Buffer.from(
  Array.from({ length: 40 }, (_, line) => `line ${line} of a short boot\r\n`).join(""),
);

/** A slot whose BMC has started, and a verifying client on its bus. */
function started({ hz = 400_000, pec = true, slotId = 0 } = {}) {
  const slot = startedSlot({ bootlog: BOOTLOG, slotId });
  slot.smbus.hz = hz;
  const bus = new SimulatedBus(slot);
  const address = slot.board.smbus.address + slotId;
  return { slot, bus, address, client: new SlotClient(bus, address, { pec, verify: true }) };
}

for (const hz of [100_000, 400_000, 1_000_000]) {
  test(`at ${hz / 1000} kHz every readable command answers on each of its pages, with a PEC that fits`, async () => {
    const { client, slot } = started({ hz });
    const unanswered: string[] = [];
    const rails = await client.rails();
    for (const name of COMMAND_NAMES) {
      const { read } = commandNamed(name) ?? {};
      if (read === undefined || read === "call") continue;
      for (const page of pagesOf(name, rails))
        await client
          .get(name as ReadableName, page === undefined ? {} : { page })
          .catch((error) => unanswered.push(`${name}: ${error.message}`));
    }
    assert.deepEqual(unanswered, []);
    assert.deepEqual([...(await client.get("STATUS_CML"))], []);
    assertNoWarnings(slot);
  });
}

for (const board of ["slot-hat", "pico", "hatlet"]) {
  test(`the rails of ${board} are those of its board file, the compute board's first`, async () => {
    const slot = startedSlot({ directory: buildDirectory(board) });
    const client = new SlotClient(new SimulatedBus(slot), slot.board.smbus.address);
    const pages = pagesOfRails(slot.board.rails);
    const expected = slot.board.rails.map(({ name }, index) => ({ page: pages[index] as number, name }));
    assert.deepEqual(
      await client.rails(),
      expected.sort((one, other) => one.page - other.page),
    );
    assert.deepEqual([...(await client.get("STATUS_CML"))], []);
    await assert.rejects(client.get("READ_VOUT", { page: expected.length }), ValueError);
    assert.deepEqual([...(await client.get("STATUS_CML"))], []);
    assertNoWarnings(slot);
  });
}

test("a command that is not in the table does not exist: STATUS_CML says so, with PEC and without", async () => {
  for (const pec of [true, false]) {
    const { bus, address, client } = started({ pec });
    const messages = new Messages(bus, address, pec);
    const known = new Set(COMMAND_NAMES.map((name) => commandNamed(name)?.code));
    for (let code = 0; code < 256; code++) {
      if (known.has(code)) continue;
      await messages.read(code, 2).catch((error) => assert.ok(error instanceof BadPecError, `${code}`));
      assert.ok((await client.get("STATUS_CML")).has("INVALID_COMMAND"), code.toString(16));
      await client.send("CLEAR_FAULTS");
    }
  }
});

test("Linux' driver finds two pages and the sensors of the table, no others", async () => {
  const { bus, address } = started();
  const { pages, pec, sensors, identification } = await probePmbus(bus, address);
  assert.deepEqual([pages, pec], [2, true]);
  assert.deepEqual(
    sensors.map(({ name, page, alarms, limits }) => `${name} ${page} ${alarms} ${limits.length}`),
    [
      "READ_VIN 0 true 4",
      "READ_TEMPERATURE_1 0 true 4",
      "READ_VOUT 0 true 4",
      "READ_IOUT 0 true 2",
      "READ_POUT 0 true 2",
      "READ_VOUT 1 true 4",
    ],
  );
  assert.equal(identification.MFR_LOCATION, "slot 0");
});

test("power on, and the boot log over the bus is what the compute board printed", async () => {
  const { client, slot } = started();
  await client.powerOn();
  for (let waited = 0; waited < 20_000 && !slot.compute.bootlogFinished; waited += 100) slot.runFor(100);
  slot.runFor(100);
  const bytes: number[] = [];
  for await (const chunk of client.log()) {
    assert.equal(chunk.lost, 0);
    bytes.push(...chunk.data);
  }
  assert.ok(Buffer.from(bytes).includes(BOOTLOG));
  assert.equal(await client.get("MFR_POWER_STATE"), 3);
  assert.ok((await client.get("READ_VOUT")) > 4.9);
  assertNoWarnings(slot);
});

test("a refused write is an error, and a value that was set reads back", async () => {
  const { client } = started({ slotId: 5 });
  assert.equal(client.address, 0x15);
  await client.set("OT_WARN_LIMIT", 70);
  assert.equal(await client.get("OT_WARN_LIMIT"), 70);
  await assert.rejects(client.set("OT_WARN_LIMIT", 500), (error) => {
    return error instanceof RefusedError && error.reasons.has("INVALID_DATA");
  });
  await client.set("WRITE_PROTECT", "ALL");
  await assert.rejects(client.set("OT_WARN_LIMIT", 71), RefusedError);
  await client.set("WRITE_PROTECT", "NONE");
  await client.set("OT_WARN_LIMIT", 71);
});

test("a full line to the compute board is reported as a busy slot, and typing waits for it", async () => {
  const { bus, address, client, slot } = started({ hz: 1_000_000 });
  const hasty = new SlotClient(bus, address);
  // Every third of a millisecond a block, which the line sends in 2.8 ms: soon the host holds all it can.
  for (let block = 0; block < 60; block++)
    await hasty.set("MFR_COMPUTE_INPUT", { data: Buffer.alloc(32, "x") });
  await assert.rejects(client.set("MFR_COMPUTE_INPUT", { data: Buffer.alloc(32, "y") }), (error) => {
    return error instanceof RefusedError && error.reasons.has("BUSY");
  });
  await typeText(client, "MFR_COMPUTE_INPUT", "z".repeat(40), async (ms) => slot.runFor(ms));
  assert.deepEqual([...(await client.get("STATUS_CML"))], []);
  assertNoWarnings(slot);
});

test("a client without PEC reads the same", async () => {
  const { bus, address } = started();
  const bare = new SlotClient(bus, address, { pec: false });
  assert.equal(await bare.get("MFR_MODEL"), "slot-hat");
});
