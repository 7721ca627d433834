/** PL011 as in the RP2040 (datasheet 4.2, PL011 TRM): times on the line, FIFOs, errors, interrupts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Machine } from "../../../../simulator/chip/machine.ts";
import { machine, ms, result, us } from "../program.ts";

/** clk_peri = 6.5 MHz; divisor 3 + 34/64 gives 115 044 baud, 0.13 % off. */
const DIVISOR = 3 * 64 + 34;
const BIT_NANOS = (1e9 * DIVISOR) / (6_500_000 * 4);

const setUp = (lineControl = 0x70, control = 0x301, levels = 0x12) => `
  put 0x40008048, 0x800
  unreset (1 << 5) | (1 << 8) | (1 << 22)
  put IO_BANK0 + 16 * 8 + 4, 2
  put IO_BANK0 + 17 * 8 + 4, 2
  put UART0 + 0x24, 3
  put UART0 + 0x28, 34
  put UART0 + 0x2c, ${lineControl}
  put UART0 + 0x34, ${levels}
  put UART0 + 0x30, ${control}
`;

/** Runs until the program waits, so that the outside may act. */
function started(source: string): Machine {
  const slot = machine(source);
  slot.runUntilNanos(ms(10));
  assert.equal(slot.state, "running", JSON.stringify(slot.lastFault));
  return slot;
}

const RIS = 0x4003403c;
const FR = 0x40034018;
const DR = 0x40034000;
const RSR = 0x40034004;
const idle = `main:\n${setUp()}\n b .`;

test("a frame of 8N1 takes ten bits at the divisor's rate; bytes follow each other without a gap", () => {
  const frames: [number, number, number][] = [];
  const slot = machine(`
main:
${setUp()}
  ldr r0, =UART0
  movs r1, #'a'
  str r1, [r0]
  movs r1, #'b'
  str r1, [r0]
  ldr r1, [r0, #0x18]
  ldr r2, =results
  str r1, [r2]
  b .
`);
  slot.uarts[0].onFrame((byte, startNanos, bitNanos) => frames.push([byte, startNanos, bitNanos]));
  slot.runUntilNanos(ms(12));
  assert.deepEqual(
    frames.map(([byte]) => byte),
    [0x61, 0x62],
  );
  const [first, second] = frames as [[number, number, number], [number, number, number]];
  assert.ok(Math.abs(first[2] - BIT_NANOS) < 1e-6);
  assert.ok(Math.abs(second[1] - first[1] - 10 * BIT_NANOS) < 1e-3);
  assert.equal(result(slot) & 0b1000_1000, 0b0000_1000, "BUSY, and a byte still in the FIFO");
  assert.equal(slot.mcu.readUint32(FR) & 0b1000_1000, 0b1000_0000, "then empty and idle");
  assert.ok(Math.abs(slot.uarts[0].baudRate - 115044.25) < 0.01);
});

test("a transmitter whose pin is not switched to it sends nothing anyone sees", () => {
  const slot = machine(`main:\n${setUp()}\n put IO_BANK0 + 16 * 8 + 4, 5\n put UART0, 0x55\n b .`);
  let frames = 0;
  slot.uarts[0].onFrame(() => frames++);
  slot.runUntilNanos(ms(12));
  assert.equal(frames, 0);
});

test("a new divisor counts from the write of LCR_H on (TRM 3.3.7)", () => {
  const slot = started(`main:\n${setUp()}\n put UART0 + 0x24, 7\n put UART0 + 0x28, 0\n b .`);
  assert.ok(Math.abs(slot.uarts[0].baudRate - 115044) < 1);
  slot.mcu.writeUint32(0x4003402c, 0x70);
  assert.ok(Math.abs(slot.uarts[0].baudRate - 6_500_000 / 16 / 7) < 1);
});

const receive = (slot: Machine, byte: number, more = {}) =>
  slot.uarts[0].receive({ byte, bitNanos: BIT_NANOS, ...more });

