/** I2C lines: spike suppression, hold times, open-drain pins, overrides (datasheet 4.3, 2.19). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RESETS } from "../../../../simulator/chip/clocks/resets.ts";
import { IC_DATA_CMD_FIRST_DATA_BYTE } from "../../../../simulator/chip/i2c/i2c-registers.ts";
import { FUNCTION_I2C, gpioCtrl, IO_BANK0, padControl } from "../../../../simulator/chip/io/gpio.ts";
import { ALIAS_CLR, ALIAS_SET, PERIPHERALS, resetMask } from "../../../../simulator/chip/peripherals.ts";
import { ADDRESS, Bench, CYCLE, INTR, TARGET } from "./i2c-bus.ts";

const FIRST = IC_DATA_CMD_FIRST_DATA_BYTE;
const CTRL = (gpio: number) => PERIPHERALS.IO_BANK0.base + gpioCtrl(gpio);
const PAD = (gpio: number) => PERIPHERALS.PADS_BANK0.base + padControl(gpio);
const CTRL_6 = CTRL(6);
const CTRL_7 = CTRL(7);
const INTR0 = PERIPHERALS.IO_BANK0.base + IO_BANK0.INTR0;
const RESET = PERIPHERALS.RESETS.base + RESETS.RESET;
/** Fields of CTRL, and the values of the overrides that take the output's place. */
const NO_FUNCTION = 31;
const OUTOVER_SHIFT = 8;
const OEOVER_SHIFT = 12;
const INOVER_SHIFT = 16;
const LOW = 2;
const HIGH = 3;

for (const limit of [1, 7, 20]) {
  test(`pulses of up to IC_FS_SPKLEN = ${limit} cycles change nothing, longer ones do`, () => {
    const bus = Bench.target(TARGET, { FS_SPKLEN: limit });
    const pulse = (cycles: number) => {
      bus.data(false);
      bus.wait(cycles * CYCLE);
      bus.data(true);
      bus.wait(1000);
      return bus.raw();
    };
    if (limit > 1) assert.deepEqual(pulse(limit - 1), []);
    assert.deepEqual(pulse(limit), []);
    assert.deepEqual(pulse(limit + 1), ["ACTIVITY", "STOP_DET", "START_DET"]);
  });
}

test("spikes on SCL are no clocks, spikes on SDA while SCL is high no conditions", () => {
  const bus = Bench.target();
  const spike = (line: "data" | "clock", rest: boolean, cycles = 6) => {
    bus[line](!rest);
    bus.wait(cycles * CYCLE);
    bus[line](rest);
    bus.wait(20 * CYCLE);
  };
  bus.address(ADDRESS, false);
  for (const bit of [1, 0, 1, 1, 0, 0, 1, 0]) {
    bus.data(bit === 1);
    bus.wait(300);
    spike("clock", false);
    bus.clock(true);
    bus.wait(300);
    spike("clock", true);
    if (bit === 1) spike("data", true);
    bus.wait(1000);
    bus.clock(false);
    bus.wait(300);
    spike("clock", false);
  }
  assert.equal(bus.bit(true), false);
  bus.stop();
  assert.deepEqual(bus.drain(), [0b1011_0010 | FIRST]);
  assert.equal(bus.has(INTR.RESTART_DET), false);
});

test("one clock pulse too long to be a spike is a clock", () => {
  const bus = Bench.target();
  bus.address(ADDRESS, false);
  bus.bits(0xff, 7);
  bus.wait(500);
  bus.clock(true);
  bus.wait(8 * CYCLE);
  bus.clock(false);
  bus.wait(500);
  assert.equal(bus.sda, false, "that was the eighth bit: acknowledge");
});

test("several spikes in a row do not add up", () => {
  const bus = Bench.target();
  for (let spike = 0; spike < 10; spike++) {
    bus.data(false);
    bus.wait(6 * CYCLE);
    bus.data(true);
    bus.wait(CYCLE);
  }
  assert.deepEqual(bus.raw(), []);
});

test("a change comes through IC_FS_SPKLEN cycles and a synchroniser later", () => {
  const bus = Bench.target(TARGET, { INTR_MASK: INTR.START_DET });
  bus.data(false);
  bus.wait(9 * CYCLE);
  assert.equal(bus.get("INTR_STAT"), 0);
  bus.wait(2 * CYCLE);
  assert.equal(bus.get("INTR_STAT"), INTR.START_DET);
});

