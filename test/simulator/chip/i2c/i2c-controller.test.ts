/**
 * The controller side of the I2C peripheral (datasheet 4.3): its transfers, as a recorder sees them on the
 * bus and an independent target answers them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RESETS } from "../../../../simulator/chip/clocks/resets.ts";
import {
  ABRT_7B_ADDR_NOACK,
  ABRT_TXDATA_NOACK,
  ABRT_USER_ABRT,
  ARB_LOST,
  IC_CON_10BITADDR_MASTER,
  IC_CON_MASTER_MODE,
  IC_CON_RESTART_EN,
  IC_CON_RX_FIFO_FULL_HLD_CTRL,
  IC_CON_SLAVE_DISABLE,
  IC_CON_SPEED_SHIFT,
  IC_CON_TX_EMPTY_CTRL,
  IC_DATA_CMD_CMD,
  IC_DATA_CMD_FIRST_DATA_BYTE,
  IC_DATA_CMD_RESTART,
  IC_DATA_CMD_STOP,
  IC_STATUS_ACTIVITY,
  IC_STATUS_MST_ACTIVITY,
} from "../../../../simulator/chip/i2c/i2c-registers.ts";
import { ALIAS_SET, PERIPHERALS, resetMask } from "../../../../simulator/chip/peripherals.ts";
import { type I2cResponder, I2cTargetLines } from "../../../../simulator/devices/i2c-target-lines.ts";
import { PlainTarget } from "../../../../simulator/devices/smbus/target.ts";
import { Bench, CYCLE, INTR, type Register } from "./i2c-bus.ts";
import { BusRecorder } from "./i2c-recorder.ts";

const READ = IC_DATA_CMD_CMD;
const STOP = IC_DATA_CMD_STOP;
const RESTART = IC_DATA_CMD_RESTART;
const FIRST = IC_DATA_CMD_FIRST_DATA_BYTE;
const RESTART_EN = IC_CON_RESTART_EN;
/** Fast mode, controller on, target off. */
const CONTROLLER = IC_CON_MASTER_MODE | (2 << IC_CON_SPEED_SHIFT) | IC_CON_SLAVE_DISABLE;
const ADDRESS = 0x18;
const MST_ACTIVITY = IC_STATUS_MST_ACTIVITY | IC_STATUS_ACTIVITY;
const ABRT = {
  ADDR_NOACK: ABRT_7B_ADDR_NOACK,
  TXDATA_NOACK: ABRT_TXDATA_NOACK,
  ARB_LOST,
  USER: ABRT_USER_ABRT,
};

/** Bytes written to it, and those it gives, counting up. */
class Memory implements I2cResponder {
  readonly written: number[] = [];
  next = 0x50;
  present = true;
  accepts = Number.POSITIVE_INFINITY;

  addressed(address: number): boolean {
    return this.present && address === ADDRESS;
  }

  received(byte: number): boolean {
    if (this.written.length >= this.accepts) return false;
    this.written.push(byte);
    return true;
  }

  send(): number {
    return this.next++;
  }
}

class Rig extends Bench {
  readonly memory = new Memory();
  readonly target: I2cTargetLines;
  readonly bus: BusRecorder;

  /** 400 kHz at 125 MHz by datasheet 4.3.14: high 75 + 6 + 7, low 223 + 1 cycles. */
  constructor(
    control = CONTROLLER | RESTART_EN | IC_CON_TX_EMPTY_CTRL,
    more: Partial<Record<Register, number>> = {},
  ) {
    super();
    const [sda, scl] = [this.pin(6), this.pin(7)];
    this.target = new I2cTargetLines({ clock: this.chip, sda, scl, name: "memory", responder: this.memory });
    this.bus = new BusRecorder(sda, scl, () => this.chip.nanos);
    this.put("FS_SPKLEN", 6);
    this.put("FS_SCL_HCNT", 75);
    this.put("FS_SCL_LCNT", 223);
    this.put("SDA_HOLD", 38);
    this.put("TAR", ADDRESS);
    this.enable(control, more);
  }

  commands(...commands: number[]): void {
    for (const command of commands) this.put("DATA_CMD", command);
  }

