/** I2C registers: reset values, locks, interrupts and their clear registers, enabling (datasheet 4.3.17). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PPB } from "../../../../simulator/chip/core/ppb.ts";
import {
  I2C,
  IC_CON_10BITADDR_SLAVE,
  IC_CON_RX_FIFO_FULL_HLD_CTRL,
  IC_CON_SLAVE_DISABLE,
  IC_DATA_CMD_FIRST_DATA_BYTE,
} from "../../../../simulator/chip/i2c/i2c-registers.ts";
import { ALIAS_SET, PERIPHERALS, PPB_BASE } from "../../../../simulator/chip/peripherals.ts";
import { result } from "../program.ts";
import { ADDRESS, Bench, INTR, type Register, TARGET } from "./i2c-bus.ts";

const FIRST = IC_DATA_CMD_FIRST_DATA_BYTE;
const { base } = PERIPHERALS.I2C1;
/** Between IC_FS_SPKLEN and IC_CLR_RESTART_DET there is no register. */
const UNKNOWN = 0xa4;
const INTERRUPT = 1 << PERIPHERALS.I2C1.interrupts[0];

test("reset values, and registers that take part of what is written", () => {
  const bus = new Bench();
  const reset: [Register, number][] = [
    ["CON", 0x65],
    ["TAR", 0x55],
    ["SAR", 0x55],
    ["SS_SCL_HCNT", 0x28],
    ["FS_SCL_LCNT", 0x0d],
    ["INTR_STAT", 0],
    ["INTR_MASK", 0x8ff],
    ["RAW_INTR_STAT", 0],
    ["ENABLE", 0],
    ["STATUS", 6],
    ["TXFLR", 0],
    ["RXFLR", 0],
    ["SDA_HOLD", 1],
    ["TX_ABRT_SOURCE", 0],
    ["SDA_SETUP", 0x64],
    ["ACK_GENERAL_CALL", 1],
    ["ENABLE_STATUS", 0],
    ["FS_SPKLEN", 7],
    ["COMP_PARAM_1", 0],
    ["COMP_VERSION", 0x3230_312a],
    ["COMP_TYPE", 0x4457_0140],
  ];
  for (const [name, value] of reset) assert.equal(bus.get(name), value, name);
  const written: [Register, number, number][] = [
    ["CON", 0xffff_ff04, 0x304],
    ["CON", 0x00, 0x04],
    ["CON", 0x06, 0x04],
    ["CON", 0x02, 0x02],
    ["FS_SPKLEN", 0, 1],
    ["RX_TL", 0xff, 16],
    ["TX_TL", 17, 16],
    ["SS_SCL_HCNT", 0, 6],
    ["FS_SCL_LCNT", 0, 8],
    ["INTR_MASK", 0xffff_ffff, 0x1fff],
  ];
  for (const [name, value, expected] of written) {
    bus.put(name, value);
    assert.equal(bus.get(name), expected, `${name} after ${value}`);
  }
  assert.deepEqual(bus.warnings(), []);
});

test("configuration is locked while IC_ENABLE is set", () => {
  const bus = Bench.target();
  for (const name of ["CON", "TAR", "SAR", "SDA_HOLD", "SDA_SETUP", "FS_SPKLEN", "SS_SCL_HCNT"] as const) {
    const before = bus.get(name);
    bus.put(name, before ^ 2);
    assert.equal(bus.get(name), before, name);
    assert.match(bus.warnings().at(-1) ?? "", /while IC_ENABLE is set has no effect/);
  }
  bus.put("ENABLE", 0);
  bus.put("SAR", 0x33);
  assert.equal(bus.get("SAR"), 0x33);
});

test("what is not modelled or not wise is a strict warning", () => {
  const bus = new Bench();
  const warned = (pattern: RegExp) => assert.match(bus.warnings().at(-1) ?? "", pattern);
  bus.put("ENABLE", 1);
  warned(/neither a target nor a controller|IC_SDA_HOLD|CNT must/);
  bus.put("ENABLE", 0);
  bus.put("CON", TARGET | IC_CON_10BITADDR_SLAVE);
  bus.put("ENABLE", 1);
  warned(/ten-bit/);
  bus.put("ENABLE", 0);
  bus.put("CON", TARGET);
  bus.put("SAR", 0x78);
  bus.put("ENABLE", 1);
  warned(/0x78, a reserved address/);
  bus.put("ENABLE", 5);
  warned(/TX_CMD_BLOCK/);
  bus.put("ENABLE", 0);
  bus.put("DATA_CMD", 1);
  warned(/while IC_ENABLE is clear is lost/);
  bus.put("SDA_SETUP", 1);
  warned(/minimum of 2/);
  bus.put("DMA_CR", 2);
  warned(/DMA/);
  bus.put("STATUS", 0);
  warned(/read-only register 0x70/);
  const total = bus.chip.log.total;
  bus.chip.bus.writeUint32(base + UNKNOWN, 0);
  warned(/unknown register 0xa4/);
  assert.equal(bus.chip.log.total, total + 1);
});

