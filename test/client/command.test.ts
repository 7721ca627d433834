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
): Promise<{ text: string; device: MemorySlot; pausedMs: number }> {
  let text = "";
  let pausedMs = 0;
  const session = {
    slot: { board: { smbus: { address: 0x10 } } },
    bus: device,
    client: new SlotClient(device, device.address, { verify: true }),
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
    put: (more: string) => {
      text += more;
    },
  } as unknown as Session;
  for (const action of separate(splitLine(line)).map(parseCommand)) await action(session);
  return { text, device, pausedMs };
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
  ["get READ_VUOT", /^unknown name READ_VUOT, nearest is READ_VOUT$/],
  ["get", /^a name is missing/],
  ["get READ_VIN READ_VOUT", /^nothing may follow READ_VIN, but "READ_VOUT" does$/],
  ["get READ_VOUT --page", /^--page needs a number/],
  ["get MFR_POWER_COMMAND", /it is write-only$/],
  ["get MFR_LOG_READ", /"log" and "console"/],
  ["set READ_VIN 5", /^READ_VIN cannot be written$/],
  ["set CLEAR_FAULTS 1", /send CLEAR_FAULTS$/],
  ["set OT_WARN_LIMIT hot", /^OT_WARN_LIMIT hot: a number, in °C$/],
  ["set MFR_IDENTIFY onn", /nearest is ON$/],
  ["set STATUS_CML PEC_FAIL", /nearest is PEC_FAILED$/],
  ["set SMBALERT_MASK status_command=7Eh", /mask is missing; status_command=NUMBER mask=NUMBER$/],
  ["send READ_VIN", /^READ_VIN is not sent alone/],
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
