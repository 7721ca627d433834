/**
 * Protection while something else happens or fails at the same time: traffic on the bus, a restart, a
 * converter that stops, a calibration, a contact that bounces.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { alertResponse, readByte } from "../../../simulator/devices/smbus/protocols.ts";
import type { Slot } from "../../../simulator/slot/slot.ts";
import { readSymbols } from "../../../simulator/tools/elf.ts";
import {
  asserted,
  assertNoWarnings,
  buildDirectory,
  command,
  powerUp,
  startedSlot,
} from "../../support/simulated-slot.ts";
import { ADDRESS, littleEndian, startedBus } from "../smbus/smbus-slot.ts";

/** Datasheet 4.9.6: CS, whose bit 0 enables the converter. */
const ADC_CS = 0x4004_c000;
const FAULT_REASON_OVERCURRENT = 5;
const STATUS_IOUT_OC_FAULT = 0x80;
const VIN_OV_FAULT = 0x80;
/** PMBus OPERATION: on. */
const ON = 0x80;

/** Microseconds from now until an output goes low; null if it does not within `ms`. */
function offAfter(slot: Slot, name: string, ms: number): number | null {
  const since = slot.chip.nanos;
  let off: number | null = null;
  slot.signal(name)?.onChange((level) => {
    if (!level) off ??= (slot.chip.nanos - since) / 1000;
  });
  slot.runFor(ms);
  return off;
}

for (const xipCache of [false, true]) {
  test(`a short is one fault, an over-current, on the console and on the bus (cache ${xipCache})`, () => {
    for (let seed = 1; seed <= 8; seed++) {
      const bus = startedBus({ seed, xipCache });
      const { slot } = bus;
      powerUp(slot);
      slot.runFor(300 + seed * 0.0073);
      slot.load.short();
      slot.runFor(50);
      assert.match(command(slot, "fault"), /fault +over-current/, `seed ${seed}`);
      assert.equal(command(slot, "events").match(/fault: /g)?.length, 1, `seed ${seed}`);
      assert.equal(bus.bytes("MFR_LAST_FAULT")[0], FAULT_REASON_OVERCURRENT);
      assert.ok(bus.number("STATUS_IOUT") & STATUS_IOUT_OC_FAULT);
      assertNoWarnings(slot);
    }
  });
}

test("an alert response during an over-current does not delay the fast path, at any speed of the bus", () => {
  for (const hz of [1_000_000, 400_000, 100_000, 50_000, 10_000]) {
    // Four codes at the limit take 80 us, and two at full scale 60 us.
    for (const [part, ma, most_us] of [
      [0.05, 6200, 80],
      [0.2, 9000, 60],
      [0.35, 6200, 80],
      [0.5, 9000, 60],
      [0.8, 6200, 80],
    ] as const) {
      const bus = startedBus({ seed: 1 }, 400_000);
      const { slot } = bus;
      powerUp(slot);
      slot.runFor(300);
      bus.write("CLEAR_FAULTS");
      slot.runFor(5);
      slot.transfer(readByte({ address: ADDRESS, command: 0x89 })); // no such command, which raises an alert
      slot.runFor(5);
      assert.ok(asserted(slot, "SMBALERT"));
      slot.smbus.hz = hz;
      slot.smbus.begin(alertResponse({ pec: true }));
      slot.runFor((part * 28_000) / hz);
      slot.load.override(ma);
      const off = offAfter(slot, "EN_5V", 10);
      assert.ok(off !== null && off < most_us, `${hz} Hz, at ${part}, ${ma} mA: ${off} us`);
      assertNoWarnings(slot);
    }
  }
});

/** A slot under power whose BMC has just been reset on request. */
function restarting(): Slot {
  const slot = startedSlot();
  powerUp(slot);
  slot.runFor(300);
  slot.terminal.type("reboot --yes\r");
  slot.runUntil(() => slot.chip.resets.length === 2, 500, "restart");
  return slot;
}

