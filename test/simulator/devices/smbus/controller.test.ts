/**
 * The SMBus controller bit by bit: timing, clock stretching, arbitration between several controllers,
 * recovery of a held bus, and the alert response.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  alertResponse,
  rawMessage,
  readByte,
  readWord,
  sendByte,
  writeByte,
  writeWord,
} from "../../../../simulator/devices/smbus/protocols.ts";
import { busTiming } from "../../../../simulator/devices/smbus/timing.ts";
import { ADDRESS, type Bench, smbusBench } from "./bench.ts";

const TO = { address: ADDRESS, command: 0x11 };
const near = (actual: number, expected: number, what: string, by = 1e-3) =>
  assert.ok(Math.abs(actual - expected) < by, `${what}: ${actual} instead of ${expected} ns`);

/** Times of SCL's edges, falling first. */
function clocks({ scl }: Bench) {
  const falls = scl.changes.filter(({ level }) => !level).map(({ nanos }) => nanos);
  const rises = scl.changes.filter(({ level }) => level).map(({ nanos }) => nanos);
  return { falls, rises };
}

describe("SMBus controller: timing", () => {
  // SMBus 3.2, AC specifications: tHD;STA, tSU;STA, tSU;STO, tBUF, tLOW and tHIGH at least, in ns.
  const MINIMA = [
    { hz: 10_000, startHold: 4000, startSetup: 4700, stopSetup: 4000, busFree: 4700, low: 4700, high: 4000 },
    { hz: 100_000, startHold: 4000, startSetup: 4700, stopSetup: 4000, busFree: 4700, low: 4700, high: 4000 },
    { hz: 250_000, startHold: 600, startSetup: 600, stopSetup: 600, busFree: 1300, low: 1300, high: 600 },
    { hz: 400_000, startHold: 600, startSetup: 600, stopSetup: 600, busFree: 1300, low: 1300, high: 600 },
    { hz: 1_000_000, startHold: 260, startSetup: 260, stopSetup: 260, busFree: 500, low: 500, high: 260 },
  ];

  for (const { hz, ...minima } of MINIMA) {
    it(`at ${hz / 1000} kHz every interval is as the specification requires`, () => {
      const bench = smbusBench({ hz });
      const { sda, controller, transfer } = bench;
      const outcome = transfer(readByte(TO));
      const { falls, rises } = clocks(bench);
      assert.equal(outcome.bits, 38);
      assert.equal(rises.length, 38);
      assert.equal(sda.changes[0]?.nanos, outcome.startNanos);
      near((falls[0] as number) - outcome.startNanos, minima.startHold, "tHD;STA");
      for (let bit = 0; bit < 18; bit++) {
        near((falls[bit + 1] as number) - (falls[bit] as number), 1e9 / hz, `period of bit ${bit}`);
        assert.ok((rises[bit] as number) - (falls[bit] as number) >= minima.low, `tLOW of bit ${bit}`);
        assert.ok((falls[bit + 1] as number) - (rises[bit] as number) >= minima.high, `tHIGH of bit ${bit}`);
      }
      // Clock 18 is the repeated START's.
      const again = sda.changes.find(({ level, nanos }) => !level && nanos > (rises[18] as number));
      near((again?.nanos ?? 0) - (rises[18] as number), minima.startSetup, "tSU;STA");
      near((falls[19] as number) - (again?.nanos ?? 0), minima.startHold, "tHD;STA again");
      near(outcome.endNanos - (rises[37] as number), minima.stopSetup, "tSU;STO");
      const next = controller.begin(sendByte(TO));
      bench.finish([next]);
      assert.ok(next.outcome.startNanos - outcome.endNanos >= minima.busFree - 1e-3, "tBUF");
    });
  }

  it("a transfer that has to wait for tBUF begins exactly then", () => {
    const bench = smbusBench();
    const { controller, finish } = bench;
    const first = controller.begin(sendByte(TO));
    let second: ReturnType<typeof controller.begin> | null = null;
    first.onDone(() => {
      second = controller.begin(sendByte(TO));
    });
    bench.clock.runFor(1);
    const runs = [first, second as unknown as typeof first];
    const [one, two] = finish(runs);
    near((two?.startNanos ?? 0) - (one?.endNanos ?? 0), 4700, "tBUF");
  });

  it("SDA changes 300 ns after SCL fell, and never while SCL is high but for START and STOP", () => {
    for (const hz of [100_000, 400_000, 1_000_000]) {
      const bench = smbusBench({ hz });
      bench.transfer(writeWord({ address: ADDRESS, command: 0x55 }, 0xa55a));
      const { falls, rises } = clocks(bench);
      const inside = bench.sda.changes.slice(1, -1);
      assert.ok(inside.length > 20);
      for (const { nanos } of inside) {
        const bit = falls.filter((fall) => fall <= nanos).length - 1;
        near(nanos - (falls[bit] as number), 300, `SDA in clock ${bit}`);
        assert.ok((rises[bit] as number) - nanos >= 50, "tSU;DAT");
      }
    }
  });

  it("takes any speed from 10 kHz to 1 MHz, and none during a transfer", () => {
    const { controller, finish } = smbusBench();
    for (const hz of [9_999, 1_000_001, Number.NaN]) assert.throws(() => busTiming(hz), RangeError);
    const run = controller.begin(sendByte(TO));
    assert.throws(() => {
      controller.hz = 400_000;
    }, /during a transfer/);
    assert.throws(() => controller.begin(sendByte(TO)), /still under way/);
    assert.throws(() => run.outcome, /still under way/);
    finish([run]);
    controller.hz = 400_000;
    near(controller.timing.low + controller.timing.high, 2500, "period");
  });

  it("repeats a transfer exactly, to the last edge", () => {
    const edges = () => {
      const bench = smbusBench({ hz: 400_000, stretchNanos: 7000 });
      bench.transfer(readWord({ address: ADDRESS, command: 0x41, pec: true }));
      return [bench.sda.changes, bench.scl.changes];
    };
    assert.deepEqual(edges(), edges());
  });
});

