/**
 * SMBALERT# and the Alert Response Address (SMBus 3.2, appendix A.2), with other targets that alert as well.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { busFaultsAt, messageFaults } from "../../../simulator/devices/smbus/faults.ts";
import { alertResponse, readByte, readWord, writeByte } from "../../../simulator/devices/smbus/protocols.ts";
import { Random } from "../../support/logic.ts";
import { asserted, assertNoWarnings, command } from "../../support/simulated-slot.ts";
import { ADDRESS, SlotBus, SPEEDS, startedBus } from "./smbus-slot.ts";

const SLOT_ID = 4;
const OWN = ADDRESS + SLOT_ID;
const LOWER = 0x12;
const HIGHER = 0x44;
const NEIGHBOURS = [{ address: LOWER }, { address: HIGHER }];
const UNSUPPORTED = 0x89;

function bus(hz: number, option: { readonly stretchNanos?: number } = {}): SlotBus {
  const neighbours = NEIGHBOURS.map((neighbour) => ({ ...neighbour, ...option }));
  return startedBus({ slotId: SLOT_ID, neighbours }, hz);
}

/** Makes the slot alert, by a command that it does not know. */
function alert(on: SlotBus): void {
  on.write("CLEAR_FAULTS");
  on.slot.transfer(readByte({ address: OWN, command: UNSUPPORTED }));
  on.slot.runUntil(() => asserted(on.slot, "SMBALERT"), 5, "SMBALERT#");
}

/**
 * Pause between the STOP of a message to the slot and an alert response that the slot is sure to follow. Its
 * handler of the STOP takes 1 us, and at 1 MHz the first bit comes 0.9 us after the START.
 */
const PAUSE_MS = 0.005;

/** Sends alert responses until no target answers. Returns the addresses in their order. */
function found(on: SlotBus, pec: boolean): number[] {
  const addresses: number[] = [];
  for (let most = 0; most < 5; most++) {
    on.slot.runFor(PAUSE_MS);
    const { kind, at, data } = on.slot.transfer(alertResponse({ pec }));
    if (kind === "nack") {
      assert.equal(at, "address");
      return addresses;
    }
    assert.equal(kind, "ok", `${kind} at ${at}, ${on.slot.smbus.hz} Hz, PEC ${pec}`);
    assert.equal((data[0] as number) & 1, 0, "the bit behind the address is 0");
    addresses.push((data[0] as number) >> 1);
  }
  throw new Error(`no end of ${addresses}`);
}

const EVERY_WAY = SPEEDS.flatMap((hz) => [false, true].map((pec) => ({ hz, pec })));

test("alone the slot answers with its address and releases SMBALERT#, and then no target answers", () => {
  for (const { hz, pec } of EVERY_WAY) {
    const on = bus(hz);
    assert.deepEqual(found(on, pec), [], "no target alerts");
    alert(on);
    assert.deepEqual(found(on, pec), [OWN], `${hz} Hz, PEC ${pec}`);
    assert.equal(asserted(on.slot, "SMBALERT"), false);
    assert.equal(on.number("STATUS_CML"), 0x80, "the cause of the alert is still set");
    assertNoWarnings(on.slot);
  }
});

test("of several alerting targets the lowest address wins, then the next", () => {
  for (const { hz, pec } of EVERY_WAY) {
    for (const lower of [false, true]) {
      for (const higher of [false, true]) {
        const on = bus(hz);
        alert(on);
        if (lower) on.slot.neighbours[0]?.raiseAlert();
        if (higher) on.slot.neighbours[1]?.raiseAlert();
        const expected = [...(lower ? [LOWER] : []), OWN, ...(higher ? [HIGHER] : [])];
        assert.deepEqual(found(on, pec), expected, `${hz} Hz, PEC ${pec}, lower ${lower}, higher ${higher}`);
        assert.equal(asserted(on.slot, "SMBALERT"), false);
        assertNoWarnings(on.slot);
      }
    }
  }
});

test("the slot does not answer when only others alert", () => {
  for (const { hz, pec } of EVERY_WAY) {
    const on = bus(hz);
    for (const neighbour of on.slot.neighbours) neighbour.raiseAlert();
    assert.deepEqual(found(on, pec), [LOWER, HIGHER]);
    assert.equal(asserted(on.slot, "SMBALERT"), false);
  }
});

