/**
 * Protection on the real image: which outputs are switched off and how fast, which cause is reported and
 * kept, which states end by themselves and which never do.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { measureResets } from "../../../lab/bench/power-resets.ts";
import { sendByte } from "../../../simulator/devices/smbus/protocols.ts";
import type { Slot, SlotOptions } from "../../../simulator/slot/slot.ts";
import { readSymbols } from "../../../simulator/tools/elf.ts";
import {
  asserted,
  assertNoWarnings,
  buildDirectory,
  command,
  powerUp,
  startedSlot,
} from "../../support/simulated-slot.ts";
import { busOf, park, setFlash } from "../smbus/smbus-parked.ts";
import { BRANCH_TO_ITSELF, PARKED_AT } from "../smbus/smbus-slot.ts";

const RAILS = ["EN_3V3_AUX", "EN_5V"] as const;
const POWER_PINS = [...RAILS, "COMPUTE_RUN"] as const;
/** The goal: the time that a supply's own protection leaves. */
const SHORT_MOST_US = 60;
/** At the limit, four codes in a row are needed. */
const OVERCURRENT_MOST_US = 80;
/** DMA_IRQ_0. The number of an exception is 16 more than that of its interrupt. */
const SAMPLING_EXCEPTION = 16 + 11;

function onSlot(options: Partial<SlotOptions> = {}): Slot {
  const slot = startedSlot(options);
  powerUp(slot);
  slot.runFor(300);
  return slot;
}

/** Records the edges on the power pins from now on: name, level, and microseconds since now. */
function edgesOf(slot: Slot): { name: string; level: boolean; us: number }[] {
  const edges: { name: string; level: boolean; us: number }[] = [];
  const since = slot.chip.nanos;
  for (const name of POWER_PINS) {
    slot.signal(name)?.onChange((level) => {
      edges.push({ name, level, us: (slot.chip.nanos - since) / 1000 });
    });
  }
  return edges;
}

function assertOff(slot: Slot): void {
  for (const name of POWER_PINS) assert.equal(asserted(slot, name), false, `${name}\n${slot.describe()}`);
}

test("a short circuit is switched off within 60 us whenever it comes, and is reported as the cause", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const slot = onSlot({ seed });
    slot.runFor(seed * 0.0073);
    const edges = edgesOf(slot);
    slot.load.short();
    slot.runFor(5);
    const off = edges.find(({ name, level }) => name === "EN_5V" && !level);
    assert.ok(off && off.us < SHORT_MOST_US, `seed ${seed}: ${JSON.stringify(edges)}`);
    assertOff(slot);
    slot.load.clearShort();
    slot.runFor(100);
    assert.match(command(slot, "fault"), /fault {8}over-current \(.*I5 6[56]\d\d mA\)/);
    assertNoWarnings(slot);
  }
});

test("the trace of an over-current shows quiet before, the rise, and the end, 10 us a round", () => {
  const slot = onSlot();
  slot.load.override(6200);
  slot.runFor(300);
  const lines = command(slot, "fault trace", 10_000).split(/\r\n/);
  // The console reports the next try and its outcome in between.
  const rounds = lines
    .filter((line) => /^ *-?\d+( +-?\d+){5}$/.test(line))
    .map((line) => line.trim().split(/\s+/).map(Number));
  assert.equal(rounds.length, 256);
  const at = rounds.map(([us]) => us as number);
  assert.ok(at.every((us, index) => index === 0 || us - (at[index - 1] as number) === 10));
  assert.ok(at[0] === -1920 && at[255] === 630, `${at[0]} to ${at[255]}`);
  const current = rounds.map((round) => round[4] as number);
  const rise = current.findIndex((ma) => ma > 5500);
  assert.ok(Math.abs((at[rise] as number) - 0) <= 60, `rises at ${at[rise]} us`);
  assert.ok(Math.max(...current.slice(0, rise - 1)) < 1500, "quiet before");
  assert.ok((current[255] as number) < 1500, "falls with the rail, which the load empties");
  assert.match(command(slot, "fault clear"), /no fault is latched/);
  assert.match(command(slot, "fault trace"), /error: there is no trace/);
});