test("SDA and SCL falling together are no START; IC_SDA_RX_HOLD covers an SDA that is early", () => {
  const condition = (receiveHold: number, earlyCycles: number) => {
    const bus = Bench.target(TARGET, { SDA_HOLD: (receiveHold << 16) | 1 });
    bus.address(ADDRESS, false);
    bus.get("CLR_START_DET");
    bus.data(true);
    bus.wait(1000);
    bus.clock(true);
    bus.wait(1250);
    bus.data(false);
    bus.wait(earlyCycles * CYCLE);
    bus.clock(false);
    bus.wait(1250);
    return bus.has(INTR.START_DET);
  };
  assert.equal(condition(0, 0), false);
  assert.equal(condition(0, 12), true);
  assert.equal(condition(20, 12), false);
  assert.equal(condition(20, 40), true);
});

test("SDA and SCL changing together count as a change while SCL is low", () => {
  const bus = Bench.target();
  bus.address(ADDRESS, false);
  bus.get("CLR_START_DET");
  for (const bit of [1, 0, 0, 1, 0, 1, 1, 0]) {
    // Before SCL rises it has the other level, and in the same instant the right one.
    bus.data(bit === 0);
    bus.wait(1000);
    bus.clock(true);
    bus.data(bit === 1);
    bus.wait(1250);
    bus.clock(false);
    bus.data(bit === 0);
    bus.wait(1000);
  }
  assert.equal(bus.has(INTR.START_DET | INTR.STOP_DET), false);
  assert.deepEqual(bus.drain(), [0b1001_0110 | FIRST]);
});

test("IC_SDA_RX_HOLD ends with SCL high: what was held back is there for the next clock", () => {
  const bus = Bench.target(TARGET, { SDA_HOLD: (100 << 16) | 1 });
  bus.address(ADDRESS, false);
  bus.get("CLR_START_DET");
  bus.bits(0xff, 6);
  bus.data(true);
  bus.wait(1000);
  bus.clock(true);
  bus.wait(1250);
  bus.data(false);
  bus.wait(12 * CYCLE);
  bus.clock(false);
  bus.wait(50 * CYCLE);
  bus.clock(true);
  bus.wait(3000);
  assert.equal(bus.has(INTR.START_DET), false);
  bus.clock(false);
  bus.wait(300);
  assert.deepEqual(bus.drain(), [0xfe | FIRST]);
});

for (const [hold, expected] of [
  [1, 14],
  [13, 14],
  [50, 50],
] as const) {
  test(`IC_SDA_HOLD of ${hold}: SDA moves ${expected} cycles after SCL falls`, () => {
    const bus = Bench.target(TARGET, { SDA_HOLD: hold });
    const delays: number[] = [];
    let fell = 0;
    bus.pin(7).onChange((level) => {
      if (!level) fell = bus.chip.nanos;
    });
    bus.pin(6).onChange((level) => {
      const ours = bus.pin(6).chipDrives === false || level;
      if (ours && !bus.scl) delays.push((bus.chip.nanos - fell) / CYCLE);
    });
    bus.start();
    // All ones in the data: whatever moves on SDA is the target.
    bus.bits(ADDRESS << 1);
    bus.wait(600);
    bus.data(true);
    delays.length = 0;
    bus.bit(true);
    bus.wait(600);
    assert.equal(delays.length, 1, "let go after the acknowledge");
    assert.ok(Math.abs((delays[0] as number) - expected) < 1.01, `${delays[0]} cycles`);
    delays.length = 0;
    bus.bits(0xff);
    bus.wait(600);
    assert.equal(delays.length, 1, "acknowledge");
    assert.ok(Math.abs((delays[0] as number) - expected) < 1.01, `${delays[0]} cycles`);
  });
}

test("hold times hold in reads too, and SDA never moves while SCL is high", () => {
  const bus = Bench.target();
  bus.onHold = () => {
    for (const byte of [0xa5, 0x5a]) bus.put("DATA_CMD", byte);
  };
  let moves = 0;
  let fell = 0;
  bus.pin(7).onChange((level) => {
    if (!level) fell = bus.chip.nanos;
  });
  bus.address(ADDRESS, true);
  bus.bit(true);
  bus.pin(6).onChange(() => {
    moves++;
    assert.equal(bus.scl, false);
    assert.ok(Math.abs((bus.chip.nanos - fell) / CYCLE - 14) < 1.01);
  });
  let byte = 1;
  for (let bit = 0; bit < 7; bit++) byte = (byte << 1) | (bus.bit(true) ? 1 : 0);
  assert.equal(byte, 0xa5);
  assert.equal(moves, 5, "100101 after the first two bits; free for the acknowledge is as high as the last");
});