test("atomic aliases read without side effects (datasheet 2.1.2)", () => {
  const bus = Bench.target();
  bus.write(1, 2);
  bus.chip.bus.writeUint32(base + ALIAS_SET + I2C.IC_DATA_CMD, 0x55);
  assert.deepEqual([bus.get("RXFLR"), bus.get("TXFLR")], [2, 1]);
  bus.chip.bus.writeUint32(base + ALIAS_SET + I2C.IC_CLR_STOP_DET, 1);
  assert.equal(bus.has(INTR.STOP_DET), true);
  bus.chip.bus.writeUint32(base + ALIAS_SET + I2C.IC_INTR_MASK, INTR.STOP_DET);
  assert.equal(bus.get("INTR_MASK"), 0x8ff | INTR.STOP_DET);
});

/** How each interrupt that software clears comes about, with the register that clears it. */
const CAUSES: [keyof typeof INTR, Register, (bus: Bench) => void][] = [
  ["RX_UNDER", "CLR_RX_UNDER", (bus) => bus.get("DATA_CMD")],
  ["RX_OVER", "CLR_RX_OVER", (bus) => bus.write(...new Array(17).fill(0))],
  [
    "TX_OVER",
    "CLR_TX_OVER",
    (bus) => {
      for (let byte = 0; byte < 17; byte++) bus.put("DATA_CMD", byte);
    },
  ],
  ["RD_REQ", "CLR_RD_REQ", (bus) => bus.address(ADDRESS, true)],
  ["TX_ABRT", "CLR_TX_ABRT", (bus) => bus.put("DATA_CMD", 0x100)],
  [
    "RX_DONE",
    "CLR_RX_DONE",
    (bus) => {
      bus.address(ADDRESS, true);
      bus.put("DATA_CMD", 1);
      bus.receive(false);
    },
  ],
  ["ACTIVITY", "CLR_ACTIVITY", (bus) => bus.write(1)],
  ["STOP_DET", "CLR_STOP_DET", (bus) => bus.write(1)],
  ["START_DET", "CLR_START_DET", (bus) => bus.start()],
  ["GEN_CALL", "CLR_GEN_CALL", (bus) => bus.address(0, false)],
  [
    "RESTART_DET",
    "CLR_RESTART_DET",
    (bus) => {
      bus.address(ADDRESS, false);
      bus.start();
    },
  ],
];

for (const [name, register, cause] of CAUSES) {
  test(`${name}: raised, masked and unmasked, cleared by IC_${register} alone and by IC_CLR_INTR`, () => {
    const bus = Bench.target(TARGET, { INTR_MASK: 0 });
    cause(bus);
    const bit = INTR[name];
    assert.equal(bus.has(bit), true);
    assert.equal(bus.get("INTR_STAT"), 0, "masked");
    assert.equal(interruptLine(bus), false);
    bus.put("INTR_MASK", bit);
    assert.equal(bus.get("INTR_STAT"), bit);
    assert.equal(interruptLine(bus), true);
    for (const [, other] of CAUSES) if (other !== register) bus.get(other);
    assert.equal(bus.has(bit), true, "not by the others");
    assert.equal(bus.get(register), 1);
    assert.equal(bus.has(bit), false);
    assert.equal(interruptLine(bus), false);
    const again = Bench.target();
    cause(again);
    again.get("CLR_INTR");
    assert.equal(again.has(bit), false);
  });
}

/** IRQ 24 pending at the core (NVIC_ISPR): asserted, as long as nothing serves it. */
function interruptLine(bus: Bench): boolean {
  bus.chip.bus.writeUint32(PPB_BASE + PPB.NVIC_ICPR, INTERRUPT);
  return (bus.chip.bus.readUint32(PPB_BASE + PPB.NVIC_ISPR) & INTERRUPT) !== 0;
}

test("an interrupt handler on the core receives a byte, a STOP and answers a read", () => {
  const bus = new Bench(
    `
  ldr r0, =I2C1
  movs r1, #4
  str r1, [r0]
  movs r1, #${ADDRESS}
  str r1, [r0, #I2C.IC_SAR]
  ldr r1, =${INTR.RX_FULL | INTR.RD_REQ | INTR.STOP_DET}
  str r1, [r0, #I2C.IC_INTR_MASK]
  movs r1, #1
  str r1, [r0, #I2C.IC_ENABLE]
  put results, 0
  put results + 4, 0
  put PPB + PPB.NVIC_ISER, 1 << IRQ.I2C1
`,
    `
  .thumb_func
irq:
  ldr r0, =I2C1
  ldr r2, =results
  ldr r1, [r0, #I2C.IC_INTR_STAT]
  lsrs r3, r1, #3
  bcc 1f
  ldr r3, [r0, #I2C.IC_DATA_CMD]
  strb r3, [r2]
1: lsrs r3, r1, #6
  bcc 2f
  ldr r3, [r0, #I2C.IC_CLR_RD_REQ]
  ldrb r3, [r2]
  mvns r3, r3
  uxtb r3, r3
  str r3, [r0, #I2C.IC_DATA_CMD]
2: lsrs r3, r1, #10
  bcc 3f
  ldr r3, [r0, #I2C.IC_CLR_STOP_DET]
  ldr r3, [r2, #4]
  adds r3, #1
  str r3, [r2, #4]
3: bx lr
`,
  );
  bus.onHold = () => {};
  bus.write(0x5a);
  assert.equal(result(bus.chip) & 0xff, 0x5a);
  bus.address(ADDRESS, false);
  bus.send(0x0f);
  bus.address(ADDRESS, true);
  assert.equal(bus.receive(false), 0xf0);
  bus.stop();
  assert.equal(result(bus.chip, 1), 2, "two STOPs");
  assert.deepEqual(bus.warnings(), []);
});

