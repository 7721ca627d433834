/** PL011 as in the RP2040 (datasheet 4.2, PL011 TRM): times on the line, FIFOs, errors, interrupts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CTRL_ENABLE } from "../../../../simulator/chip/clocks/clocks.ts";
import { RESETS } from "../../../../simulator/chip/clocks/resets.ts";
import {
  INT_BE,
  INT_FE,
  INT_OE,
  INT_PE,
  INT_RT,
  INT_RX,
  INT_TX,
  UART,
  UARTCR_RXE,
  UARTCR_TXE,
  UARTCR_UARTEN,
  UARTDR_BE,
  UARTDR_FE,
  UARTDR_OE,
  UARTDR_PE,
  UARTFR_BUSY,
  UARTFR_RXFE,
  UARTFR_TXFE,
  UARTLCR_H_BRK,
  UARTLCR_H_EPS,
  UARTLCR_H_FEN,
  UARTLCR_H_PEN,
  UARTLCR_H_WLEN_8,
  UARTRSR_OE,
} from "../../../../simulator/chip/io/uart.ts";
import { PERIPHERALS } from "../../../../simulator/chip/peripherals.ts";
import type { Rp2040 } from "../../../../simulator/chip/rp2040.ts";
import { ms, result, startChip, us } from "../program.ts";

/** clk_peri = 6.5 MHz; divisor 3 + 34/64 gives 115 044 baud, 0.13 % off. */
const DIVISOR = 3 * 64 + 34;
const BIT_NANOS = (1e9 * DIVISOR) / (6_500_000 * 4);

/** UART0 with FIFOs on GPIO16 and 17, eight bits, interrupts at half full, unless a test sets others. */
const EIGHT_BITS = UARTLCR_H_WLEN_8 | UARTLCR_H_FEN;
const RUNNING = UARTCR_UARTEN | UARTCR_TXE | UARTCR_RXE;
const setUp = (lineControl = EIGHT_BITS, control = RUNNING, levels = 0x12) => `
  put CLOCKS + CLOCKS.CLK_PERI_CTRL, ${CTRL_ENABLE}
  unreset RESET.IO_BANK0 | RESET.PADS_BANK0 | RESET.UART0
  put IO_BANK0 + IO_BANK0.GPIO16_CTRL, FUNCTION_UART
  put IO_BANK0 + IO_BANK0.GPIO17_CTRL, FUNCTION_UART
  put UART0 + UART.UARTIBRD, 3
  put UART0 + UART.UARTFBRD, 34
  put UART0 + UART.UARTLCR_H, ${lineControl}
  put UART0 + UART.UARTIFLS, ${levels}
  put UART0 + UART.UARTCR, ${control}
`;

/** Runs until the program waits, so that the outside may act. */
function started(source: string): Rp2040 {
  const chip = startChip(source);
  chip.runUntilNanos(ms(10));
  assert.equal(chip.state, "running", JSON.stringify(chip.lastFault));
  return chip;
}

const UART0 = PERIPHERALS.UART0.base;
const RIS = UART0 + UART.UARTRIS;
const FR = UART0 + UART.UARTFR;
const DR = UART0 + UART.UARTDR;
const RSR = UART0 + UART.UARTRSR;
const LCR_H = UART0 + UART.UARTLCR_H;
const FRAME_ERRORS = INT_FE | INT_PE | INT_BE;
const idle = `main:\n${setUp()}\n b .`;

test("a frame of 8N1 takes ten bits at the divisor's rate; bytes follow each other without a gap", () => {
  const frames: [number, number, number][] = [];
  const chip = startChip(`
main:
${setUp()}
  ldr r0, =UART0
  movs r1, #'a'
  str r1, [r0]
  movs r1, #'b'
  str r1, [r0]
  ldr r1, [r0, #UART.UARTFR]
  ldr r2, =results
  str r1, [r2]
  b .
`);
  chip.uarts[0].onFrame((byte, startNanos, bitNanos) => frames.push([byte, startNanos, bitNanos]));
  chip.runUntilNanos(ms(12));
  assert.deepEqual(
    frames.map(([byte]) => byte),
    [0x61, 0x62],
  );
  const [first, second] = frames as [[number, number, number], [number, number, number]];
  assert.ok(Math.abs(first[2] - BIT_NANOS) < 1e-6);
  assert.ok(Math.abs(second[1] - first[1] - 10 * BIT_NANOS) < 1e-3);
  assert.equal(result(chip) & (UARTFR_TXFE | UARTFR_BUSY), UARTFR_BUSY, "BUSY, and a byte still in the FIFO");
  assert.equal(chip.bus.readUint32(FR) & (UARTFR_TXFE | UARTFR_BUSY), UARTFR_TXFE, "then empty and idle");
  assert.ok(Math.abs(chip.uarts[0].baudRate - 115044.25) < 0.01);
});

