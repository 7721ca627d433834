/** The client against a device in memory: the messages of each call, and the values it returns. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AbsentError,
  BadAnswerError,
  BadPecError,
  BusTimeoutError,
  LinearError,
  NoAnswerError,
  PageError,
  RefusedError,
  SlotClient,
  typeText,
  ValueError,
} from "@racklet/client";
import { crc8, MemorySlot } from "./memory-slot.ts";

function slot(options = {}) {
  const device = new MemorySlot();
  return { device, client: new SlotClient(device, device.address, options) };
}

/** The bytes that were sent, without those of the answer. */
const sent = (device: MemorySlot) => device.trace.filter((line) => !line.startsWith(">"));

test("readings are numbers in their unit, LINEAR11 and LINEAR16", async () => {
  const { device, client } = slot();
  device.put("READ_VIN", [0x80, 0xd2]);
  device.put("READ_VOUT", [0x9a, 0x51], 0);
  device.put("READ_VOUT", [0xcd, 0x34], 1);
  device.put("READ_TEMPERATURE_1", [0x80, 0xe5]);
  const vin: number = await client.get("READ_VIN");
  assert.equal(vin, 10);
  assert.equal(await client.get("READ_VOUT"), 0x519a / 4096);
  assert.equal(await client.get("READ_VOUT", { page: 1 }), 0x34cd / 4096);
  assert.equal(await client.get("READ_TEMPERATURE_1"), -40);
});

test("text is a string, status bits are names, blocks are objects of their fields", async () => {
  const { device, client } = slot();
  device.put("MFR_ID", [...Buffer.from("Racklet")]);
  device.put("STATUS_WORD", [0x41, 0x08], 1);
  device.put(
    "MFR_LAST_FAULT",
    [
      6, 1, 1, 1, 3, 0, 0x40, 0x42, 0x0f, 0, 0, 0, 0, 0, 0xe0, 0x2e, 0, 0, 0xe4, 0x0c, 0xdc, 5, 11, 8, 7, 0,
      0,
    ],
  );
  const id: string = await client.get("MFR_ID");
  assert.equal(id, "Racklet");
  const word = await client.get("STATUS_WORD", { page: 1 });
  assert.deepEqual([...word], ["POWER_GOOD#", "OFF", "NONE_OF_THE_ABOVE"]);
  assert.equal(word.has("OFF"), true);
  const fault = await client.get("MFR_LAST_FAULT");
  assert.deepEqual(
    [fault.reason, fault.page, fault.count, fault.time_us, fault.vin_mv, fault.vout_1_mv],
    [6, 1, 3, 1_000_000, 12_000, 3300],
  );
  assert.deepEqual([fault.iout_ma, fault.limit, fault.vout_2_mv, fault.vout_3_mv], [1500, 11, 1800, 0]);
});

test("on the wire: a read with PEC is code, repeated START, data and the code over all of it", async () => {
  const { device, client } = slot();
  device.put("MFR_POWER_STATE", [3]);
  await client.get("MFR_POWER_STATE");
  const pec = crc8([0x20, 0xd1, 0x21, 3]).toString(16).padStart(2, "0");
  assert.deepEqual(device.trace, ["r d1", `> 03${pec}`]);
});

test("on the wire: writes carry PEC or not, named values go by name", async () => {
  const { device, client } = slot();
  await client.powerOn();
  assert.deepEqual(device.trace, [`w d001${crc8([0x20, 0xd0, 1]).toString(16).padStart(2, "0")}`]);
  const bare = slot({ pec: false });
  await bare.client.set("OPERATION", "SOFT_OFF");
  await bare.client.send("CLEAR_FAULTS");
  await bare.client.set("STATUS_CML", ["PEC_FAILED", "INVALID_DATA"]);
  await bare.client.set("OT_WARN_LIMIT", 70);
  await bare.client.set("SMBALERT_MASK", { status_command: 0x7e, mask: 0x20 });
  await bare.client.set("MFR_CONSOLE_INPUT", { data: Buffer.from("help\r") });
  assert.deepEqual(bare.device.trace, [
    "w 0140",
    "w 03",
    "w 7e60",
    "w 5130ea",
    "w 1b7e20",
    "w d60568656c700d",
  ]);
});

