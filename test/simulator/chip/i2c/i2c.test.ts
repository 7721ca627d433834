/** DW_apb_i2c as target (datasheet 4.3): its behaviour on the bus, and its registers afterwards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IC_CON_RX_FIFO_FULL_HLD_CTRL,
  IC_CON_STOP_DET_IFADDRESSED,
  IC_CON_TX_EMPTY_CTRL,
  IC_DATA_CMD_FIRST_DATA_BYTE,
} from "../../../../simulator/chip/i2c/i2c-registers.ts";
import { ADDRESS, Bench, CYCLE, INTR, TARGET } from "./i2c-bus.ts";

const FIRST = IC_DATA_CMD_FIRST_DATA_BYTE;

test("a write to IC_SAR is acknowledged and stored, the first byte marked (FIRST_DATA_BYTE)", () => {
  const bus = Bench.target();
  assert.deepEqual(bus.write(0x12, 0x34, 0xff), [true, true, true, true]);
  assert.deepEqual(bus.drain(), [0x12 | FIRST, 0x34, 0xff]);
  assert.deepEqual(bus.raw(), ["ACTIVITY", "STOP_DET", "START_DET"]);
  assert.deepEqual(bus.warnings(), []);
});

test("another address gets no acknowledge, nothing is stored, START and STOP are reported", () => {
  const bus = Bench.target();
  for (const address of [ADDRESS ^ 1, ADDRESS ^ 0x40, 0x7f]) {
    assert.equal(bus.address(address, false), false);
    assert.equal(bus.get("STATUS") & 0x40, 0, "the slave is idle");
    assert.equal(bus.send(0x12), false);
    bus.stop();
  }
  assert.equal(bus.get("RXFLR"), 0);
  assert.deepEqual(bus.raw(), ["ACTIVITY", "STOP_DET", "START_DET"]);
  assert.equal(bus.address(ADDRESS, false), true, "and then it answers to its own");
});

test("a general call is acknowledged unless IC_ACK_GENERAL_CALL says no; a START byte never is", () => {
  const bus = Bench.target();
  assert.equal(bus.address(0, false), true);
  assert.equal(bus.has(INTR.GEN_CALL), true);
  assert.equal(bus.send(0x06), true);
  bus.stop();
  assert.deepEqual(bus.drain(), [0x06 | FIRST]);
  bus.get("CLR_INTR");
  assert.equal(bus.address(0, true), false);
  bus.stop();
  bus.put("ACK_GENERAL_CALL", 0);
  assert.equal(bus.address(0, false), false);
  bus.stop();
  assert.equal(bus.has(INTR.GEN_CALL), false);
});

test("RX_FULL follows the level: set above IC_RX_TL, gone at it", () => {
  const bus = Bench.target(TARGET, { RX_TL: 2 });
  bus.write(1, 2);
  assert.equal(bus.has(INTR.RX_FULL), false);
  bus.write(3);
  assert.equal(bus.has(INTR.RX_FULL), true);
  bus.get("CLR_INTR");
  assert.equal(bus.has(INTR.RX_FULL), true, "not cleared by software");
  assert.equal(bus.get("DATA_CMD"), 1 | FIRST);
  assert.equal(bus.has(INTR.RX_FULL), false);
});

test("without hold control the 17th byte is acknowledged and lost (RX_OVER)", () => {
  const bus = Bench.target();
  bus.write(...Array.from({ length: 16 }, (_, index) => index));
  assert.equal(bus.has(INTR.RX_OVER), false);
  assert.equal(bus.get("STATUS") & 0x18, 0x18, "RFF and RFNE");
  assert.deepEqual(bus.write(0x77), [true, true]);
  assert.equal(bus.has(INTR.RX_OVER), true);
  assert.equal(bus.get("RXFLR"), 16);
  assert.equal(bus.drain()[15], 15);
});

test("with RX_FIFO_FULL_HLD_CTRL the 17th byte holds SCL low until there is room", () => {
  const bus = Bench.target(TARGET | IC_CON_RX_FIFO_FULL_HLD_CTRL);
  bus.write(...Array.from({ length: 16 }, (_, index) => index));
  bus.address(ADDRESS, false);
  bus.bits(0x77);
  let held = 0;
  bus.onHold = () => {
    held++;
    bus.wait(20_000);
    assert.equal(bus.scl, false, "for as long as it takes");
    assert.equal(bus.get("RXFLR"), 16);
    assert.equal(bus.get("DATA_CMD"), FIRST);
    assert.equal(bus.get("RXFLR"), 16, "the byte that waited moved in");
  };
  assert.equal(bus.bit(true), false, "acknowledged");
  assert.equal(held, 1);
  bus.stop();
  assert.equal(bus.has(INTR.RX_OVER), false);
  assert.equal(bus.drain()[15], 0x77 | FIRST);
});

test("IC_SLV_DATA_NACK_ONLY: the address is acknowledged, data bytes are not and are not stored", () => {
  const bus = Bench.target(TARGET, { SLV_DATA_NACK_ONLY: 1 });
  assert.deepEqual(bus.write(0x12), [true, false]);
  assert.equal(bus.get("RXFLR"), 0);
  bus.put("SLV_DATA_NACK_ONLY", 0);
  assert.match(bus.warnings()[0] ?? "", /0x84 while IC_ENABLE is set/);
  assert.deepEqual(bus.write(0x12), [true, false], "writable only while disabled");
});

// ------------------------------------------------------------------- reads

/** Answers each request with the next of `bytes`. */
function answering(bus: Bench, bytes: number[]): () => number {
  let requests = 0;
  bus.onHold = () => {
    assert.equal(bus.has(INTR.RD_REQ), true);
    bus.get("CLR_RD_REQ");
    bus.put("DATA_CMD", bytes[requests++] ?? 0xee);
  };
  return () => requests;
}

