/**
 * The screen with a panel, in a model of a terminal that can do no more than most: checks which text ends up
 * in which row.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Panel, Screen } from "../../../simulator/start/screen.ts";
import type { StatusFacts } from "../../../simulator/start/status-line.ts";
import { TerminalModel } from "./terminal-model.ts";

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

/**
 * A panel of eight rows in terminals of at least twenty. Each row shows its number and how often it was
 * drawn.
 */
class CountingPanel implements Panel {
  drawn = 0;

  rows(terminalRows: number): number {
    return terminalRows >= 20 ? 8 : 0;
  }

  draw(rows: number, columns: number): string[] {
    this.drawn++;
    return this.shown(rows, columns).map((row) => `\x1b[36m${row}\x1b[m`);
  }

  shown(rows: number, columns: number): string[] {
    return Array.from({ length: rows }, (_, row) => `|${row}:${this.drawn}`.padEnd(columns, "="));
  }
}

/** Console lines, wrapped as a terminal wraps them; the last may be empty. */
function wrapped(text: string, columns: number): string[] {
  return text.split("\r\n").flatMap((line) => {
    const pieces = line.match(new RegExp(`.{1,${columns}}`, "g")) ?? [""];
    return pieces.map((piece) => piece.padEnd(columns));
  });
}

function assertShown(terminal: TerminalModel, panel: CountingPanel, printed: string, context: string): void {
  const panelRows = panel.rows(terminal.rows);
  const consoleRows = terminal.rows - panelRows - 1;
  const rows = Array.from({ length: terminal.rows }, (_, index) => terminal.row(index));
  assert.deepEqual(
    rows.slice(0, consoleRows),
    wrapped(printed, terminal.columns).slice(-consoleRows),
    context,
  );
  assert.deepEqual(rows.slice(consoleRows, -1), panel.shown(panelRows, terminal.columns), context);
  assert.match(rows.at(-1) ?? "", /Ctrl-\] leaves/, context);
  assert.equal(terminal.cursor.row, consoleRows - 1, `${context}: the cursor stays in the console`);
  assert.ok(terminal.wraps && terminal.cursor.attributes === "", context);
}

describe("screen with a panel", () => {
  it("keeps console, panel and status apart through output, redraws and changes of size", () => {
    let state = 11;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const terminal = new TerminalModel(24, 80);
    const panel = new CountingPanel();
    const screen = new Screen(terminal, panel);
    screen.open();
    let printed = "";
    const print = (text: string) => {
      printed += text;
      screen.print(text);
    };
    for (let line = 0; line < 100; line++) print(`line ${line}\r\n`);
    for (let round = 0; round < 600; round++) {
      const action = random(10);
      if (action < 7) print(`${round} ${"x".repeat(random(200))}${random(3) === 0 ? "" : "\r\n"}`);
      else if (action === 7) {
        terminal.resize(3 + random(60), random(2) === 0 ? terminal.columns : 24 + random(200));
        screen.resized();
      }
      screen.status(FACTS);
      assertShown(terminal, panel, printed, `round ${round}, ${terminal.columns}x${terminal.rows}`);
    }
    for (const row of terminal.history) assert.doesNotMatch(row, /\|\d:|leaves/, "no panel in the history");
  });

  it("opens below the text that the terminal shows, and gives all rows back", () => {
    for (const linesBefore of [0, 10, 17, 60]) {
      const terminal = new TerminalModel(24, 80);
      for (let line = 0; line < linesBefore; line++) terminal.write(`before ${line}\r\n`);
      const panel = new CountingPanel();
      const screen = new Screen(terminal, panel);
      screen.open();
      screen.status(FACTS);
      screen.print("\x1b[31mbmc> ");
      screen.status({ ...FACTS, pace: 2 });
      screen.close();
      const rows = Array.from({ length: 24 }, (_, index) => terminal.row(index).trimEnd());
      const text = [...terminal.history.map((row) => row.trimEnd()), ...rows].join("\n").trimEnd();
      const before = Array.from({ length: linesBefore }, (_, line) => `before ${line}`);
      assert.equal(text, [...before, "bmc>"].join("\n"), `after ${linesBefore} lines`);
      assert.deepEqual([terminal.top, terminal.bottom, terminal.wraps], [0, 23, true]);
      assert.deepEqual([terminal.cursor.attributes, terminal.cursor.column], ["", 0]);
      assert.equal(terminal.row(terminal.cursor.row).trim(), "", "the shell's prompt comes on a fresh row");
    }
  });

  it("draws nothing while the terminal is busy, and only rows that changed", () => {
    const terminal = new TerminalModel(24, 80);
    const panel = new CountingPanel();
    const screen = new Screen(terminal, panel);
    screen.open();
    terminal.writableNeedDrain = true;
    screen.status(FACTS);
    assert.equal(panel.drawn, 0);
    terminal.writableNeedDrain = false;
    panel.draw = () => panel.shown(8, 80);
    let written = "";
    const write = terminal.write.bind(terminal);
    terminal.write = (text) => {
      written += text;
      return write(text);
    };
    screen.status(FACTS);
    assert.equal([...written.matchAll(/;1H/g)].length, 9);
    written = "";
    screen.status(FACTS);
    assert.equal(written, "");
    screen.status({ ...FACTS, stage: "kernel" });
    assert.equal([...written.matchAll(/;1H/g)].length, 1);
  });
});
