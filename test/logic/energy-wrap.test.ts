/** Time and energy beyond 32 bits: microseconds wrap after 71.6 minutes, which must have no effect. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { linear } from "../../simulator/logic-host/converter-host.ts";
import { LogicUnderTest } from "../support/logic.ts";

const WRAP_US = 2n ** 32n;
const CODES = [1861, 3164, 1240, 2047, 874];

/** The power of the codes of V5 and I5: full scale is 4132 linear codes of 3300 mV, both through 1:2. */
function power_mw(): number {
  const milli = (code: number) => ((linear(code) + 0.5) / 4132) * 6600;
  return (milli(CODES[1] as number) * milli(CODES[2] as number)) / 1000;
}

function energy_mj(slot: LogicUnderTest): number {
  return Number(/^ENERGY +(\d+) mJ/m.exec(slot.type("sensors\r"))?.[1]);
}

test("energy and time continue over the wrap of 32-bit microseconds without a step", () => {
  const slot = new LogicUnderTest();
  slot.powerOn();
  for (const [channel, code] of CODES.entries()) slot.host.setCode(channel, code);
  slot.host.now_us = WRAP_US - 5_000_000n; // the host's converter counts from here as well
  slot.wait(1000);
  const before_mj = energy_mj(slot);
  const before_us = slot.host.now_us;
  slot.wait(10_000);
  assert.ok(slot.host.now_us > WRAP_US);
  const seconds = Number(slot.host.now_us - before_us) / 1e6;
  const expected_mj = power_mw() * seconds;
  const counted_mj = energy_mj(slot) - before_mj;
  assert.ok(
    Math.abs(counted_mj - expected_mj) < expected_mj * 0.003,
    `${counted_mj} mJ, ${expected_mj} expected`,
  );
  const uptime = Number(/power-on +(\d+\.\d+) s ago/.exec(slot.type("uptime\r"))?.[1]);
  assert.ok(Math.abs(uptime - Number(slot.host.now_us) / 1e6) < 0.01, `${uptime} s`);
  assert.match(slot.type("status\r"), /power {8}on, for 4\d\d\d\.\d+ s/);
});

test("the energy of two hours is power times time, to a part in ten thousand", () => {
  const slot = new LogicUnderTest();
  slot.powerOn();
  for (const [channel, code] of CODES.entries()) slot.host.setCode(channel, code);
  slot.wait(1000);
  const before_mj = energy_mj(slot);
  const before_us = slot.host.now_us;
  for (let minute = 0; minute < 120; minute++) slot.wait(60_000);
  const seconds = Number(slot.host.now_us - before_us) / 1e6;
  const expected_mj = power_mw() * seconds;
  const counted_mj = energy_mj(slot) - before_mj;
  assert.ok(
    Math.abs(counted_mj - expected_mj) < expected_mj * 1e-4,
    `${counted_mj} mJ, ${expected_mj} expected`,
  );
});