test("a hold time longer than SCL is low is a strict warning", () => {
  const bus = Bench.target(TARGET, { SDA_HOLD: 200 });
  bus.address(ADDRESS, false);
  assert.match(bus.warnings()[0] ?? "", /I2C1: SDA moves while SCL is high/);
});

// ------------------------------------------------------------------- pins

test("the lines are open drain: never driven high", () => {
  const bus = Bench.target();
  for (const gpio of [6, 7]) assert.equal(bus.pin(gpio).chipDrives, null);
  bus.pin(6).drive("device", true);
  bus.pin(7).drive("device", true);
  bus.wait(1000);
  assert.deepEqual(bus.warnings(), []);
});

for (const [pins, name] of [
  [[4, 5], "I2C0"],
  [[2, 3], "I2C1"],
  [[28, 29], "I2C0"],
  [[26, 27], "I2C1"],
] as const) {
  test(`GPIO ${pins.join(" and ")} are SDA and SCL of ${name} (datasheet 2.19.2)`, () => {
    const bus = new Bench("unreset RESET.I2C0 | RESET.I2C1", "", PERIPHERALS[name].base);
    bus.chip.bus.writeUint32(CTRL_6, NO_FUNCTION);
    bus.chip.bus.writeUint32(CTRL_7, NO_FUNCTION);
    for (const gpio of pins) {
      bus.pin(gpio).pull("up");
      // The boot ROM turns the inputs of the ADC pins off.
      bus.chip.bus.writeUint32(PAD(gpio), 0x52);
      bus.chip.bus.writeUint32(CTRL(gpio), FUNCTION_I2C);
    }
    bus.pin = (gpio) => {
      const pin = bus.chip.pins[gpio === 6 ? pins[0] : pins[1]];
      assert.ok(pin);
      return pin;
    };
    bus.enable(TARGET);
    assert.deepEqual(bus.write(0x12), [true, true]);
    assert.deepEqual(bus.drain(), [0x12 | FIRST]);
    assert.deepEqual(bus.warnings(), []);
  });
}

test("a peripheral without a pin sees high lines; switching to a low pin is an edge like any other", () => {
  const bus = Bench.target();
  bus.chip.bus.writeUint32(CTRL_6, NO_FUNCTION);
  bus.data(false);
  bus.wait(1000);
  assert.deepEqual(bus.raw(), []);
  bus.chip.bus.writeUint32(CTRL_6, FUNCTION_I2C);
  bus.wait(1000);
  assert.equal(bus.has(INTR.START_DET), true);
});

test("two pins on one input: low wins, and it is a strict warning", () => {
  const bus = Bench.target();
  bus.pin(10).pull("up");
  bus.chip.bus.writeUint32(CTRL(10), FUNCTION_I2C);
  assert.deepEqual(bus.warnings(), ["IO_BANK0: I2C1 SDA is selected on more than one GPIO"]);
  bus.pin(10).drive("device", false);
  bus.wait(1000);
  assert.equal(bus.has(INTR.START_DET), true);
});

test("OEOVER with OUTOVER pulls a line low whatever the peripheral does, and the peripheral sees it", () => {
  const bus = Bench.target();
  const [outLow, enable] = [2 << 8, 3 << 12];
  bus.chip.bus.writeUint32(CTRL_6, FUNCTION_I2C | outLow | enable);
  assert.equal(bus.sda, false);
  assert.equal(bus.scl, true);
  bus.wait(1000);
  assert.equal(bus.has(INTR.START_DET), true);
  bus.chip.bus.writeUint32(CTRL_7, FUNCTION_I2C | outLow | enable);
  assert.equal(bus.scl, false);
  bus.wait(1000);
  bus.chip.bus.writeUint32(CTRL_6, FUNCTION_I2C);
  assert.equal(bus.sda, true);
  bus.wait(1000);
  assert.equal(bus.has(INTR.STOP_DET), false, "SCL is low");
  bus.chip.bus.writeUint32(CTRL_7, FUNCTION_I2C);
  assert.equal(bus.scl, true);
  assert.deepEqual(bus.warnings(), []);
});

