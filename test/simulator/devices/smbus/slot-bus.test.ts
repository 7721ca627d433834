/** The SMBus of a whole slot: neighbours, SMBALERT#, time-outs, and its lines in a VCD file. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { alertResponse, quick, readWord, writeWord } from "../../../../simulator/devices/smbus/protocols.ts";
import { Slot, type SlotOptions } from "../../../../simulator/slot/slot.ts";
import { VcdWriter } from "../../../../simulator/tools/vcd.ts";

const DIRECTORY = fileURLToPath(new URL("../../../../build/slot-hat", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "racklet-smbus-slot-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A slot that has been powered for 1 ms. These tests use the bus around the BMC, which boots meanwhile. */
function powered(options: Partial<SlotOptions> = {}): Slot {
  const slot = new Slot({
    directory: DIRECTORY,
    neighbours: [{ address: 0x33 }, { address: 0x35 }],
    ...options,
  });
  slot.powerOn();
  slot.runFor(1);
  return slot;
}

describe("the slot's SMBus", () => {
  it("reaches the neighbours on the backplane at any speed", () => {
    const slot = powered();
    for (const hz of [100_000, 400_000, 1_000_000]) {
      slot.smbus.hz = hz;
      const to = { address: 0x33, command: 0x41, pec: true };
      assert.equal(slot.transfer(writeWord(to, hz & 0xffff)).kind, "ok");
      const read = slot.transfer(readWord(to));
      assert.deepEqual([read.kind, Buffer.from(read.data).readUInt16LE()], ["ok", hz & 0xffff]);
      assert.equal(read.disturbances, 0);
    }
    assert.equal(slot.transfer(quick(0x34, "write")).kind, "nack");
    assert.deepEqual(slot.chip.log.warnings, []);
  });

  it("the neighbours share SMBALERT#, and answer for it in the order of their addresses", () => {
    const slot = powered();
    assert.equal(slot.smbusAlert?.asserted, false);
    for (const neighbour of slot.neighbours) neighbour.raiseAlert();
    assert.equal(slot.smbusAlert?.asserted, true);
    assert.deepEqual([...slot.transfer(alertResponse()).data], [0x33 << 1]);
    assert.deepEqual([...slot.transfer(alertResponse()).data], [0x35 << 1]);
    assert.equal(slot.smbusAlert?.asserted, false);
  });

  it("names the transfer that did not end", () => {
    const slot = powered();
    const held = { kind: "hold-scl-low", bit: 3, ms: 100, goOn: true } as const;
    assert.throws(() => slot.transfer(quick(0x33, "write"), held, 50), /the end of "quick write" in vain/);
  });

  it("shows both I2C buses in the VCD file", () => {
    const path = join(folder, "smbus.vcd");
    const vcd = new VcdWriter(path);
    const slot = powered({ vcd });
    const { bits } = slot.transfer(quick(0x33, "write"));
    vcd.close();
    const text = readFileSync(path, "latin1");
    for (const name of ["I2C0_SDA", "I2C0_SCL", "I2C1_SDA", "I2C1_SCL"]) {
      assert.match(text, new RegExp(`\\$var wire 1 \\S+ ${name} \\$end`));
    }
    const id = text.match(/\$var wire 1 (\S+) I2C1_SCL \$end/)?.[1];
    const events = text.slice(text.lastIndexOf("$end\n")).split("\n");
    assert.equal(events.filter((line) => line === `1${id}`).length, bits);
  });
});
