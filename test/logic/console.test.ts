/** The console shell: commands and line editing. No input of any kind stops it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleCommands } from "../../abi/console.ts";
import { contract } from "../../abi/contract.ts";
import { formNames, helpList, helpOf } from "../../scripts/generate/console.ts";
import { commandGraph, nodesOf } from "../../scripts/generate/console-graph.ts";
import { Port, Signal } from "../../simulator/generated/abi.ts";
import { unwrapped } from "../../simulator/start/answers.ts";
import { codesOf, RUNNING } from "../support/codes.ts";
import { LogicUnderTest, Random } from "../support/logic.ts";
import { screenLine } from "../support/screen-line.ts";

test("the logic ends the banner, which the host prints", () => {
  const slot = new LogicUnderTest();
  assert.equal(slot.printedSince(0), "\r\nbmc> ");
});

test("help prints what the table says, and help COMMAND explains each command", () => {
  const slot = new LogicUnderTest();
  assert.equal(slot.type("help\r"), answered("help", helpList()));
  for (const command of consoleCommands) {
    const line = `help ${command.name}`;
    assert.equal(slot.type(`${line}\r`), answered(line, helpOf(command)));
  }
  assert.match(
    slot.type("help statsu\r"),
    /\r\nerror: unknown command "statsu", did you mean "status"\?\r\n/,
  );
  assert.match(slot.type("help power on\r"), /error: nothing may follow "power"/);
});

/** The echo of a line, its answer and the next prompt. */
function answered(line: string, answer: readonly string[]): string {
  return [line, ...answer, "bmc> "].join("\r\n");
}

/** Shows that the power did something for this reason. */
function transition(reason: RegExp): (slot: LogicUnderTest) => void {
  return (slot) => assert.match(slot.type("power\r"), reason);
}

/** A line of each form, and what shows that the form's own function has run. */
const FORMS: Readonly<
  Record<string, readonly [line: string, ran: RegExp | ((slot: LogicUnderTest) => void)]>
> = {
  Help: ["help", /this list/],
  HelpCommand: ["help log", /example: log/],
  Status: ["status", /boot log {5}0 bytes captured/],
  Power: ["power", /slowest power-good since power-on/],
  PowerOn: ["power on", (slot) => assert.ok(slot.asserted(Signal.EN_RAIL_0))],
  PowerOff: ["power off --yes", (slot) => assert.ok(slot.asserted(Signal.SHUTDOWN_REQ))],
  PowerForceOff: ["power force-off --yes", transition(/force-off requested/)],
  PowerCycle: ["power cycle --yes", transition(/cycle requested/)],
  PowerReset: ["power reset --yes", transition(/reset requested/)],
  Fault: ["fault", /fault {8}none/],
  FaultTrace: ["fault trace", /error: there is no trace/],
  FaultClear: ["fault clear", /no fault is latched/],
  Events: ["events", /BMC started/],
  Log: ["log -n 5 --raw", /raw log from byte 0/],
  Sensors: ["sensors", /smallest {2}largest/],
  SensorsClear: ["sensors --clear", /^sensors --clear\r\nbmc> $/], // has a test of its own
  Calibrate: ["calibrate", /V5 {11}offset/],
  CalibrateSensorReading: ["calibrate V5 9999", /error: V5 needs a value in mV/],
  CalibrateSensorReset: ["calibrate V5 --reset", /V5 is as it came/],
  Policy: ["policy", /policy {7}last/],
  PolicyRestorePolicy: [
    "policy always-off",
    (slot) => assert.match(slot.type("policy\r"), /policy {7}always-off/),
  ],
  Version: ["version", /racklet-bmc .* board slot-hat/],
  Uptime: ["uptime", /BMC start {4}\d/],
  Reboot: ["reboot --yes", (slot) => assert.ok(slot.host.restartRequested)],
  Exit: ["exit", /\r\nThe console has no session to end/],
};
const FORMS_FOR_A_SLOT_THAT_IS_ON = /^Power(Off|ForceOff|Cycle|Reset)$/;

test("every form of the table runs its own function", () => {
  assert.deepEqual(Object.keys(FORMS), formNames());
  for (const [name, [line, ran]] of Object.entries(FORMS)) {
    const slot = new LogicUnderTest();
    if (FORMS_FOR_A_SLOT_THAT_IS_ON.test(name)) slot.powerOn();
    const answer = slot.type(`${line}\r`);
    if (typeof ran === "function") ran(slot);
    else assert.match(answer, ran, line);
    assert.doesNotMatch(answer, /error: (unknown|nothing may|this needs)/, line);
  }
});

test("sensors --clear forgets the extremes", () => {
  const slot = new LogicUnderTest();
  slot.host.converter.codes = codesOf(RUNNING);
  slot.powerOn();
  const smallestVin_mv = () => Number(/VIN +\d+ mV +(\d+)/.exec(slot.type("sensors\r"))?.[1]);
  slot.host.setCode(0, codesOf({ ...RUNNING, vin_mv: 11_700 })[0] ?? 0);
  slot.wait(300);
  slot.host.setCode(0, codesOf(RUNNING)[0] ?? 0);
  slot.wait(300);
  assert.ok(smallestVin_mv() < 11_800, "the dip is remembered");
  slot.type("sensors --clear\r");
  slot.wait(300);
  assert.ok(smallestVin_mv() > 11_900, "and forgotten");
});

