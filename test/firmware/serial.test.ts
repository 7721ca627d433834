/** The serial lines at their worst: lost bytes are counted, spoilt bytes are counted, and nothing stops. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Slot } from "../../simulator/slot/slot.ts";
import { Random } from "../support/logic.ts";
import {
  asserted,
  assertNoWarnings,
  buildDirectory,
  command,
  powerUp,
  startedSlot,
} from "../support/simulated-slot.ts";

const BIT_NANOS = 1e9 / 115200;

test("a receive FIFO that overruns is counted as dropped", () => {
  const slot = startedSlot();
  const uart = slot.chip.uarts[0];
  // 100 frames come in one instant: 32 fit the FIFO, the rest is lost (PL011 TRM 3.3.1, OE).
  for (let i = 0; i < 100; i++) uart.receive({ byte: 0x41 + (i % 26), bitNanos: BIT_NANOS });
  slot.runFor(10);
  const status = command(slot, "status");
  const counts = /boot log {5}(\d+) bytes captured, (\d+) dropped/.exec(status);
  assert.equal(Number(counts?.[1]), 32, status);
  assert.ok(Number(counts?.[2]) >= 1, status);
  assert.match(status, /line errors {2}[1-9]\d* overruns/);
  assert.match(command(slot, "log"), /ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF/);
});

test("framing errors, parity errors and breaks are counted, good bytes around them kept", () => {
  const slot = startedSlot();
  const uart = slot.chip.uarts[0];
  for (const frame of [
    { byte: 0x61 },
    { byte: 0x55, framingError: true },
    { byte: 0x62 },
    { byte: 0x00, break: true },
    { byte: 0x63 },
  ]) {
    uart.receive({ ...frame, bitNanos: BIT_NANOS });
    slot.runFor(1);
  }
  const status = command(slot, "status");
  assert.match(status, /line errors {2}0 overruns, 1 framing, 0 parity/);
  assert.match(status, /boot log {5}4 bytes captured, 0 dropped/, "a break does not count as a byte");
  assert.match(command(slot, "log"), /a.*b.*c/);
});

test("garbage on the compute console neither stops the BMC nor reaches the terminal raw", () => {
  const slot = startedSlot({ fault: "garbage" });
  powerUp(slot);
  slot.runFor(5000);
  const shown = command(slot, "log -n 5", 10_000);
  assert.doesNotMatch(shown, /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xff]/);
  assert.match(command(slot, "status"), /power {8}on/);
  assert.ok(asserted(slot, "COMPUTE_RUN"));
});

test("random console input of any length never stops the BMC (seed printed on failure)", () => {
  const seed = 11;
  const slot = startedSlot({ seed });
  const random = new Random(seed);
  for (let i = 0; i < 20; i++) {
    let text = "";
    for (let j = 0; j < 200; j++) text += String.fromCharCode(random.below(256));
    slot.terminal.type(text);
    slot.runFor(40);
  }
  slot.runFor(500);
  slot.terminal.type("\x03\x15version\r");
  slot.expect(/racklet-bmc .* board slot-hat/, 5000);
  assert.equal(slot.chip.resets.filter((reset) => reset.kind === "watchdog").length, 0, slot.describe());
});

/** Keeps the compute console busy with `text`, again and again at the line's full rate. */
function flood(slot: Slot, text: string): void {
  let at = 0;
  const next = () => {
    slot.chip.uarts[0].receive({ byte: text.charCodeAt(at++ % text.length), bitNanos: BIT_NANOS });
    slot.chip.schedule(10 * BIT_NANOS, next);
  };
  next();
}

test("Ctrl-C ends a followed log however fast its bytes arrive", () => {
  for (const text of ["\n", "x", "a line of the boot log as it may be\n"]) {
    const slot = startedSlot();
    flood(slot, text);
    slot.terminal.type("log -f\r");
    slot.runFor(3000);
    slot.terminal.type("\x03");
    slot.runFor(500);
    slot.terminal.type("version\r");
    slot.expect(/contract \d+, board slot-hat/, 3000);
  }
});

test("a storm of nonsense on the console costs no byte of the boot log", () => {
  const slot = startedSlot();
  flood(slot, "a line of the boot log as it may be\n");
  slot.terminal.type(`${"z".repeat(118)}\r`);
  // Two bytes that repeat the longest possible line: the most work that a byte of input can cause.
  slot.terminal.type("\x10\r".repeat(200));
  slot.runFor(5000);
  slot.terminal.type("\x03\x15status\r");
  const status = slot.expect(/bytes captured, (\d+) dropped[\s\S]*?longest (\d+) us/, 30_000);
  assert.equal(Number(status[1]), 0);
  assert.ok(Number(status[2]) < 100_000, `longest pass ${status[2]} us: power-good waits as long`);
});

for (const engine of ["aot", "wasm3"]) {
  test(`nothing typed after the banner's first byte is lost (${engine}, seed printed on failure)`, () => {
    const directory = buildDirectory(engine === "aot" ? "slot-hat" : "slot-hat-wasm3");
    const lines = 35;
    for (let seed = 1; seed <= 6; seed++) {
      const random = new Random(seed);
      const slot = new Slot({ directory, xipCache: true });
      slot.powerOn();
      slot.expect("\r", 1000);
      slot.runFor(seed === 1 ? 0 : random.below(40));
      // At the full rate of the line this takes longer than a start.
      slot.terminal.type("policy rubbish\r".repeat(lines));
      slot.runFor(600);
      const answers = slot.terminal.text.match(/error: unknown policy "rubbish"/g) ?? [];
      assert.equal(answers.length, lines, `seed ${seed}: ${slot.describe()}`);
      assert.match(command(slot, "status"), /console {6}0 bytes lost in, 0 out/);
      assertNoWarnings(slot);
    }
  });
}