test("a trace that is cleared while the console prints it ends with an error", () => {
  const slot = onSlot();
  slot.load.override(6200);
  slot.runFor(300);
  slot.terminal.type("fault trace\r");
  slot.runFor(100);
  slot.transfer(sendByte({ address: 0x10, command: 0xdd })); // MFR_FAULT_CLEAR
  slot.expect(/\r\nerror: the trace was cleared meanwhile, ask again\r\n[\s\S]*bmc> /, 1000);
});

test("a current above its fault limit switches off after the filter time, a shorter one does not", () => {
  const slot = onSlot();
  const edges = edgesOf(slot);
  slot.load.override(4300);
  slot.runFor(35);
  slot.load.override(1000);
  slot.runFor(500);
  assert.deepEqual(edges, [], "35 ms are less than the filter's 50");
  const since = slot.chip.nanos;
  slot.load.override(4300);
  slot.expect(/power: fault: I5 above 4000 mA \([^)]*I5\s+4[23]\d\d\s+mA\)/, 500);
  const took_ms = (slot.chip.nanos - since) / 1e6;
  assert.ok(took_ms > 50 && took_ms < 80, `${took_ms} ms`);
  assertOff(slot);
  assertNoWarnings(slot);
});

test("warnings come and go with hysteresis, once each, and switch nothing off", () => {
  const slot = onSlot();
  const edges = edgesOf(slot);
  for (const ma of [3100, 2950, 3100, 2800]) {
    slot.load.override(ma);
    slot.runFor(1000);
  }
  const events = command(slot, "events");
  assert.equal(events.match(/warning: I5/g)?.length, 1, events);
  assert.equal(events.match(/good again: I5/g)?.length, 1, events);
  assert.deepEqual(edges, []);
});

test("input power fails: the slot goes down in order during the hold-up, and comes back by policy and slot", () => {
  for (const slotId of [0, 3]) {
    const slot = onSlot({ slotId });
    const edges = edgesOf(slot);
    slot.input.fail();
    slot.runFor(100);
    assert.deepEqual(
      edges.map(({ name }) => name),
      ["COMPUTE_RUN", "EN_5V", "EN_3V3_AUX"],
      JSON.stringify(edges),
    );
    assert.match(command(slot, "status"), /power {8}off, no input power/);
    assert.match(command(slot, "power on"), /error: no input power/);
    assert.match(command(slot, "status"), /fault {8}none/);
    slot.runFor(3000);
    const since = slot.chip.nanos;
    slot.input.restore();
    slot.expect(/power: on\r\n/, 10_000);
    const took_s = (slot.chip.nanos - since) / 1e9;
    const wanted_s = 1 + 1.5 + 0.5 * slotId;
    assert.ok(took_s > wanted_s && took_s < wanted_s + 0.6, `slot ${slotId} after ${took_s} s`);
    assert.match(command(slot, "events"), /input power lost.*input power is back/s);
    assertNoWarnings(slot);
  }
});

test("a brown-out is not a fault of a rail", () => {
  const slot = onSlot();
  slot.input.setSource(8000);
  slot.expect(/power: input power lost, going down/, 200);
  slot.runFor(500);
  assertOff(slot);
  slot.input.setSource(12_000);
  slot.expect(/power: on\r\n/, 5000);
  assert.match(command(slot, "fault"), /fault {8}none/);
});

test("a policy survives the loss of all power, and decides the state after it", () => {
  const slot = onSlot();
  assert.match(command(slot, "policy"), /policy {7}last/);
  const restart = (settings: string, isOnAfter: boolean) => {
    command(slot, settings);
    slot.runFor(500);
    slot.chip.powerOn();
    slot.expect("bmc> ", 1000);
    slot.runFor(2500);
    assert.equal(asserted(slot, "EN_5V"), isOnAfter, `${settings}\n${slot.describe()}`);
  };
  restart("policy last", true);
  restart("policy always-off", false);
  restart("policy always-on", true);
  command(slot, "power force-off --yes");
  slot.runFor(1000);
  restart("policy last", false);
  assert.match(
    command(slot, "policy sometimes"),
    /error: unknown policy "sometimes".*last, always-on and always-off/,
  );
  assert.match(command(slot, "policy"), /policy {7}last/);
});