test("a read holds SCL low from the 9th clock on and raises RD_REQ there", () => {
  const bus = Bench.target();
  bus.start();
  bus.bits((ADDRESS << 1) | 1);
  bus.data(true);
  bus.wait(950);
  bus.clock(true);
  bus.wait(bus.half);
  assert.equal(bus.sda, false, "acknowledge");
  assert.equal(bus.has(INTR.RD_REQ), false);
  bus.clock(false);
  bus.wait(300);
  assert.equal(bus.has(INTR.RD_REQ), true);
  bus.clock(true);
  bus.wait(1_000_000);
  assert.equal(bus.scl, false, "held for as long as there is no data");
  assert.equal(bus.sda, true);
  bus.get("CLR_RD_REQ");
  assert.equal(bus.has(INTR.RD_REQ), false);
  assert.equal(bus.scl, false, "clearing the interrupt is not the answer");
});

for (const setup of [2, 100, 255]) {
  test(`SCL is let go IC_SDA_SETUP - 1 = ${setup - 1} cycles after the data is on SDA`, () => {
    const bus = Bench.target(TARGET, { SDA_SETUP: setup });
    bus.address(ADDRESS, true);
    bus.clock(true);
    bus.wait(5000);
    const times: [string, boolean, number][] = [];
    bus.pin(6).onChange((level) => times.push(["SDA", level, bus.chip.nanos]));
    bus.pin(7).onChange((level) => times.push(["SCL", level, bus.chip.nanos]));
    const at = bus.chip.nanos;
    bus.put("DATA_CMD", 0x55);
    bus.wait(3000);
    const seen = times.map(([line, level, nanos]) => [line, level, Math.round((nanos - at) / CYCLE)]);
    assert.deepEqual(seen, [
      ["SDA", false, 0],
      ["SCL", true, setup - 1],
    ]);
  });
}

test("a read of several bytes, each asked for; the controller's NACK ends it (RX_DONE)", () => {
  const bus = Bench.target();
  const requests = answering(bus, [0x00, 0xff, 0xa5, 0x81]);
  assert.equal(bus.address(ADDRESS, true), true);
  const bytes = [bus.receive(true), bus.receive(true), bus.receive(true)];
  assert.equal(bus.has(INTR.RX_DONE), false);
  bytes.push(bus.receive(false));
  assert.deepEqual(bytes, [0x00, 0xff, 0xa5, 0x81]);
  assert.equal(requests(), 4);
  assert.equal(bus.has(INTR.RX_DONE), true);
  assert.equal(bus.has(INTR.TX_ABRT | INTR.RD_REQ), false);
  assert.equal(bus.sda, true, "the target has let go");
  bus.stop();
  assert.deepEqual(bus.warnings(), []);
});

