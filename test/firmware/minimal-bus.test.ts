/**
 * The SMBus in the minimal state: identification and state are answered, with a right PEC, and everything
 * else is refused like a command that does not exist.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ENGINES } from "../../boards/image.ts";
import { build } from "../../scripts/build.ts";
import { readWord, sendByte, writeByte } from "../../simulator/devices/smbus/protocols.ts";
import { assertNoWarnings, buildDirectory, powerUp, startedSlot } from "../support/simulated-slot.ts";
import { ADDRESS, CML_INVALID_COMMAND, SlotBus, text } from "./smbus/smbus-slot.ts";

/** The logic fails three seconds after each start, as this strap selects. */
const UNREACHABLE = 15;
const SABOTEUR = { wasm3: buildDirectory("saboteur-wasm3"), aot: buildDirectory("saboteur-aot") };

before(async () => {
  for (const [engine, out] of Object.entries(SABOTEUR))
    await build({ board: "slot-hat", engine, logic: "test/firmware/saboteur.ts", out, report: "nothing" });
});

for (const engine of ENGINES) {
  test(`in the minimal state the slot answers who it is and what is wrong (${engine})`, () => {
    const slot = startedSlot({ directory: SABOTEUR[engine], slotId: UNREACHABLE });
    powerUp(slot);
    slot.expect("minimal> ", 20_000);
    slot.runFor(10);
    const bus = new SlotBus(slot, { address: ADDRESS + UNREACHABLE });
    assert.equal(text(bus.bytes("MFR_MODEL")), "slot-hat");
    assert.equal(text(bus.bytes("MFR_LOCATION")), "slot 15");
    assert.equal(text(bus.bytes("MFR_FIRMWARE")), "minimal: failed again and again");
    assert.equal(bus.number("CAPABILITY"), 0xd0);
    assert.equal(bus.number("STATUS_MFR_SPECIFIC"), 0x03, "MINIMAL and RESTARTED");
    assert.equal(bus.number("MFR_POWER_STATE"), 3, "on");
    assert.equal(bus.number("STATUS_WORD"), 0x1001);
    bus.write("PAGE", 1);
    assert.equal(bus.number("PAGE"), 1);
    assert.equal(text(bus.bytes("MFR_RAIL")), "\x023V3_AUX");
    // What does not exist here reads as FFh, which is never a right PEC.
    const silent = slot.transfer(readWord({ address: bus.address, command: 0x88, pec: true }));
    assert.deepEqual([silent.kind, ...silent.data], ["bad-pec", 0xff, 0xff]);
    assert.equal(bus.number("STATUS_CML"), CML_INVALID_COMMAND);
    assert.equal(bus.number("STATUS_WORD"), 0x1003);
    bus.done(sendByte({ address: bus.address, command: 3, pec: true }));
    assert.equal(bus.number("STATUS_CML"), 0);
    // A power command is refused, and changes nothing.
    bus.done(writeByte({ address: bus.address, command: 0xd0, pec: true }, 3));
    assert.equal(bus.number("STATUS_CML"), CML_INVALID_COMMAND);
    assert.equal(slot.compute.running, true);
    // A controller that breaks off leaves the bus free.
    slot.transfer(bus.reading("MFR_MODEL"), { kind: "hold-scl-low", bit: 30, ms: 40, goOn: false });
    assert.equal(text(bus.bytes("MFR_MODEL")), "slot-hat");
    slot.terminal.type("power force-off --yes\r");
    slot.expect("the slot is off\r\n", 2000);
    slot.runFor(300);
    assert.equal(bus.number("MFR_POWER_STATE"), 0, "off");
    assert.equal(bus.number("STATUS_WORD") & 0x0840, 0x0840, "OFF and POWER_GOOD#");
    assertNoWarnings(slot);
  });
}