  /** Runs to the end of the transfer, when the peripheral is idle. */
  finish(): void {
    const idle = () => (this.get("STATUS") & MST_ACTIVITY) === 0 && this.get("TXFLR") === 0;
    assert.ok(this.chip.runUntil(idle, this.chip.nanos + 5e6), `the transfer does not end: ${this.bus.text}`);
  }

  run(...commands: number[]): string {
    this.bus.clear();
    this.commands(...commands);
    this.finish();
    return this.bus.text;
  }

  check(): void {
    assert.deepEqual(this.warnings(), []);
  }
}

test("a write: START, address, bytes, STOP", () => {
  const rig = new Rig();
  assert.equal(rig.run(0x10, 0xa5 | STOP), "S 30+ 10+ a5+ P");
  assert.deepEqual(rig.memory.written, [0x10, 0xa5]);
  assert.deepEqual(rig.raw(), ["ACTIVITY", "STOP_DET", "START_DET"]);
  rig.check();
});

test("a read acknowledges every byte but the last", () => {
  const rig = new Rig();
  assert.equal(rig.run(READ, READ, READ | STOP), "S 31+ 50+ 51+ 52- P");
  assert.deepEqual(rig.drain(), [0x50 | FIRST, 0x51, 0x52]);
  rig.check();
});

test("a change of direction is a repeated START; RESTART asks for one without", () => {
  const rig = new Rig();
  assert.equal(rig.run(0x10, READ, READ | STOP), "S 30+ 10+ Sr 31+ 50+ 51- P");
  assert.deepEqual(rig.drain(), [0x50 | FIRST, 0x51]);
  assert.equal(
    rig.run(0x01, 0x02 | RESTART, READ, READ | RESTART | STOP),
    "S 30+ 01+ Sr 30+ 02+ Sr 31+ 52- Sr 31+ 53- P",
  );
  assert.deepEqual(rig.drain(), [0x52 | FIRST, 0x53 | FIRST]);
  assert.equal(rig.run(0x03 | RESTART | STOP), "S 30+ 03+ P", "with the first one it is the START");
  rig.check();
});

test("without IC_RESTART_EN a STOP and a START stand for it", () => {
  const rig = new Rig(CONTROLLER);
  assert.equal(rig.run(0x10, READ | STOP), "S 30+ 10+ P S 31+ 50- P");
  assert.ok((rig.bus.busFree[0] as number) >= 224 * CYCLE, "tBUF is LCNT");
  rig.check();
});

test("SCL: low LCNT + 1, high HCNT + SPKLEN + 7 cycles (4.3.14.1)", () => {
  const rig = new Rig();
  rig.run(0x55, 0xaa | STOP);
  assert.deepEqual([...new Set(rig.bus.low)], [224 * CYCLE]);
  assert.deepEqual([...new Set(rig.bus.high)].slice(0, 1), [88 * CYCLE]);
  assert.equal(rig.bus.high.length, 27);
  assert.ok(rig.bus.high.every((nanos) => nanos === 88 * CYCLE));
  assert.deepEqual(rig.bus.startHold, [88 * CYCLE], "tHD;STA is HCNT");

  rig.put("ENABLE", 0);
  rig.put("CON", 0x43);
  rig.put("SS_SCL_HCNT", 600);
  rig.put("SS_SCL_LCNT", 640);
  rig.put("ENABLE", 1);
  rig.run(0x55 | STOP);
  assert.deepEqual([...new Set(rig.bus.low)], [641 * CYCLE], "standard speed has counts of its own");
  assert.ok(rig.bus.high.every((nanos) => nanos === 613 * CYCLE));
  rig.check();
});

test("a line that rises late is counted from when it has risen: a target may stretch", () => {
  const rig = new Rig();
  rig.target.stretchNanos = 10_000;
  assert.equal(rig.run(0x10, READ, READ | STOP), "S 30+ 10+ Sr 31+ 50+ 51- P");
  const stretched = rig.bus.low.filter((nanos) => nanos > 224 * CYCLE);
  assert.deepEqual(stretched, [10_000, 10_000, 10_000, 10_000]);
  assert.ok(rig.bus.high.every((nanos) => nanos === 88 * CYCLE));
  rig.check();
});