test("with data in the FIFO the next byte goes out without RD_REQ and without a hold", () => {
  const bus = Bench.target();
  let requests = 0;
  bus.onHold = () => {
    requests++;
    bus.get("CLR_RD_REQ");
    for (const byte of [0x11, 0x22, 0x33]) bus.put("DATA_CMD", byte);
    assert.equal(bus.get("TXFLR"), 2, "the first is in the shift register");
  };
  bus.address(ADDRESS, true);
  assert.deepEqual([bus.receive(true), bus.receive(true)], [0x11, 0x22]);
  assert.equal(bus.get("TXFLR"), 0);
  assert.equal(bus.has(INTR.RD_REQ), false);
  assert.equal(bus.receive(true), 0x33);
  assert.equal(requests, 1);
  assert.equal(bus.has(INTR.RD_REQ), true, "empty, and the controller wants more");
});

test("a NACK with data left flushes it: TX_ABRT beside RX_DONE, source and count (SLVFLUSH_TXFIFO)", () => {
  const bus = Bench.target();
  bus.onHold = () => {
    for (const byte of [1, 2, 3, 4]) bus.put("DATA_CMD", byte);
  };
  bus.address(ADDRESS, true);
  assert.equal(bus.receive(false), 1);
  assert.equal(bus.has(INTR.RX_DONE), true);
  assert.equal(bus.has(INTR.TX_ABRT), true);
  assert.equal(bus.get("TX_ABRT_SOURCE"), ((3 << 23) | (1 << 13)) >>> 0);
  assert.equal(bus.get("TXFLR"), 0);
  bus.stop();
});

test("data waiting before a read is flushed, and RD_REQ asks for what is meant now", () => {
  const bus = Bench.target();
  bus.put("DATA_CMD", 0xdd);
  let lost = 0;
  bus.onHold = () => {
    assert.equal(bus.has(INTR.TX_ABRT), true);
    assert.equal(bus.has(INTR.RD_REQ), true);
    assert.equal(bus.get("TX_ABRT_SOURCE"), (1 << 23) | (1 << 13));
    bus.put("DATA_CMD", 0x01);
    bus.wait(2000);
    assert.equal(bus.scl, false, "lost until IC_CLR_TX_ABRT is read");
    assert.equal(bus.get("TXFLR"), 0);
    lost++;
    bus.get("CLR_TX_ABRT");
    assert.equal(bus.get("TX_ABRT_SOURCE"), 0);
    assert.equal(bus.has(INTR.TX_ABRT), false);
    bus.put("DATA_CMD", 0x02);
  };
  bus.address(ADDRESS, true);
  assert.equal(bus.receive(false), 0x02);
  assert.equal(lost, 1);
  assert.deepEqual(bus.warnings(), [
    "I2C1: data written after a transmit abort is lost until IC_CLR_TX_ABRT is read",
  ]);
});

test("IC_CLR_INTR clears the abort's flag and source but not the state of the FIFO", () => {
  const bus = Bench.target();
  bus.put("DATA_CMD", 0x100);
  assert.equal(bus.get("TX_ABRT_SOURCE"), 1 << 15);
  bus.get("CLR_INTR");
  assert.equal(bus.get("TX_ABRT_SOURCE"), 0);
  bus.put("DATA_CMD", 1);
  assert.equal(bus.get("TXFLR"), 0);
  bus.get("CLR_TX_ABRT");
  bus.put("DATA_CMD", 1);
  assert.equal(bus.get("TXFLR"), 1);
});

test("a read command from a target is an abort (ABRT_SLVRD_INTX)", () => {
  const bus = Bench.target();
  bus.address(ADDRESS, true);
  bus.put("DATA_CMD", 0x100);
  assert.equal(bus.has(INTR.TX_ABRT), true);
  assert.equal(bus.get("TX_ABRT_SOURCE"), 1 << 15);
  bus.get("CLR_TX_ABRT");
  bus.onHold = () => bus.put("DATA_CMD", 0x5a);
  assert.equal(bus.receive(false), 0x5a, "the controller still waits");
});