test("overrun: the FIFO keeps its 32 bytes, the 33rd is lost, OE travels with the next (TRM 2.4.2)", () => {
  const slot = started(idle);
  for (let byte = 0; byte < 34; byte++) receive(slot, byte);
  assert.equal(slot.mcu.readUint32(RSR), 8);
  assert.ok(slot.mcu.readUint32(RIS) & (1 << 10));
  assert.equal(slot.mcu.readUint32(DR), 0);
  receive(slot, 0xaa);
  const rest = Array.from({ length: 32 }, () => slot.mcu.readUint32(DR));
  assert.deepEqual(
    rest.slice(0, 31),
    Array.from({ length: 31 }, (_, index) => index + 1),
  );
  assert.equal(rest[31], 0xaa | (1 << 11));
  assert.equal(slot.mcu.readUint32(FR) & (1 << 4), 1 << 4, "RXFE");
  slot.mcu.writeUint32(RSR, 0);
  assert.equal(slot.mcu.readUint32(RSR), 0);
});

test("without FIFOs one byte fits", () => {
  const slot = started(`main:\n${setUp(0x60)}\n b .`);
  receive(slot, 1);
  assert.ok(slot.mcu.readUint32(RIS) & (1 << 4), "interrupt at one byte");
  receive(slot, 2);
  assert.equal(slot.mcu.readUint32(RSR), 8);
  assert.equal(slot.mcu.readUint32(DR), 1);
  assert.equal(slot.mcu.readUint32(FR) & (1 << 4), 1 << 4);
});

test("receive interrupt at the level, gone below it (TRM 2.8.2)", () => {
  const slot = started(`main:\n${setUp(0x70, 0x301, 0x08)}\n b .`);
  for (let byte = 0; byte < 7; byte++) receive(slot, byte);
  assert.equal(slot.mcu.readUint32(RIS) & (1 << 4), 0);
  receive(slot, 7);
  assert.equal(slot.mcu.readUint32(RIS) & (1 << 4), 1 << 4, "8 of 32 at level 1/4");
  slot.mcu.readUint32(DR);
  assert.equal(slot.mcu.readUint32(RIS) & (1 << 4), 0);
});

test("receive time-out: 32 bit periods after the last byte, cleared by emptying the FIFO (TRM 2.8.4)", () => {
  const slot = started(idle);
  const timeout = () => (slot.mcu.readUint32(RIS) >> 6) & 1;
  receive(slot, 1);
  const at = slot.nanos;
  slot.runUntilNanos(at + 20 * BIT_NANOS);
  receive(slot, 2);
  slot.runUntilNanos(at + 51 * BIT_NANOS);
  assert.equal(timeout(), 0, "the second byte started it anew");
  slot.runUntilNanos(at + 53 * BIT_NANOS);
  assert.equal(timeout(), 1);
  slot.mcu.readUint32(DR);
  assert.equal(timeout(), 1, "one byte is left");
  slot.mcu.readUint32(DR);
  assert.equal(timeout(), 0);
});

test("transmit interrupt on the way down through the level, not for being below it (TRM 2.8.3)", () => {
  const slot = started(idle);
  const transmit = () => (slot.mcu.readUint32(RIS) >> 5) & 1;
  assert.equal(transmit(), 0, "an empty FIFO alone raises nothing");
  for (let byte = 0; byte < 4; byte++) slot.mcu.writeUint32(DR, byte);
  slot.runUntilNanos(slot.nanos + 50 * BIT_NANOS);
  assert.equal(transmit(), 0, "never above 16 bytes");
  for (let byte = 0; byte < 18; byte++) slot.mcu.writeUint32(DR, byte);
  slot.runUntilNanos(slot.nanos + 9 * BIT_NANOS);
  assert.equal(transmit(), 0, "17 waiting");
  slot.runUntilNanos(slot.nanos + 2 * BIT_NANOS);
  assert.equal(transmit(), 1, "16 waiting");
  slot.mcu.writeUint32(0x40034044, 1 << 5);
  assert.equal(transmit(), 0);
  slot.runUntilNanos(slot.nanos + 200 * BIT_NANOS);
  assert.equal(transmit(), 0, "once per transition");
});