test("no target at the address: ABRT_7B_ADDR_NOACK, STOP, and nothing until IC_CLR_TX_ABRT is read", () => {
  const rig = new Rig();
  rig.memory.present = false;
  assert.equal(rig.run(1, 2, 3 | STOP), "S 30- P");
  assert.equal(rig.get("TX_ABRT_SOURCE"), ABRT.ADDR_NOACK | (3 << 23));
  assert.equal(rig.has(INTR.TX_ABRT), true);
  assert.equal(rig.has(INTR.TX_EMPTY), true, "flushed");
  rig.check();
  rig.memory.present = true;
  assert.equal(rig.run(4 | STOP), "");
  assert.match(rig.warnings().at(-1) ?? "", /lost until IC_CLR_TX_ABRT is read/);
  rig.get("CLR_TX_ABRT");
  assert.equal(rig.get("TX_ABRT_SOURCE"), 0);
  assert.equal(rig.run(4 | STOP), "S 30+ 04+ P");
});

test("a byte refused: ABRT_TXDATA_NOACK, and STOP", () => {
  const rig = new Rig();
  rig.memory.accepts = 1;
  assert.equal(rig.run(1, 2, 3, 4 | STOP), "S 30+ 01+ 02- P");
  assert.equal(rig.get("TX_ABRT_SOURCE"), ABRT.TXDATA_NOACK | (2 << 23));
  rig.check();
});

test("without a command SCL is held low, and the next command may be anything", () => {
  const rig = new Rig();
  rig.commands(0x10);
  rig.wait(200_000);
  assert.equal(rig.scl, false);
  assert.equal(rig.bus.text, "S 30+ 10+");
  assert.equal(rig.get("STATUS") & MST_ACTIVITY, MST_ACTIVITY);
  rig.commands(READ);
  rig.wait(200_000);
  assert.equal(rig.bus.text, "S 30+ 10+ Sr 31+", "in front of the acknowledge of the byte it has");
  assert.deepEqual(rig.drain(), [0x50 | FIRST]);
  rig.commands(READ);
  rig.wait(200_000);
  assert.equal(rig.bus.text, "S 30+ 10+ Sr 31+ 50+");
  assert.equal(rig.run(0x20 | STOP), "51- Sr 30+ 20+ P");
  assert.deepEqual(rig.drain(), [0x51]);
  assert.ok(rig.bus.low.every((nanos) => nanos >= 224 * CYCLE));
  rig.check();
});

test("TX_EMPTY with TX_EMPTY_CTRL: only once the byte is out", () => {
  const rig = new Rig();
  rig.commands(0x10);
  const sent = () => rig.has(INTR.TX_EMPTY);
  assert.equal(sent(), false);
  assert.ok(rig.chip.runUntil(sent, rig.chip.nanos + 100_000));
  assert.equal(rig.bus.text, "S 30+ 10+");
  const plain = new Rig(CONTROLLER | RESTART_EN);
  plain.commands(0x10);
  assert.ok(plain.chip.runUntil(() => plain.has(INTR.TX_EMPTY), plain.chip.nanos + 100_000));
  assert.equal(plain.bus.text, "S 30+", "as soon as the FIFO is empty");
});

test("the receive FIFO full: held where asked for, else the byte is lost", () => {
  const reads = Array<number>(16).fill(READ);
  const rig = new Rig(CONTROLLER | RESTART_EN | IC_CON_RX_FIFO_FULL_HLD_CTRL);
  rig.commands(...reads);
  rig.wait(300_000);
  rig.commands(READ, READ | STOP);
  rig.wait(1_000_000);
  assert.equal(rig.scl, false);
  assert.equal(rig.get("RXFLR"), 16);
  assert.equal(rig.drain().length, 16);
  rig.finish();
  assert.deepEqual(rig.drain(), [0x60, 0x61]);
  assert.equal(rig.has(INTR.RX_OVER), false);

  const lossy = new Rig(CONTROLLER | RESTART_EN);
  lossy.commands(...reads);
  lossy.wait(300_000);
  lossy.commands(READ | STOP);
  lossy.finish();
  assert.equal(lossy.has(INTR.RX_OVER), true);
  assert.equal(lossy.drain().at(-1), 0x5f);
});