test("a transmit abort takes the receive FIFO with it (IC_RXFLR), and bytes until it is cleared", () => {
  const bus = Bench.target();
  bus.write(1, 2);
  bus.put("DATA_CMD", 0x100);
  assert.equal(bus.get("RXFLR"), 0);
  assert.deepEqual(bus.write(3), [true, true]);
  assert.equal(bus.get("RXFLR"), 0);
  bus.get("CLR_TX_ABRT");
  bus.write(4);
  assert.deepEqual(bus.drain(), [4 | FIRST]);
  assert.match(bus.warnings().join("\n"), /receive FIFO holds data.*\n.*received byte lost/);
});

test("SDA low in a bit the target let go of: arbitration lost, it leaves the bus alone", () => {
  const bus = Bench.target();
  bus.onHold = () => {
    for (const byte of [0b1010_1111, 7]) bus.put("DATA_CMD", byte);
  };
  bus.address(ADDRESS, true);
  for (const level of [true, false, true, false]) assert.equal(bus.bit(true), level);
  bus.bit(false);
  assert.equal(bus.has(INTR.TX_ABRT), true);
  const source = (1 << 23) | (1 << 14) | (1 << 12);
  assert.equal(bus.get("TX_ABRT_SOURCE"), source, "ABRT_SLV_ARBLOST, ARB_LOST, one byte flushed");
  for (let bit = 0; bit < 12; bit++) assert.equal(bus.bit(true), true);
  assert.equal(bus.has(INTR.RX_DONE), false);
  bus.stop();
  assert.equal(bus.address(ADDRESS, false), true, "there again after the next START");
});

test("arbitration is lost at the rising edge of SCL, without waiting for another look", () => {
  const bus = Bench.target();
  bus.put("INTR_MASK", INTR.TX_ABRT);
  bus.onHold = () => bus.put("DATA_CMD", 0xff);
  bus.address(ADDRESS, true);
  bus.bit(true);
  let pending = false;
  bus.chip.bus.setInterrupt = (_irq, level) => {
    pending = level;
  };
  bus.data(false);
  bus.wait(950);
  bus.clock(true);
  bus.wait(9 * CYCLE);
  assert.equal(pending, false);
  bus.wait(3 * CYCLE);
  assert.equal(pending, true);
});

// ------------------------------------------------------------------- START, RESTART, STOP

test("write, RESTART, read: RESTART_DET with START_DET, FIRST_DATA_BYTE again after each address", () => {
  const bus = Bench.target();
  bus.address(ADDRESS, false);
  bus.send(0x8b);
  assert.equal(bus.has(INTR.RESTART_DET), false);
  bus.get("CLR_START_DET");
  bus.onHold = () => bus.put("DATA_CMD", 0x42);
  assert.equal(bus.address(ADDRESS, true), true);
  assert.equal(bus.has(INTR.RESTART_DET), true);
  assert.equal(bus.has(INTR.START_DET), true);
  assert.equal(bus.has(INTR.STOP_DET), false);
  assert.equal(bus.receive(false), 0x42);
  bus.address(ADDRESS, false);
  bus.send(0x01);
  bus.send(0x02);
  bus.stop();
  assert.deepEqual(bus.drain(), [0x8b | FIRST, 0x01 | FIRST, 0x02]);
});

test("a RESTART of a transfer with another target is a START only", () => {
  const bus = Bench.target();
  bus.address(ADDRESS + 1, false);
  bus.get("CLR_START_DET");
  bus.start();
  assert.deepEqual(bus.raw(), ["ACTIVITY", "START_DET"]);
});

test("STOP_DET_IFADDRESSED: only a STOP that ends a transfer with this target, no general call", () => {
  const bus = Bench.target(TARGET | IC_CON_STOP_DET_IFADDRESSED);
  for (const [address, expected] of [
    [ADDRESS + 1, false],
    [0, false],
    [ADDRESS, true],
  ] as const) {
    bus.get("CLR_INTR");
    bus.address(address, false);
    bus.stop();
    assert.equal(bus.has(INTR.STOP_DET), expected, `address ${address}`);
    assert.equal(bus.has(INTR.START_DET), true);
  }
  bus.get("CLR_INTR");
  bus.start();
  bus.stop();
  assert.equal(bus.has(INTR.STOP_DET), false, "no address at all");
  const nack = Bench.target(TARGET | IC_CON_STOP_DET_IFADDRESSED);
  nack.onHold = () => nack.put("DATA_CMD", 1);
  nack.address(ADDRESS, true);
  nack.receive(false);
  nack.stop();
  assert.equal(nack.has(INTR.STOP_DET), true, "after a read");
});

