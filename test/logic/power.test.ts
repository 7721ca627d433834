/** Power through the console and the pins: what a user sees, and what the outputs do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Event, Port, Signal } from "../../simulator/generated/abi.ts";
import { LogicHost } from "../../simulator/logic-host/logic-host.ts";
import { unwrapped } from "../../simulator/start/answers.ts";
import { builtLogic, LogicUnderTest } from "../support/logic.ts";
import { GOOD, PowerWorld } from "../support/power-world.ts";

const I5_CHANNEL = 2;
/** Beyond 5.5 A. */
const OVERCURRENT_CODE = 3600;
const SEQUENCER_OUTPUTS = Signal.EN_RAIL_0 | Signal.EN_RAIL_1 | Signal.COMPUTE_RUN | Signal.SHUTDOWN_REQ;

test("the console reports power on step by step, with the time each rail took", () => {
  const slot = new LogicUnderTest();
  const mark = slot.printed;
  slot.powerOn();
  const notices = slot.printedSince(mark).match(/power: .*(?=\r)/g);
  assert.deepEqual(notices, ["power: 3V3_AUX good after 1 ms", "power: 5V good after 2 ms", "power: on"]);
  assert.match(slot.type("status\r"), /power {8}on, for .*rails {8}3V3_AUX good, 5V good\r\nfault {8}none/s);
  assert.ok(slot.asserted(Signal.LED_STATUS));
});

test("a fault names the rail, the reason and the readings, is tried again, and stays recorded", () => {
  const slot = new LogicUnderTest();
  slot.type("power on\r");
  slot.host.setInputs(Signal.PG_RAIL_0, Signal.PG_RAIL_0);
  slot.host.converter.codes = [1861, 400, 0, 2048, 874];
  const mark = slot.printed;
  slot.wait(150);
  slot.host.setInputs(GOOD, 0);
  slot.wait(10);
  // 400 codes through 1:2 are 644.5 mV.
  const fault =
    /5V power-good did not come within 100 ms \(VIN 1200\d mV, V5 64\d mV, V3V3 33\d\d mV, I5 0 mA\)/;
  const notices = unwrapped(slot.printedSince(mark)).match(/power: .*(?=\r)/g);
  assert.equal(notices?.length, 3, String(notices));
  assert.match(notices[1] ?? "", fault);
  assert.match(notices[2] ?? "", /power: off, to be tried again/);
  assert.match(unwrapped(slot.type("status\r")), fault);
  assert.equal(slot.host.signals & SEQUENCER_OUTPUTS, 0);
});

test("a trip in the very pass that disarms the fast path still explains the lost power-good", () => {
  // The interrupt comes after the pass has looked at its events, so only disarming can find the trip.
  const TRIP_REPORT_US = 1000n;
  const tripIn = (late_us: bigint) => {
    const slot = new LogicUnderTest();
    slot.powerOn();
    const { host } = slot;
    host.setInputs(Signal.PG_RAIL_1, 0); // goes first, and is to blame
    host.setInputs(Signal.PG_RAIL_0, 0);
    host.handle(Event.INPUTS); // all is off after one pass, and nothing has tripped
    host.now_us += TRIP_REPORT_US + late_us;
    host.converter.codes[I5_CHANNEL] = OVERCURRENT_CODE;
    assert.equal(host.converter.look().events, Event.OVERCURRENT);
    host.handle(0);
    assert.equal(host.converter.trip.tripped, 0, "disarmed");
    host.converter.codes[I5_CHANNEL] = 0;
    return slot.type("fault\r");
  };
  assert.match(tripIn(0n), /fault {8}over-current/);
  assert.match(tripIn(1n), /fault {8}5V power-good lost/, "a trip after the time in which it is a cause");
});

test("the trace has the time of the first fault, and keeps it when the next try fails too", () => {
  const slot = new LogicUnderTest();
  slot.powerOn();
  slot.host.setInputs(GOOD, 0);
  slot.wait(1);
  const first = slot.type("fault\r");
  const [, at] = /\nat +(\d\.\d+) s, 1 since/.exec(first) ?? [];
  assert.ok(Number(at) > 0.02 && Number(at) < 0.04, first);
  assert.ok(first.includes(`of the fault at ${at} s`), first);
  slot.wait(1200);
  const second = slot.type("fault\r");
  assert.match(second, /\nat +1\.\d+ s, 2 since/);
  assert.ok(second.includes(`of the fault at ${at} s`), second);
});

test("rails that are gone already are disabled in one pass", () => {
  const slot = new LogicUnderTest();
  slot.powerOn();
  slot.host.setInputs(GOOD, 0);
  slot.host.handle(Event.INPUTS);
  assert.equal(slot.host.signals & SEQUENCER_OUTPUTS, 0);
});

