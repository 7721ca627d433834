/** Output for programs: the documents of `--json`, and the command lines that are refused with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SmbusBus } from "@racklet/client";
import { CODES } from "../../../cli/smbus/channels.ts";
import { parseLine } from "../../../cli/smbus/commands.ts";
import { onLinuxBus } from "../../../cli/smbus/linux-bus.ts";
import { parseCommandLine } from "../../../cli/smbus/options.ts";
import { type Connection, Session } from "../../../cli/smbus/session.ts";
import { MemorySlot, Overlapping } from "../../client/memory-slot.ts";

function sessionOn(bus: SmbusBus, rest: string[] = [], out: string[] = []): Session {
  const connection = { bus, baseAddress: 0x10, channels: null } as unknown as Connection;
  return new Session(connection, {
    ...{ pec: true, slotId: 0, colours: false },
    write: (text) => rest.push(text),
    document: (text) => out.push(text),
  });
}

async function run(line: string, bus: SmbusBus = new MemorySlot()) {
  const out: string[] = [];
  const rest: string[] = [];
  const session = sessionOn(bus, rest, out);
  for (const action of parseLine(line.split(" ")).actions) await action(session);
  assert.equal(out.length, 1, "one document");
  return { answer: JSON.parse(out[0] ?? ""), rest };
}

/** A device with a fault of its 5 V rail. */
function faulty(): MemorySlot {
  const device = new MemorySlot();
  device.put("MFR_POWER_STATE", [8]);
  device.put("STATUS_MFR_SPECIFIC", [0xa0]);
  const fault = Buffer.alloc(27);
  fault.set([2, 0, 1, 1]);
  fault.writeUInt16LE(1, 4);
  fault.writeUInt32LE(1_500_000, 6);
  fault.writeUInt16LE(12_000, 14);
  fault.writeUInt16LE(4_100, 16);
  fault.writeUInt16LE(3_300, 18);
  fault.writeUInt16LE(900, 20);
  device.put("MFR_LAST_FAULT", [...fault]);
  return device;
}

test("status and fault: names, flags as true or false, null for what is not there", async () => {
  const { answer } = await run("status --json", faulty());
  assert.equal(answer.power, "FAULT");
  assert.deepEqual(answer.rails, [
    { page: 0, name: "5V" },
    { page: 1, name: "3V3_AUX" },
  ]);
  const specific = answer.registers.find(({ name }: { name: string }) => name === "STATUS_MFR_SPECIFIC");
  assert.deepEqual(specific.bits, ["POWER_FAULT", "LATCHED"]);
  assert.equal(answer.unread, null);
  const { fault } = (await run("--json fault", faulty())).answer;
  assert.deepEqual(fault, answer.lastFault);
  assert.deepEqual(fault, {
    reason: "POWER_GOOD_LOST",
    text: "5V: power-good was lost",
    page: 0,
    rail: "5V",
    limit: null,
    latched: true,
    count: 1,
    time_us: 1_500_000,
    readings: {
      vin_mv: 12_000,
      iout_ma: 900,
      outputs: [
        { page: 0, name: "5V", vout_mv: 4_100 },
        { page: 1, name: "3V3_AUX", vout_mv: 3_300 },
      ],
    },
  });
  const healthy = new MemorySlot();
  healthy.put("MFR_LAST_FAULT", new Array(27).fill(0));
  assert.deepEqual((await run("fault --json", healthy)).answer, { fault: null });
});

test("sensors, scan and probe have numbers with their units", async () => {
  const device = new MemorySlot();
  device.put("READ_VIN", [0x80, 0xd3]);
  device.silent = true;
  device.remove("READ_TEMPERATURE_1");
  const { sensors, unread } = (await run("sensors --json", device)).answer;
  assert.equal(unread, null);
  assert.deepEqual(Object.keys(sensors[0]), [
    ...["name", "page", "rail", "unit", "value", "lowFault", "lowWarning", "highWarning", "highFault"],
  ]);
  assert.deepEqual([sensors[0].name, sensors[0].unit, sensors[0].value], ["READ_VIN", "V", 14]);
  assert.ok(sensors.some(({ rail }: { rail: string }) => rail === "3V3_AUX"));
  assert.ok(!sensors.some(({ name }: { name: string }) => name === "READ_TEMPERATURE_1"));
  assert.deepEqual((await run("scan --json", device)).answer, {
    devices: [{ address: 0x10, slot: 0, hasDriver: false, minimal: null, shared: false }],
  });
  const probe = (await run("probe --json", device)).answer;
  assert.deepEqual([probe.address, probe.pages, probe.pec, probe.minimal], [0x10, 2, true, null]);
});

test("scan, status and probe name the minimal state, also to a person", async () => {
  const why = "no logic image";
  const device = new MemorySlot();
  device.becomeMinimal(why);
  device.put("MFR_POWER_STATE", [3]);
  assert.deepEqual((await run("scan --json", device)).answer, {
    devices: [{ address: 0x10, slot: 0, hasDriver: false, minimal: why, shared: false }],
  });
  const status = (await run("status --json", device)).answer;
  assert.deepEqual(
    [status.minimal, status.power, status.bootStage, status.lastFault, status.unread],
    [why, "ON", null, null, null],
  );
  const probe = (await run("probe --json", device)).answer;
  assert.deepEqual([probe.minimal, probe.sensors], [why, []]);
  const said = "minimal state, its BMC runs no logic: no logic image";
  const text = async (line: string) => (await run(`${line} then status --json`, device)).rest.join("");
  assert.equal(await text("scan"), `0x10  slot 0: ${said}\n`);
  assert.match(await text("status"), new RegExp(`^bmc +${said}\npower +ON\nSTATUS_MFR_SPECIFIC +MINIMAL`));
  assert.match(await text("status"), /"power force-off --yes" switches the slot off/);
  assert.match(await text("probe"), new RegExp(`^${said}\n[^]* does not bind to 0x10: 2 pages`));
});

