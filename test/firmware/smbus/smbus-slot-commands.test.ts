/** The slot's own commands over the SMBus: power, boot log, both consoles, identify LED, faults. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS } from "@racklet/client";
import { ownBootlog } from "../../../simulator/slot/slot.ts";
import { asserted, assertNoWarnings, command, powerUp } from "../../support/simulated-slot.ts";
import { littleEndian, SlotBus, SPEEDS, startedBus, text } from "./smbus-slot.ts";

const STATES = COMMANDS.MFR_POWER_STATE.values;
const STAGES = COMMANDS.MFR_BOOT_STAGE.values;
const POWER = COMMANDS.MFR_POWER_COMMAND.values;
const OPERATION = COMMANDS.OPERATION.values;
const BIT_NANOS = 1e9 / 115200;

function untilState(bus: SlotBus, state: number, ms: number): void {
  for (let waited = 0; waited < ms; waited += 5) {
    if (bus.number("MFR_POWER_STATE") === state) return;
    bus.slot.runFor(5);
  }
  assert.fail(`state ${bus.number("MFR_POWER_STATE")} instead of ${state}\n${bus.slot.describe()}`);
}

function assertRails(bus: SlotBus, on: boolean): void {
  for (const name of ["EN_3V3_AUX", "EN_5V", "COMPUTE_RUN"]) assert.equal(asserted(bus.slot, name), on, name);
  for (const page of [0, 1]) {
    bus.write("PAGE", page);
    assert.equal(bus.number("STATUS_WORD") & 0x0840, on ? 0 : 0x0840, `OFF and POWER_GOOD# of page ${page}`);
  }
  bus.write("PAGE", 0);
}

/** Reads a stream by position, up to its newest byte. */
function printed(bus: SlotBus, name: "MFR_LOG_READ" | "MFR_CONSOLE_OUTPUT", from = 0): string {
  let all = "";
  for (let position = from; ; ) {
    const asked = Uint8Array.of(position, position >> 8, position >> 16, position >> 24);
    const answer = bus.bytes(name, asked);
    const at = littleEndian(answer.subarray(0, 4));
    if (answer.length === 4) return all;
    assert.ok(at >= position, "never before the position asked for");
    all += text(answer.subarray(4));
    position = at + answer.length - 4;
  }
}

for (const hz of SPEEDS) {
  test(`OPERATION switches on, off at once, and off in good order, ${hz} Hz`, () => {
    const bus = startedBus({}, hz);
    assert.equal(bus.number("OPERATION"), OPERATION.OFF);
    assertRails(bus, false);
    bus.write("OPERATION", OPERATION.ON);
    untilState(bus, STATES.ON, 300);
    assert.equal(bus.number("OPERATION"), OPERATION.ON);
    assertRails(bus, true);
    bus.write("OPERATION", OPERATION.ON); // on again is not refused
    bus.write("OPERATION", OPERATION.OFF);
    untilState(bus, STATES.OFF, 1500);
    assertRails(bus, false);
    assert.equal(bus.number("OPERATION"), OPERATION.OFF);
    bus.slot.runFor(300); // until the supplies are discharged
    bus.write("OPERATION", OPERATION.ON);
    bus.slot.runUntil(() => bus.slot.compute.osUp, 60_000, "the OS to be up");
    bus.write("OPERATION", OPERATION.SOFT_OFF);
    untilState(bus, STATES.SHUTTING_DOWN, 50);
    assert.ok(asserted(bus.slot, "SHUTDOWN_REQ"));
    untilState(bus, STATES.OFF, 10_000);
    assert.equal(bus.takeCml(), 0);
    assertNoWarnings(bus.slot);
  });
}

test("MFR_POWER_COMMAND does what the console's power does, state by state", () => {
  const bus = startedBus();
  bus.write("MFR_POWER_COMMAND", POWER.ON);
  untilState(bus, STATES.RAIL_UP, 5);
  untilState(bus, STATES.RUN_DELAY, 100);
  untilState(bus, STATES.ON, 100);
  bus.write("MFR_POWER_COMMAND", POWER.RESET);
  untilState(bus, STATES.RESETTING, 5);
  assert.equal(asserted(bus.slot, "COMPUTE_RUN"), false);
  untilState(bus, STATES.ON, 300);
  bus.write("MFR_POWER_COMMAND", POWER.CYCLE);
  untilState(bus, STATES.CYCLE_OFF, 1500);
  assertRails(bus, false);
  untilState(bus, STATES.ON, 3000);
  bus.write("MFR_POWER_COMMAND", POWER.OFF);
  untilState(bus, STATES.SHUTTING_DOWN, 50);
  bus.write("MFR_POWER_COMMAND", POWER.FORCE_OFF);
  untilState(bus, STATES.OFF, 1500);
  assert.equal(bus.takeCml(), 0);
  bus.refused(bus.writing("MFR_POWER_COMMAND", POWER.CYCLE), 0x01);
  assertNoWarnings(bus.slot);
});

