/** The status line and the screen of an interactive run, by the sequences that they write. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lastRows, Screen } from "../../../simulator/start/screen.ts";
import { type StatusFacts, statusLine } from "../../../simulator/start/status-line.ts";

const FACTS: StatusFacts = {
  power: "on",
  millivolts: 5093.4,
  milliamperes: 561.2,
  plugged: true,
  stage: "log-in prompt",
  emulatedSeconds: 83.26,
  pace: 1,
  held: false,
};

class FakeTerminal {
  rows: number;
  columns: number;
  written = "";

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.written += text;
    return true;
  }

  take(): string {
    const { written } = this;
    this.written = "";
    return written;
  }
}

describe("status line", () => {
  it("shows power, volts, amperes, watts, stage, time, pace and the key that leaves", () => {
    assert.equal(
      statusLine(FACTS, 80).trimEnd(),
      " power on  5.09 V  0.56 A  2.9 W  log-in prompt  1:23.2  1.0x  Ctrl-] leaves",
    );
    assert.match(statusLine({ ...FACTS, held: true }, 120), /held by debugger/);
    assert.match(statusLine({ ...FACTS, pace: 41.7 }, 120), / 42x /);
  });

  it("says that no board is plugged in, instead of the stage of its boot", () => {
    const pulled: StatusFacts = { ...FACTS, power: "off", plugged: false, millivolts: 0, milliamperes: 0 };
    assert.equal(
      statusLine(pulled, 90).trimEnd(),
      " power off  0.00 V  0.00 A  0.0 W  no board plugged in  1:23.2  1.0x  Ctrl-] leaves",
    );
    assert.equal(statusLine(pulled, 60).trimEnd(), " power off  0.00 V  no board plugged in  Ctrl-] leaves");
  });

  it("leaves out whole fields in a narrow terminal, the power state and the key that leaves last", () => {
    const fields = " power on  5.09 V  0.56 A  2.9 W  log-in prompt  1:23.2  1.0x  Ctrl-] leaves"
      .trim()
      .split("  ");
    let before = fields.length;
    for (let columns = 100; columns >= 24; columns--) {
      const shown = statusLine(FACTS, columns).trim().split("  ");
      assert.ok(
        shown.every((field) => fields.includes(field)),
        `${columns} columns: ${shown.join("|")}`,
      );
      assert.ok(shown.includes("power on") && shown.includes("Ctrl-] leaves"), `${columns} columns`);
      assert.ok(before - shown.length <= 1, "no field is left out before it must be");
      before = shown.length;
    }
    assert.equal(statusLine(FACTS, 50).trimEnd(), " power on  5.09 V  0.56 A  2.9 W  Ctrl-] leaves");
    assert.equal(statusLine(FACTS, 24), " power on  Ctrl-] leaves");
    assert.equal(statusLine(FACTS, 20).trimEnd(), " Ctrl-] leaves");
    assert.match(statusLine({ ...FACTS, held: true }, 60), /held by debugger {2}Ctrl-\] leaves/);
  });

  it("is exactly as wide as the terminal, however narrow", () => {
    for (const columns of [0, 1, 40, 80, 200]) assert.equal(statusLine(FACTS, columns).length, columns);
    assert.match(statusLine(FACTS, 40), /^ power on {2}5\.09 V {2}0\.56 A/);
  });
});

describe("screen", () => {
  it("keeps the last row out of the scroll region and gives it back", () => {
    const terminal = new FakeTerminal(24, 80);
    const screen = new Screen(terminal);
    screen.open();
    assert.match(terminal.take(), /\x1b\[1;23r/);
    screen.status(FACTS);
    assert.match(terminal.take(), /^\x1b7.*\x1b\[24;1H.* power on .*\x1b8$/);
    screen.close();
    assert.match(terminal.take(), /\x1b\[r\x1b\[24;1H\x1b\[J/);
    screen.close();
    assert.equal(terminal.take(), "");
  });

  it("draws a status that did not change only once", () => {
    const terminal = new FakeTerminal(24, 80);
    const screen = new Screen(terminal);
    screen.open();
    screen.status(FACTS);
    terminal.take();
    screen.status({ ...FACTS });
    assert.equal(terminal.take(), "");
  });

  it("has no status line on two rows, and none of its sequences", () => {
    const terminal = new FakeTerminal(2, 40);
    const screen = new Screen(terminal);
    screen.open();
    screen.status(FACTS);
    assert.equal(terminal.take(), "");
    screen.print("bmc> ");
    assert.equal(terminal.take(), "bmc> ");
  });

  it("prints the end of the output again after a resize", () => {
    const terminal = new FakeTerminal(10, 80);
    const screen = new Screen(terminal);
    screen.open();
    for (let line = 0; line < 100; line++) screen.print(`line ${line}\r\n`);
    screen.print("bmc> ");
    terminal.take();
    terminal.rows = 6;
    screen.resized();
    const redrawn = terminal.take();
    assert.match(redrawn, /\x1b\[1;5r/);
    // Everything that was visible on ten rows must still be in the terminal's history.
    for (let line = 91; line < 100; line++) assert.match(redrawn, new RegExp(`line ${line}\\r\\n`));
    assert.match(redrawn, /bmc> $/);
    assert.doesNotMatch(redrawn, /line 50\r/);
  });
});

describe("the end of a text", () => {
  it("counts rows as the terminal wraps them", () => {
    const text = `${"a".repeat(100)}\n${"b".repeat(30)}\nc`;
    assert.equal(lastRows(text, 2, 40), `${"b".repeat(30)}\nc`);
    assert.equal(lastRows(text, 3, 40), text);
    assert.equal(lastRows("", 5, 40), "");
  });
});