test("scan takes nothing at a slot's address for a BMC in its minimal state that has no right PEC", async () => {
  const stranger = new MemorySlot();
  stranger.becomeMinimal("?");
  stranger.knowsPec = false;
  const { devices } = (await run("scan --json", stranger)).answer;
  assert.deepEqual(devices, [{ address: 0x10, slot: 0, hasDriver: false, minimal: null, shared: false }]);
});

test("scan shows two devices at one address, and a session that checks for them ends there", async () => {
  const [one, other] = [new MemorySlot(), new MemorySlot()];
  one.put("MFR_SERIAL", [...Buffer.from("E6616408437A9B2C")]);
  other.put("MFR_SERIAL", [...Buffer.from("E660D4A0C7515E2A")]);
  const bus = new Overlapping(one, other);
  const { answer, rest } = await run("scan then scan --json", bus);
  assert.equal(answer.devices[0].shared, true);
  assert.equal(
    rest.join(""),
    "0x10  slot 0, and a second device at the same address: pull one of them out\n",
  );
  const checked = (device: SmbusBus) => sessionOn(device).checkAlone();
  await checked(one);
  await assert.rejects(
    checked(bus),
    /^SharedAddressError: two devices answer at 0x10: their answers overlap/,
  );
});

test("--address is the board's, and slots count from it", async () => {
  const line = (...args: string[]) => parseCommandLine(["--bus", "1", ...args, "status"]);
  for (const text of ["20", "0x20", "20h", "20H"]) assert.equal(line("--address", text).baseAddress, 0x20);
  assert.equal(line().baseAddress, null);
  for (const text of ["", "x", "7", "78", "0x100", "-20"])
    assert.throws(() => line(`--address=${text}`), /^Error: --address .*a 7-bit address from 0x08 to 0x77/);
  assert.throws(() => line("--address", "70", "--slot", "8"), /--address 70 leaves none for slot 8/);
  assert.throws(() => parseCommandLine(["--address", "20", "status"]), /--address is for --bus alone/);
  assert.throws(() => parseCommandLine(["--served", "--address=20", "status"]), /is for --bus alone/);
  assert.equal(onLinuxBus(1, 0x20).baseAddress, 0x20);
});

test("events and trace; on a bus where the board is not known the trace has codes", async () => {
  const device = new MemorySlot();
  const event = Buffer.alloc(24);
  event.writeUInt16LE(3, 10);
  event.set([11, 0, 1, 0], 12);
  event.writeInt32LE(-5, 16);
  device.events = [event];
  const { events } = (await run("events --json", device)).answer;
  assert.equal(events.length, 1);
  const { kind, origin, count, value, text } = events[0];
  assert.deepEqual([kind, origin, count, value], ["STARTED", "BMC", 3, -5]);
  assert.match(text, /BMC started: run pin, 3 times/);
  assert.deepEqual((await run("trace --json", device)).answer, { trace: null });
  device.traceRounds = Array.from({ length: 4 }, (_, round) => [round, 1, 2, 3, 4]);
  const { trace } = (await run("trace --json", device)).answer;
  assert.deepEqual([trace.period_ns, trace.after, trace.rounds], [10_000, 1, device.traceRounds]);
  assert.deepEqual(
    trace.columns,
    CODES.map(({ name, unit }) => ({ name, unit })),
  );
});

test("the document has its output for itself", async () => {
  const { rest } = await run("identify on then scan --json");
  assert.deepEqual(rest, ["identify  on\n"]);
});

test("JSON of a command without such a form is refused, and two documents in one line are", () => {
  assert.throws(
    () => parseLine(["log", "--json"]),
    /^Error: log has no JSON form; these have one: scan, status, sensors, events, fault, trace, probe$/,
  );
  assert.throws(() => parseLine(["fault", "clear", "--json"]), /fault clear has no JSON form/);
  assert.throws(() => parseLine(["trace", "--csv", "--json"]), /nothing may follow trace --json/);
  assert.throws(() => parseLine(["scan", "--json", "then", "status", "--json"]), /one command of a line/);
});

test("--bus takes a number, and no option of the emulator", () => {
  const line = parseCommandLine(["--bus", "1", "--slot", "3", "--no-pec", "status", "--json"]);
  assert.deepEqual([line.bus, line.slotId, line.pec, line.rest], [1, 3, false, ["status", "--json"]]);
  assert.equal(parseCommandLine(["status"]).bus, null);
  assert.throws(() => parseCommandLine(["--bus", "x", "status"]), /--bus x: the number of a bus is needed/);
  for (const option of ["--board", "--bootlog", "--fault", "--vcd", "--seed", "--speed"])
    assert.throws(
      () => parseCommandLine(["--bus", "1", option, "1", "status"]),
      new RegExp(`^Error: ${option} is for the emulator`),
    );
});