test("MFR_LOG_READ returns what the compute board printed, and the stages go up to the log-in", () => {
  const bus = startedBus({}, SPEEDS[2]);
  const stages = [bus.number("MFR_BOOT_STAGE")];
  bus.write("OPERATION", OPERATION.ON);
  while (!bus.slot.compute.bootlogFinished) {
    const stage = bus.number("MFR_BOOT_STAGE");
    if (stage !== stages.at(-1)) stages.push(stage);
    bus.slot.runFor(20);
  }
  bus.slot.runFor(50);
  stages.push(bus.number("MFR_BOOT_STAGE"));
  assert.deepEqual(
    [...new Set(stages)],
    [STAGES.NONE, STAGES.RELEASED, STAGES.PRINTING, STAGES.KERNEL, STAGES.LOGIN],
  );
  const log = text(ownBootlog());
  assert.equal(printed(bus, "MFR_LOG_READ"), log);
  const [oldest, captured, dropped] = [0, 4, 8].map((at) =>
    littleEndian(bus.bytes("MFR_LOG_STATUS").subarray(at, at + 4)),
  );
  assert.deepEqual([oldest, captured, dropped], [0, log.length, 0]);
  // The same position gives the same bytes. A position behind the end gives none.
  const asked = [100, 1, 0, 0];
  assert.deepEqual(bus.bytes("MFR_LOG_READ", asked), bus.bytes("MFR_LOG_READ", asked));
  assert.equal(printed(bus, "MFR_LOG_READ", log.length), "");
  bus.write("OPERATION", OPERATION.OFF);
  untilState(bus, STATES.OFF, 1500);
  assert.equal(bus.number("MFR_BOOT_STAGE"), STAGES.LOGIN, "the last stage stays");
  assertNoWarnings(bus.slot);
});

test("U-Boot is a stage of its own", () => {
  const bootlog = Buffer.from("ROM\r\nU-Boot 2024.01\r\nLinux version 6.6\r\nslot login: ");
  const bus = startedBus({ bootlog });
  bus.write("OPERATION", OPERATION.ON);
  const stages = new Set<number>();
  bus.slot.runUntil(() => bus.slot.compute.sentBytes > 0, 3000, "the first byte");
  for (let ms = 0; ms < 2000; ms += 2) {
    stages.add(bus.number("MFR_BOOT_STAGE"));
    bus.slot.runFor(2);
  }
  assert.deepEqual(
    [...stages].sort(),
    [1, 2, 3, 4, 5].filter((stage) => stages.has(stage)),
  );
  assert.ok(stages.has(STAGES.BOOT_LOADER) && stages.has(STAGES.KERNEL));
  assert.equal(bus.number("MFR_BOOT_STAGE"), STAGES.LOGIN);
});

test("the bus can type on the BMC's console and read its output", () => {
  const bus = startedBus();
  bus.write("MFR_CONSOLE_INPUT", Buffer.from("version\r"));
  const shown = bus.slot.expect(/racklet-bmc [\s\S]*?bmc> /, 1000)[0];
  bus.slot.runFor(20);
  const output = printed(bus, "MFR_CONSOLE_OUTPUT");
  assert.ok(output.includes(shown), output);
  const { text } = bus.slot.terminal;
  assert.equal(
    output,
    text.slice(text.indexOf("\r\nbmc> ")),
    "everything that the logic printed, and nothing else",
  );
  bus.write("MFR_CONSOLE_INPUT", Buffer.from("ver\t\r"));
  bus.slot.expect(/version \r\nracklet-bmc /, 1000); // Tab completes here as well
  // A block more than there is room for is refused as a whole.
  for (let block = 0; block < 6; block++) bus.write("MFR_CONSOLE_INPUT", Buffer.from("x".repeat(32)));
  bus.slot.runFor(50);
  bus.write("MFR_CONSOLE_INPUT", Buffer.from("\x15uptime\r"));
  bus.slot.expect(/power-on +\d/, 1000);
  assertNoWarnings(bus.slot);
});