test("PAGE is asked for once on page 0, written when it changes, and asked for again after an error", async () => {
  const { device, client } = slot({ pec: false });
  await client.get("READ_IOUT");
  await client.get("READ_POUT");
  await client.get("STATUS_IOUT");
  assert.deepEqual(sent(device), ["r 00", "r 8c", "r 96", "r 7b"]);
  device.trace.length = 0;
  await client.get("STATUS_VOUT", { page: 1 });
  await client.get("READ_VIN");
  await client.get("STATUS_VOUT", { page: 1 });
  assert.deepEqual(
    sent(device),
    ["r 7e", "r e2", "r 10", "w 0001", "r 00", "r 7a", "r 00", "r 88", "r 7a", "r 00"],
    "common commands do not turn it, and the board's pages are asked for once",
  );
  device.trace.length = 0;
  device.failNext = new BusTimeoutError(0x10);
  await assert.rejects(client.get("READ_VIN"), BusTimeoutError);
  device.page = 0;
  await client.get("STATUS_VOUT", { page: 1 });
  assert.deepEqual(sent(device), ["r 88", "r 00", "r 10", "w 0001", "r 00", "r 7a", "r 00"]);
});

/** A device whose pages differ, and a client that has turned to page 1. */
async function turned(options: object) {
  const { device, client } = slot(options);
  device.put("READ_VOUT", [0, 0x50], 0);
  device.put("READ_VOUT", [0, 0x30], 1);
  device.put("VOUT_OV_WARN_LIMIT", [0, 0x58], 0);
  await client.get("READ_VOUT", { page: 1 });
  device.trace.length = 0;
  return { device, client };
}

for (const options of [{}, { verify: true }, { pec: false, verify: true }]) {
  test(`a BMC that restarts, at whatever moment, loses PAGE and no value gets to another page ${JSON.stringify(options)}`, async () => {
    for (let after = 0; ; after++) {
      const { device, client } = await turned(options);
      device.restartsAfter = after;
      assert.equal(await client.get("READ_VOUT", { page: 1 }), 3, `restart after ${after} messages`);
      if (device.restartsAfter !== null) break;
    }
    for (let after = 0; ; after++) {
      const { device, client } = await turned(options);
      device.restartsAfter = after;
      await client.set("VOUT_OV_WARN_LIMIT", 4, { page: 1 });
      if (device.restartsAfter !== null) break;
      // Nothing can help between the last question and the write: there it may be lost.
      const writeAt = sent(device).findIndex((message) => message.startsWith("w 42"));
      if (writeAt === after) continue;
      assert.deepEqual(device.taken("VOUT_OV_WARN_LIMIT", 0), [0, 0x58], `restart after ${after} messages`);
      assert.deepEqual(device.taken("VOUT_OV_WARN_LIMIT", 1), [0, 0x40], `restart after ${after} messages`);
    }
    for (let after = 0; ; after++) {
      const { device, client } = slot(options);
      device.restartsAfter = after;
      const names = (await client.rails()).map(({ name }) => name);
      if (device.restartsAfter !== null) break;
      assert.ok(!names.slice(1).includes("5V"), `${names} after a restart after ${after} messages`);
    }
  });
}

test("to be sure of PAGE costs one message on another page than 0, and none on 0", async () => {
  const { device, client } = await turned({ pec: false });
  await client.get("READ_VOUT", { page: 1 });
  await client.set("VOUT_OV_WARN_LIMIT", 4, { page: 1 });
  assert.deepEqual(sent(device), ["r 8b", "r 00", "r 00", "w 420040"]);
  await client.get("READ_VOUT", { page: 0 });
  device.trace.length = 0;
  await client.get("READ_VOUT", { page: 0 });
  await client.set("VOUT_OV_WARN_LIMIT", 6, { page: 0 });
  assert.deepEqual(sent(device), ["r 8b", "w 420060"]);
});

test("calls made at once do not get between PAGE and what follows it", async () => {
  const { device, client } = slot();
  device.put("READ_VOUT", [0, 0x50], 0);
  device.put("READ_VOUT", [0, 0x30], 1);
  const pages = [0, 1, 1, 0, 1, 0];
  const values = await Promise.all(pages.map((page) => client.get("READ_VOUT", { page })));
  assert.deepEqual(
    values,
    pages.map((page) => (page ? 3 : 5)),
  );
});