test("arbitration lost: both lines let go of at once, no STOP, and the bus is another's until its STOP", () => {
  const rig = new Rig();
  rig.commands(0x10, 0xff, 0xff | STOP);
  assert.ok(rig.chip.runUntil(() => rig.bus.text === "S 30+ 10+", rig.chip.nanos + 200_000));
  rig.data(false);
  assert.ok(rig.chip.runUntil(() => rig.has(INTR.TX_ABRT), rig.chip.nanos + 100_000));
  assert.equal(rig.get("TX_ABRT_SOURCE") & 0x1ffff, ABRT.ARB_LOST);
  assert.equal(rig.get("STATUS") & MST_ACTIVITY, 0);
  assert.equal(rig.scl, true);
  rig.get("CLR_TX_ABRT");
  rig.commands(0x42 | STOP);
  rig.wait(100_000);
  assert.equal(rig.bus.text, "S 30+ 10+", "waits for a STOP");
  rig.data(true);
  rig.chip.runUntil(() => (rig.get("STATUS") & MST_ACTIVITY) !== 0, rig.chip.nanos + 100_000);
  rig.finish();
  assert.equal(rig.bus.text, "S 30+ 10+ P S 30+ 42+ P");
  rig.check();
});

test("SDA held low from the beginning: the first bit that is a one is lost", () => {
  const rig = new Rig();
  rig.target.holdSda();
  rig.commands(0x10 | STOP);
  assert.ok(rig.chip.runUntil(() => rig.has(INTR.TX_ABRT), rig.chip.nanos + 100_000));
  assert.equal(rig.get("TX_ABRT_SOURCE") & 0x1ffff, ABRT.ARB_LOST);
  rig.check();
});

test("SDA held at a repeated START is arbitration lost; at a STOP the controller waits for it to rise", () => {
  const rig = new Rig();
  rig.commands(0x10);
  rig.wait(100_000);
  rig.data(false);
  rig.commands(READ | STOP);
  assert.ok(rig.chip.runUntil(() => rig.has(INTR.TX_ABRT), rig.chip.nanos + 100_000));
  assert.equal(rig.get("TX_ABRT_SOURCE") & 0x1ffff, ABRT.ARB_LOST);
  rig.data(true);
  rig.get("CLR_TX_ABRT");
  rig.wait(10_000);

  rig.bus.clear();
  rig.commands(0x10 | STOP);
  assert.ok(rig.chip.runUntil(() => rig.bus.text === "S 30+ 10+", rig.chip.nanos + 200_000));
  rig.data(false);
  rig.wait(100_000);
  assert.deepEqual([rig.bus.text, rig.get("STATUS") & MST_ACTIVITY], ["S 30+ 10+", MST_ACTIVITY]);
  rig.data(true);
  rig.finish();
  assert.equal(rig.bus.text, "S 30+ 10+ P");
  rig.check();
});

test("with the SMBus target, which has nothing to do with either: a word written and read with its PEC", () => {
  const rig = new Rig();
  const [sda, scl] = [rig.pin(6), rig.pin(7)];
  const target = new PlainTarget({ clock: rig.chip, sda, scl, address: 0x2a, stretchNanos: 20_000 });
  rig.put("ENABLE", 0);
  rig.put("TAR", 0x2a);
  rig.put("ENABLE", 1);
  rig.run(0x40, 0x12, 0x34 | STOP);
  assert.deepEqual(target.executed, ["write 0x40 of 2"]);
  // CRC-8 of 54 40 55 12 34 with polynomial 07h.
  assert.equal(rig.run(0x40, READ, READ, READ | STOP), "S 54+ 40+ Sr 55+ 12+ 34+ fb- P");
  assert.deepEqual(rig.drain(), [0x12 | FIRST, 0x34, 0xfb]);
  rig.check();
});

test("SCL held low: nothing happens, for as long as it lasts", () => {
  const rig = new Rig();
  rig.clock(false);
  rig.wait(1_000);
  rig.commands(0x10 | STOP);
  rig.wait(1_000_000);
  assert.equal(rig.bus.text, "");
  assert.equal(rig.get("TXFLR"), 1);
  rig.clock(true);
  rig.wait(10_000);
  rig.finish();
  assert.equal(rig.bus.text, "S 30+ 10+ P");
});

