/** Completion on the console: what Tab makes of a line, and that it never does more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleCommands } from "../../abi/console.ts";
import { LogicUnderTest } from "../support/logic.ts";
import { screenLine } from "../support/screen-line.ts";

const BELL = "\x07";
const LEFT = "\x1b[D";

/** The line on the screen after these keys. */
function shown(keys: string): string {
  return screenLine(`\nbmc> ${new LogicUnderTest().type(keys)}`);
}

test("Tab completes the word at the cursor as far as only one continuation is known", () => {
  const keys: [string, string, string][] = [
    ["a command", "stat\tx", "status x"],
    ["a whole word gets its space", "status\tx", "status x"],
    ["as far as all candidates agree", "p\tx", "pox"],
    ["a verb", "power f\t", "power force-off "],
    ["a verb as far as it is clear", "power o\tx", "power ox"],
    ["the next word after the first", "fa\tt\t", "fault trace "],
    ["a command to be helped with", "help reb\t", "help reboot "],
    ["a sensor", "calibrate T\t", "calibrate TEMPERATURE "],
    ["a policy", "policy always-of\t", "policy always-off "],
    ["an option from its hyphen on", "sensors -\t", "sensors --clear "],
    ["an option beside a value", "calibrate V5 -\t", "calibrate V5 --reset "],
    ["options in any order", "log -f -n 5 --r\t", "log -f -n 5 --raw "],
    ["--yes from its hyphen on", "power off -\t", "power off --yes "],
    ["with spaces before and between", "  power   cy\t", "  power   cycle "],
    ["from the middle of a word", `stat${LEFT}${LEFT}\tx`, "status x"],
    ["before other words, whose space is there", `stat now${LEFT.repeat(4)}\t\x05x`, "status nowx"],
    ["words that follow stay", `fa trace${LEFT.repeat(6)}\t\x05x`, "fault tracex"],
  ];
  for (const [what, typed, line] of keys) assert.equal(shown(typed), `bmc> ${line}`, what);
});

test("Tab rings and changes nothing where nothing fits", () => {
  for (const line of ["x", "zzz", "power x", "status ", "status s", "nothing such", "log -n 5", "log -n x"]) {
    const slot = new LogicUnderTest();
    assert.equal(slot.type(`${line}\t\t`), `${line}${BELL}${BELL}`, line);
  }
});

test("Tab alone puts no option into the line, --yes least of all", () => {
  for (const line of ["power off ", "reboot ", "power on ", "sensors ", "calibrate V5 ", "log "]) {
    assert.equal(shown(`${line}\t\t\t`), `bmc> ${line}`, line);
  }
});

test("a second Tab lists the candidates on a line of their own and brings the line back", () => {
  const slot = new LogicUnderTest();
  assert.equal(slot.type("power o"), "power o");
  assert.equal(slot.type("\t"), BELL);
  assert.equal(slot.type("\t"), "\r\non  off\r\nbmc> power o");
  assert.equal(slot.type("ff\t"), "ff ");
  assert.equal(slot.type("\t"), "\r\n--yes\r\nbmc> power off ");
  assert.equal(slot.type("\x15calibrate \t").slice(-1), BELL);
  assert.match(slot.type("\t"), /^\r\nVIN {2}V5 {2}V3V3 {2}I5 {2}TEMPERATURE\r\nbmc> calibrate $/);
});

test("the list of an empty line is all commands, in lines that fit a terminal", () => {
  const lines = new LogicUnderTest().type("\t\t").split("\r\n").slice(1, -1);
  assert.deepEqual(
    lines.flatMap((line) => line.split(/ +/)),
    consoleCommands.map(({ name }) => name),
  );
  for (const line of lines) assert.ok(line.length < 80, line);
});

test("another key between two Tabs makes the second one the first again", () => {
  const slot = new LogicUnderTest();
  slot.type("power o\t");
  assert.equal(slot.type(`\x05\t`), BELL);
});

test("the cursor returns to the middle of the line behind the list", () => {
  const slot = new LogicUnderTest();
  slot.type(`power o now${LEFT.repeat(4)}\t`);
  const list = slot.type("\t");
  assert.ok(list.startsWith("\r\non  off\r\nbmc> power o now"), JSON.stringify(list));
  assert.equal(screenLine(`${list}${slot.type("ff")}`), "bmc> power off now");
});

test("a completion that finds no room is not begun", () => {
  const full = `${" ".repeat(115)}statu`;
  assert.equal(shown(`${full}\t`), `bmc> ${full}`);
  const exact = `${" ".repeat(114)}statu`;
  assert.equal(shown(`${exact}\t`), `bmc> ${exact}s`, "the word, but no space");
  const half = `${" ".repeat(114)}calib`;
  const slot = new LogicUnderTest();
  assert.equal(slot.type(`${half}\t`), `${half}${BELL}`);
  assert.match(slot.type("\r"), /unknown command "calib"/);
});

test("a word too many for the line completes to nothing", () => {
  assert.equal(shown("log -f -f -f -f -f -f --r\t"), "bmc> log -f -f -f -f -f -f --raw ");
  for (const line of ["log -f -f -f -f -f -f -f --r", "log -f -f -f -f -f -f -f -f -f -f --r"]) {
    const slot = new LogicUnderTest();
    assert.equal(slot.type(`${line}\t`), `${line}${BELL}`);
    assert.match(slot.type("\r"), /error: too many words/);
  }
});

test("a completed line runs, and Tab while a log runs means nothing", () => {
  const slot = new LogicUnderTest();
  assert.match(slot.type("ver\t\r"), /^version \r\nracklet-bmc /);
  slot.type("log -f\r");
  assert.equal(slot.type("\t\t"), "");
  assert.equal(slot.type("\x03"), "bmc> ");
});