test("every form is refused with a word too many, and without its --yes", () => {
  const lines = Object.values(FORMS).map(([line]) => line);
  const forms = consoleCommands.flatMap(({ forms }) => forms);
  for (const [index, line] of lines.entries()) {
    const slot = new LogicUnderTest();
    const answer = slot.type(`${line} rubbish\r`);
    assert.match(
      answer,
      /\r\nerror: (nothing may follow|unknown [a-z ]+ "rubbish"(\.\s+There (is|are)|; type help))/,
      line,
    );
    if (forms[index]?.confirmation !== "needed") continue;
    assert.match(
      slot.type(`${line.replace(" --yes", "")}\r`),
      /error: this needs --yes at the end\r\n/,
      line,
    );
  }
});

test("every word of the table is suggested for a word that is nearly it", () => {
  const slot = new LogicUnderTest();
  for (const { node, path } of nodesOf(commandGraph())) {
    for (const { label, isAlias } of node.edges) {
      if (typeof label !== "string" || isAlias) continue;
      const slip = `${label}_`;
      const line = `${path} ${slip}`.trim().replace("SENSOR", "V5");
      assert.ok(slot.type(`${line}\r`).includes(`"${slip}", did you mean "${label}"?`), line);
    }
  }
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

test("a word that is like none gets no suggestion, but the way to what there is", () => {
  const slot = new LogicUnderTest();
  assert.match(slot.type("frobnicate\r"), /error: unknown command "frobnicate"; type help\r\n/);
  assert.match(slot.type("help on\r"), /error: unknown command "on"; type help\r\n/);
  assert.match(
    unwrapped(slot.type("power up\r")),
    /unknown power command "up"\. There are on, off, force-off, cycle and reset\r\n/,
  );
  assert.match(slot.type("reboot now\r"), /unknown option "now"\. There is --yes\r\n/);
});

test("? is help, and exit, quit and logout say how to leave", () => {
  const slot = new LogicUnderTest();
  assert.equal(slot.type("?\r"), answered("?", helpList()));
  assert.match(slot.type("? power\r"), /\r\npower force-off --yes/);
  for (const line of ["exit", "quit", "logout"]) {
    assert.match(
      slot.type(`${line}\r`),
      /\r\nThe console has no session to end. Leave the terminal\r\nprogram/,
    );
  }
  assert.doesNotMatch(slot.type("q\t\t"), /quit/, "aliases are not completed");
});

test("a board that was pulled out is no fault", () => {
  const slot = new LogicUnderTest();
  slot.powerOn();
  slot.host.setInputs(Signal.PRESENT, 0);
  slot.wait(100);
  assert.match(
    slot.type("fault\r"),
    /\r\nfault {8}none since the compute board was pulled out, at \d+\.\d+ s\r\ntrace/,
  );
  assert.match(slot.type("status\r"), /board {8}absent\r\n[\s\S]*\r\nfault {8}none\r\n/);
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

test("--yes confirms only at the end of what needs it", () => {
  const slot = new LogicUnderTest();
  slot.powerOn();
  for (const line of ["power --yes off", "power --yes", "log --yes", "calibrate --yes"]) {
    assert.match(slot.type(`${line}\r`), /error: --yes belongs at the end of a command that needs it/, line);
  }
  assert.match(slot.type("status --yes\r"), /error: nothing may follow "status"/);
  assert.match(slot.type("power on --yes --yes\r"), /error: nothing may follow --yes/);
  assert.ok(slot.asserted(Signal.COMPUTE_RUN) && !slot.asserted(Signal.SHUTDOWN_REQ));
});

test("an unknown sensor or policy is answered with all there are", () => {
  const slot = new LogicUnderTest();
  assert.match(
    unwrapped(slot.type("calibrate V6 1\r")),
    /error: unknown sensor "V6", did you mean "V5"\? There are VIN, V5, V3V3, I5 and TEMPERATURE\r\n/,
  );
  assert.match(
    unwrapped(slot.type("policy always-of\r")),
    /unknown policy "always-of", did you mean "always-off"\? There are last, always-on and always-off\r\n/,
  );
});

test("a value out of its range names the range, and an option is no value", () => {
  const slot = new LogicUnderTest();
  for (const value of ["", " -1", " 5501", " 5,0"]) {
    assert.match(slot.type(`calibrate V5${value}\r`), /error: V5 needs a value in mV, 0 to 5500/, value);
  }
  assert.match(slot.type("calibrate V5 --rest\r"), /unknown option "--rest", did you mean "--reset"\?/);
  for (const value of ["", " 0", " 100001", " -f", " 1x"]) {
    assert.match(
      slot.type(`log -f -n${value}\r`),
      /error: -n needs a number of lines, 1 to 100000\r\n/,
      value,
    );
  }
});

test("CR, LF and CR LF each end a line once", () => {
  const slot = new LogicUnderTest();
  for (const end of ["\r", "\n", "\r\n"]) {
    const answer = slot.type(`version${end}`);
    assert.equal(answer.split("bmc> ").length - 1, 1, JSON.stringify(answer));
  }
});

test("line editing shows what it holds", () => {
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
  assert.match(slot.type("\r"), /error: unknown command "x{24}\.\.\."; type help/);
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
      "\t",
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
