/**
 * The command line of `npm run smbus`: how it is read, which mistakes are refused with which hint, and what
 * the commands print.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { COMMANDS, LinearError, SlotClient } from "@racklet/client";
import { parseNumber, separate, splitLine } from "../../../cli/smbus/arguments.ts";
import { channelsOf } from "../../../cli/smbus/channels.ts";
import { parseCommand } from "../../../cli/smbus/commands.ts";
import { isOrdinary } from "../../../cli/smbus/mistakes.ts";
import { parseCommandLine } from "../../../cli/smbus/options.ts";
import type { Session } from "../../../cli/smbus/session.ts";
import { quantity, shownValue, table } from "../../../cli/smbus/show.ts";
import { BuildError } from "../../../simulator/tools/build-directory.ts";
import { MemorySlot } from "../../client/memory-slot.ts";

/** The sensors of the reference board. */
const SENSORS: Parameters<typeof channelsOf>[0] = {
  VIN: { unit: "mv", adc_channel: 0, numerator: 8, denominator: 1 },
  V5: { unit: "mv", adc_channel: 1, numerator: 2, denominator: 1 },
  I5: { unit: "ma", adc_channel: 2, numerator: 2, denominator: 1 },
  V3V3: { unit: "mv", adc_channel: 3, numerator: 2, denominator: 1 },
  TEMPERATURE: { unit: "mdeg", adc_channel: 4, numerator: 1, denominator: 1 },
};

/** Runs a line against a device in memory and returns what it prints. */
async function run(
  line: string,
  device = new MemorySlot(),
  { pec = true } = {},
): Promise<{ text: string; notes: string[]; device: MemorySlot; pausedMs: number }> {
  let text = "";
  const notes: string[] = [];
  let pausedMs = 0;
  const session = {
    connection: { baseAddress: 0x10, channels: channelsOf(SENSORS) },
    bus: device,
    client: new SlotClient(device, device.address, { verify: true, pec }),
    address: device.address,
    ...{ style: { colours: false }, lastOfLog: null, lastOfConsole: null },
    pause: async (ms: number) => {
      pausedMs += ms;
    },
    say: (...lines: string[]) => {
      for (const one of lines) text += `${one}\n`;
    },
    note: (one: string) => notes.push(one),
    put: (more: string) => {
      text += more;
    },
  } as unknown as Session;
  for (const action of separate(splitLine(line)).map(parseCommand)) await action(session);
  return { text, notes, device, pausedMs };
}

test("a line is cut at spaces; what stands in quotation marks is one argument", () => {
  assert.deepEqual(splitLine(`console "power on"  then wait 0.5`), [
    "console",
    "power on",
    "then",
    "wait",
    "0.5",
  ]);
  assert.deepEqual(splitLine(`set MFR_CONSOLE_INPUT ''`), ["set", "MFR_CONSOLE_INPUT", ""]);
});

