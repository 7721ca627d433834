/**
 * The protocols of the SMBus controller against a plain target: the data, the number of clocks, and what the
 * target carried out.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as protocols from "../../../../simulator/devices/smbus/protocols.ts";
import type { Protocol } from "../../../../simulator/devices/smbus/steps.ts";
import { ADDRESS, smbusBench } from "./bench.ts";

const BLOCK = Uint8Array.of(9, 8, 7, 0, 255);

interface Expectation {
  readonly protocol: Protocol;
  readonly data: readonly number[];
  readonly bits: number;
  readonly executed: readonly string[];
}

/** Bits: nine for each byte, one for each repeated START, one for the STOP. */
function expectations(pec: boolean): Expectation[] {
  const at = (command: number) => ({ address: ADDRESS, command, pec });
  const bits = (bytes: number, repeatedStarts = 0) => 9 * (bytes + Number(pec)) + repeatedStarts + 1;
  const executed = (...what: string[]) => what;
  return [
    { protocol: protocols.sendByte(at(5)), data: [], bits: bits(2), executed: executed("command 0x05") },
    {
      protocol: protocols.writeByte(at(0x11), 0x5a),
      data: [],
      bits: bits(3),
      executed: executed("write 0x11 of 1"),
    },
    { protocol: protocols.readByte(at(0x11)), data: [0x5a], bits: bits(4, 1), executed: executed() },
    // A plain read refers to the last command.
    { protocol: protocols.receiveByte({ address: ADDRESS, pec }), data: [0x5a], bits: bits(2), executed: [] },
    {
      protocol: protocols.writeWord(at(0x41), 0x1234),
      data: [],
      bits: bits(4),
      executed: executed("write 0x41 of 2"),
    },
    { protocol: protocols.readWord(at(0x41)), data: [0x34, 0x12], bits: bits(5, 1), executed: [] },
    { protocol: protocols.processCall(at(0x42), 0x00f1), data: [0x0e, 0xff], bits: bits(7, 1), executed: [] },
    {
      protocol: protocols.writeBlock(at(0x81), BLOCK),
      data: [],
      bits: bits(8),
      executed: executed("write 0x81 of 5"),
    },
    { protocol: protocols.readBlock(at(0x81)), data: [...BLOCK], bits: bits(9, 1), executed: [] },
    {
      protocol: protocols.blockProcessCall(at(0x82), BLOCK),
      data: [0xf6, 0xf7, 0xf8, 0xff, 0],
      bits: bits(15, 1),
      executed: [],
    },
  ];
}

