/**
 * The faults of the SMBus controller: every one at every clock of every protocol must leave a plain target
 * usable, and each has the effect that its name says.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BUS_FAULTS,
  busFaultsAt,
  MESSAGE_FAULTS,
  messageFaults,
  type SmbusFault,
} from "../../../../simulator/devices/smbus/faults.ts";
import * as protocols from "../../../../simulator/devices/smbus/protocols.ts";
import type { Protocol } from "../../../../simulator/devices/smbus/steps.ts";
import { ADDRESS, type Bench, smbusBench } from "./bench.ts";

const at = (command: number, pec = true) => ({ address: ADDRESS, command, pec });
const BLOCK = Uint8Array.of(9, 8, 7);
const WRITE_WORD = protocols.writeWord(at(0x41), 0x1234);
const READ_WORD = protocols.readWord(at(0x41));
const OTHER = protocols.writeByte(at(0x20), 0x77);

const EVERY_PROTOCOL: readonly Protocol[] = [
  protocols.quick(ADDRESS, "write"),
  protocols.quick(ADDRESS, "read"),
  protocols.sendByte(at(5)),
  protocols.receiveByte({ address: ADDRESS, pec: true }),
  protocols.writeByte(at(0x11), 0x5a),
  protocols.readByte(at(0x11)),
  WRITE_WORD,
  READ_WORD,
  protocols.processCall(at(0x42), 0x00f1),
  protocols.writeBlock(at(0x81), BLOCK),
  protocols.readBlock(at(0x82)),
  protocols.blockProcessCall(at(0x83), BLOCK),
  protocols.groupCommand([{ address: ADDRESS, command: 0x12, data: [1] }], { pec: true }),
  protocols.rawMessage(ADDRESS, [0x81, 1, 6], 2),
  protocols.alertResponse(),
];

/**
 * The target must answer with its own bytes, and nothing but the controller may have helped it to recover.
 */
function assertUsable({ sda, scl, target, transfer }: Bench, what: string): void {
  target.registers[0x31] = Uint8Array.of(0);
  assert.equal(transfer(protocols.writeByte(at(0x31), 0xa7)).kind, "ok", what);
  const back = transfer(protocols.readByte(at(0x31)));
  assert.deepEqual([back.kind, [...back.data], back.stretches], ["ok", [0xa7], []], what);
  assert.deepEqual([sda.drivers, scl.drivers], [[], []], what);
}