test("ordinary traffic to it and to others is served as usual while it alerts", () => {
  const seed = 31;
  const random = new Random(seed);
  for (const hz of SPEEDS) {
    const on = bus(hz, { stretchNanos: 3000 });
    for (let round = 0; round < 40; round++) {
      const pec = random.below(2) === 1;
      alert(on);
      const [lower, higher] = [random.below(2) === 1, random.below(2) === 1];
      if (lower) on.slot.neighbours[0]?.raiseAlert();
      if (higher) on.slot.neighbours[1]?.raiseAlert();
      for (let message = random.below(6); message > 0; message--) {
        const neighbour = { address: random.below(2) ? LOWER : HIGHER, command: 0x45, pec };
        if (random.below(2)) assert.equal(on.number("OT_WARN_LIMIT"), 0xea58, `seed ${seed}`);
        else assert.equal(on.done(readWord(neighbour)).data[0], 0x45);
      }
      const expected = [...(lower ? [LOWER] : []), OWN, ...(higher ? [HIGHER] : [])];
      assert.deepEqual(found(on, pec), expected, `seed ${seed}, round ${round}, ${hz} Hz`);
    }
    assert.equal(on.bytes("MFR_COUNTERS")[16], 40, "alerts are counted");
    assertNoWarnings(on.slot);
  }
});

test("directly after a message at 1 MHz it may miss an alert response, but then answers the next", () => {
  for (const pec of [false, true]) {
    const on = bus(1_000_000);
    let missed = 0;
    for (let round = 0; round < 50; round++) {
      alert(on);
      on.number("STATUS_CML");
      const first = on.slot.transfer(alertResponse({ pec }));
      if (first.kind === "ok") assert.equal(first.data[0], OWN << 1);
      else missed++;
      assert.deepEqual(found(on, pec), first.kind === "ok" ? [] : [OWN]);
    }
    assert.equal(on.bytes("MFR_COUNTERS")[16], 50);
    assert.ok(missed <= 50);
    assertNoWarnings(on.slot);
  }
});

test("CLEAR_FAULTS, clearing the bits and masking them also release SMBALERT#", () => {
  const on = bus(SPEEDS[1]);
  const { slot } = on;
  const letGo = () => slot.runUntil(() => !asserted(slot, "SMBALERT"), 5, "SMBALERT# to be released");
  alert(on);
  on.write("CLEAR_FAULTS");
  letGo();
  alert(on);
  on.write("STATUS_CML", 0x80);
  letGo();
  alert(on);
  on.write("SMBALERT_MASK", (0x80 << 8) | 0x7e);
  letGo();
  on.write("CLEAR_FAULTS");
  slot.transfer(readByte({ address: OWN, command: UNSUPPORTED }));
  slot.runFor(5);
  assert.equal(asserted(slot, "SMBALERT"), false, "masked");
  assert.equal(on.number("STATUS_CML"), 0x80, "and still set");
});

test("after an answered alert only a new bit alerts again", () => {
  const on = bus(SPEEDS[1]);
  alert(on);
  assert.deepEqual(found(on, true), [OWN]);
  on.slot.transfer(readByte({ address: OWN, command: UNSUPPORTED }));
  on.slot.runFor(5);
  assert.equal(asserted(on.slot, "SMBALERT"), false, "the same bit again does not alert");
  on.slot.transfer(on.writing("PAGE", 7));
  on.slot.runFor(5);
  assert.ok(asserted(on.slot, "SMBALERT"), "invalid data does");
  assert.deepEqual(found(on, true), [OWN]);
});

test("a restart of the BMC releases SMBALERT#, and the next alert works like the first", () => {
  const on = bus(SPEEDS[1]);
  alert(on);
  command(on.slot, "version");
  on.slot.terminal.type("reboot --yes\r");
  on.slot.expect(/type help\r\n/, 2000);
  on.slot.expectStart(200);
  assert.equal(asserted(on.slot, "SMBALERT"), false);
  assert.deepEqual(found(on, true), []);
  assert.equal(on.number("STATUS_CML"), 0);
  alert(on);
  assert.deepEqual(found(on, true), [OWN]);
});

test("the slot survives every fault at every bit of an alert response, and the alert is not lost", () => {
  const on = bus(SPEEDS[1]);
  const { slot } = on;
  const next = readWord({ address: OWN, command: 0x4f, pec: true });
  const known = slot.transfer(next).data;
  const bits = (pec: boolean) => (pec ? 28 : 19);
  for (const pec of [false, true]) {
    const atBits = Array.from({ length: bits(pec) }, (_, bit) => busFaultsAt(bit, next)).flat();
    for (const [index, fault] of [...atBits, ...messageFaults(next)].entries()) {
      const hz = SPEEDS[index % SPEEDS.length] as number;
      const what = `${JSON.stringify(fault)}, PEC ${pec}, ${hz} Hz`;
      slot.smbus.hz = hz;
      alert(on);
      slot.transfer(alertResponse({ pec }), fault);
      const read = slot.transfer(next);
      assert.equal(read.kind, "ok", what);
      assert.deepEqual(read.data, known, what);
      slot.runFor(0.05); // directly after a message it may miss one, see above
      // Either the alert was answered, or it is still raised and is answered now.
      const stands = asserted(slot, "SMBALERT");
      assert.deepEqual(found(on, true), stands ? [OWN] : [], what);
      assert.equal(asserted(slot, "SMBALERT"), false, what);
    }
  }
  slot.transfer(writeByte({ address: OWN, command: 0xd9, pec: true }, 1));
  assert.equal(on.number("MFR_IDENTIFY"), 1);
});