test("a transmitter whose pin is not switched to it sends nothing anyone sees", () => {
  const chip = startChip(
    `main:\n${setUp()}\n put IO_BANK0 + IO_BANK0.GPIO16_CTRL, FUNCTION_SIO\n put UART0 + UART.UARTDR, 0x55\n b .`,
  );
  let frames = 0;
  chip.uarts[0].onFrame(() => frames++);
  chip.runUntilNanos(ms(12));
  assert.equal(frames, 0);
});

test("a new divisor counts from the write of LCR_H on (TRM 3.3.7)", () => {
  const chip = started(
    `main:\n${setUp()}\n put UART0 + UART.UARTIBRD, 7\n put UART0 + UART.UARTFBRD, 0\n b .`,
  );
  assert.ok(Math.abs(chip.uarts[0].baudRate - 115044) < 1);
  chip.bus.writeUint32(LCR_H, EIGHT_BITS);
  assert.ok(Math.abs(chip.uarts[0].baudRate - 6_500_000 / 16 / 7) < 1);
});

const receive = (chip: Rp2040, byte: number, more = {}) =>
  chip.uarts[0].receive({ byte, bitNanos: BIT_NANOS, ...more });

test("overrun: the FIFO keeps its 32 bytes, the 33rd is lost, OE travels with the next (TRM 2.4.2)", () => {
  const chip = started(idle);
  for (let byte = 0; byte < 34; byte++) receive(chip, byte);
  assert.equal(chip.bus.readUint32(RSR), UARTRSR_OE);
  assert.ok(chip.bus.readUint32(RIS) & INT_OE);
  assert.equal(chip.bus.readUint32(DR), 0);
  receive(chip, 0xaa);
  const rest = Array.from({ length: 32 }, () => chip.bus.readUint32(DR));
  assert.deepEqual(
    rest.slice(0, 31),
    Array.from({ length: 31 }, (_, index) => index + 1),
  );
  assert.equal(rest[31], 0xaa | UARTDR_OE);
  assert.equal(chip.bus.readUint32(FR) & UARTFR_RXFE, UARTFR_RXFE);
  chip.bus.writeUint32(RSR, 0);
  assert.equal(chip.bus.readUint32(RSR), 0);
});

test("without FIFOs one byte fits", () => {
  const chip = started(`main:\n${setUp(UARTLCR_H_WLEN_8)}\n b .`);
  receive(chip, 1);
  assert.ok(chip.bus.readUint32(RIS) & INT_RX, "interrupt at one byte");
  receive(chip, 2);
  assert.equal(chip.bus.readUint32(RSR), UARTRSR_OE);
  assert.equal(chip.bus.readUint32(DR), 1);
  assert.equal(chip.bus.readUint32(FR) & UARTFR_RXFE, UARTFR_RXFE);
});

test("receive interrupt at the level, gone below it (TRM 2.8.2)", () => {
  const chip = started(`main:\n${setUp(EIGHT_BITS, RUNNING, 0x08)}\n b .`);
  for (let byte = 0; byte < 7; byte++) receive(chip, byte);
  assert.equal(chip.bus.readUint32(RIS) & INT_RX, 0);
  receive(chip, 7);
  assert.equal(chip.bus.readUint32(RIS) & INT_RX, INT_RX, "8 of 32 at level 1/4");
  chip.bus.readUint32(DR);
  assert.equal(chip.bus.readUint32(RIS) & INT_RX, 0);
});

test("receive time-out: 32 bit periods after the last byte, cleared by emptying the FIFO (TRM 2.8.4)", () => {
  const chip = started(idle);
  const timeout = () => (chip.bus.readUint32(RIS) & INT_RT) / INT_RT;
  receive(chip, 1);
  const at = chip.nanos;
  chip.runUntilNanos(at + 20 * BIT_NANOS);
  receive(chip, 2);
  chip.runUntilNanos(at + 51 * BIT_NANOS);
  assert.equal(timeout(), 0, "the second byte started it anew");
  chip.runUntilNanos(at + 53 * BIT_NANOS);
  assert.equal(timeout(), 1);
  chip.bus.readUint32(DR);
  assert.equal(timeout(), 1, "one byte is left");
  chip.bus.readUint32(DR);
  assert.equal(timeout(), 0);
});