describe("SMBus faults of the bus", () => {
  it("each kind has a description and is in the lists that tests go through", () => {
    const kinds = [...new Set(busFaultsAt(0, OTHER).map(({ kind }) => kind))].sort();
    assert.deepEqual(kinds, Object.keys(BUS_FAULTS).sort());
    const messages = [...new Set(messageFaults(OTHER).map(({ kind }) => kind))].sort();
    assert.deepEqual(messages, Object.keys(MESSAGE_FAULTS).sort());
  });

  for (const hz of [100_000, 1_000_000]) {
    it(`at ${hz / 1000} kHz: after any fault at any clock of a protocol the target stays usable`, () => {
      const bench = smbusBench({ hz });
      let count = 0;
      for (const protocol of EVERY_PROTOCOL) {
        const { bits } = bench.transfer(protocol);
        for (let bit = 0; bit < bits; bit++) {
          for (const fault of busFaultsAt(bit, OTHER, hz === 100_000 ? 200 : 60)) {
            bench.transfer(protocol, fault, 1000);
            assertUsable(bench, `${protocol.name}: ${JSON.stringify(fault)}`);
            count++;
          }
        }
      }
      assert.ok(count > 10_000, `${count}`);
    });
  }

  it("STOP at a clock: a write counts only if it stops behind a whole byte", () => {
    for (let bit = 0; bit < 46; bit++) {
      const { target, transfer } = smbusBench();
      const outcome = transfer(WRITE_WORD, { kind: "stop-at-bit", bit });
      assert.deepEqual([outcome.kind, outcome.bits], ["abandoned", bit + 1], `at ${bit}`);
      // Address; command; two data bytes, which is a write without PEC; the PEC.
      const expected: Record<number, string> = {
        9: "quick write",
        18: "command 0x41",
        36: "write 0x41 of 2",
        45: "write 0x41 of 2",
      };
      assert.deepEqual(target.executed, expected[bit] ? [expected[bit]] : [], `at ${bit}`);
    }
  });

  it("START at a clock goes to another device; if a whole transfer follows, that one counts", () => {
    for (let bit = 1; bit < 45; bit++) {
      if (bit % 9 === 0) continue;
      const { target, clock, transfer } = smbusBench();
      const stray = transfer(WRITE_WORD, { kind: "start-at-bit", bit });
      // There can be no START where the target keeps SDA low for its ACK.
      const acknowledging = bit % 9 === 8;
      assert.equal(stray.kind, acknowledging ? "arbitration-lost" : "abandoned", `at ${bit}`);
      assert.deepEqual(target.executed, [], `at ${bit}`);
      if (acknowledging) continue;
      clock.runFor(1);
      const other = transfer(WRITE_WORD, { kind: "transfer-at-bit", bit, next: OTHER });
      assert.equal(other.kind, "ok", `at ${bit}`);
      assert.deepEqual(target.executed, ["write 0x20 of 1"], `at ${bit}`);
    }
  });

  it("an incomplete address phase leaves SDA low, held by the target", () => {
    const { sda, scl, clock, transfer } = smbusBench();
    const outcome = transfer(READ_WORD, { kind: "vanish", bit: 8 });
    clock.runFor(100);
    assert.deepEqual([outcome.kind, outcome.at, outcome.bits], ["abandoned", "address", 9]);
    assert.deepEqual([scl.level, sda.drivers], [true, ["target 0x42"]]);
  });

  it("SCL held for longer than tTIMEOUT makes the target let go; for less it waits", () => {
    for (const [ms, timeouts, kind] of [
      [24, 0, "ok"],
      [36, 1, "nack"],
    ] as const) {
      const { target, controller, transfer } = smbusBench();
      const outcome = transfer(WRITE_WORD, { kind: "hold-scl-low", bit: 20, ms, goOn: true });
      assert.deepEqual([outcome.kind, target.timeouts], [kind, timeouts], `${ms} ms`);
      const abandoned = transfer(WRITE_WORD, { kind: "hold-scl-low", bit: 20, ms, goOn: false });
      assert.deepEqual([abandoned.kind, abandoned.bits], ["abandoned", 21]);
      // tHD;STA, 20 clocks, the hold, and the low period it takes to let go of SCL.
      const took = (abandoned.endNanos - abandoned.startNanos - controller.timing.low) / 1e6;
      assert.ok(Math.abs(took - 0.204 - ms) < 1e-6, `${took}`);
    }
  });

  it("SDA held low with SCL high: the end of the hold is a STOP", () => {
    const { sda, scl, target, transfer } = smbusBench();
    const outcome = transfer(WRITE_WORD, { kind: "hold-sda-low", bit: 18, ms: 2, goOn: false });
    assert.equal(outcome.kind, "abandoned");
    const last = sda.changes.at(-1);
    assert.deepEqual([last?.level, scl.level], [true, true]);
    assert.ok((last?.nanos ?? 0) - (scl.changes.at(-1)?.nanos ?? 0) > 2e6 - 1e-3);
    assert.deepEqual(target.executed, ["command 0x41"]);
  });

  it("a freeze keeps SDA as it was, SCL high", () => {
    const { clock, sda, scl, controller } = smbusBench();
    // The address 0x42 begins with a one, a zero follows.
    for (const bit of [0, 1]) {
      const run = controller.begin(WRITE_WORD, { kind: "freeze", bit, ms: 1 });
      clock.runFor(0.5);
      assert.deepEqual([run.done, scl.level, sda.level], [false, true, bit === 0]);
      clock.runFor(2);
      assert.equal(run.outcome.kind, "abandoned");
    }
  });

  it("arbitration lost: the target sees the winner's zeros", () => {
    const { target, transfer } = smbusBench();
    target.registers[0x1f] = Uint8Array.of(0);
    // 0xff with zeros from its third bit on. Without a PEC the target cannot notice.
    const write = protocols.writeByte({ address: ADDRESS, command: 0x1f }, 0xff);
    const outcome = transfer(write, { kind: "lose-arbitration", bit: 20 });
    assert.deepEqual([outcome.kind, outcome.at], ["arbitration-lost", "data"]);
    assert.deepEqual([...(target.registers[0x1f] as Uint8Array)], [0b1100_0000]);
  });

  it("a glitch on SCL is one more clock for the target, or no clock if it only shortens one", () => {
    const glitched = (point: number) => {
      const bench = smbusBench();
      const before = bench.transfer(WRITE_WORD);
      const from = bench.scl.changes.length;
      const outcome = bench.transfer(WRITE_WORD, { kind: "glitch-scl", bit: 20, nanos: 500, point });
      return { edges: bench.scl.changes.length - from, clean: 2 * before.bits, outcome };
    };
    // tLOW takes 54 % of the period. The points give an upward pulse in it, a downward pulse after it, and
    // one over the rising edge.
    for (const point of [0.2, 0.8]) {
      const { edges, clean, outcome } = glitched(point);
      assert.equal(outcome.kind, "nack");
      // The NACK of the byte that came a clock early has ended it.
      assert.ok(edges < clean && edges % 2 === 0);
    }
    assert.equal(glitched(0.52).outcome.kind, "ok");
  });

  it("a glitch on SDA while SCL is high is a START and a STOP", () => {
    const { target, transfer } = smbusBench();
    // Data bit 3 of 0x34 is a one. Pulling it low for a moment is START and STOP. No target takes the rest.
    const outcome = transfer(WRITE_WORD, { kind: "glitch-sda", bit: 20, nanos: 500, point: 0.8 });
    assert.equal(outcome.kind, "nack");
    target.executed.length = 0;
    assert.equal(transfer(WRITE_WORD, { kind: "glitch-sda", bit: 20, nanos: 500, point: 0.2 }).kind, "ok");
    assert.deepEqual(target.executed, ["write 0x41 of 2"]);
  });
});