test("a page that cannot be turned to is an error, and the command is not sent", async () => {
  const { device, client } = slot({ pec: false });
  const turnsBack = { write: async () => {}, read: device.read.bind(device) };
  await assert.rejects(
    new SlotClient(turnsBack, 0x10, { pec: false }).get("READ_VOUT", { page: 1 }),
    /0x10 does not turn to page 1 and stays on 0 \(5V\): try again/,
  );
  assert.deepEqual(sent(device), ["r 00", "r 7e", "r e2", "r 10", "r 00"]);
  device.trace.length = 0;
  device.put("WRITE_PROTECT", [0x80]);
  await assert.rejects(client.get("READ_VOUT", { page: 1 }), PageError);
  assert.deepEqual(sent(device), ["r 00", "r 7e", "r e2", "r 10"]);
  device.put("WRITE_PROTECT", [0]);
  await client.rails();
  device.put("WRITE_PROTECT", [0x80]);
  device.trace.length = 0;
  await assert.rejects(client.get("READ_VOUT", { page: 1 }), {
    message:
      "0x10 does not turn to page 1 (3V3_AUX) and stays on 0 (5V): " +
      "WRITE_PROTECT ALL keeps PAGE; set WRITE_PROTECT NONE lets go of it",
  });
  assert.deepEqual(sent(device), ["r 10"]);
  assert.equal(device.cml, 0, "nothing was refused");
});

test("FFh of a command that exists is a value, although INVALID_COMMAND was set before", async () => {
  const { device, client } = slot({ pec: false });
  device.put("READ_VIN", [0xff, 0xff]);
  device.cml = 0x80;
  assert.equal(await client.get("READ_VIN"), -0.5);
  assert.equal(await client.get("READ_VIN"), -0.5);
  device.remove("READ_VIN");
  await assert.rejects(client.get("READ_VIN"), AbsentError);
});

test("a command that a page does not have is refused here, with the pages it has", async () => {
  const { device, client } = slot();
  await assert.rejects(client.get("READ_IOUT", { page: 1 }), /READ_IOUT has no page 1; it has 0$/);
  await assert.rejects(client.get("READ_VOUT", { page: 9 }), /READ_VOUT has no page 9; it has 0.* at most$/);
  assert.deepEqual(device.trace, []);
  await client.rails();
  device.trace.length = 0;
  await assert.rejects(client.get("READ_IOUT", { page: 1 }), /READ_IOUT has no page 1; it has 0 \(5V\)$/);
  await assert.rejects(
    client.get("READ_VOUT", { page: 9 }),
    /READ_VOUT has no page 9; it has 0 \(5V\), 1 \(3V3_AUX\)$/,
  );
  assert.deepEqual(device.trace, []);
});

for (const rails of [["5V"], ["12V", "5V", "1V8"]]) {
  test(`a slot with ${rails.length} of the pages in the table: status reads those, others are refused`, async () => {
    const device = new MemorySlot(0x10, rails);
    const client = new SlotClient(device, 0x10);
    device.put("MFR_LAST_FAULT", new Array(27).fill(0));
    const named = rails.map((name, page) => ({ page, name }));
    assert.deepEqual(await client.rails(), named);
    const status = await client.status();
    assert.deepEqual(status.rails, named);
    assert.equal(status.unread, null);
    assert.deepEqual(
      status.registers.filter(({ name }) => name === "STATUS_WORD").map(({ page }) => page),
      rails.map((_, page) => page),
    );
    const fresh = new SlotClient(device, 0x10);
    await assert.rejects(
      fresh.get("READ_VOUT", { page: 3 }),
      (error) => error instanceof ValueError && /^the board has no page 3; it has 0/.test(error.message),
    );
    assert.equal(device.cml, 0, "the slot was not asked for a page that it does not have");
  });
}

test("rails are read once, whatever PAGE is, and PAGE stays", async () => {
  const device = new MemorySlot(0x10, ["12V", "5V", "1V8"]);
  device.page = 1;
  device.cml = 0x80;
  const client = new SlotClient(device, 0x10, { pec: false });
  const rails = await client.rails();
  assert.deepEqual(
    rails.map(({ name }) => name),
    ["12V", "5V", "1V8"],
  );
  assert.equal(device.page, 1);
  assert.equal(device.cml, 0x80, "status bits stay as well");
  device.trace.length = 0;
  assert.deepEqual(await client.rails(), rails);
  assert.deepEqual(device.trace, []);
});