test("transmit interrupt on the way down through the level, not for being below it (TRM 2.8.3)", () => {
  const chip = started(idle);
  const transmit = () => (chip.bus.readUint32(RIS) & INT_TX) / INT_TX;
  assert.equal(transmit(), 0, "an empty FIFO alone raises nothing");
  for (let byte = 0; byte < 4; byte++) chip.bus.writeUint32(DR, byte);
  chip.runUntilNanos(chip.nanos + 50 * BIT_NANOS);
  assert.equal(transmit(), 0, "never above 16 bytes");
  for (let byte = 0; byte < 18; byte++) chip.bus.writeUint32(DR, byte);
  chip.runUntilNanos(chip.nanos + 9 * BIT_NANOS);
  assert.equal(transmit(), 0, "17 waiting");
  chip.runUntilNanos(chip.nanos + 2 * BIT_NANOS);
  assert.equal(transmit(), 1, "16 waiting");
  chip.bus.writeUint32(UART0 + UART.UARTICR, INT_TX);
  assert.equal(transmit(), 0);
  chip.runUntilNanos(chip.nanos + 200 * BIT_NANOS);
  assert.equal(transmit(), 0, "once per transition");
});

test("framing and parity errors and a break are flagged in DR and RSR (TRM 3.3.1)", () => {
  const chip = started(`main:\n${setUp(EIGHT_BITS | UARTLCR_H_PEN | UARTLCR_H_EPS)}\n b .`);
  receive(chip, 0x41, { framingError: true });
  receive(chip, 0x42, { parityError: true });
  receive(chip, 0x00, { break: true });
  receive(chip, 0x43);
  const read = () => [chip.bus.readUint32(DR), chip.bus.readUint32(RSR)];
  assert.equal(chip.bus.readUint32(RIS) & FRAME_ERRORS, FRAME_ERRORS);
  const framing = read()[0] as number;
  assert.ok(framing & UARTDR_FE && !(framing & UARTDR_BE));
  assert.ok((read()[0] as number) & UARTDR_PE);
  assert.deepEqual(read(), [UARTDR_BE | UARTDR_FE, 5]);
  assert.deepEqual(read(), [0x43, 0]);
});

test("a sender more than about 5 % off gives framing errors or wrong bytes, one 2 % off does not", () => {
  const chip = started(idle);
  const heard = (factor: number, byte: number) => {
    chip.uarts[0].receive({ byte, bitNanos: BIT_NANOS * factor });
    return chip.bus.readUint32(DR);
  };
  for (const byte of [0x00, 0x55, 0xaa, 0xff]) {
    for (const factor of [0.97, 0.98, 1.02, 1.04])
      assert.equal(heard(factor, byte), byte, `${byte} at ${factor}`);
  }
  for (const factor of [1.08, 1.5, 2])
    assert.ok(heard(factor, 0x00) & UARTDR_FE, `framing error at ${factor}`);
  assert.notEqual(heard(0.5, 0x55), 0x55);
});

test("a receiver that is off, in reset or not on its pin hears nothing", () => {
  const off = started(`main:\n${setUp(EIGHT_BITS, UARTCR_UARTEN | UARTCR_TXE)}\n b .`);
  receive(off, 1);
  assert.equal(off.bus.readUint32(FR) & UARTFR_RXFE, UARTFR_RXFE);
  const elsewhere = started(`main:\n${setUp()}\n put IO_BANK0 + IO_BANK0.GPIO17_CTRL, FUNCTION_SIO\n b .`);
  receive(elsewhere, 1);
  assert.equal(elsewhere.bus.readUint32(FR) & UARTFR_RXFE, UARTFR_RXFE);
  const held = started("main: b .");
  receive(held, 1);
  held.bus.writeUint32(PERIPHERALS.RESETS.base + RESETS.RESET, 0);
  assert.equal(held.bus.readUint32(FR) & UARTFR_RXFE, UARTFR_RXFE);
});

test("an interrupt serves the receiver; the line level idles high and is low during a break", () => {
  const chip = started(`
main:
${setUp()}
  put UART0 + UART.UARTIMSC, ${INT_RX | INT_RT}
  put PPB + PPB.NVIC_ISER, 1 << IRQ.UART0
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
  receive(chip, 0x5a);
  chip.runUntilNanos(chip.nanos + 31 * BIT_NANOS);
  assert.equal(result(chip), 0);
  chip.runUntilNanos(chip.nanos + 2 * BIT_NANOS);
  assert.deepEqual([result(chip), result(chip, 1)], [1, 0x5a]);
  assert.equal(chip.pins[16]?.level, true);
  chip.bus.writeUint32(LCR_H, EIGHT_BITS | UARTLCR_H_BRK);
  chip.runUntilNanos(chip.nanos + us(10));
  assert.equal(chip.pins[16]?.level, false);
});

test("2.19.2: a receiver enabled before a pin is switched to it sees a low input", () => {
  const warnings = (source: string) => started(source).log.warnings.map(({ message }) => message);
  const early = idle.replace("put IO_BANK0 + IO_BANK0.GPIO17_CTRL, FUNCTION_UART", "");
  assert.deepEqual(warnings(idle), []);
  assert.match(warnings(early).join(), /^receiver enabled before a pin is switched to it/);
});
