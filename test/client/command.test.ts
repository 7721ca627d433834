/**
 * The words of `npm run smbus`: what they are understood as, what is refused and with which hint, what is
 * shown.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { SlotClient } from "../../client/client.ts";
import { parseCommand } from "../../client/command/commands.ts";
import { isOrdinary } from "../../client/command/mistakes.ts";
import { parseCommandLine } from "../../client/command/options.ts";
import type { Session } from "../../client/command/session.ts";
import { quantity, shownValue, table } from "../../client/command/show.ts";
import { parseNumber, separate, splitLine } from "../../client/command/words.ts";
import { COMMANDS } from "../../client/generated/commands.ts";
import { LinearError } from "../../client/linear.ts";
import { BuildError } from "../../simulator/build-directory.ts";
import { MemorySlot } from "./memory-slot.ts";

/** Runs a line against a device in memory; returns what it says. */
async function run(
  line: string,
  device = new MemorySlot(),
  { pec = true } = {},
): Promise<{ text: string; notes: string[]; device: MemorySlot; pausedMs: number }> {
  let text = "";
  const notes: string[] = [];
  let pausedMs = 0;
  const session = {
    slot: { board: { smbus: { address: 0x10 } } },
    bus: device,
    client: new SlotClient(device, device.address, { verify: true, pec }),
    address: device.address,
    style: { colours: false },
    logPosition: null,
    consolePosition: null,
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

test("a line is cut at spaces, quotation marks keep words together", () => {
  assert.deepEqual(splitLine(`console "power on"  then wait 0.5`), [
    "console",
    "power on",
    "then",
    "wait",
    "0.5",
  ]);
  assert.deepEqual(splitLine(`set MFR_CONSOLE_INPUT ''`), ["set", "MFR_CONSOLE_INPUT", ""]);
});

test("numbers as people and data sheets write them", () => {
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
  ["scna", /^unknown command scna, nearest is scan$/],
  ["get VIN", /^unknown name VIN, nearest is READ_VIN$/],
  ["get 8Ah", /^no command has the code 8Ah/],
  ["get PAGE", /^the client sets PAGE for every command; say the page with --page N/],
  ["set PAGE 1", /^the client sets PAGE for every command/],
  ["get READ_VUOT", /^unknown name READ_VUOT, nearest is READ_VOUT$/],
  ["get", /^a name is missing/],
  ["get READ_VIN READ_VOUT", /^nothing may follow READ_VIN, but "READ_VOUT" does$/],
  ["get READ_VOUT --page", /^--page needs a number/],
  ["get MFR_POWER_COMMAND", /it is write-only$/],
  ["get MFR_LOG_READ", /"log" and "console"/],
  ["set READ_VIN 5", /^READ_VIN cannot be written$/],
  ["set CLEAR_FAULTS 1", /send CLEAR_FAULTS$/],
  ["set OT_WARN_LIMIT hot", /^OT_WARN_LIMIT hot: a number, in °C$/],
  ["set IOUT_OC_WARN_LIMIT 3V", /^IOUT_OC_WARN_LIMIT 3V: a number, in A$/],
  ["set OT_WARN_LIMIT 70 V", /^OT_WARN_LIMIT 70 V: a number, in °C$/],
  ["set STATUS_CML", /a mask such as 0x40, or bits with commas between them, of INVALID_COMMAND, /],
  ["set STATUS_CML 0x1ffff", /a mask such as 0x40/],
  ["set STATUS_CML 256", /^256 is not 0 to 255$/],
  ["set MFR_IDENTIFY onn", /nearest is ON$/],
  ["set STATUS_CML PEC_FAIL", /nearest is PEC_FAILED$/],
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
  ["power cycel --yes", /nearest is cycle$/],
  ["set OPERATION OFF", /set OPERATION OFF --yes$/],
  ["set MFR_POWER_COMMAND 3", /--yes$/],
  ["wait forever", /^wait forever: 0 to 3600 seconds/],
  ["identify blink", /^unknown state blink/],
  ["power on then", /^"then" stands between two commands/],
  ["status then frobnicate", /^unknown command frobnicate/],
];

for (const [line, message] of REFUSED) {
  test(`refused, with a hint and before anything is sent: ${line}`, async () => {
    const device = new MemorySlot();
    await assert.rejects(run(line, device), (error) => isOrdinary(error) && message.test(error.message));
    assert.deepEqual(device.trace, []);
  });
}

test("get shows units and names, and small letters are allowed", async () => {
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

test("a reset or cycle of a slot that is off says so, other power commands ask for a board", async () => {
  const device = new MemorySlot();
  device.refusesPower = true;
  for (const state of [0, 8]) {
    device.put("MFR_POWER_STATE", [state]);
    for (const command of ["reset", "cycle"])
      await assert.rejects(
        run(`power ${command} --yes`, device),
        /OTHER_MEMORY_LOGIC; the slot is off: power on first$/,
      );
    await assert.rejects(run("power on", device), /; is a compute board in the slot\?$/);
  }
  device.put("MFR_POWER_STATE", [3]);
  await assert.rejects(run("power reset --yes", device), /; is a compute board in the slot\?$/);
});

for (const pec of [true, false]) {
  test(`a board without a sensor has no such lines, ${pec ? "with" : "without"} PEC`, async () => {
    const device = new MemorySlot();
    device.silent = true;
    for (const name of ["READ_VOUT", "VOUT_UV_FAULT_LIMIT", "VOUT_OV_WARN_LIMIT", "VOUT_MODE"])
      device.remove(name, 1);
    for (const name of ["STATUS_TEMPERATURE", "READ_EOUT"]) device.remove(name);
    device.put("MFR_LAST_FAULT", new Array(20).fill(0));
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

test("write-protected as a whole, the other page cannot be read, and that is said", async () => {
  const device = new MemorySlot();
  device.put("WRITE_PROTECT", [0x80]);
  device.put("MFR_LAST_FAULT", new Array(20).fill(0));
  await assert.rejects(
    run("get READ_VOUT --page 1", device),
    /does not turn to page 1 \(3V3_AUX\) and stays on 0/,
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
  device.put("MFR_LAST_FAULT", [2, ...new Array(19).fill(0)]);
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

test("what is shown without a stack: named errors alone", () => {
  assert.ok(isOrdinary(new LinearError("too large")));
  assert.ok(isOrdinary(new BuildError("no build")));
  assert.ok(!isOrdinary(new RangeError("Invalid array length")));
  assert.ok(!isOrdinary(new Error("ours")));
});

test("wait lets time pass", async () => {
  assert.equal((await run("wait 2.5")).pausedMs, 2500);
});

test("scan, status, sensors and probe have a line for what there is", async () => {
  const device = new MemorySlot(0x13);
  device.put("READ_VIN", [0x40, 0xd2]);
  device.put("VIN_UV_WARN_LIMIT", [0x80, 0xd2]);
  device.put("MFR_LAST_FAULT", new Array(20).fill(0));
  device.put("MFR_ID", [...Buffer.from("Rack\x1b[2Jlet")]);
  device.put("STATUS_INPUT", [0x20]);
  assert.equal((await run("scan", device)).text, "0x13  slot 3\n");
  const { text } = await run("status", device);
  assert.match(text, /^power +OFF\nboot stage +NONE\nSTATUS_INPUT +VIN_UV_WARNING\n$/);
  const sensors = (await run("sensors", device)).text;
  assert.match(sensors, /READ_VIN +9\.000 V +0\.000 V +10\.000 V/);
  assert.match(sensors, /READ_VOUT +3V3_AUX/);
  const probe = (await run("probe", device)).text;
  assert.match(probe, /^Linux' pmbus driver binds to 0x13: 2 pages, PMBus revision 0h, with PEC\n/);
  assert.ok(!probe.includes("\x1b"), "what a device says cannot move the cursor");
});

test("log goes on where the last one ended, and says what is no longer kept", async () => {
  const device = new MemorySlot();
  device.log = Buffer.from("U-Boot\r\nLinux\x07");
  device.put("MFR_LOG_STATUS", new Array(12).fill(0));
  const { text } = await run("log then log", device);
  assert.equal(text, "U-Boot\r\nLinux.\n");
  const late = new MemorySlot();
  late.log = device.log;
  late.oldest = 4;
  late.put("MFR_LOG_STATUS", [2, ...new Array(11).fill(0)]);
  assert.match((await run("log", late)).text, /^\[2 bytes are no longer kept\]\not\r\n/);
});

test("log -f ends when the log has rested for 10 s", async () => {
  const device = new MemorySlot();
  device.put("MFR_LOG_STATUS", new Array(12).fill(0));
  const { pausedMs } = await run("log -f", device);
  assert.equal(pausedMs, 10_000);
});

test("options may stand anywhere, and are told from the words of commands", () => {
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
    [line.words, line.slotId, line.hz, line.pec, line.run.board],
    [["power", "off", "--yes"], 3, 400_000, false, "pico"],
  );
  for (const [args, message] of [
    [["--speeed", "100"], /unknown option --speeed, nearest is --speed; see npm run smbus -- --help/],
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

test("what is shown", () => {
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

test("without words and without a terminal: usage, and nothing is built", () => {
  const program = fileURLToPath(new URL("../../client/smbus.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", program], {
    input: "",
    encoding: "utf8",
  });
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^no command is given, and there is no terminal for a prompt\n\nusage: npm run smbus/);
});