test("framing and parity errors and a break are flagged in DR and RSR (TRM 3.3.1)", () => {
  const slot = started(`main:\n${setUp(0x76)}\n b .`);
  receive(slot, 0x41, { framingError: true });
  receive(slot, 0x42, { parityError: true });
  receive(slot, 0x00, { break: true });
  receive(slot, 0x43);
  const [FE, PE, BE] = [1 << 8, 1 << 9, 1 << 10];
  const read = () => [slot.mcu.readUint32(DR), slot.mcu.readUint32(RSR)];
  assert.equal(slot.mcu.readUint32(RIS) & 0x380, 0x380);
  const framing = read()[0] as number;
  assert.ok(framing & FE && !(framing & BE));
  assert.ok((read()[0] as number) & PE);
  assert.deepEqual(read(), [BE | FE, 5]);
  assert.deepEqual(read(), [0x43, 0]);
});

test("a sender more than about 5 % off gives framing errors or wrong bytes, one 2 % off does not", () => {
  const slot = started(idle);
  const heard = (factor: number, byte: number) => {
    slot.uarts[0].receive({ byte, bitNanos: BIT_NANOS * factor });
    return slot.mcu.readUint32(DR);
  };
  for (const byte of [0x00, 0x55, 0xaa, 0xff]) {
    for (const factor of [0.97, 0.98, 1.02, 1.04])
      assert.equal(heard(factor, byte), byte, `${byte} at ${factor}`);
  }
  for (const factor of [1.08, 1.5, 2])
    assert.ok(heard(factor, 0x00) & (1 << 8), `framing error at ${factor}`);
  assert.notEqual(heard(0.5, 0x55), 0x55);
});

test("a receiver that is off, in reset or not on its pin hears nothing", () => {
  const off = started(`main:\n${setUp(0x70, 0x101)}\n b .`);
  receive(off, 1);
  assert.equal(off.mcu.readUint32(FR) & (1 << 4), 1 << 4);
  const elsewhere = started(`main:\n${setUp()}\n put IO_BANK0 + 17 * 8 + 4, 5\n b .`);
  receive(elsewhere, 1);
  assert.equal(elsewhere.mcu.readUint32(FR) & (1 << 4), 1 << 4);
  const held = started("main: b .");
  receive(held, 1);
  held.mcu.writeUint32(0x4000c000, 0);
  assert.equal(held.mcu.readUint32(FR) & (1 << 4), 1 << 4);
});

test("an interrupt serves the receiver; the line level idles high and is low during a break", () => {
  const slot = started(`
main:
${setUp()}
  put UART0 + 0x38, (1 << 4) | (1 << 6)
  put NVIC_ISER, 1 << 20
  put results, 0
1: wfi
  b 1b
  .thumb_func
irq:
  ldr r0, =UART0
  ldr r1, [r0]
  ldr r2, =results
  str r1, [r2, #4]
  ldr r1, [r2]
  adds r1, #1
  str r1, [r2]
  bx lr
`);
  receive(slot, 0x5a);
  slot.runUntilNanos(slot.nanos + 31 * BIT_NANOS);
  assert.equal(result(slot), 0);
  slot.runUntilNanos(slot.nanos + 2 * BIT_NANOS);
  assert.deepEqual([result(slot), result(slot, 1)], [1, 0x5a]);
  assert.equal(slot.pins[16]?.level, true);
  slot.mcu.writeUint32(0x4003402c, 0x71);
  slot.runUntilNanos(slot.nanos + us(10));
  assert.equal(slot.pins[16]?.level, false);
});