test("OEOVER through the atomic aliases, on top of a hold: SCL stays low until both let go", () => {
  const bus = Bench.target();
  bus.address(ADDRESS, true);
  bus.clock(true);
  bus.chip.bus.writeUint32(CTRL_7 + ALIAS_SET, (HIGH << OEOVER_SHIFT) | (LOW << OUTOVER_SHIFT));
  bus.put("DATA_CMD", 0xff);
  bus.wait(10_000);
  assert.equal(bus.scl, false);
  bus.chip.bus.writeUint32(CTRL_7 + ALIAS_CLR, (HIGH << OEOVER_SHIFT) | (LOW << OUTOVER_SHIFT));
  assert.equal(bus.scl, true);
  const disabled = Bench.target();
  disabled.chip.bus.writeUint32(CTRL_6, FUNCTION_I2C | (LOW << OEOVER_SHIFT));
  assert.equal(disabled.address(ADDRESS, false), false, "OEOVER=DISABLE: the acknowledge does not get out");
});

test("INOVER and a pad without input enable are what the peripheral sees", () => {
  const bus = Bench.target();
  bus.chip.bus.writeUint32(CTRL_6, FUNCTION_I2C | (LOW << INOVER_SHIFT));
  bus.wait(1000);
  assert.equal(bus.has(INTR.START_DET), true, "INOVER=LOW");
  bus.chip.bus.writeUint32(CTRL_6, FUNCTION_I2C);
  bus.wait(1000);
  assert.equal(bus.has(INTR.STOP_DET), true);
  bus.get("CLR_INTR");
  bus.chip.bus.writeUint32(PAD(6), 0x12);
  bus.wait(1000);
  assert.equal(bus.has(INTR.START_DET), true, "IE off");
});

test("the edge latches of IO_BANK0 work beside the I2C function", () => {
  const bus = Bench.target();
  const latches = (gpio: number) => (bus.chip.bus.readUint32(INTR0) >>> (gpio * 4)) & 0xf;
  bus.chip.bus.writeUint32(INTR0, 0xffff_ffff);
  assert.equal(latches(6), 0b0010);
  bus.data(false);
  assert.equal(latches(6), 0b0101);
  bus.data(true);
  assert.equal(latches(6), 0b1110);
  assert.equal(latches(7), 0b0010);
  bus.chip.bus.writeUint32(INTR0, 0xffff_ffff);
  bus.address(ADDRESS, true);
  assert.equal(latches(7) & 0b0101, 0b0101);
});

// ------------------------------------------------------------------- reset

test("RESETS.I2C1 lets go of both lines at once and puts every register back", () => {
  const bus = Bench.target(TARGET, { INTR_MASK: 0x1fff, SDA_SETUP: 9, RX_TL: 3 });
  bus.address(ADDRESS, true);
  bus.clock(true);
  bus.put("DATA_CMD", 0x00);
  bus.wait(200);
  assert.deepEqual([bus.sda, bus.scl], [false, true]);
  bus.clock(false);
  bus.chip.bus.writeUint32(RESET + ALIAS_SET, resetMask("I2C1"));
  assert.deepEqual([bus.sda, bus.pin(7).chipDrives], [true, null]);
  bus.chip.bus.writeUint32(RESET + ALIAS_CLR, resetMask("I2C1"));
  const values = (["CON", "SAR", "INTR_MASK", "RAW_INTR_STAT", "RX_TL", "ENABLE", "SDA_SETUP"] as const).map(
    (name) => bus.get(name),
  );
  assert.deepEqual(values, [0x65, 0x55, 0x8ff, 0, 0, 0, 0x64]);
  bus.clock(true);
  bus.wait(1000);
  bus.enable(TARGET);
  assert.deepEqual(bus.write(0x12), [true, true]);
});

test("a reset during a hold lets go of SCL", () => {
  const bus = Bench.target();
  bus.address(ADDRESS, true);
  bus.clock(true);
  bus.wait(1000);
  assert.equal(bus.scl, false);
  bus.chip.bus.writeUint32(RESET + ALIAS_SET, resetMask("I2C1"));
  assert.equal(bus.scl, true);
});
