/** The terminal on UART1: typing, keeping what came, wrong baud rates, and the bound of its history. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Terminal } from "../../../simulator/devices/terminal.ts";
import { BIT_NANOS_115200 } from "../../../simulator/devices/world.ts";
import { FakeClock, FakeInput } from "./fakes.ts";

function desk() {
  const clock = new FakeClock();
  const input = new FakeInput(clock);
  return { clock, input, terminal: new Terminal(clock, input) };
}

describe("terminal", () => {
  it("types at 115200 8N1 and knows when the last stop bit ended", () => {
    const { clock, input, terminal } = desk();
    terminal.type("help\r");
    assert.equal(terminal.untyped, 5);
    clock.runFor(1);
    assert.equal(input.text, "help\r");
    assert.equal(terminal.untyped, 0);
    assert.ok(Math.abs(terminal.lastTypedAtNanos - 50 * BIT_NANOS_115200) < 1);
  });

  it("keeps bytes as they came and passes each on", () => {
    const { terminal } = desk();
    const heard: number[] = [];
    terminal.onData((bytes) => heard.push(...bytes));
    for (const byte of [0x41, 0x00, 0xff, 0x0a]) terminal.frame(byte, BIT_NANOS_115200);
    assert.equal(terminal.text, "A\x00\xff\n");
    assert.deepEqual([...terminal.bytes()], [0x41, 0x00, 0xff, 0x0a]);
    assert.deepEqual(heard, [0x41, 0x00, 0xff, 0x0a]);
    assert.ok(terminal.endsWith("\xff\n"));
    assert.ok(!terminal.endsWith("x\n"));
  });

  it("cannot read frames of another baud rate", () => {
    const { terminal } = desk();
    terminal.frame(0x41, 1e9 / 9600);
    terminal.frame(0x42, 1e9 / 117_000);
    assert.equal(terminal.text, "B");
    assert.equal(terminal.framingErrors, 1);
  });

  it("bounds its history and counts the bytes that fell out", () => {
    const { terminal } = desk();
    const total = 9 * 1024 * 1024;
    for (let index = 0; index < total; index++) terminal.frame(index & 0x7f, BIT_NANOS_115200);
    assert.equal(terminal.received, total);
    assert.ok(terminal.discarded > 0);
    assert.equal(terminal.bytes().length, total - terminal.discarded);
    assert.equal(terminal.text.charCodeAt(terminal.text.length - 1), (total - 1) & 0x7f);
  });
});
