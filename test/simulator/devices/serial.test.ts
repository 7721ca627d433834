/**
 * The sending end of a serial line: the times of its frames, and what the receiver gets when the sender stops
 * in the middle of one.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SerialTransmitter } from "../../../simulator/devices/serial.ts";
import { BIT_NANOS_115200 } from "../../../simulator/devices/world.ts";
import { FakeClock, FakeInput } from "./fakes.ts";

const BIT_MS = BIT_NANOS_115200 / 1e6;

function line() {
  const clock = new FakeClock();
  const input = new FakeInput(clock);
  const sent: number[] = [];
  const transmitter = new SerialTransmitter({
    clock,
    input,
    bitNanos: BIT_NANOS_115200,
    onSent: (byte) => sent.push(byte),
  });
  return { clock, input, sent, transmitter };
}

describe("serial transmitter", () => {
  it("sends frames back to back, ten bits each, without drift", () => {
    const { clock, input, transmitter } = line();
    transmitter.send(new Uint8Array(1000));
    clock.runFor(100);
    assert.equal(input.frames.length, 1000);
    const last = input.frames[999]?.nanos ?? 0;
    assert.ok(Math.abs(last - 1000 * 10 * BIT_NANOS_115200) < 1, `${last}`);
  });

  it("clear discards the waiting bytes, but ends the frame under way", () => {
    const { clock, input, transmitter } = line();
    transmitter.send(Buffer.from("abc"));
    clock.runFor(5 * BIT_MS);
    transmitter.clear();
    clock.runFor(1);
    assert.equal(input.text, "a");
    assert.equal(transmitter.pending, 0);
  });

  it("cut with its supply gone: the bits so far, then low, no stop bit, not counted as sent", () => {
    const { clock, input, sent, transmitter } = line();
    transmitter.send(Buffer.from([0xff, 0xff]));
    clock.runFor(4.5 * BIT_MS);
    transmitter.cut("low");
    clock.runFor(1);
    assert.equal(input.frames.length, 1);
    assert.equal(input.frames[0]?.byte, 0b111);
    assert.equal(input.frames[0]?.framingError, true);
    assert.deepEqual(sent, []);
  });

  it("cut with its supply gone: the stop bit is missing whatever bits came before, and when", () => {
    for (let bits = 0; bits < 10; bits++) {
      for (const byte of [0x00, 0x55, 0xaa, 0xff]) {
        const { clock, input, sent, transmitter } = line();
        transmitter.send(Buffer.from([byte]));
        clock.runFor((bits + 0.5) * BIT_MS);
        transmitter.cut("low");
        clock.runFor(1);
        // Bit 0 of the byte is on the line from bit time 1 to 2, and counts once it is complete.
        const kept = byte & ((1 << Math.max(0, Math.min(8, bits - 1))) - 1);
        const frame = input.frames[0];
        const what = `${byte.toString(16)} cut after ${bits}.5 bits`;
        assert.equal(input.frames.length, 1, what);
        assert.equal(frame?.byte, kept, what);
        // Low for a whole frame, stop bit included, is a break (datasheet 4.2, UARTDR.BE).
        assert.deepEqual(
          [frame?.framingError, frame?.break],
          kept === 0 ? [false, true] : [true, false],
          what,
        );
        assert.deepEqual(sent, [], what);
      }
    }
  });

  it("cut before a one bit was out is a break", () => {
    const { clock, input, transmitter } = line();
    transmitter.send(Buffer.from([0xf0]));
    clock.runFor(3 * BIT_MS);
    transmitter.cut("low");
    clock.runFor(1);
    assert.equal(input.frames[0]?.break, true);
  });

  it("cut by letting go of the line: the rest reads high, and that is the byte on the wire", () => {
    const { clock, input, sent, transmitter } = line();
    transmitter.send(Buffer.from([0x00]));
    clock.runFor(4.5 * BIT_MS);
    transmitter.cut("high");
    clock.runFor(1);
    assert.equal(input.frames[0]?.byte, 0b1111_1000);
    assert.deepEqual(sent, [0b1111_1000]);
  });

  it("a start bit shorter than half a bit is no frame", () => {
    const { clock, input, sent, transmitter } = line();
    transmitter.send(Buffer.from("x"));
    clock.runFor(0.4 * BIT_MS);
    transmitter.cut("high");
    clock.runFor(1);
    assert.equal(input.frames.length, 0);
    assert.deepEqual(sent, []);
    transmitter.send(Buffer.from("y"));
    clock.runFor(1);
    assert.equal(input.text, "y");
  });
});