describe("SMBus controller: clock stretching", () => {
  it("measures for each clock how long SCL stayed low after the controller let go of it", () => {
    const { target, transfer, controller } = smbusBench();
    target.stretchNanos = 20_000;
    const outcome = transfer(readByte(TO));
    assert.equal(outcome.kind, "ok");
    // SCL is held after the ACK of address, command and second address, in the low periods of clocks 9, 18
    // and 28.
    assert.deepEqual(
      outcome.stretches.map(({ bit }) => bit),
      [9, 18, 28],
    );
    for (const { nanos } of outcome.stretches) near(nanos, 20_000 - controller.timing.low, "stretch");
    near(outcome.largestStretchNanos, 20_000 - controller.timing.low, "largest");
  });

  it("a hold that ends within tLOW does not count as a stretch", () => {
    const { target, transfer } = smbusBench();
    target.stretchNanos = 3000;
    assert.deepEqual(transfer(readByte(TO)).stretches, []);
  });

  it("gives up after 35 ms and lets go of both lines, but waits out a shorter hold", () => {
    const bench = smbusBench();
    const { clock, scl, controller, finish, transfer } = bench;
    const run = controller.begin(writeByte(TO, 0));
    clock.schedule(105_000, () => scl.drive("stuck", false));
    const [outcome] = finish([run]);
    assert.deepEqual([outcome?.kind, outcome?.at, outcome?.bits], ["timeout", "command", 10]);
    // SCL fell for clock 10 at 4 us and 10 periods; the controller let go of it tLOW later.
    const letGo = 4000 + 100_000 + controller.timing.low;
    near((outcome?.endNanos ?? 0) - (outcome?.startNanos ?? 0), letGo + 35e6, "time-out");
    assert.deepEqual([scl.drivers, bench.sda.drivers], [["stuck"], []]);
    scl.drive("stuck", null);
    assert.equal(transfer(readByte(TO)).kind, "ok");
    const second = controller.begin(writeByte(TO, 0));
    clock.schedule(105_000, () => scl.drive("slow", false));
    clock.schedule(24e6, () => scl.drive("slow", null));
    assert.equal(finish([second])[0]?.kind, "ok");
    assert.ok(second.outcome.largestStretchNanos > 23e6);
  });

  it("waits the same time for a bus whose SCL is low before the START", () => {
    const { clock, scl, controller, finish } = smbusBench();
    scl.drive("stuck", false);
    const [outcome] = finish([controller.begin(readByte(TO))]);
    assert.deepEqual([outcome?.kind, outcome?.at, outcome?.bits], ["timeout", "bus", 0]);
    near((outcome?.endNanos ?? 0) - (outcome?.startNanos ?? 0), 35e6, "time-out");
    const run = controller.begin(readByte(TO));
    clock.schedule(10e6, () => scl.drive("stuck", null));
    assert.equal(finish([run])[0]?.kind, "ok");
  });
});