test("a board pulled out takes its rails down; a new one starts clean, by itself under always-on alone", () => {
  for (const policy of ["last", "always-on"]) {
    const slot = onSlot();
    command(slot, `policy ${policy}`);
    slot.compute.unplug();
    slot.expect(/power: compute board removed, going down/, 200);
    slot.runFor(600);
    assertOff(slot);
    assert.match(command(slot, "power on"), /error: no compute board/);
    slot.compute.plug();
    slot.runFor(4000);
    assert.equal(asserted(slot, "EN_5V"), policy === "always-on", slot.describe());
    if (policy === "last") powerUp(slot);
    assert.match(command(slot, "status"), /power {8}on,.*fault {8}none/s);
  }
});

test("a sensor that reads nonsense is reported, and nothing is switched on", () => {
  const reports = {
    "v5-sensor-shorted": /sensor V5 is shorted/,
    "vin-sensor-shorted": /sensor VIN is shorted/,
    "v3v3-sensor-stuck": /sensor V3V3 is stuck/,
    "i5-sensor-stuck": /sensor I5 is stuck/,
  } as const;
  for (const [fault, report] of Object.entries(reports)) {
    const slot = startedSlot({ fault: fault as keyof typeof reports });
    powerUp(slot);
    slot.runFor(6000);
    assert.ok(asserted(slot, "EN_5V"), `${fault} takes no power away\n${slot.describe()}`);
    assert.match(command(slot, "events"), report);
    assert.match(command(slot, "sensors"), /nonsense: (shorted|stuck)/);
    command(slot, "power force-off --yes");
    slot.runFor(1500);
    assert.match(command(slot, "power on"), /error: a sensor reads nonsense/, fault);
    assertOff(slot);
    assertNoWarnings(slot);
  }
});

test("a current sensor at full scale looks like a short: the slot goes off, and not on again", () => {
  const slot = startedSlot({ fault: "i5-sensor-open" });
  powerUp(slot);
  slot.expect(/power: fault: over-current/, 5000);
  slot.expect(/power: waits for up to a minute: a sensor reads nonsense/, 3000);
  assert.match(command(slot, "power on"), /error: a sensor reads nonsense/);
  slot.expect(/power: off, latched/, 61_000);
  assertOff(slot);
});

test("calibration with implausible points is refused with the reason, and survives power loss when it is good", () => {
  const slot = startedSlot({ sensorErrors: { V5: { offsetMv: 10, gainPpm: 20_000 } } });
  powerUp(slot);
  slot.runFor(500);
  const v5 = () => Number(/^V5 +(\d+) mV/m.exec(command(slot, "sensors"))?.[1]);
  const before = v5();
  assert.match(command(slot, "calibrate V5 9000"), /error: V5 needs a value in mV, 0 to 5500/);
  assert.match(
    command(slot, "calibrate V5 1000"),
    /error: no offset and gain explain that value; V5 shows 5\d{3} mV/,
  );
  assert.match(command(slot, "calibrate V6 5000"), /error: unknown sensor "V6", did you mean "V5"/);
  assert.match(command(slot, "calibrate V5 5,0"), /error: V5 needs a value/);
  assert.match(command(slot, `calibrate V5 ${Math.round(slot.truth.v5Mv)}`), /first point of V5 taken/);
  assert.match(
    command(slot, `calibrate V5 ${Math.round(slot.truth.v5Mv)}`),
    /first point of V5 taken; .*\r\nFor the gain, change it by 40[01] mV or more and calibrate again/,
  );
  assert.equal(v5(), before, "an offset alone would be too large");
  command(slot, "power force-off --yes");
  slot.runFor(2000);
  assert.match(command(slot, "calibrate V5 0"), /V5 calibrated: gain 0\.98/);
  slot.runFor(300);
  slot.chip.powerOn();
  slot.expect("bmc> ", 1000);
  powerUp(slot);
  slot.runFor(500);
  assert.ok(Math.abs(v5() - slot.truth.v5Mv) < 10, `${v5()} mV, truly ${slot.truth.v5Mv}`);
  assert.match(command(slot, "calibrate V5 --reset"), /V5 is as it came/);
  slot.runFor(300);
  assert.ok(Math.abs(v5() - before) < 5);
});