for (const [name, act] of [
  ["STOP", (bus: Bench) => bus.stop()],
  ["START", (bus: Bench) => bus.start()],
] as const) {
  test(`a ${name} in mid-byte throws away what there is of the byte`, () => {
    for (let count = 1; count < 8; count++) {
      const bus = Bench.target();
      bus.address(ADDRESS, false);
      bus.send(0x11);
      bus.bits(0x55, count);
      act(bus);
      assert.equal(bus.get("RXFLR"), 1, `${count} bits`);
      if (name === "START") bus.stop();
      assert.deepEqual(bus.write(0x22), [true, true]);
      assert.deepEqual(bus.drain(), [0x11 | FIRST, 0x22 | FIRST]);
    }
  });

  test(`a ${name} in the middle of an address`, () => {
    const bus = Bench.target();
    bus.start();
    bus.bits(ADDRESS << 1, 5);
    act(bus);
    if (name === "START") bus.stop();
    assert.deepEqual(bus.write(0x22), [true, true]);
    assert.deepEqual(bus.drain(), [0x22 | FIRST]);
    assert.deepEqual(bus.warnings(), []);
  });
}

test("a START in mid-read ends it without RX_DONE; a STOP first pulls SDA low, arbitration is lost", () => {
  const bus = Bench.target();
  bus.onHold = () => bus.put("DATA_CMD", 0xff);
  bus.address(ADDRESS, true);
  bus.bit(true);
  bus.start();
  assert.equal(bus.has(INTR.RX_DONE | INTR.TX_ABRT), false);
  assert.equal(bus.send((ADDRESS << 1) | 1), true);
  bus.bit(true);
  bus.stop();
  assert.equal(bus.has(INTR.RX_DONE), false);
  assert.equal(bus.get("TX_ABRT_SOURCE"), (1 << 14) | (1 << 12));
  bus.get("CLR_TX_ABRT");
  assert.deepEqual(bus.write(0x22), [true, true]);
  assert.deepEqual(bus.drain(), [0x22 | FIRST]);
});

test("IC_STATUS and ACTIVITY: the slave is active from START until it is not meant, or STOP", () => {
  const bus = Bench.target();
  assert.equal(bus.get("STATUS"), 0x06);
  bus.start();
  assert.equal(bus.get("STATUS"), 0x47);
  assert.equal(bus.get("CLR_ACTIVITY"), 1);
  assert.equal(bus.has(INTR.ACTIVITY), true, "not while it lasts");
  bus.send(ADDRESS << 1);
  bus.send(1);
  assert.equal(bus.get("STATUS"), 0x4f);
  bus.stop();
  assert.equal(bus.get("STATUS"), 0x0e);
  assert.equal(bus.has(INTR.ACTIVITY), true);
  assert.equal(bus.get("CLR_ACTIVITY"), 1);
  assert.equal(bus.has(INTR.ACTIVITY), false);
});

test("TX_EMPTY by level, and with TX_EMPTY_CTRL only once the shift register is done too", () => {
  const bus = Bench.target(TARGET, { TX_TL: 1 });
  assert.equal(bus.has(INTR.TX_EMPTY), true);
  bus.put("DATA_CMD", 1);
  assert.equal(bus.has(INTR.TX_EMPTY), true, "one, at the threshold");
  bus.put("DATA_CMD", 2);
  assert.equal(bus.has(INTR.TX_EMPTY), false);
  for (const control of [TARGET, TARGET | IC_CON_TX_EMPTY_CTRL]) {
    const busy = Bench.target(control);
    busy.onHold = () => busy.put("DATA_CMD", 1);
    busy.address(ADDRESS, true);
    busy.bit(true);
    assert.equal(busy.has(INTR.TX_EMPTY), control === TARGET);
    for (let bit = 0; bit < 8; bit++) busy.bit(true);
    assert.equal(busy.has(INTR.TX_EMPTY), true);
  }
});