test("an interrupt comes at its event on the bus, not at the next access to a register", () => {
  const wanted: [string, number, (bus: Bench) => void][] = [
    ["START", INTR.START_DET, (bus) => bus.data(false)],
    [
      "byte",
      INTR.RX_FULL,
      (bus) => {
        bus.address(ADDRESS, false);
        bus.bits(0x12);
      },
    ],
    ["request", INTR.RD_REQ, (bus) => bus.address(ADDRESS, true)],
    ["general call", INTR.GEN_CALL, (bus) => bus.start()],
  ];
  for (const [name, bit, act] of wanted) {
    const bus = Bench.target(TARGET, { INTR_MASK: bit, SDA_HOLD: 100 });
    act(bus);
    if (bit === INTR.GEN_CALL) bus.bits(0);
    bus.wait(200);
    const { bus: systemBus } = bus.chip;
    assert.equal(systemBus.readUint32(PPB_BASE + PPB.NVIC_ISPR) & INTERRUPT, INTERRUPT, name);
  }
});

// ------------------------------------------------------------------- enabling and disabling

test("disabling in mid-transfer: lines let go, FIFOs emptied, IC_ENABLE_STATUS says what was lost", () => {
  const states: [string, number, (bus: Bench) => void][] = [
    ["idle", 0, () => {}],
    ["address", 2, (bus) => bus.start()],
    ["other target", 0, (bus) => bus.address(ADDRESS + 1, false)],
    ["addressed for a write", 2, (bus) => bus.address(ADDRESS, false)],
    [
      "data received",
      6,
      (bus) => {
        bus.address(ADDRESS, false);
        bus.bits(0x12);
      },
    ],
    ["read request", 2, (bus) => bus.address(ADDRESS, true)],
    ["write over", 0, (bus) => bus.write(1)],
  ];
  for (const [name, expected, act] of states) {
    const bus = Bench.target();
    act(bus);
    assert.equal(bus.get("ENABLE_STATUS"), 1, name);
    bus.wait(300);
    bus.put("ENABLE", 0);
    assert.equal(bus.get("ENABLE_STATUS"), expected, name);
    assert.deepEqual([bus.pin(6).chipDrives, bus.pin(7).chipDrives], [null, null], name);
    assert.deepEqual([bus.get("STATUS"), bus.get("RXFLR"), bus.get("RAW_INTR_STAT")], [6, 0, 0], name);
    bus.put("ENABLE", 1);
    assert.equal(bus.get("ENABLE_STATUS"), 1, name);
  }
});

test("a disabled peripheral sees nothing; enabled in mid-transfer it waits for the next START", () => {
  const bus = Bench.target();
  bus.put("ENABLE", 0);
  assert.equal(bus.address(ADDRESS, false), false);
  bus.bits(0x10, 4);
  bus.put("ENABLE", 1);
  bus.bits(0x12, 4);
  assert.equal(bus.bit(true), true);
  assert.equal(bus.send(0x33), false);
  bus.stop();
  assert.deepEqual(bus.raw(), ["STOP_DET"]);
  assert.deepEqual(bus.write(0x44), [true, true]);
  assert.deepEqual(bus.drain(), [0x44 | FIRST]);
});

test("with the slave disabled nothing is acknowledged, conditions are still seen", () => {
  const bus = Bench.target(TARGET | IC_CON_SLAVE_DISABLE);
  assert.deepEqual(bus.write(0x44), [false, false]);
  assert.deepEqual(bus.raw(), ["STOP_DET", "START_DET"]);
});

test("disabling while the receive FIFO makes a sender wait lets the sender go on, unheard", () => {
  const bus = Bench.target(TARGET | IC_CON_RX_FIFO_FULL_HLD_CTRL);
  bus.address(ADDRESS, false);
  for (let byte = 0; byte < 16; byte++) bus.send(byte);
  bus.bits(0x77);
  bus.onHold = () => bus.put("ENABLE", 0);
  assert.equal(bus.bit(true), true, "not acknowledged");
  assert.equal(bus.get("ENABLE_STATUS"), 6);
});

test("disabling ends an abort's hold on the FIFO", () => {
  const bus = Bench.target();
  bus.put("DATA_CMD", 0x100);
  bus.put("ENABLE", 0);
  bus.put("ENABLE", 1);
  assert.equal(bus.has(INTR.TX_ABRT), false);
  bus.put("DATA_CMD", 1);
  assert.equal(bus.get("TXFLR"), 1);
});