/** Microseconds from that reset to the arming of the fast path; every such start takes the same time. */
function armedAfter(): number {
  const slot = restarting();
  const arming = readSymbols(readFileSync(`${buildDirectory()}/firmware.elf`)).get("host_overcurrent_arm");
  const since = slot.chip.nanos;
  let armed = 0;
  slot.chip.trace = (pc) => {
    if (pc === arming) armed ||= (slot.chip.nanos - since) / 1000;
  };
  slot.runFor(30);
  assert.ok(armed > 0, "the fast path was armed");
  return armed;
}

test("an over-current while the BMC restarts is never undone, and is reported", () => {
  const armed = armedAfter();
  for (const how of ["brief", "short"]) {
    for (let before_us = 250; before_us >= 0; before_us -= 10) {
      const slot = restarting();
      slot.runFor((armed - before_us) / 1000);
      let rises = 0;
      for (const name of ["EN_5V", "COMPUTE_RUN"]) {
        slot.signal(name)?.onChange((level) => {
          if (level) rises++;
          else if (how === "brief") slot.chip.schedule(100, () => slot.load.override(null));
        });
      }
      if (how === "brief") slot.load.override(6200);
      else slot.load.short();
      slot.runFor(20);
      assert.equal(rises, 0, `${how}, ${before_us}`);
      assert.equal(asserted(slot, "EN_5V"), false);
      assert.match(command(slot, "fault"), /fault +over-current/, `${how}, ${before_us}`);
      assertNoWarnings(slot);
    }
  }
});

test("a converter that stops is started again, and protects as before", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runFor(500);
  slot.chip.bus.writeUint32(ADC_CS, 0);
  slot.load.override(4400); // fault limit 4 A
  const off = offAfter(slot, "EN_5V", 1000);
  assert.ok(off !== null && off < 300_000, `${off}`);
  assert.match(command(slot, "sensors"), /converter +1 restarts/);
});

test("conversions that fail are no measurements: they neither trip nor count as readings", () => {
  // One in twenty, with a random code (CS.ERR, datasheet 4.9.6). Some times a second two in a row are high.
  const slot = startedSlot({ adc: { errorsPerMillion: 50_000 } });
  powerUp(slot);
  slot.runFor(2000);
  assert.match(command(slot, "fault"), /fault +none/);
  const sensors = command(slot, "sensors");
  const [, now = "", least = "", most = ""] = /V5 +(\d+) mV +(\d+) +(\d+)/.exec(sensors) ?? [];
  for (const value of [now, least, most]) {
    assert.ok(Math.abs(Number(value) - 5100) < 150, `${value} mV\n${sensors}`);
  }
  assert.doesNotMatch(sensors, /[1-9]\d* restarts/);
  slot.load.short();
  const off = offAfter(slot, "EN_5V", 10);
  assert.ok(off !== null && off < 100, `a short is still switched off, after ${off} us`);
  assertNoWarnings(slot);
});

test("a converter all of whose conversions fail is a silent one, and nothing is switched on", () => {
  const slot = startedSlot({ adc: { errorsPerMillion: 1_000_000 } });
  slot.runFor(1000);
  assert.match(command(slot, "events"), /sensor VIN is silent/);
  slot.terminal.type("power on\r");
  slot.expect(/error: /, 500);
  assert.equal(asserted(slot, "EN_3V3_AUX"), false);
});

test("with the input above its fault limit or the chip too hot, neither console nor bus can switch on", () => {
  for (const what of ["input", "heat"]) {
    const bus = startedBus();
    const { slot } = bus;
    if (what === "input") slot.input.setSource(25_000);
    else for (const limit of ["OT_WARN_LIMIT", "OT_FAULT_LIMIT"] as const) bus.write(limit, 10); // LINEAR11
    slot.runFor(1500);
    assert.ok((bus.number("STATUS_INPUT") | bus.number("STATUS_TEMPERATURE")) & VIN_OV_FAULT);
    let rises = 0;
    slot.signal("EN_3V3_AUX")?.onChange(() => rises++);
    bus.write("OPERATION", ON);
    slot.runFor(100);
    assert.match(command(slot, "power on"), /error: a fault limit is exceeded/);
    slot.runFor(30_000);
    assert.equal(rises, 0, what);
    assertNoWarnings(slot);
  }
});

