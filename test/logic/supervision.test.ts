/**
 * What the readings mean for power, beyond a single limit: which sensors inhibit power-on, warnings that come
 * and go, and the fast brown-out path.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { State } from "../../abi/generated/vocabulary.ts";
import { Signal } from "../../simulator/generated/abi.ts";
import { CHANNELS, codeOf, RUNNING } from "../support/codes.ts";
import { LogicUnderTest } from "../support/logic.ts";
import { OPERATION, OTHER_MEMORY_LOGIC, POWER_STATE, SmbusSlot } from "../support/smbus-logic.ts";

const VIN_UV_FAULT_LIMIT = 0x59;
const VIN_OV_FAULT_LIMIT = 0x55;
const VIN_UV_WARN_LIMIT = 0x58;
const VIN_CHANNEL = 0;
const V5_CHANNEL = 1;
const TEMPERATURE_CHANNEL = 4;
/** The diode of the chip shows 0.706 V at 27 degrees, and 1.721 mV less for each further one. */
const IMPOSSIBLE_HEAT_CODE = 400;

function textOfEvents(slot: SmbusSlot): string {
  return slot.type("events\r");
}

test("a temperature sensor that reads nonsense inhibits nothing, and shows no limit as exceeded", () => {
  const slot = new SmbusSlot();
  slot.wait(500);
  slot.host.setCode(TEMPERATURE_CHANNEL, IMPOSSIBLE_HEAT_CODE);
  slot.wait(1500);
  assert.match(textOfEvents(slot), /sensor TEMPERATURE/);
  assert.doesNotMatch(textOfEvents(slot), /TEMPERATURE .*(above|beyond|limit)/);
  slot.comeUp();
  slot.live(500);
  assert.equal(slot.byte(POWER_STATE), State.On);
});

test("every other sensor inhibits power-on while it reads nonsense, and no longer once it is right", () => {
  const slot = new SmbusSlot();
  slot.wait(500);
  slot.host.setCode(V5_CHANNEL, 3000); // 5 V on a rail that is off
  slot.wait(1000);
  slot.write(OPERATION, 0x80);
  assert.equal(slot.byte(POWER_STATE), State.Off);
  slot.host.setCode(V5_CHANNEL, 0);
  slot.wait(1500);
  slot.comeUp();
});

test("a converter that stays silent is reported after 300 ms, and nothing is switched on", () => {
  const slot = new LogicUnderTest();
  slot.wait(500);
  slot.host.converter.stopped = true;
  slot.wait(250);
  assert.doesNotMatch(slot.type("events\r"), /silent/);
  slot.wait(300);
  assert.match(slot.type("events\r"), /sensor VIN is silent[\s\S]*sensor I5 is silent/);
  assert.match(slot.type("power on\r"), /error: a sensor reads nonsense/);
  assert.match(slot.type("sensors\r"), /V5 .*nonsense: silent/);
  assert.doesNotMatch(slot.type("events\r"), /sensor P5/, "no sensor measures the power");
  slot.host.converter.stopped = false;
  slot.wait(1000);
  slot.powerOn();
  assert.ok(slot.host.signals & Signal.EN_RAIL_1);
});

test("a warning is one event when it begins and one when it ends, with its limit and value", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.supplies({ v5_mv: 5100, i5_ma: 3100, v3v3_mv: 3300 });
  slot.live(500);
  const begun = textOfEvents(slot);
  assert.equal(begun.match(/warning: I5 3100 mA, limit at most 3000/g)?.length, 1, begun);
  assert.doesNotMatch(begun, /good again/);
  slot.supplies({ v5_mv: 5100, i5_ma: 1000, v3v3_mv: 3300 });
  slot.live(500);
  const ended = textOfEvents(slot);
  assert.equal(ended.match(/warning: /g)?.length, 1, ended);
  assert.equal(ended.match(/good again: I5 100\d mA, limit at most 3000/g)?.length, 1, ended);
  assert.equal(slot.byte(POWER_STATE), State.On);
});