test("the bus can type on the compute board's console", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({}, hz);
    let heard = "";
    bus.slot.chip.uarts[0].onFrame((byte) => {
      heard += String.fromCharCode(byte);
    });
    bus.write("MFR_COMPUTE_INPUT", Buffer.from("root\r"));
    bus.slot.runFor(5);
    const longest = "abcdefghijklmnopqrstuvwxyz012345";
    bus.write("MFR_COMPUTE_INPUT", Buffer.from(longest));
    bus.slot.runFor(5);
    assert.equal(heard, `root\r${longest}`);
    bus.refused(bus.writing("MFR_COMPUTE_INPUT", Buffer.from(`${longest}6`)), 0x40);
    bus.slot.runFor(5);
    assert.equal(heard, `root\r${longest}`, "33 bytes are refused as a whole");
  }
});

test("MFR_IDENTIFY drives the LED's pin", () => {
  const bus = startedBus();
  for (const value of [1, 0, 1]) {
    bus.write("MFR_IDENTIFY", value);
    assert.equal(bus.number("MFR_IDENTIFY"), value);
    assert.equal(asserted(bus.slot, "LED_IDENTIFY"), value === 1);
  }
});

test("a power fault is tried again, then latched, and stays when the status registers are cleared", () => {
  const bus = startedBus({ fault: "pg-5v-never" });
  assert.equal(bus.bytes("MFR_LAST_FAULT")[0], 0, "none yet");
  bus.write("OPERATION", OPERATION.ON);
  untilState(bus, STATES.RETRY_PAUSE, 2000);
  const fault = bus.bytes("MFR_LAST_FAULT");
  const [reason, page, latched, measured, count] = fault;
  assert.deepEqual([reason, page, latched, measured, count], [1, 0, 0, 1, 1]);
  const [time_us, vin_mv, vout_0_mv, vout_1_mv, iout_ma] = [
    [6, 14],
    [14, 16],
    [16, 18],
    [18, 20],
    [20, 22],
  ].map(([from, to]) => littleEndian(fault.subarray(from, to)));
  assert.ok(Math.abs((time_us as number) * 1000 - bus.slot.chip.nanos) < 2e9, `${time_us} us`);
  assert.ok((vin_mv as number) > 11_500 && (vin_mv as number) < 12_500);
  assert.ok(
    (vout_0_mv as number) > 4500 && (vout_1_mv as number) > 3200,
    "it came up, only power-good did not",
  );
  assert.ok((iout_ma as number) < 1000, "the compute board is in reset");
  assert.equal(bus.number("STATUS_VOUT"), 0x04, "TON_MAX_FAULT");
  assert.equal(bus.number("STATUS_MFR_SPECIFIC"), 0x80, "POWER_FAULT");
  assert.ok(asserted(bus.slot, "SMBALERT"));
  bus.write("CLEAR_FAULTS");
  assert.equal(bus.number("STATUS_VOUT"), 0);
  assert.equal(asserted(bus.slot, "SMBALERT"), false);
  assert.deepEqual(bus.bytes("MFR_LAST_FAULT"), fault);
  assertTrace(bus);
  bus.slot.runFor(32_000);
  assert.equal(bus.number("MFR_POWER_STATE"), STATES.FAULT);
  assert.equal(bus.number("STATUS_MFR_SPECIFIC"), 0xa0, "POWER_FAULT and LATCHED");
  assert.deepEqual([...bus.bytes("MFR_LAST_FAULT").subarray(0, 5)], [1, 0, 1, 1, 4]);
  bus.refused(bus.writing("OPERATION", OPERATION.ON), 0x01);
  bus.write("OPERATION", OPERATION.OFF);
  assert.equal(bus.number("MFR_POWER_STATE"), STATES.FAULT, "it stays latched, and OFF is accepted");
  bus.write("MFR_FAULT_CLEAR");
  assert.equal(bus.number("MFR_POWER_STATE"), STATES.OFF);
  assert.deepEqual([...bus.bytes("MFR_LAST_FAULT").subarray(0, 5)], [1, 0, 0, 1, 4], "the record stays");
  assert.equal(bus.bytes("MFR_TRACE_READ", [0, 0, 0, 0]).length, 8, "its trace is gone");
  assertNoWarnings(bus.slot);
});