describe("SMBus controller: several of them", () => {
  it("two begin at once: the lower message wins unharmed, the other lets go where they differ", () => {
    const bench = smbusBench();
    const other = bench.newController("other");
    const runs = [
      bench.controller.begin(writeByte(TO, 0b0101_1111)),
      other.begin(writeByte(TO, 0b0101_0111)),
    ];
    const [lost, won] = bench.finish(runs);
    // Address and command, 18 clocks, then the fifth bit of the data.
    assert.deepEqual([lost?.kind, lost?.at, lost?.bits], ["arbitration-lost", "data", 18 + 5]);
    assert.deepEqual([won?.kind, won?.bits], ["ok", 28]);
    assert.deepEqual([...(bench.target.registers[0x11] as Uint8Array)], [0b0101_0111]);
    assert.deepEqual(bench.target.executed, ["write 0x11 of 1"]);
  });

  it("two at different speeds follow the slower low and the faster high period", () => {
    const bench = smbusBench({ hz: 100_000 });
    const other = bench.newController("other", 400_000);
    const runs = [bench.controller.begin(writeByte(TO, 0x55)), other.begin(writeByte(TO, 0x55))];
    const [slow, fast] = bench.finish(runs);
    assert.deepEqual([slow?.kind, fast?.kind], ["ok", "ok"]);
    const { falls, rises } = clocks(bench);
    near((rises[3] as number) - (falls[3] as number), busTiming(100_000).low, "low");
    near((falls[4] as number) - (rises[3] as number), busTiming(400_000).high, "high");
    assert.ok((fast?.stretches.length ?? 0) > 20, "the faster one sees stretching");
  });

  it("one that comes later waits for the STOP and tBUF", () => {
    const bench = smbusBench();
    const other = bench.newController("other");
    const first = bench.controller.begin(writeByte(TO, 1));
    bench.clock.runFor(0.1);
    const second = other.begin(writeByte(TO, 2));
    const [one, two] = bench.finish([first, second]);
    assert.deepEqual([one?.kind, two?.kind], ["ok", "ok"]);
    near((two?.startNanos ?? 0) - (one?.endNanos ?? 0), 4700, "tBUF");
    assert.deepEqual([...(bench.target.registers[0x11] as Uint8Array)], [2]);
  });

  it("one that vanished blocks the bus for 50 us after its last edge", () => {
    const bench = smbusBench();
    const other = bench.newController("other");
    const gone = bench.controller.begin(writeByte(TO, 1), { kind: "vanish", bit: 20 });
    let next = gone;
    gone.onDone(() => {
      next = other.begin(readByte(TO));
    });
    bench.clock.runFor(1);
    assert.deepEqual([gone.outcome.kind, next.outcome.kind], ["abandoned", "ok"]);
    near(gone.outcome.endNanos, 4000 + 20 * 10_000 + bench.controller.timing.low, "SCL's last edge");
    near(next.outcome.startNanos - gone.outcome.endNanos, 50_000, "bus idle");
  });
});

describe("SMBus controller: SDA while SCL is high", () => {
  it("counts the edges there that are not its own, in the middle of a message", () => {
    const { clock, sda, controller, finish } = smbusBench();
    // 0x42 begins with a one. Noise pulls it low and lets go again in its high part, which ends a period
    // after tHD;STA.
    const run = controller.begin(rawMessage(ADDRESS, [0x11, 1]));
    clock.schedule(4000 + 8000, () => sda.drive("noise", false));
    clock.schedule(4000 + 9000, () => sda.drive("noise", null));
    assert.equal(finish([run])[0]?.disturbances, 2);
  });
});

describe("SMBus controller: a target that holds SDA", () => {
  it("clocks until SDA is free, then STOP, and the transfer goes ahead", () => {
    const bench = smbusBench();
    const { target, transfer, clock, scl, sda } = bench;
    target.registers[0x11] = Uint8Array.of(0x10);
    // The controller vanishes in the first data bit of the read. The target sends zeros up to the fourth bit,
    // which is a one.
    transfer(readByte(TO), { kind: "vanish", bit: 28 });
    clock.runFor(1);
    assert.deepEqual([scl.level, sda.level], [true, false]);
    const from = scl.changes.length;
    const outcome = transfer(readByte(TO));
    assert.deepEqual([outcome.kind, [...outcome.data], outcome.bits], ["ok", [0x10], 38]);
    const rises = scl.changes.slice(from).filter(({ level }) => level).length;
    // The clock at which the controller vanished was the first bit. The third clock after it is free for a
    // STOP.
    assert.equal(rises - 38, 3);
  });

  it("sends at most nine clocks, and the transfer fails if SDA is still low after them", () => {
    const { clock, sda, scl, transfer } = smbusBench();
    sda.drive("short", false);
    clock.runFor(1);
    const outcome = transfer(readByte(TO));
    assert.deepEqual([outcome.kind, outcome.at, outcome.bits], ["timeout", "bus", 0]);
    assert.equal(scl.changes.filter(({ level }) => level).length, 9);
    sda.drive("short", null);
    assert.equal(transfer(readByte(TO)).kind, "ok");
  });
});

describe("SMBus alert response", () => {
  for (const pec of [false, true]) {
    it(`${pec ? "with" : "without"} PEC: the lowest address answers and lets go, then the next`, () => {
      const { alert, target, newTarget, transfer } = smbusBench();
      const lower = newTarget(0x23);
      newTarget(0x10);
      assert.deepEqual([transfer(alertResponse({ pec })).kind, alert.level], ["nack", true]);
      target.raiseAlert();
      lower.raiseAlert();
      assert.equal(alert.level, false);
      const first = transfer(alertResponse({ pec }));
      assert.deepEqual([first.kind, [...first.data]], ["ok", [0x23 << 1]]);
      assert.deepEqual([lower.alerting, target.alerting, alert.level], [false, true, false]);
      const second = transfer(alertResponse({ pec }));
      assert.deepEqual([second.kind, [...second.data]], ["ok", [ADDRESS << 1]]);
      assert.equal(alert.level, true);
      assert.equal(transfer(alertResponse({ pec })).kind, "nack");
      assert.equal(transfer(rawMessage(0x23, [0x11, 4])).kind, "ok");
    });
  }
});