test("numbers are read as decimal, and as hexadecimal in both notations", () => {
  assert.deepEqual(["17", "-4.5", "0x1F", "1Fh", "1.", "", "h", "ten"].map(parseNumber), [
    17,
    -4.5,
    0x1f,
    0x1f,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ["scann", /^unknown command scann; did you mean scan\?$/],
  ["get VIN", /^unknown name VIN; did you mean READ_VIN\?$/],
  ["get 8Ah", /^no command has the code 8Ah/],
  ["get PAGE", /^the client sets PAGE for every command; say the page with --page N/],
  ["set PAGE 1", /^the client sets PAGE for every command/],
  ["get READ_VUOT", /^unknown name READ_VUOT; did you mean READ_VOUT\?$/],
  ["get", /^a name is missing/],
  ["get READ_VIN READ_VOUT", /^nothing may follow READ_VIN, but "READ_VOUT" does$/],
  ["get READ_VOUT --page", /^--page needs a number/],
  ["get MFR_POWER_COMMAND", /it is write-only$/],
  ["get MFR_LOG_READ", /"log" shows it$/],
  ["get MFR_EVENT_READ", /"events" shows it$/],
  ["get SMBALERT_MASK", /process call alone$/],
  ["fault claer", /^unknown fault command claer; did you mean clear\?$/],
  ["fault clear now", /^nothing may follow fault clear, but "now" does$/],
  ["trace --cvs", /^nothing may follow trace, but "--cvs" does$/],
  ["policy always", /^unknown policy always; did you mean always-on\?$/],
  ["policy last --yes", /^policy asks for no --yes$/],
  ["events 5", /^nothing may follow events, but "5" does$/],
  ["energy 1", /^nothing may follow energy/],
  ["set MFR_ENERGY 0", /^MFR_ENERGY cannot be written$/],
  ["set MFR_FAULT_CLEAR 1", /send MFR_FAULT_CLEAR$/],
  ["set READ_VIN 5", /^READ_VIN cannot be written$/],
  ["set CLEAR_FAULTS 1", /send CLEAR_FAULTS$/],
  ["set OT_WARN_LIMIT hot", /^OT_WARN_LIMIT hot: a number, in °C$/],
  ["set IOUT_OC_WARN_LIMIT 3V", /^IOUT_OC_WARN_LIMIT 3V: a number, in A$/],
  ["set OT_WARN_LIMIT 70 V", /^OT_WARN_LIMIT 70 V: a number, in °C$/],
  ["set STATUS_CML", /a mask such as 0x40, or bits with commas between them, of INVALID_COMMAND, /],
  ["set STATUS_CML 0x1ffff", /a mask such as 0x40/],
  ["set STATUS_CML 256", /^256 is not 0 to 255$/],
  ["set MFR_IDENTIFY onn", /; did you mean ON\?$/],
  ["set STATUS_CML PEC_FAIL", /; did you mean PEC_FAILED\?$/],
  ["set SMBALERT_MASK status_command=7Eh", /mask is missing; status_command=NUMBER mask=NUMBER$/],
  ["send READ_VIN", /^READ_VIN is not sent alone: get READ_VIN$/],
  ["send OPERATION", /: get OPERATION or set OPERATION VALUE$/],
  ["--yes power off", /^--yes stands behind its command: power off --yes/],
  ["status --yes", /^status asks for no --yes$/],
  ["wait", /^a number of seconds is missing: wait 5$/],
  ['console "log -f"', /use the command log -f$/],
  ["console log -n 5 -f", /use the command log -f$/],
  ["power", /^power command is missing: on, off, force-off, cycle, reset$/],
  ["power off", /power off --yes$/],
  ["power cycel --yes", /; did you mean cycle\?$/],
  ["set OPERATION OFF", /set OPERATION OFF --yes$/],
  ["set MFR_POWER_COMMAND 3", /--yes$/],
  ["wait forever", /^wait forever: 0 to 3600 seconds/],
  ["identify blink", /^unknown state blink/],
  ["power on then", /^"then" stands between two commands/],
  ["status then frobnicate", /^unknown command frobnicate; known: scan, get, .*, wait$/],
];

for (const [line, message] of REFUSED) {
  test(`refused, with a hint and before anything is sent: ${line}`, async () => {
    const device = new MemorySlot();
    await assert.rejects(run(line, device), (error) => isOrdinary(error) && message.test(error.message));
    assert.deepEqual(device.trace, []);
  });
}

test("get shows units and names, and takes names in small letters", async () => {
  const device = new MemorySlot();
  device.put("READ_VOUT", [0x9a, 0x51], 0);
  device.put("MFR_POWER_STATE", [3]);
  device.put("STATUS_WORD", [0x40, 0x08], 1);
  const line = "get read_vout then get MFR_POWER_STATE then get STATUS_WORD --page 1";
  const { text } = await run(line, device);
  assert.equal(text, "READ_VOUT  5.100 V\nMFR_POWER_STATE  ON (03h)\nSTATUS_WORD  POWER_GOOD#, OFF\n");
});

test("set understands units, names, bits and fields", async () => {
  const line = [
    "set OT_WARN_LIMIT 70°C",
    "set VOUT_OV_WARN_LIMIT 3.4V --page 1",
    "set MFR_IDENTIFY on",
    "set SMBALERT_MASK status_command=7Eh mask=0x20",
    "power off --yes",
    "set OPERATION ON",
  ].join(" then ");
  const { device } = await run(line);
  assert.deepEqual(device.taken("OT_WARN_LIMIT"), [0x30, 0xea]);
  assert.deepEqual(device.taken("VOUT_OV_WARN_LIMIT", 1), [0x66, 0x36]);
  assert.deepEqual(device.taken("MFR_IDENTIFY"), [1]);
  assert.deepEqual(device.taken("SMBALERT_MASK"), [0x7e, 0x20]);
  assert.deepEqual(device.taken("OPERATION"), [0x80]);
});

test("bits go by name, by mask, and several at once; values may stand apart from their unit", async () => {
  const written = async (line: string, code: string) =>
    (await run(line)).device.trace
      .filter((message) => message.startsWith(`w ${code}`))
      .at(-1)
      ?.slice(0, 8);
  assert.match((await written("set STATUS_CML 0x40", "7e")) ?? "", /^w 7e40/);
  assert.match((await written("set STATUS_CML PEC_FAILED,INVALID_DATA", "7e")) ?? "", /^w 7e60/);
  assert.match((await written("set STATUS_CML 20h invalid_data", "7e")) ?? "", /^w 7e60/);
  assert.match((await written("set OT_WARN_LIMIT 70 °C", "51")) ?? "", /^w 5130ea/);
});

test("a value that the device refuses names those it takes, a limit where the board's are", async () => {
  await assert.rejects(run("set WRITE_PROTECT 3"), {
    message:
      "0x10 refused WRITE_PROTECT: INVALID_DATA; it takes NONE, ALL_BUT_CONFIG, ALL_BUT_OPERATION, ALL",
  });
  await assert.rejects(run("set MFR_IDENTIFY 5"), /INVALID_DATA; it takes OFF, ON$/);
});

test("a power command that cannot be carried out says why", async () => {
  const device = new MemorySlot();
  device.refusesPower = true;
  const states = COMMANDS.MFR_POWER_STATE.values;
  for (const state of [states.OFF, states.RETRY_PAUSE, states.RESTORING]) {
    device.put("MFR_POWER_STATE", [state]);
    for (const command of ["reset", "cycle"])
      await assert.rejects(
        run(`power ${command} --yes`, device),
        /OTHER_MEMORY_LOGIC; the slot is off: power on first$/,
      );
    await assert.rejects(run("power on", device), /; is a compute board in the slot\? If so, "events" tells/);
  }
  for (const [state, hint] of [
    [states.FAULT, /; a fault is latched: "fault" says which, "fault clear" lets go of it$/],
    [states.NO_INPUT, /; there is no input power$/],
  ] as const) {
    device.put("MFR_POWER_STATE", [state]);
    for (const line of ["power on", "power cycle --yes"]) await assert.rejects(run(line, device), hint);
  }
  device.put("MFR_POWER_STATE", [states.ON]);
  await assert.rejects(run("power reset --yes", device), /; is a compute board in the slot\?/);
});

for (const pec of [true, false]) {
  test(`a board without a sensor has no such lines, ${pec ? "with" : "without"} PEC`, async () => {
    const device = new MemorySlot();
    device.silent = true;
    for (const name of ["READ_VOUT", "VOUT_UV_FAULT_LIMIT", "VOUT_OV_WARN_LIMIT", "VOUT_MODE"])
      device.remove(name, 1);
    for (const name of ["STATUS_TEMPERATURE", "READ_EOUT"]) device.remove(name);
    device.put("MFR_LAST_FAULT", new Array(27).fill(0));
    const absent = { message: "0x10 has no READ_VOUT on page 1 (3V3_AUX)" };
    await assert.rejects(run("get READ_VOUT --page 1", device, { pec }), absent);
    await assert.rejects(run("get READ_EOUT", device, { pec }), {
      message: "0x10 has no READ_EOUT on page 0 (5V)",
    });
    const setting = run("set VOUT_OV_WARN_LIMIT 3.5 --page 1", device, { pec });
    await assert.rejects(setting, { message: "0x10 has no VOUT_OV_WARN_LIMIT on page 1 (3V3_AUX)" });
    const { text } = await run("sensors", device, { pec });
    assert.match(text, /READ_VOUT 5V/);
    assert.doesNotMatch(text, /3V3_AUX/);
    assert.match((await run("status", device, { pec })).text, /no status bit is set/);
    assert.equal(device.cml, 0, "what the questions left there is cleared");
  });
}

test("a write of what the device does not have is not blamed on WRITE_PROTECT", async () => {
  const device = new MemorySlot();
  device.silent = true;
  device.remove("OT_WARN_LIMIT");
  await assert.rejects(run("set OT_WARN_LIMIT 70", device), { message: "0x10 has no OT_WARN_LIMIT" });
  device.put("WRITE_PROTECT", [0x40]);
  await assert.rejects(run("set OT_WARN_LIMIT 70", device), /INVALID_COMMAND; "get WRITE_PROTECT" tells/);
});

test("write-protected as a whole, the slot keeps PAGE: the other page cannot be read, and a remark says so", async () => {
  const device = new MemorySlot();
  device.put("WRITE_PROTECT", [0x80]);
  device.put("MFR_LAST_FAULT", new Array(27).fill(0));
  await assert.rejects(
    run("get READ_VOUT --page 1", device),
    /does not turn to page 1 and stays on 0 \(5V\): WRITE_PROTECT ALL/,
  );
  for (const line of ["sensors", "status"]) {
    const { text, notes } = await run(line, device);
    assert.doesNotMatch(text, /3V3_AUX|INVALID_COMMAND/);
    assert.match(notes.join(), /^not all is shown: .*set WRITE_PROTECT NONE lets go of it$/);
  }
});

test("lines of sensors and probe fit a terminal", async () => {
  const device = new MemorySlot();
  for (const name of ["READ_VIN", "VIN_UV_WARN_LIMIT", "VIN_UV_FAULT_LIMIT", "VIN_OV_WARN_LIMIT"])
    device.put(name, [0x20, 0xdb]);
  for (const name of ["READ_TEMPERATURE_1", "UT_WARN_LIMIT", "OT_WARN_LIMIT"]) device.put(name, [0x80, 0xe5]);
  const lines = (await run("sensors then probe", device)).text.split("\n");
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
});

test("a code does for a name; blocks show what their numbers mean; remarks are apart", async () => {
  const device = new MemorySlot();
  device.put("READ_VIN", [0x80, 0xd2]);
  device.put("READ_EOUT", [0x31, 0xf0, 2, 40, 0, 0]);
  device.put("MFR_LAST_FAULT", [2, ...new Array(26).fill(0)]);
  device.put("MFR_LOG_STATUS", new Array(12).fill(0));
  const { text, notes } = await run("get 0x88 then get 88h then get READ_VIN --page 1 then log", device);
  assert.equal(text, "READ_VIN  10.000 V\n".repeat(3));
  assert.match(notes.join("\n"), /^READ_VIN has no pages: .*\nthe boot log is empty$/);
  const blocks = (await run("get READ_EOUT then get MFR_LAST_FAULT", device)).text;
  assert.match(
    blocks,
    /accumulator 12\.250 W, rollovers 2, samples 40\n.*reason 2 \(power-good was lost\), page 0/,
  );
});

test("only errors that are expected are shown without a stack", () => {
  assert.ok(isOrdinary(new LinearError("too large")));
  assert.ok(isOrdinary(new BuildError("no build")));
  assert.ok(!isOrdinary(new RangeError("Invalid array length")));
  assert.ok(!isOrdinary(new Error("ours")));
});

test("probe writes PAGE itself, and the commands after it still read the page they ask for", async () => {
  const device = new MemorySlot();
  device.put("READ_VOUT", [0x9a, 0x51], 0);
  device.put("READ_VOUT", [0xcd, 0x34], 1);
  for (const page of [0, 1]) {
    const get = `get READ_VOUT --page ${page}`;
    const volts = page === 0 ? "5.100 V" : "3.300 V";
    assert.match(
      (await run(`${get} then probe then ${get}`, device)).text,
      new RegExp(`\nREAD_VOUT  ${volts}\n$`),
    );
  }
});

test("wait lets time pass", async () => {
  assert.equal((await run("wait 2.5")).pausedMs, 2500);
});

test("scan, status, sensors and probe have a line for what there is", async () => {
  const device = new MemorySlot(0x13);
  device.put("READ_VIN", [0x40, 0xd2]);
  device.put("VIN_UV_WARN_LIMIT", [0x80, 0xd2]);
  device.put("MFR_LAST_FAULT", new Array(27).fill(0));
  device.put("MFR_ID", [...Buffer.from("Rack\x1b[2Jlet")]);
  device.put("STATUS_INPUT", [0x20]);
  assert.equal((await run("scan", device)).text, "0x13  slot 3\n");
  const { text } = await run("status", device);
  assert.match(text, /^power +OFF\nboot stage +NONE\nSTATUS_INPUT +VIN_UV_WARNING\n$/);
  const sensors = (await run("sensors", device)).text;
  assert.match(sensors, /READ_VIN +9\.000 V +0\.000 V +10\.000 V/);
  assert.match(sensors, /READ_VOUT 3V3_AUX +0\.000 V/);
  const probe = (await run("probe", device)).text;
  assert.match(probe, /^Linux' pmbus driver binds to 0x13: 2 pages, PMBus revision 0h, with PEC\n/);
  assert.ok(!probe.includes("\x1b"), "what a device says cannot move the cursor");
});

/** MFR_LAST_FAULT: a limit (3V3_AUX' low fault, on page 1), 12.5 s after power-on. */
function lastFault(latched: boolean): number[] {
  const fault = Buffer.alloc(27);
  fault.set([6, 1, latched ? 1 : 0, 1, 4, 0]);
  fault.writeBigUInt64LE(12_500_000n, 6);
  for (const [at, value] of [12_000, 5100, 2900, 1500].entries()) fault.writeUInt16LE(value, 14 + 2 * at);
  fault[22] = 2 * 4 + 3;
  return [...fault];
}

test("status explains a power state that asks the user to act", async () => {
  const device = new MemorySlot();
  device.put("MFR_LAST_FAULT", lastFault(true));
  for (const [state, words] of [
    [8, /^power +FAULT \(off, a fault is latched: "fault clear" lets the slot come up again\)\n/],
    [9, /^power +RETRY_PAUSE \(off after a fault, to be tried again\)\n/],
    [10, /^power +NO_INPUT \(off, there is no input power\)\n/],
    [11, /^power +RESTORING \(off, about to come up by the restore policy\)\n/],
  ] as const) {
    device.put("MFR_POWER_STATE", [state]);
    assert.match((await run("status", device)).text, words);
  }
  const { text } = await run("status", device);
  assert.match(text, /last fault +3V3_AUX below its fault limit, 12\.500 s after .*; "fault clear" lets/);
});

test("fault: the last one with its cause and its readings, and whether it is latched", async () => {
  const device = new MemorySlot();
  device.put("MFR_LAST_FAULT", new Array(27).fill(0));
  assert.equal((await run("fault", device)).text, "fault  none\n");
  device.put("MFR_LAST_FAULT", lastFault(true));
  device.traceRounds = [[1, 2, 3, 4, 5]];
  assert.equal(
    (await run("fault", device)).text,
    [
      "fault     3V3_AUX below its fault limit",
      "at        12.500 s after the BMC's power-on; 4 since its start",
      "readings  input 12.000 V, 5V 5.100 V, 3V3_AUX 2.900 V, 1.500 A",
      'latched   yes: "fault clear" lets the slot come up again',
      'trace     "trace" shows it',
      "",
    ].join("\n"),
  );
  device.put("MFR_LAST_FAULT", [5, 0, 0, 0, 1, ...new Array(22).fill(0)]);
  device.traceRounds = [];
  const { text } = await run("fault", device);
  assert.match(text, /^fault +5V: over-current, switched off at once\n/);
  assert.doesNotMatch(text, /readings/);
  assert.match(text, /latched +no\ntrace +none\n$/);
  const cleared = await run("fault clear", device);
  assert.equal(cleared.text, "fault  cleared\n");
  assert.ok(cleared.device.trace.some((message) => message.startsWith("w dd")));
});

test("a board with three rails: sensors, readings of the fault and events name each of them", async () => {
  const device = new MemorySlot(0x10, ["12V", "5V", "1V8\x1b[2J"]);
  for (const [page, mv] of [12_000, 5100, 1800].entries()) {
    const word = Math.round(mv * 4.096);
    device.put("READ_VOUT", [word & 0xff, word >> 8], page);
  }
  const sensors = (await run("sensors", device)).text;
  assert.match(
    sensors,
    /READ_VOUT 12V +12\.000 V .*\nREAD_VOUT 5V +5\.100 V .*\nREAD_VOUT 1V8\S* +1\.800 V /,
  );
  assert.ok(!sensors.includes("\x1b"), "the name of a rail cannot move the cursor");
  const fault = Buffer.from(lastFault(false));
  fault[22] = 6 * 4 + 0;
  fault.writeUInt16LE(2100, 23);
  device.put("MFR_LAST_FAULT", [...fault]);
  const { text } = await run("fault", device);
  assert.match(text, /^fault +1V8\S* above its fault limit\n/);
  assert.match(text, /12V 5\.100 V, 5V 2\.900 V, 1V8\S* 2\.100 V, 1\.500 A\n/);
  device.events = [event([2, 4, 2, 2], { value: 900 })];
  assert.match((await run("events", device)).text, /fault: 1V8\S*: power-good was lost, 900 mV\n/);
});

/** A block of MFR_EVENT_READ behind its number. */
function event(what: readonly number[], { count = 1, value = 0, limit = 0 } = {}): Buffer {
  const block = Buffer.alloc(24);
  block.writeUIntLE(1234, 0, 5);
  block.writeUIntLE(2 ** 32 + 500, 5, 5);
  block.writeUInt16LE(count, 10);
  block.set(what, 12);
  block.writeInt32LE(value, 16);
  block.writeInt32LE(limit, 20);
  return block;
}

test("events: a line each, with names instead of numbers", async () => {
  const device = new MemorySlot();
  device.firstEvent = 100;
  device.events = [
    event([11, 0, 3, 0]),
    event([1, 2, 4, 3]),
    event([2, 4, 1, 1], { value: 12 }),
    event([2, 4, 5, 0], { value: 5600 }),
    event([2, 4, 6, 11], { value: 2900, limit: 2970 }),
    event([3, 1, 0, 0]),
    event([4, 0, 0, 22], { value: -21_000, limit: -20_000 }),
    event([5, 0, 0, 13], { value: 2000, limit: 3000 }),
    event([6, 0, 2, 1], { value: 5000 }),
    event([7, 0, 0, 0], { value: 9000 }),
    event([10, 0, 0, 0], { count: 5 }),
    event([12, 2, 1, 0]),
    event([13, 1, 0, 0]),
    event([14, 0, 2, 1], { value: 5100 }),
    event([77, 0, 8, 9], { value: 1 }),
  ];
  const { text } = await run("events", device);
  const stamp = "[    1.234] ";
  assert.deepEqual(text.trimEnd().split("\n"), [
    `${stamp}BMC started: hang`,
    `${stamp}power: on, run released (smbus)`,
    `${stamp}fault: 3V3_AUX: power-good did not come, 12 mV`,
    `${stamp}fault: 5V: over-current, switched off at once, 5600 mA`,
    `${stamp}fault: 3V3_AUX 2900 mV, limit at least 2970`,
    `${stamp}fault cleared (console)`,
    `${stamp}warning: temperature -21000 mdeg, limit at least -20000`,
    `${stamp}good again: output current 2000 mA, limit at most 3000`,
    `${stamp}sensor of 5V is open, reads 5000 mV`,
    `${stamp}input power lost, 9000 mV`,
    `${stamp}compute board pulled out, 5 times up to 4294967.796 s`,
    `${stamp}policy: always-on (smbus)`,
    `${stamp}calibrated: input (console)`,
    `${stamp}power monitor: ok, deviates from the converter`,
    `${stamp}an event unknown to this client: detail 8, subject 9, value 1`,
  ]);
  assert.deepEqual((await run("events", new MemorySlot())).notes, ["no event is kept"]);
});

test("trace: rounds in the units of the board's sensors, time from where the fault was noticed", async () => {
  const device = new MemorySlot();
  // 0, both sides of a wide code of the converter, full scale.
  device.traceRounds = [
    [0, 0, 0, 0, 876],
    [511, 511, 511, 511, 876],
    [512, 512, 512, 512, 876],
    [4095, 4095, 4095, 4095, 876],
  ];
  const { text } = await run("trace --csv", device);
  const [heading, ...rows] = text.trimEnd().split("\n");
  assert.equal(heading, "us,VIN mV,V5 mV,I5 mA,V3V3 mV,TEMPERATURE mdeg");
  const numbers = rows.map((row) => row.split(",").map(Number));
  assert.deepEqual(
    numbers.map(([us]) => us),
    [-30, -20, -10, 0],
  );
  // 511.5, 516.5 and 4131.5 of 4132 steps.
  const pins = [0, 408.51, 412.5, 3299.6];
  for (const [at, pin] of pins.entries()) {
    const expected = [8, 2, 2, 2].map((factor) => Math.round(pin * factor));
    for (const [index, value] of expected.entries())
      assert.ok(Math.abs((numbers[at]?.[index + 1] ?? -1) - value) <= 1, `${rows[at]}`);
    assert.ok(Math.abs((numbers[at]?.[5] ?? 0) - 26_303) <= 1, `${rows[at]}`); // 885.5 steps are 707.2 mV
  }
  const table = (await run("trace", device)).text.split("\n");
  assert.match(table[0] ?? "", /^ us {2}VIN mV {2}V5 mV {2}I5 mA {2}V3V3 mV {2}TEMPERATURE mdeg$/);
  assert.match(table[1] ?? "", /^-30 +0 +0 +0 +0 +\d+$/);
  const { notes } = await run("trace", new MemorySlot());
  assert.match(notes.join(), /^there is no trace/);
});

test("policy is shown and set by the names the console has; energy in joules and watt hours", async () => {
  const device = new MemorySlot();
  assert.equal((await run("policy", device)).text, "policy  last\n");
  assert.equal((await run("policy always-on then policy", device)).text, "policy  always-on\n".repeat(2));
  assert.deepEqual(device.taken("MFR_RESTORE_POLICY"), [1]);
  device.put("MFR_ENERGY", [0x80, 0xee, 0x36, 0, 0, 0, 0, 0]);
  assert.equal(
    (await run("energy", device)).text,
    "energy  3600.000 J (1.000 Wh) since the BMC's power-on\n",
  );
});

test("log goes on where the last one ended, and says what is missing", async () => {
  const device = new MemorySlot();
  device.log = Buffer.from("U-Boot\r\nLinux\x07");
  device.put("MFR_LOG_STATUS", new Array(12).fill(0));
  const { text } = await run("log then log", device);
  assert.equal(text, "U-Boot\r\nLinux.\n");
  const late = new MemorySlot();
  late.log = device.log;
  late.oldest = 4;
  late.put("MFR_LOG_STATUS", [2, ...new Array(11).fill(0)]);
  assert.match((await run("log", late)).text, /^\[2 bytes are missing: .*\]\not\r\n/);
});

test("log -f ends when the log has rested for 10 s", async () => {
  const device = new MemorySlot();
  device.put("MFR_LOG_STATUS", new Array(12).fill(0));
  const { pausedMs } = await run("log -f", device);
  assert.equal(pausedMs, 10_000);
});

test("options may stand anywhere among the commands and their arguments", () => {
  const line = parseCommandLine([
    "power",
    "off",
    "--yes",
    "--slot",
    "3",
    "--speed=400",
    "--no-pec",
    "--board",
    "pico",
  ]);
  assert.deepEqual(
    [line.rest, line.slotId, line.hz, line.pec, line.run.board],
    [["power", "off", "--yes"], 3, 400_000, false, "pico"],
  );
  for (const [args, message] of [
    [["--speeed", "100"], /unknown option --speeed; did you mean --speed\?$/],
    [["--speed", "200"], /one of 100, 400, 1000/],
    [["--slot", "16"], /0 to 15/],
    [["--slot"], /--slot needs a value/],
    [["--vcd", "--slot", "1"], /--vcd needs a value/],
    [["--seed", "x"], /--seed x: a whole number/],
    [["--fault", "pg-5v-nver"], /pg-5v-never/],
  ] as const) {
    assert.throws(() => parseCommandLine(args), message);
  }
});

test("values and tables as they are shown", () => {
  assert.equal(quantity(Number.NaN, "V"), "unreadable");
  assert.equal(quantity(-40, "°C"), "-40.0 °C");
  assert.equal(shownValue(COMMANDS.STATUS_CML, new Set()), "none");
  assert.equal(shownValue(COMMANDS.CAPABILITY, 0xd0), "208 (D0h)");
  assert.deepEqual(
    table(
      [
        ["a", "1"],
        ["bcd", "23"],
      ],
      [1],
    ),
    ["a     1", "bcd  23"],
  );
});

test("without a command and without a terminal: usage, and nothing is built", () => {
  const program = fileURLToPath(new URL("../../../cli/smbus/smbus.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", program], {
    input: "",
    encoding: "utf8",
  });
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^no command is given, and there is no terminal for a prompt\n\nusage: npm run smbus/);
});
