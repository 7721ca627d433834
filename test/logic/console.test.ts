/** The console shell: commands and line editing. No input of any kind stops it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contract } from "../../abi/contract.ts";
import { Port, Signal } from "../../simulator/generated/abi.ts";
import { LogicUnderTest, Random } from "../support/logic.ts";

test("the banner, whose beginning the host prints, names the command help", () => {
  const slot = new LogicUnderTest();
  assert.equal(slot.printedSince(0), ", type help\r\nbmc> ");
});

test("help, the shell and its suggestions have the same commands", () => {
  const source = readFileSync(new URL("../../assembly/console/shell.ts", import.meta.url), "utf8");
  const list = /const COMMANDS[^[]*\[([^\]]*)\]/.exec(source)?.[1] ?? "";
  const suggested = [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1]).sort();
  const slot = new LogicUnderTest();
  const help = slot.type("help\r");
  const helped = [...new Set([...help.matchAll(/^([a-z]+) /gm)].map((match) => match[1]))].sort();
  assert.ok(helped.length >= 8);
  assert.deepEqual(helped, suggested);
  for (const command of helped) assert.doesNotMatch(slot.type(`${command}\r`), /error: unknown/, command);
});

test("unknown input gets one line that names the nearest command", () => {
  const slot = new LogicUnderTest();
  assert.match(
    slot.type("statsu\r"),
    /\r\nerror: unknown command "statsu", did you mean "status"\?\r\nbmc> $/,
  );
  assert.match(slot.type("power of\r"), /did you mean "off"\?/);
  assert.match(slot.type("log --raww\r"), /did you mean "--raw"\?/);
  assert.match(slot.type("power off --yse\r"), /did you mean "--yes"\?/);
});

test("commands that could do harm do nothing without --yes", () => {
  const slot = new LogicUnderTest();
  slot.powerOn();
  for (const command of ["power off", "power force-off", "power cycle", "power reset", "reboot"]) {
    assert.match(slot.type(`${command}\r`), /error: this needs --yes/);
    assert.ok(slot.asserted(Signal.COMPUTE_RUN));
    assert.ok(!slot.asserted(Signal.SHUTDOWN_REQ));
  }
  assert.equal(slot.host.restartRequested, false);
  slot.type("reboot --yes\r");
  assert.equal(slot.host.restartRequested, true);
  assert.ok(slot.asserted(Signal.EN_RAIL_1), "restarting the BMC leaves the power");
});

test("extra words are refused instead of ignored", () => {
  const slot = new LogicUnderTest();
  assert.match(slot.type("status now\r"), /error: nothing may follow "status"/);
  assert.match(slot.type("power off --yes now\r"), /error: nothing may follow --yes/);
  assert.match(slot.type("log -n 0\r"), /error: -n needs a number of lines/);
  assert.match(slot.type("log -n\r"), /error: -n needs a number of lines/);
  assert.match(slot.type("a b c d e f g h i\r"), /error: too many words/);
});

test("CR, LF and CR LF each end a line once", () => {
  const slot = new LogicUnderTest();
  for (const end of ["\r", "\n", "\r\n"]) {
    const answer = slot.type(`version${end}`);
    assert.equal(answer.split("bmc> ").length - 1, 1, JSON.stringify(answer));
  }
});

/** The last line of a terminal after this output. It knows as much of ECMA-48 as the editor prints. */
function screenLine(output: string): string {
  let line: string[] = [];
  let column = 0;
  for (let i = 0; i < output.length; i++) {
    const sequence = /^\x1b\[(\d*)([A-Za-z])/.exec(output.slice(i));
    if (sequence) {
      i += sequence[0].length - 1;
      if (sequence[2] === "K") line = line.slice(0, column);
      else if (sequence[2] === "D") column = Math.max(0, column - Number(sequence[1] || 1));
      else assert.fail(`unexpected sequence ${JSON.stringify(sequence[0])}`);
    } else if (output[i] === "\r") column = 0;
    else if (output[i] === "\n") line = [];
    else if (output[i] === "\b") column--;
    else if (output[i] !== "\x07") line[column++] = output[i] ?? "";
  }
  return line.join("");
}

test("line editing shows the line that it holds", () => {
  const keys: [string, string, string][] = [
    ["typing", "status", "status"],
    ["backspace", "statux\x7fs", "status"],
    ["insertion in the middle", "sttus\x1b[D\x1b[D\x1b[Da", "status"],
    ["Ctrl-A, Ctrl-E", "tatu\x01s\x05s", "status"],
    ["Ctrl-W takes a word", "power off\x17on", "power on"],
    ["Ctrl-U takes what is before", "rubbish\x15status", "status"],
    ["Ctrl-K takes what is behind", "status rubbish\x1b[H\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x0b", "status"],
    ["delete key", "sxtatus\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[3~", "status"],
    ["unknown sequences vanish", "sta\x1b[99;5Xtus\x1bZ", "status"],
  ];
  for (const [what, typed, shown] of keys) {
    const slot = new LogicUnderTest();
    assert.equal(screenLine(`\nbmc> ${slot.type(typed)}`), `bmc> ${shown}`, what);
  }
});

test("history goes back four lines and forth again", () => {
  const slot = new LogicUnderTest();
  for (const line of ["version", "uptime", "a1", "a2", "a3"]) slot.type(`${line}\r`);
  const up = "\x1b[A";
  assert.equal(screenLine(`\nbmc> ${slot.type(up)}`), "bmc> a3");
  assert.equal(screenLine(`\nbmc> a3${slot.type(up + up + up)}`), "bmc> uptime");
  const stay = slot.type(up);
  assert.ok(stay.includes("\x07"), "a bell at the end");
  assert.equal(screenLine(`\nbmc> uptime${slot.type("\x1b[B\x1b[B\x1b[B\x1b[B")}`), "bmc> ");
});

test("a line may be 120 characters long; more characters ring the bell and are dropped", () => {
  const slot = new LogicUnderTest();
  const answer = slot.type("x".repeat(300));
  assert.equal(screenLine(`\nbmc> ${answer}`), `bmc> ${"x".repeat(120)}`);
  assert.equal(answer.split("\x07").length - 1, 180);
  assert.match(slot.type("\r"), /error: unknown command "x{120}"/);
});

test("a notice appears above the line being typed, which stays", () => {
  const slot = new LogicUnderTest();
  slot.type("power on\r");
  slot.type("sta");
  const mark = slot.printed;
  slot.host.setInputs(Signal.PG_RAIL_0, Signal.PG_RAIL_0);
  slot.wait(1);
  assert.match(
    slot.printedSince(mark),
    /^\r\x1b\[K\[ +\d+\.\d{3}\] power: 3V3_AUX good after \d+ ms\r\nbmc> sta$/,
  );
  assert.match(slot.type("tus\r"), /power {8}coming up/);
});

test("output waits when there is no room, and nothing is lost", () => {
  const slot = new LogicUnderTest();
  const commands = 60;
  slot.host.receive(Port.CONSOLE, "help\r".repeat(commands));
  const mark = slot.printed;
  slot.wait(100);
  const printed = slot.printedSince(mark);
  assert.equal(printed.split("this list").length - 1, commands);
  assert.match(slot.type("status\r"), /console {6}0 bytes lost in, 0 out/);
});

test("random bytes of any kind and length never stop it (seed printed on failure)", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    const slot = new LogicUnderTest();
    const fragments = [
      "power ",
      "on",
      "off",
      "--yes",
      "log ",
      "-f",
      "-n 3",
      "--raw",
      "\r",
      "\n",
      "\x03",
      "\x1b[",
      "\x1b",
    ];
    for (let i = 0; i < 3000; i++) {
      const length = random.below(12);
      let text = "";
      for (let j = 0; j < length; j++) {
        text +=
          random.below(4) === 0
            ? fragments[random.below(fragments.length)]
            : String.fromCharCode(random.below(256));
      }
      slot.type(text);
    }
    slot.type("\x03\x1b\x1b\x03");
    const answer = slot.type("\x03\x15version\r");
    assert.match(
      answer,
      new RegExp(`contract ${contract.version}`),
      `seed ${seed}: ${JSON.stringify(answer)}`,
    );
  }
});
