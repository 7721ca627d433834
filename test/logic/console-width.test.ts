/**
 * The width of what the console prints, on the board with the most rails. Lines fit a terminal of 80 columns,
 * tables and help one of 60.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { consoleCommands, HELP_COLUMNS } from "../../abi/console.ts";
import { compileLogic } from "../../scripts/build/logic.ts";
import { Port, Signal } from "../../simulator/generated/abi.ts";
import { LogicHost } from "../../simulator/logic-host/logic-host.ts";
import { loadExample } from "../support/example-boards.ts";

const LINE_COLUMNS = 78;
const TABLES = ["sensors", "fault trace", "calibrate", "help", "exit"];
const REPORTS = ["status", "power", "fault", "events", "policy", "version", "uptime"];
const GOOD = Signal.PRESENT | Signal.PG_RAIL_0 | Signal.PG_RAIL_1 | Signal.PG_RAIL_2 | Signal.PG_RAIL_3;

/** Codes of VIN, V5, I5, V1V8 and TEMPERATURE: 12 V, the rails off or on, and 28 degrees. */
const OFF = [1861, 0, 0, 0, 874];
const ON = [1861, 3164, 600, 2233, 874];

let module: Uint8Array;

before(async () => {
  module = await compileLogic("assembly/index.ts", loadExample("four-rails"));
});

class FourRails {
  readonly host = new LogicHost(module);

  constructor() {
    this.host.signals = Signal.PRESENT;
    this.host.converter.codes = OFF;
    this.host.start();
    this.wait(1000);
  }

  wait(ms: number): void {
    this.host.advance(this.host.now_us + BigInt(ms * 1000));
  }

  /** The lines of the answer, without the echo and the prompt. */
  answer(line: string): string[] {
    const mark = this.host.ports[Port.CONSOLE].sent.length;
    this.host.receive(Port.CONSOLE, `${line}\r`);
    this.wait(50);
    return this.printedSince(mark).split("\r\n").slice(1, -1);
  }

  printedSince(mark: number): string {
    return Buffer.from(this.host.ports[Port.CONSOLE].sent.slice(mark)).toString("latin1");
  }

  get printed(): number {
    return this.host.ports[Port.CONSOLE].sent.length;
  }

  powerOn(): void {
    this.host.converter.codes = OFF;
    this.wait(1000);
    this.host.receive(Port.CONSOLE, "power on\r");
    this.wait(2);
    for (const rail of [Signal.PG_RAIL_0, Signal.PG_RAIL_1, Signal.PG_RAIL_2, Signal.PG_RAIL_3]) {
      this.host.setInputs(rail, rail);
      this.wait(5);
    }
    this.host.converter.codes = ON;
    this.wait(1000);
  }
}

function assertWidth(lines: readonly string[], columns: number, what: string): void {
  for (const line of lines) {
    assert.ok(line.length <= columns, `${what}: ${line.length} columns: ${line}`);
    assert.ok(line === line.trimEnd() || line === "bmc> ", `${what}: ends with a space: "${line}"`);
  }
}

function assertWidths(slot: FourRails): void {
  for (const line of TABLES) assertWidth(slot.answer(line), HELP_COLUMNS, line);
  for (const { name } of consoleCommands) assertWidth(slot.answer(`help ${name}`), HELP_COLUMNS, name);
  for (const line of REPORTS) assertWidth(slot.answer(line), LINE_COLUMNS, line);
}

test("every answer fits, off, on, with a latched fault and without a board", () => {
  const slot = new FourRails();
  assertWidths(slot);
  slot.powerOn();
  assert.match(slot.answer("status").join("\n"), /power {8}on,/);
  assertWidths(slot);
  const mark = slot.printed;
  slot.host.converter.codes = OFF;
  for (let tries = 0; tries < 4; tries++) {
    slot.host.setInputs(GOOD, Signal.PRESENT);
    slot.wait(30_000);
  }
  assert.match(slot.answer("fault").join(" "), /power-good .*latched/);
  assertWidths(slot);
  const shown = slot.printedSince(mark).replaceAll("\r\x1b[K", "\r\n"); // a notice clears the prompt
  assertWidth(shown.split("\r\n"), LINE_COLUMNS, "notices and answers");
  slot.answer("fault clear");
  slot.powerOn();
  slot.host.setInputs(GOOD, 0);
  slot.wait(500);
  assertWidths(slot);
});

test("a line is broken between words and goes on under an indent, and nothing of it is lost", () => {
  const slot = new FourRails();
  assert.deepEqual(slot.answer("calibrate Q1 5"), [
    'error: unknown sensor "Q1". There are VIN, V5, I5, TEMPERATURE and V1V8',
  ]);
  const settings = slot.answer("calibrate V1V9 5");
  assert.deepEqual(settings, [
    'error: unknown sensor "V1V9", did you mean "V1V8"? There are VIN, V5, I5,',
    "    TEMPERATURE and V1V8",
  ]);
});

test("any mistyped line is answered within the width", () => {
  const slot = new FourRails();
  const long = "x".repeat(100);
  for (const { name } of consoleCommands) {
    for (const line of [`${name} ${long}`, `${name} x`, `${name}q`, `help ${name} x`]) {
      assertWidth(slot.answer(line), LINE_COLUMNS, line);
    }
  }
  for (const sensor of ["V5", "TEMPERATURE", "V1V8"]) {
    for (const value of ["", "1", "999999", "--reset", "-5"]) {
      assertWidth(slot.answer(`calibrate ${sensor} ${value}`), LINE_COLUMNS, `${sensor} ${value}`);
    }
  }
});

test("the line that is being typed and the boot log are never broken", () => {
  const slot = new FourRails();
  const words = "word ".repeat(22).trim();
  const mark = slot.printed;
  slot.answer(words);
  assert.match(slot.printedSince(mark), new RegExp(`^${words}\r\nerror: too many words`));
  slot.host.receive(Port.COMPUTE, `${words}\n`);
  slot.wait(10);
  assert.deepEqual(slot.answer("log"), [words]);
});