test("an over-current is switched off while flash is busy and the logic stands still, and reported later", () => {
  const slot = onSlot();
  const resume = park(slot);
  const edges = edgesOf(slot);
  slot.load.override(6200);
  slot.runFor(2);
  const off = edges.find(({ name }) => name === "EN_5V");
  assert.ok(off && off.us < OVERCURRENT_MOST_US, JSON.stringify(edges));
  resume();
  slot.expect(/power: fault: over-current/, 500);
});

test("the converter's handler fetches and reads nothing from flash", () => {
  const slot = onSlot();
  const { cpu } = busOf(slot);
  const entry = readSymbols(readFileSync(`${buildDirectory()}/firmware.elf`)).get("sampling_interrupt");
  let entered = 0;
  let away = false;
  slot.chip.trace = (pc) => {
    const inHandler = cpu.IPSR === SAMPLING_EXCEPTION;
    if (inHandler !== away) setFlash(slot, !inHandler);
    away = inHandler;
    if (pc === entry) entered++;
  };
  slot.runFor(5);
  slot.load.short(); // the trip, and the copy of its trace
  slot.runFor(5);
  delete slot.chip.trace;
  if (away) setFlash(slot, true);
  // 125 times before the short circuit; behind it, until the slot is off and the converter slows down.
  assert.ok(entered > 140, `${entered} times`);
  assertNoWarnings(slot);
});

test("the power-good that went first is to blame, whatever other input fell before it and before a pass", () => {
  for (const [first, second] of [
    ["5V", "3V3_AUX"],
    ["3V3_AUX", "5V"],
  ] as const) {
    const slot = onSlot();
    const pull = (signal: string, driver: string) => {
      slot.signal(signal)?.drive(driver, false);
      slot.runFor(0.05);
    };
    // Interrupts go on, but no pass begins.
    const { cpu } = busOf(slot);
    slot.terminal.type("help\r");
    slot.runUntil(() => cpu.IPSR === 0 && cpu.PRIMASK === 0 && !cpu.waiting, 10, "thread mode");
    const { PC } = cpu;
    slot.chip.bus.writeUint16(PARKED_AT, BRANCH_TO_ITSELF);
    cpu.PC = PARKED_AT;
    cpu.codeMoved();
    slot.signal("HALTED")?.drive("compute board", true);
    slot.runFor(0.05);
    pull("HALTED", "compute board");
    pull(`PG_${first}`, `supply ${first}`);
    pull(`PG_${second}`, `supply ${second}`);
    slot.runUntil(() => cpu.IPSR === 0, 1, "the end of a handler");
    cpu.PC = PC;
    cpu.codeMoved();
    slot.expect(new RegExp(`power: fault: ${first} power-good lost`), 500);
  }
});

test("the next start finds and reports a trip that came while the BMC restarted", () => {
  const slot = onSlot();
  slot.terminal.type("reboot --yes\r");
  slot.runUntil(() => slot.chip.resets.length === 2, 500, "the restart");
  slot.runFor(9); // the host watches again, but the logic does not run yet
  const edges = edgesOf(slot);
  slot.load.override(6200);
  slot.runFor(1);
  const off = edges.find(({ name }) => name === "EN_5V");
  assert.ok(off && off.us < OVERCURRENT_MOST_US, JSON.stringify(edges));
  slot.load.override(null);
  slot.expect(/power: going down, as found after the restart|power: off, to be tried again/, 500);
  slot.runFor(300);
  assert.match(command(slot, "fault"), /fault {8}over-current/);
});

test("watchdog resets at random moments of every state cause no edge and lead to the right state (seed 5)", () => {
  const { resets, glitches, wrong, states, problems } = measureResets(buildDirectory(), 120, 5, () => {});
  assert.deepEqual(problems, []);
  assert.equal(glitches + wrong, 0);
  assert.ok(resets >= 120 && Object.keys(states).length >= 8, JSON.stringify(states));
});