describe("SMBus faults of the message", () => {
  it("after any fault in any protocol the target stays usable", () => {
    const bench = smbusBench({ hz: 400_000 });
    for (const protocol of EVERY_PROTOCOL) {
      for (const fault of messageFaults(OTHER)) {
        bench.transfer(protocol, fault, 1000);
        assertUsable(bench, `${protocol.name}: ${JSON.stringify(fault)}`);
      }
    }
  });

  const seen = (fault: SmbusFault, protocol = WRITE_WORD) => {
    const bench = smbusBench();
    const outcome = bench.transfer(protocol, fault, 500);
    return { ...bench, outcome, executed: bench.target.executed };
  };

  it("without STOP the next transfer begins at once, and a target sees a repeated START", () => {
    const { clock, controller, target, finish } = smbusBench();
    const { startSetup } = controller.timing;
    const first = controller.begin(WRITE_WORD, { kind: "missing-stop" });
    let next = first;
    first.onDone(() => {
      assert.deepEqual(target.executed, []);
      next = controller.begin(OTHER);
    });
    clock.runFor(2);
    finish([first, next]);
    assert.ok(Math.abs(next.outcome.startNanos - first.outcome.endNanos - startSetup) < 1e-3);
    assert.deepEqual([first.outcome.bits, next.outcome.kind], [46, "ok"]);
    assert.deepEqual(target.executed, ["write 0x41 of 2", "write 0x20 of 1"]);
  });

  it("a repeated START and another write replace the STOP", () => {
    const { outcome, executed } = seen({ kind: "restart-for-stop", next: OTHER });
    assert.deepEqual([outcome.kind, outcome.bits], ["ok", 45 + 1 + 36 + 1]);
    assert.deepEqual(executed, ["write 0x41 of 2", "write 0x20 of 1"]);
  });

  it("endless-read reads past the PEC, for as many bytes as the fault says", () => {
    const { outcome } = seen({ kind: "endless-read", bytes: 20 }, protocols.readWord(at(0x41, false)));
    assert.deepEqual([outcome.kind, outcome.data.length], ["ok", 21]);
    assert.equal(outcome.bits, 9 * (5 + 20) + 2);
  });

  it("too-many-bytes writes on after the PEC, and the target refuses", () => {
    const { outcome, target, executed } = seen({ kind: "too-many-bytes", bytes: 3 });
    assert.deepEqual([outcome.bits, target.rejected, executed], [9 * 8 + 1, 1, []]);
  });

  it("too-few-bytes stops before all bytes are written", () => {
    const { outcome, target, executed } = seen({ kind: "too-few-bytes", bytes: 2 });
    assert.deepEqual([outcome.kind, outcome.bits, executed], ["abandoned", 9 * 3 + 1, []]);
    assert.equal(target.rejected, 1);
  });

  it("a count that differs from the number of bytes: the target follows the count", () => {
    const block = protocols.writeBlock(at(0x81, false), BLOCK);
    const short = seen({ kind: "wrong-count", count: 1 }, block);
    assert.deepEqual([short.outcome.kind, short.executed], ["nack", []]);
    const long = seen({ kind: "wrong-count", count: 9 }, block);
    assert.deepEqual([long.outcome.kind, long.executed, long.target.rejected], ["ok", [], 1]);
  });

  it("nack-early refuses a byte before the last one of a read", () => {
    const { outcome } = seen({ kind: "nack-early", bytes: 1 }, protocols.readBlock(at(0x82)));
    assert.deepEqual([outcome.kind, outcome.bits], ["abandoned", 9 * 5 + 2]);
  });
});