test("under WRITE_PROTECT ALL the other rails have their pages for names, until they can be read", async () => {
  const { device, client } = slot();
  device.put("WRITE_PROTECT", [0x80]);
  const protectedRails = await client.rails();
  assert.deepEqual(protectedRails, [
    { page: 0, name: "5V" },
    { page: 1, name: "page 1" },
  ]);
  assert.equal(device.cml, 0, "nothing was refused");
  device.put("WRITE_PROTECT", [0]);
  assert.equal((await client.rails())[1]?.name, "3V3_AUX");
});

for (const pec of [true, false]) {
  test(`older firmware has no MFR_RAIL: two pages without names, ${pec ? "with" : "without"} PEC`, async () => {
    for (const before of [0, 0x80]) {
      const device = new MemorySlot();
      device.silent = true;
      for (const page of [0, 1]) device.remove("MFR_RAIL", page);
      device.put("MFR_LAST_FAULT", [2, 1, 0, 1, ...new Array(14).fill(0), 0xe4, 0x0c, 0, 0, 0]);
      device.cml = before;
      const client = new SlotClient(device, 0x10, { pec });
      assert.deepEqual(await client.rails(), [
        { page: 0, name: "page 0" },
        { page: 1, name: "page 1" },
      ]);
      const { registers, unread, lastFault } = await client.status();
      assert.equal(device.cml, before, "a bit that was set stays, the one of the question goes");
      assert.deepEqual(
        registers.filter(({ name }) => name === "STATUS_VOUT").map(({ page }) => page),
        [0, 1],
      );
      assert.equal(unread, null);
      assert.deepEqual([lastFault?.vout_1_mv, lastFault?.vout_2_mv, lastFault?.vout_3_mv], [3300, 0, 0]);
      device.remove("READ_VOUT", 1);
      await assert.rejects(client.get("READ_VOUT", { page: 1 }), {
        message: "0x10 has no READ_VOUT on page 1",
      });
      assert.equal(device.trace.filter((message) => message === "r e2").length, before === 0 ? 1 : 2);
    }
  });
}

test("impossible values are refused before anything is sent", async () => {
  const { device, client } = slot();
  await assert.rejects(
    client.set("MFR_POWER_COMMAND", "UP" as "ON"),
    /UP is not ON, OFF, FORCE_OFF, CYCLE, RESET/,
  );
  await assert.rejects(client.set("MFR_IDENTIFY", 256), ValueError);
  await assert.rejects(client.set("OT_WARN_LIMIT", 1e9), LinearError);
  await assert.rejects(client.set("MFR_CONSOLE_INPUT", { data: new Uint8Array(33) }), /32 bytes at once/);
  assert.throws(() => client.call("MFR_LOG_READ", { position: -1 }), /position is -1: 0 to 4294967295/);
  assert.deepEqual(device.trace, []);
});

test("a wrong PEC, a missing device and an impossible block are errors that say what to do", async () => {
  const { device, client } = slot();
  device.disturbNext = true;
  await assert.rejects(
    client.get("READ_VIN"),
    (error) => error instanceof BadPecError && /try again/.test(error.message),
  );
  await assert.rejects(
    new SlotClient(device, 0x11).get("READ_VIN"),
    (error) =>
      error instanceof NoAnswerError &&
      /nothing answers at 0x11; "scan" shows which devices do/.test(error.message),
  );
  device.put("MFR_MODEL", []);
  await assert.rejects(client.get("MFR_MODEL"), BadAnswerError);
  device.put("MFR_MODEL", new Array(33).fill(0x20));
  await assert.rejects(client.get("MFR_MODEL"), /block of 33 bytes, 1 to 32/);
});

test("with verify, a refused write is an error that names its bits, without those that were set before", async () => {
  const { device, client } = slot({ verify: true });
  device.cml = 0x20;
  await client.set("OT_WARN_LIMIT", 70);
  assert.equal(device.cml, 0);
  device.put("WRITE_PROTECT", [0x80]);
  await assert.rejects(
    client.set("OT_WARN_LIMIT", 71),
    (error) =>
      error instanceof RefusedError &&
      error.reasons.has("INVALID_COMMAND") &&
      /refused OT_WARN_LIMIT: INVALID_COMMAND; "get WRITE_PROTECT"/.test(error.message),
  );
  // STATUS_CML is protected as well, and CLEAR_FAULTS is not.
  await client.set("WRITE_PROTECT", "NONE");
  await client.set("OT_WARN_LIMIT", 71);
});