/** Checks the trace: 256 rounds 10 us apart, of supplies that are up; only their power-good is missing. */
function assertTrace(bus: SlotBus): void {
  let round = 0;
  for (;;) {
    const answer = bus.bytes("MFR_TRACE_READ", [round & 0xff, round >> 8, 0, 0]);
    const [first, after, period_ns] = [
      answer.subarray(0, 2),
      answer.subarray(2, 4),
      answer.subarray(4, 8),
    ].map(littleEndian);
    assert.deepEqual([first, after, period_ns], [round, 64, 10_000]);
    // Behind the last round there is the time of the fault alone, in four bytes.
    if (answer.length === 12) break;
    const codes = Array.from({ length: 5 }, (_, at) =>
      littleEndian(answer.subarray(8 + 2 * at, 10 + 2 * at)),
    );
    const [vin = 0, v5 = 0] = codes.map((code) => (code * 3300) / 4096);
    assert.ok(Math.abs(vin * 8 - 12_000) < 200, `round ${round}: ${codes}`);
    // When the fault is noticed, 5V is switched off at once, and it falls a little in the last quarter.
    assert.ok(v5 * 2 < 5300 && v5 * 2 > (round < 192 ? 5000 : 3000), `round ${round}: ${codes}`);
    round += (answer.length - 12) / 10;
  }
  assert.equal(round, 256);
}

test("events over the bus equal those of the console, numbered from 0 on", () => {
  const bus = startedBus();
  powerUp(bus.slot);
  bus.write("MFR_RESTORE_POLICY", 1);
  const status = bus.bytes("MFR_EVENT_STATUS");
  const [oldest, end] = [status.subarray(0, 4), status.subarray(4, 8)].map(littleEndian) as [number, number];
  assert.equal(oldest, 0);
  const printed = command(bus.slot, "events")
    .split("\r\n")
    .filter((line) => line.startsWith("["));
  assert.equal(printed.length, end, printed.join("\n"));
  for (const [number, line] of printed.entries()) {
    const event = bus.bytes("MFR_EVENT_READ", [number, 0, 0, 0]);
    const [at = ""] = /\d+\.\d+/.exec(line) ?? [];
    assert.equal(littleEndian(event.subarray(4, 9)), Math.floor(Number(at) * 1000 + 0.5), line);
  }
  const [, , , kind, origin, detail] = [
    0,
    0,
    0,
    ...bus.bytes("MFR_EVENT_READ", [end - 1, 0, 0, 0]).subarray(16),
  ];
  assert.deepEqual([kind, origin, detail], [12, 2, 1], "policy, by SMBus, always on");
  assertNoWarnings(bus.slot);
});

test("MFR_ENERGY goes on over a restart of the BMC", () => {
  const bus = startedBus();
  powerUp(bus.slot);
  bus.slot.runFor(3000);
  const energy = () => littleEndian(bus.bytes("MFR_ENERGY"));
  const before = energy();
  assert.ok(before > 1000 && before < 45_000, `${before} mJ in 3 s of a board that boots`);
  bus.slot.terminal.type("reboot --yes\r");
  bus.slot.runFor(1000);
  const after = energy();
  assert.ok(after > before && after < 2 * before, `${before} mJ, then ${after}`);
  assertNoWarnings(bus.slot);
});

test("MFR_LOG_STATUS says when the BMC started, and a restart is another start", () => {
  const bus = startedBus();
  const started_ms = () => littleEndian(bus.bytes("MFR_LOG_STATUS").subarray(12, 16));
  const before = started_ms();
  assert.ok(before > 0 && before < 1000, `${before} ms`);
  bus.slot.runFor(1000);
  assert.equal(started_ms(), before);
  bus.slot.terminal.type("reboot --yes\r");
  bus.slot.runFor(1000);
  assert.ok(started_ms() > before + 1000, "it counts from power-on, over the restart");
  assert.equal(bus.bytes("MFR_LOG_STATUS").length, 16);
  assertNoWarnings(bus.slot);
});

/** Sends bytes at a serial line's full rate, whatever the BMC prints. */
function flood(bus: SlotBus, uart: 0 | 1, characters: string): void {
  const { chip } = bus.slot;
  let at = 0;
  const next = () => {
    chip.uarts[uart].receive({
      byte: characters.charCodeAt(at++ % characters.length),
      bitNanos: BIT_NANOS,
    });
    chip.schedule(10 * BIT_NANOS, next);
  };
  next();
}

test("long answers of the logic come complete while both serial lines are fully busy", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({ xipCache: true }, hz);
    powerUp(bus.slot);
    flood(bus, 0, "a line of the boot log as it may be\n");
    bus.slot.terminal.type("log -f\r");
    bus.slot.runFor(50);
    flood(bus, 1, "xyz");
    for (let count = 0; count < 300; count++) {
      const answer = bus.bytes("MFR_LOG_READ", [count & 0xff, 0, 0, 0]);
      const position = littleEndian(answer.subarray(0, 4));
      const expected = "a line of the boot log as it may be\n"
        .repeat(2)
        .slice(position % 36)
        .slice(0, 28);
      assert.equal(text(answer.subarray(4)), expected, `${hz} Hz, ${count}`);
      bus.slot.runFor(0.037 * (count % 11));
    }
  }
});