test("IC_ENABLE.ABORT: STOP after the byte under way, ABRT_USER_ABRT", () => {
  const rig = new Rig();
  rig.commands(1, 2, 3, 4 | STOP);
  assert.ok(rig.chip.runUntil(() => rig.bus.text === "S 30+ 01+", rig.chip.nanos + 200_000));
  rig.wait(5_000);
  rig.put("ENABLE", 3);
  assert.equal(rig.get("ENABLE"), 3);
  rig.finish();
  assert.equal(rig.get("ENABLE"), 1);
  assert.equal(rig.bus.text, "S 30+ 01+ 02+ P");
  assert.equal(rig.get("TX_ABRT_SOURCE"), ABRT.USER | (2 << 23));
  rig.get("CLR_TX_ABRT");

  rig.bus.clear();
  rig.commands(READ);
  rig.wait(200_000);
  rig.drain();
  rig.put("ENABLE", 3);
  rig.finish();
  assert.equal(rig.bus.text, "S 31+ 50- P", "a byte that waited for its acknowledge gets none");
  rig.put("ENABLE", 3);
  assert.equal(rig.get("ENABLE"), 1, "with nothing to abort it does nothing");
  rig.check();
});

test("disabled in mid-transfer: the byte is finished, STOP, and IC_ENABLE_STATUS tells when", () => {
  const rig = new Rig();
  rig.commands(1, 2, 3 | STOP);
  assert.ok(rig.chip.runUntil(() => rig.bus.text === "S 30+ 01+", rig.chip.nanos + 200_000));
  rig.wait(5_000);
  rig.put("ENABLE", 0);
  assert.deepEqual([rig.get("ENABLE"), rig.get("ENABLE_STATUS")], [0, 1]);
  assert.ok(rig.chip.runUntil(() => rig.get("ENABLE_STATUS") === 0, rig.chip.nanos + 200_000));
  assert.equal(rig.bus.text, "S 30+ 01+ 02+ P");
  rig.put("ENABLE", 1);
  assert.equal(rig.run(7 | STOP), "S 30+ 07+ P");
  rig.check();
});

test("disabled for a moment while SCL is held, IC_TAR changed: the transfer goes on (pico-sdk relies on it)", () => {
  const rig = new Rig();
  rig.commands(0x10);
  rig.wait(100_000);
  rig.put("ENABLE", 0);
  rig.put("TAR", ADDRESS);
  rig.put("ENABLE", 1);
  assert.equal(rig.run(READ | STOP | RESTART), "Sr 31+ 50- P");
  rig.commands(0x11);
  rig.wait(100_000);
  rig.put("ENABLE", 0);
  rig.finish();
  assert.equal(rig.bus.text, "Sr 31+ 50- P S 30+ 11+ P", "for longer, it ends with a STOP");
  rig.check();
});

test("a reset lets go of both lines", () => {
  const rig = new Rig();
  rig.commands(0x10);
  rig.wait(100_000);
  assert.equal(rig.scl, false);
  rig.chip.bus.writeUint32(PERIPHERALS.RESETS.base + RESETS.RESET + ALIAS_SET, resetMask("I2C1"));
  assert.deepEqual([rig.sda, rig.scl], [true, true]);
});

test("what a controller may not be set up with is a strict warning", () => {
  const warned = (control: number, more: Partial<Record<Register, number>>) =>
    new Rig(control, more).warnings().join("; ");
  assert.match(warned(CONTROLLER, { FS_SCL_LCNT: 13 }), /LCNT must be larger/);
  assert.match(warned(0x43, { SS_SCL_HCNT: 11 }), /HCNT must be larger/);
  assert.match(warned(CONTROLLER, { SDA_HOLD: 222 }), /IC_SDA_HOLD/);
  assert.match(warned(CONTROLLER | IC_CON_10BITADDR_MASTER, {}), /ten-bit/);
  assert.match(warned(CONTROLLER, { TAR: 0x818 }), /START bytes/);
  assert.match(warned(0x05, {}), /neither/);
  const rig = new Rig(CONTROLLER, { TAR: 3 });
  rig.run(1 | STOP);
  assert.match(rig.warnings().at(-1) ?? "", /0x3, a reserved address/);
});