test("an impossible temperature is a fault of the sensor and not of the slot", () => {
  for (const how of ["open", "shorted"] as const) {
    const slot = startedSlot({ fault: `temperature-sensor-${how}` });
    powerUp(slot);
    slot.expect(new RegExp(`sensor TEMPERATURE is ${how} and not trusted`), 5000);
    slot.runFor(3000);
    assert.ok(asserted(slot, "COMPUTE_RUN"), how);
    assert.match(command(slot, "fault"), /fault +none/);
    assert.match(
      command(slot, "calibrate TEMPERATURE 30000"),
      /error: TEMPERATURE is (open|shorted): nothing/,
    );
  }
});

test("a board that draws no current can still be power-cycled", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.load.override(0);
  slot.expect(/sensor I5 is shorted/, 5000);
  slot.terminal.type("power cycle --yes\r");
  slot.expect(/power: off, on again in a moment/, 2000);
  slot.load.override(null);
  slot.expect(/power: on\r\n/, 4000);
});

test("after `fault clear` a shorted sensor counts as repaired, and power on is accepted at once", () => {
  const slot = startedSlot({ fault: "v5-sensor-shorted" });
  powerUp(slot);
  slot.expect(/sensor V5 is shorted/, 5000);
  command(slot, "power force-off --yes");
  slot.runFor(2000);
  assert.match(command(slot, "power on"), /error: a sensor reads nonsense/);
  command(slot, "fault clear");
  assert.doesNotMatch(command(slot, "power on"), /error/);
  assert.ok(asserted(slot, "EN_3V3_AUX"));
});

test("a calibration takes effect in the fast path at once", () => {
  const slot = startedSlot({ sensorErrors: { I5: { offsetMv: 0, gainPpm: -90_000 } } });
  powerUp(slot);
  for (const ma of [500, 2900]) {
    slot.load.override(ma);
    slot.runFor(300);
    command(slot, `calibrate I5 ${ma}`);
  }
  slot.load.override(5600); // the limit is 5500
  const off = offAfter(slot, "EN_5V", 1);
  assert.ok(off !== null && off < 80, `${off}`);
});

test("a board that is pulled out and plugged in is two events, however its contacts bounce", () => {
  for (const seed of [1, 2, 3]) {
    const slot = startedSlot({ seed });
    slot.compute.unplug();
    slot.runFor(700);
    slot.compute.plug();
    slot.runFor(700);
    const lines = command(slot, "events").match(/compute board (plugged in|pulled out)/g);
    assert.deepEqual(lines, ["compute board pulled out", "compute board plugged in"], `seed ${seed}`);
  }
});

test("a character beyond ASCII is shown, and is not silently left out of a number", () => {
  const slot = startedSlot();
  slot.terminal.type("calibrate TEMPERATURE \xe2\x88\x9225000\r"); // U+2212, a minus as texts have it
  slot.expect(/calibrate TEMPERATURE \?[^2]*25000\r\nerror: TEMPERATURE needs a value/, 1000);
});

test("a power cycle of a slot that is off is refused with the slot's state", () => {
  const slot = startedSlot();
  assert.match(command(slot, "power cycle --yes"), /error: nothing to do that with: the slot is off/);
});

test("a fault from before a restart is shown without a time", () => {
  const slot = startedSlot({ fault: "pg-5v-never" });
  slot.terminal.type("power on\r");
  slot.expect(/power: off, latched/, 60_000);
  slot.terminal.type("reboot --yes\r");
  slot.expect(/as found after the restart/, 1000);
  slot.runFor(50);
  assert.match(command(slot, "fault"), /at +a time before the BMC's restart, 0 since/);
});

test("the bus counts the last fault once", () => {
  const bus = startedBus();
  powerUp(bus.slot);
  bus.slot.runFor(300);
  bus.slot.load.short();
  bus.slot.runFor(50);
  assert.equal(littleEndian(bus.bytes("MFR_LAST_FAULT").subarray(4, 6)), 1);
});