test("with verify, a slot too busy for a write is an error, though STATUS_CML shows nothing", async () => {
  const { device, client } = slot({ verify: true });
  const data = Buffer.from("x");
  // The counter wraps, and holds refusals of earlier writes.
  device.refused = 0xffff;
  device.busyFor = 1;
  await assert.rejects(
    client.set("MFR_CONSOLE_INPUT", { data }),
    (error) =>
      error instanceof RefusedError &&
      error.reasons.has("BUSY") &&
      /refused MFR_CONSOLE_INPUT: BUSY; the slot is busy/.test(error.message),
  );
  assert.equal(device.refused, 0x1_0000);
  await client.set("MFR_CONSOLE_INPUT", { data });
});

test("with verify, a refusal that STATUS_CML explains is not taken for a busy slot", async () => {
  const { device, client } = slot({ verify: true });
  device.put("WRITE_PROTECT", [0x80]);
  device.cml = 0x20;
  await assert.rejects(client.set("OT_WARN_LIMIT", 71), (error) => {
    return error instanceof RefusedError && [...error.reasons].join() === "INVALID_COMMAND";
  });
});

test("typed text is sent again while there is no room, a block at a time, and not for ever", async () => {
  const { device, client } = slot({ pec: false, verify: true });
  const written = () => device.trace.filter((line) => line.startsWith("w d6")).map((line) => line.slice(6));
  const pauses: number[] = [];
  const pause = async (ms: number) => {
    pauses.push(ms);
  };
  const [first, second] = ["a".repeat(32), "b".repeat(8)].map((text) => Buffer.from(text).toString("hex"));
  device.busyFor = 2;
  await typeText(client, "MFR_CONSOLE_INPUT", "a".repeat(32) + "b".repeat(8), pause);
  assert.deepEqual(written(), [first, first, first, second]);
  assert.deepEqual(pauses, [10, 10]);
  device.trace.length = 0;
  device.busyFor = Number.POSITIVE_INFINITY;
  await assert.rejects(typeText(client, "MFR_CONSOLE_INPUT", "c", pause), RefusedError);
  assert.equal(written().length, 20);
  device.busyFor = 0;
  device.put("WRITE_PROTECT", [0x80]);
  device.trace.length = 0;
  await assert.rejects(typeText(client, "MFR_CONSOLE_INPUT", "d", pause), /INVALID_COMMAND/);
  assert.equal(written().length, 1, "what will not be taken later either is not sent again");
});

test("status: registers of both rails, state and stage by name", async () => {
  const { device, client } = slot();
  device.put("MFR_POWER_STATE", [8]);
  device.put("MFR_BOOT_STAGE", [4]);
  device.put("MFR_LAST_FAULT", new Array(27).fill(0));
  device.put("STATUS_VOUT", [0x10], 1);
  device.put("STATUS_INPUT", [0x0a]);
  const { power, bootStage, registers } = await client.status();
  assert.deepEqual([power, bootStage], ["FAULT", "KERNEL"]);
  const set = registers.filter(({ bits }) => bits.size > 0);
  assert.deepEqual(
    set.map(({ name, page, bits }) => [name, page, ...bits]),
    [
      ["STATUS_VOUT", 1, "VOUT_UV_FAULT"],
      ["STATUS_INPUT", undefined, "LOW_VIN", "bit_1"],
    ],
  );
});

/** Never called: the compiler reads it. Every line that must not compile says so. */
export async function types(client: SlotClient): Promise<unknown[]> {
  const state: number = await client.get("MFR_POWER_STATE");
  const model: string = await client.get("MFR_MODEL");
  const data: Uint8Array = (await client.call("MFR_LOG_READ", { position: 0 })).data;
  // @ts-expect-error: write-only
  await client.get("MFR_POWER_COMMAND");
  // @ts-expect-error: read-only
  await client.set("READ_VIN", 1);
  // @ts-expect-error: no such value
  await client.set("MFR_IDENTIFY", "BLINK");
  // @ts-expect-error: a text
  const number: number = await client.get("MFR_ID");
  await client.set("STATUS_CML", 0x40);
  // @ts-expect-error: no such bit
  const bit = (await client.get("STATUS_CML")).has("BUSY");
  return [state, model, data, number, bit];
}