test("the target state is retained before any output changes", () => {
  const [COMING_UP, ON, GOING_DOWN] = [1, 3, 5];
  const changes: { asserted: number; state: number }[] = [];
  const host: LogicHost = new LogicHost(builtLogic(), {
    signals_write: (mask, asserted) => {
      const after = (host.signals & ~mask) | (asserted & mask);
      const changed = (after ^ host.signals) & SEQUENCER_OUTPUTS;
      if (changed) changes.push({ asserted: after & changed, state: (host.retained[0] ?? 0) & 0x1f });
      host.signals = after;
    },
  });
  const see = (signals: number, ms: number) => {
    host.setInputs(GOOD, signals);
    host.advance(host.now_us + BigInt(ms * 1000));
  };
  host.signals = Signal.PRESENT;
  host.start();
  host.receive(Port.CONSOLE, "power on\r");
  see(0, 1);
  see(Signal.PG_RAIL_0, 1);
  see(GOOD, 25);
  host.receive(Port.CONSOLE, "power force-off --yes\r");
  see(GOOD, 1);
  assert.deepEqual(changes, [
    { asserted: Signal.EN_RAIL_0, state: COMING_UP },
    { asserted: Signal.EN_RAIL_1, state: COMING_UP },
    { asserted: Signal.COMPUTE_RUN, state: ON },
    { asserted: 0, state: GOING_DOWN },
    { asserted: 0, state: GOING_DOWN },
  ]);
});

test("a rail that never comes up is tried three times, then the status LED blinks until the fault is cleared", () => {
  const world = new PowerWorld();
  const { host } = world;
  const type = (text: string) => {
    host.receive(Port.CONSOLE, text);
    world.wait(5);
  };
  world.rails[1] = "dead";
  type("power on\r");
  const rises: number[] = [];
  let wasUp = true;
  world.wait(40_000, () => {
    const isUp = world.asserted(Signal.EN_RAIL_0);
    if (isUp && !wasUp) rises.push(Math.round(Number(host.now_us) / 1e6));
    wasUp = isUp;
  });
  assert.deepEqual(rises, [1, 6, 31], "after pauses of 1, 5 and 25 s");
  assert.equal(host.sentText(Port.CONSOLE).match(/power: fault/g)?.length, 4);
  let changes = 0;
  let lit = world.asserted(Signal.LED_STATUS);
  world.wait(10_000, () => {
    if (world.asserted(Signal.LED_STATUS) !== lit) changes++;
    lit = world.asserted(Signal.LED_STATUS);
  });
  assert.equal(changes, 20);
  world.rails[1] = "well";
  type("power on\r");
  assert.match(host.sentText(Port.CONSOLE), /a fault is latched/);
  assert.ok(!world.asserted(Signal.EN_RAIL_0));
  type("fault clear\r");
  world.wait(2000);
  assert.equal(world.asserted(Signal.LED_STATUS), false);
  type("power on\r");
  world.wait(100);
  assert.ok(world.asserted(Signal.COMPUTE_RUN | Signal.LED_STATUS));
});

test("the longest power-good time of each rail is kept, even over restarts", () => {
  let slot = new LogicUnderTest();
  const slowest: number[][] = [];
  for (const [aux_ms, main_ms] of [
    [3, 20],
    [9, 10],
    [1, 1],
  ] as const) {
    slot.type("power on\r");
    slot.host.setInputs(0, 0);
    slot.wait(aux_ms - 1); // the command took one
    slot.host.setInputs(Signal.PG_RAIL_0, Signal.PG_RAIL_0);
    slot.wait(main_ms);
    slot.host.setInputs(Signal.PG_RAIL_1, Signal.PG_RAIL_1);
    slot.wait(25);
    slowest.push(slot.host.retained.slice(3, 5));
    slot.type("power force-off --yes\r");
    slot.host.setInputs(GOOD, 0);
    slot.wait(1);
    const { retained } = slot.host;
    slot = new LogicUnderTest();
    slot.host.retained.splice(0, retained.length, ...retained);
  }
  assert.deepEqual(slowest, [
    [3000, 20_000],
    [9000, 20_000],
    [9000, 20_000],
  ]);
});

test("a slot that was on for a minute has all tries again, in the next life too", () => {
  const world = new PowerWorld();
  world.host.receive(Port.CONSOLE, "power on\r");
  world.wait(1000);
  world.glitch(Signal.PG_RAIL_1);
  world.wait(3000);
  assert.ok(world.asserted(Signal.COMPUTE_RUN));
  assert.equal(world.remembered.tries, 1);
  world.wait(60_000);
  assert.equal(world.remembered.tries, 0);
});

test("an idle logic asks for passes only to take readings and to look for the power monitor", () => {
  const slot = new LogicUnderTest();
  const passes = slot.host.passes;
  slot.wait(60_000);
  // Beside the readings it looks for the power monitor, which is not on the bus: after 0, 1, 3, 7, 15 and 31
  // s three times each, with a pass to begin and one for the event. One more pass comes when the board has
  // settled in its slot.
  assert.equal(slot.host.passes, passes + 600 + 6 * 3 * 2 + 1);
});