test("only a change of the limit that the host watches arms the brown-out path again", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  const armed: number[] = [];
  const { converter } = slot.host;
  const arm = converter.armBrownOut.bind(converter);
  converter.armBrownOut = (channel, code) => {
    armed.push(code);
    arm(channel, code);
  };
  // Arming again forgets the low rounds that were counted: writes in a row would hold a brown-out off.
  slot.write(VIN_OV_FAULT_LIMIT, 0x28, 0xf8); // 20 V
  assert.deepEqual(armed, []);
  slot.write(VIN_UV_FAULT_LIMIT, 0x14, 0xf8); // 10 V
  assert.deepEqual(armed, [codeOf(10_000, CHANNELS.VIN)]);
});

test("a brown-out that a broken sensor makes up has no effect, and the next real one is noticed at once", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.host.setCode(VIN_CHANNEL, 0); // no slot runs from 0 V, so that the sensor must be wrong
  slot.live(30);
  assert.equal(slot.byte(POWER_STATE), State.On);
  slot.host.setCode(VIN_CHANNEL, codeOf(12_000, CHANNELS.VIN));
  slot.live(50);
  assert.equal(slot.byte(POWER_STATE), State.On);
  slot.host.setCode(VIN_CHANNEL, codeOf(10_500, CHANNELS.VIN));
  slot.wait(1); // the filter time of the limit is longer
  assert.equal(slot.byte(POWER_STATE), State.RailDown);
});

test("input power between its warning and its fault limit keeps a slot running, and switches none on", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.supplies({ ...RUNNING, vin_mv: 11_100 });
  slot.live(2000);
  assert.equal(slot.byte(POWER_STATE), State.On);
  slot.write(OPERATION, 0x00);
  slot.live(20);
  slot.supplies({ vin_mv: 11_100 });
  slot.wait(2000);
  slot.takeCml();
  slot.write(OPERATION, 0x80);
  assert.equal(slot.takeCml(), OTHER_MEMORY_LOGIC);
  assert.equal(slot.byte(POWER_STATE), State.Off);
  slot.write(VIN_UV_WARN_LIMIT, 0x16, 0xf8); // 11 V
  slot.wait(200);
  slot.write(OPERATION, 0x80);
  assert.equal(slot.byte(POWER_STATE), State.RailUp);
});

test("the event of lost input power has the lowest voltage of the window, and that of its return the present", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.host.setCode(VIN_CHANNEL, codeOf(10_500, CHANNELS.VIN));
  slot.live(20);
  const lost = /input power lost.*?(\d+) mV/.exec(textOfEvents(slot));
  assert.ok(Math.abs(Number(lost?.[1]) - 10_500) < 20, textOfEvents(slot));
  slot.supplies({});
  slot.live(1500);
  const back = /input power (?:is )?back.*?(\d+) mV/.exec(textOfEvents(slot));
  assert.ok(Math.abs(Number(back?.[1]) - 12_000) < 20, textOfEvents(slot));
});

test("a chip beyond its fault limits, too hot or too cold, is not switched on, and an input that is too high", () => {
  for (const [channel, code] of [
    [TEMPERATURE_CHANNEL, 700], // 110 degrees
    [TEMPERATURE_CHANNEL, 1019], // -40 degrees
    [VIN_CHANNEL, codeOf(21_500, CHANNELS.VIN)],
  ] as const) {
    const slot = new SmbusSlot();
    slot.wait(500);
    slot.host.setCode(channel, code);
    slot.wait(3000);
    slot.takeCml();
    slot.write(OPERATION, 0x80);
    assert.equal(slot.takeCml(), OTHER_MEMORY_LOGIC, `channel ${channel}, code ${code}`);
    assert.equal(slot.byte(POWER_STATE), State.Off);
  }
});
