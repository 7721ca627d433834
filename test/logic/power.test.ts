/** Power through the console and the pins: what a person sees, and what the outputs do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Signal } from "../../simulator/generated/abi.ts";
import { LogicUnderTest, Random } from "../support/logic.ts";

const GOOD = Signal.PG_3V3_AUX | Signal.PG_5V;
const SEQUENCER_OUTPUTS = Signal.EN_3V3_AUX | Signal.EN_5V | Signal.COMPUTE_RUN | Signal.SHUTDOWN_REQ;

test("power on is told step by step, with the time each rail took", () => {
  const slot = new LogicUnderTest();
  const mark = slot.printed;
  slot.powerOn();
  const told = slot.printedSince(mark).match(/power: .*(?=\r)/g);
  assert.deepEqual(told, ["power: 3V3_AUX good after 1 ms", "power: 5V good after 2 ms", "power: on"]);
  assert.match(slot.type("status\r"), /power {8}on, for .*rails {8}3V3_AUX good, 5V good\r\nfault {8}none/s);
  assert.ok(slot.asserted(Signal.LED_STATUS));
});

test("a fault names the rail, the reason and the voltages, and stays in status", () => {
  const slot = new LogicUnderTest();
  slot.host.adcCodes = [1862, 400, 0, 2048, 876];
  slot.type("power on\r");
  slot.host.setInputs(Signal.PG_3V3_AUX, Signal.PG_3V3_AUX);
  const mark = slot.printed;
  slot.wait(150);
  slot.host.setInputs(GOOD, 0);
  slot.wait(10);
  // 400 codes through 1:2 are 644.5 mV; 1862 through 1:8 are 12001 mV.
  const fault = /5V power-good did not come within 100 ms \(VIN 12001, V5 645, V3V3 3300 mV\)/;
  const told = slot.printedSince(mark).match(/power: .*(?=\r)/g);
  assert.equal(told?.length, 3, String(told));
  assert.match(told[1] ?? "", fault);
  assert.equal(told[2], "power: off (fault)");
  assert.match(slot.type("status\r"), fault);
  assert.equal(slot.host.signals & SEQUENCER_OUTPUTS, 0);
});

test("the status LED blinks while a fault is latched, and rests afterwards", () => {
  const slot = new LogicUnderTest();
  slot.powerOn();
  slot.host.setInputs(GOOD, 0);
  slot.wait(1);
  let changes = 0;
  let lit = slot.asserted(Signal.LED_STATUS);
  for (let i = 0; i < 100; i++) {
    slot.wait(100);
    if (slot.asserted(Signal.LED_STATUS) !== lit) changes++;
    lit = slot.asserted(Signal.LED_STATUS);
  }
  assert.equal(changes, 20);
  slot.type("power off --yes\r");
  assert.equal(slot.asserted(Signal.LED_STATUS), false);
});

test("idle, the logic asks for a pass where it has readings to take, and no other", () => {
  const slot = new LogicUnderTest();
  const passes = slot.host.passes;
  slot.wait(60_000);
  assert.equal(slot.host.passes, passes + 600);
});

test("half a million random steps keep the invariants (seed printed on failure)", () => {
  const commands = [
    "power on\r",
    "power off --yes\r",
    "power force-off --yes\r",
    "power cycle --yes\r",
    "power reset --yes\r",
  ];
  for (let seed = 1; seed <= 5; seed++) {
    const random = new Random(seed);
    const slot = new LogicUnderTest();
    let present_us = 0n; // when it was last seen to be there
    for (let i = 0; i < 100_000; i++) {
      const where = `seed ${seed}, step ${i}`;
      const { host } = slot;
      if (random.below(10) === 0) {
        host.receive(1, commands[random.below(commands.length)] ?? "");
      } else if (random.below(3) > 0) {
        const input = [Signal.PG_3V3_AUX, Signal.PG_5V, Signal.PRESENT, Signal.HALTED][random.below(4)] ?? 0;
        // Mostly as real rails would, now and then against all sense.
        const expected =
          input === Signal.PG_5V ? Signal.EN_5V : input === Signal.PG_3V3_AUX ? Signal.EN_3V3_AUX : 0;
        const sane = expected ? slot.asserted(expected) : input === Signal.PRESENT;
        host.setInputs(input, (random.below(20) === 0 ? !sane : sane) ? input : 0);
      }
      slot.wait(random.below(50) === 0 ? random.below(70_000) : random.below(30));
      if (slot.asserted(Signal.PRESENT)) present_us = host.now_us;
      if (slot.asserted(Signal.EN_5V))
        assert.ok(slot.asserted(Signal.EN_3V3_AUX), `5V without 3V3_AUX, ${where}`);
      if (slot.asserted(Signal.COMPUTE_RUN)) {
        assert.ok(slot.asserted(Signal.EN_5V), `COMPUTE_RUN released without its rail, ${where}`);
        assert.equal(host.signals & GOOD, GOOD, `COMPUTE_RUN released without power-good, ${where}`);
        const absent = !slot.asserted(Signal.PRESENT) && host.now_us - present_us > 10_000n;
        assert.ok(!absent, `power without a board, ${where}`);
      }
      if (slot.asserted(Signal.SHUTDOWN_REQ)) assert.ok(slot.asserted(Signal.COMPUTE_RUN), where);
    }
  }
});