describe("SMBus protocols against a plain target", () => {
  for (const hz of [100_000, 400_000, 1_000_000]) {
    for (const pec of [false, true]) {
      it(`at ${hz / 1000} kHz ${pec ? "with" : "without"} PEC: payload, clocks and the target's actions`, () => {
        const { target, transfer } = smbusBench({ hz });
        for (const { protocol, data, bits, executed } of expectations(pec)) {
          target.executed.length = 0;
          const outcome = transfer(protocol);
          const { name } = protocol;
          assert.deepEqual([outcome.kind, outcome.at], ["ok", "stop"], name);
          assert.deepEqual([...outcome.data], [...data], name);
          assert.equal(outcome.bits, bits, name);
          assert.deepEqual(target.executed, executed, name);
          assert.deepEqual([outcome.disturbances, outcome.stretches], [0, []], name);
        }
        assert.equal(target.rejected, 0);
      });
    }
  }

  it("quick commands are an address and nothing else", () => {
    const { target, transfer } = smbusBench();
    assert.deepEqual(
      [transfer(protocols.quick(ADDRESS, "write")).bits, target.executed],
      [10, ["quick write"]],
    );
    assert.equal(transfer(protocols.quick(ADDRESS, "read")).kind, "ok");
    assert.deepEqual(target.executed, ["quick write", "quick read"]);
  });

  it("a block has up to 255 bytes, with the count before them", () => {
    const { target, transfer } = smbusBench({ hz: 1_000_000 });
    const bytes = Uint8Array.from({ length: 255 }, (_, index) => (index * 7) & 0xff);
    assert.equal(
      transfer(protocols.writeBlock({ address: ADDRESS, command: 0x90, pec: true }, bytes)).kind,
      "ok",
    );
    assert.deepEqual(target.registers[0x90], bytes);
    const read = transfer(protocols.readBlock({ address: ADDRESS, command: 0x90, pec: true }));
    assert.deepEqual([read.kind, read.data], ["ok", bytes]);
    assert.throws(
      () => protocols.writeBlock({ address: ADDRESS, command: 0 }, new Uint8Array(256)),
      /1 to 255/,
    );
  });

  it("a block of no bytes is a bad length, and the bus is free after it", () => {
    const { target, transfer } = smbusBench();
    target.registers[0x91] = new Uint8Array(0);
    const outcome = transfer(protocols.readBlock({ address: ADDRESS, command: 0x91 }));
    assert.deepEqual([outcome.kind, outcome.at], ["bad-length", "count"]);
    assert.equal(transfer(protocols.readByte({ address: ADDRESS, command: 0x11 })).kind, "ok");
  });

  it("either side detects a PEC that does not fit the bytes", () => {
    const { sda, clock, target, controller, finish, transfer } = smbusBench();
    const run = controller.begin(protocols.readByte({ address: ADDRESS, command: 0x11, pec: true }));
    // The data byte is 0xff, so that pulling SDA low during one of its bits changes it. Its third bit is
    // clock 30.
    clock.schedule(4000 + 30 * 10_000 + 1000, () => sda.drive("noise", false));
    clock.schedule(4000 + 31 * 10_000 + 1000, () => sda.drive("noise", null));
    const outcome = finish([run])[0];
    assert.deepEqual([outcome?.kind, outcome?.at], ["bad-pec", "pec"]);
    const write = protocols.writeByte({ address: ADDRESS, command: 0x11, pec: true }, 3);
    const refused = transfer(write, { kind: "wrong-pec" });
    assert.deepEqual([refused.kind, refused.at, target.rejected], ["nack", "pec", 1]);
    assert.deepEqual([...(target.registers[0x11] as Uint8Array)], [0xff]);
  });

  it("reports the byte that a target did not acknowledge", () => {
    const { transfer } = smbusBench();
    const absent = transfer(protocols.readWord({ address: 0x43, command: 0x41 }));
    assert.deepEqual([absent.kind, absent.at, absent.bits], ["nack", "address", 10]);
    const tooLong = transfer(protocols.rawMessage(ADDRESS, [0x11, 1, 2, 3]));
    assert.deepEqual([tooLong.kind, tooLong.at, tooLong.bits], ["nack", "data", 37]);
  });

  it("a raw message writes and reads any number of bytes", () => {
    const { target, transfer } = smbusBench();
    assert.equal(transfer(protocols.rawMessage(ADDRESS, [0x41, 7, 8])).kind, "ok");
    assert.deepEqual([...(target.registers[0x41] as Uint8Array)], [7, 8]);
    assert.deepEqual([...transfer(protocols.rawMessage(ADDRESS, [0x41], 2)).data], [7, 8]);
    assert.deepEqual([...transfer(protocols.rawMessage(ADDRESS, [], 1)).data], [7]);
  });

  for (const pec of [false, true]) {
    it(`a group command ${pec ? "with" : "without"} PEC takes effect everywhere with its one STOP`, () => {
      const { target, newTarget, controller, finish, clock } = smbusBench();
      const other = newTarget(0x51);
      const parts = [
        { address: ADDRESS, command: 0x12, data: [1] },
        { address: 0x51, command: 0x44, data: [2, 3] },
        { address: ADDRESS, command: 0x13, data: [4] },
      ];
      const run = controller.begin(protocols.groupCommand(parts, { pec }));
      clock.runFor(0.9);
      assert.deepEqual([target.executed, other.executed], [[], []]);
      const outcome = finish([run])[0];
      assert.deepEqual([outcome?.kind, outcome?.bits], ["ok", 9 * (10 + 3 * Number(pec)) + 2 + 1]);
      assert.deepEqual(target.executed, ["write 0x12 of 1", "write 0x13 of 1"]);
      assert.deepEqual(other.executed, ["write 0x44 of 2"]);
    });
  }
});
