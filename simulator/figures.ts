/**
 * What the image costs, measured in emulated cycles: the same figures on every machine, but for
 * the emulator's own speed, which is wall-clock time and says so.
 *
 * The model charges no XIP cache misses yet: code in flash runs as if it lay in zero-wait memory.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readSymbols } from "./elf.ts";
import { Event } from "./generated/abi.ts";
import { Slot } from "./slot.ts";
import { type TracePass, TraceRecorder } from "./trace.ts";

const DIRECTORY = fileURLToPath(new URL("../build/slot-hat", import.meta.url));
const CLK_SYS_MHZ = 125;

const USAGE = `usage: npm run figures -- [--json]

Measures the image of slot-hat in the emulator and prints a table, or JSON with --json.`;

/** All the console can be asked to do, mistakes and editing keys included: some of it is the deepest. */
const EVERYTHING = [
  "\x03log -n 20\r",
  "log --raw\r",
  "log -f --raw\r",
  "\x03nonsense\r",
  "power of\r",
  "log -n 9 --row\r",
  "\x1b[A\x1b[A\x1b[D\x1b[D\x7fx\x01y\x0b\x15\r",
  "status\r",
  "uptime\r",
  "version\r",
  "power reset --yes\r",
  "power cycle --yes\r",
  "log -f\r",
  "\x03power force-off --yes\r",
  "power on\r",
  "power off --yes\r",
];

interface Row {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** The goal it is held against, where there is one. */
  readonly goal?: string;
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kmeasuring ${what} `);
}

function started(): Slot {
  const slot = new Slot({ directory: DIRECTORY });
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  return slot;
}

/** Reset to prompt, and what the image has reserved. */
function bootFigures(): Row[] {
  progress("the way to the prompt");
  const size = JSON.parse(readFileSync(`${DIRECTORY}/size.json`, "utf8")) as Record<string, number>;
  const slot = started();
  return [
    { figure: "flash used", value: size.flash_used_bytes ?? 0, unit: "bytes", goal: "at most 163840" },
    { figure: "of it the module", value: size.wasm_bytes ?? 0, unit: "bytes" },
    { figure: "SRAM reserved", value: size.ram_used_bytes ?? 0, unit: "bytes", goal: "at most 212992" },
    { figure: "reset to first prompt", value: slot.machine.cycles, unit: "cycles" },
    {
      figure: "reset to first prompt",
      value: round(slot.machine.nanos / 1e6),
      unit: "ms",
      goal: "at most 150",
    },
  ];
}

/** Where the way to the prompt goes: cycles between the host's own milestones. */
function startFigures(): Row[] {
  progress("the steps of a start");
  const symbols = readSymbols(readFileSync(`${DIRECTORY}/firmware.elf`));
  const milestones = ["reset", "module_refusal", "engine_load", "m3_CompileModule", "engine_start"];
  const slot = new Slot({ directory: DIRECTORY });
  const reached = new Map<string, number>();
  const byAddress = new Map(milestones.map((name) => [symbols.get(name) ?? -1, name]));
  slot.machine.trace = (pc) => {
    const name = byAddress.get(pc);
    if (name && !reached.has(name)) reached.set(name, slot.machine.cycles);
  };
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  const between = (figure: string, from: string, to: string): Row => {
    const [began, ended] = [reached.get(from), reached.get(to)];
    if (began === undefined || ended === undefined) throw new Error(`${from} or ${to} was not reached`);
    return { figure, value: ended - began, unit: "cycles" };
  };
  return [
    { figure: "second stage", value: reached.get("reset") ?? 0, unit: "cycles" },
    between("start-up of the host", "reset", "module_refusal"),
    between("digest of the module", "module_refusal", "engine_load"),
    between("parsing and loading it", "engine_load", "m3_CompileModule"),
    between("compiling it for wasm3", "m3_CompileModule", "engine_start"),
  ];
}

/** Passes through the logic over a boot, by the events they were made for. */
function passFigures(): Row[] {
  progress("passes through the logic");
  const slot = new Slot({ directory: DIRECTORY });
  const recorder = new TraceRecorder(slot.machine, readSymbols(readFileSync(`${DIRECTORY}/firmware.elf`)));
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  slot.runFor(5000);
  for (const line of ["power on", "status", "sensors", "help"]) {
    slot.terminal.type(`${line}\r`);
    slot.runFor(400);
  }
  slot.runFor(8000);
  recorder.stop();
  const cyclesOf = (passes: readonly TracePass[]) => passes.map(({ cycles }) => cycles ?? 0);
  const rows: Row[] = [];
  const add = (figure: string, wanted: (pass: TracePass) => boolean) => {
    const cycles = cyclesOf(recorder.passes.filter(wanted));
    const mean = cycles.reduce((sum, value) => sum + value, 0) / cycles.length;
    rows.push({ figure: `${figure}, mean of ${cycles.length}`, value: Math.round(mean), unit: "cycles" });
    rows.push({ figure: `${figure}, most`, value: Math.max(...cycles), unit: "cycles" });
  };
  add("start", (pass) => pass.events === "start");
  add("idle pass", (pass) => pass.events === 0);
  add("input changed", (pass) => pass.events !== "start" && (pass.events & Event.INPUTS) !== 0);
  add("boot log arriving", (pass) => pass.events === Event.COMPUTE_RX);
  add("console input, commands included", (pass) => pass.events === Event.CONSOLE_RX);
  const captured = recorder.passes.filter((pass) => pass.events === Event.COMPUTE_RX);
  const bytes = captured
    .flatMap(({ calls }) => calls)
    .filter((call) => call.name === "uart_read" && call.scalars[0] === 0)
    .reduce((sum, call) => sum + Number(call.result ?? 0), 0);
  const total = cyclesOf(captured).reduce((sum, value) => sum + value, 0);
  rows.push({ figure: "a kilobyte of boot log", value: Math.round((total * 1024) / bytes), unit: "cycles" });
  return rows;
}

/** A whole boot followed on the console: the deepest stack and the busiest stretch there is. */
function stackFigures(): Row[] {
  progress("stack and load of a boot");
  const slot = started();
  const idleCycles = slot.machine.cycles;
  slot.runFor(10_000);
  const idle = (slot.machine.cycles - idleCycles) / 10 / 1000 / 1000;
  for (const line of ["help", "status", "sensors", "power on"]) {
    slot.terminal.type(`${line}\r`);
    slot.runFor(300);
  }
  slot.terminal.type("log -f\r");
  const [cycles, nanos] = [slot.machine.cycles, slot.machine.nanos];
  slot.runUntil(() => slot.compute.bootlogFinished, 120_000, "the boot log's end");
  const busy = (slot.machine.cycles - cycles) / ((slot.machine.nanos - nanos) / 1000);
  for (const line of EVERYTHING) {
    slot.terminal.type(line);
    slot.runFor(2500);
  }
  slot.terminal.type("\x03status\r");
  slot.runFor(500);
  const statuses = slot.terminal.text.matchAll(/stack +(\d+) of (\d+) bytes[\s\S]*?engine heap +(\d+) of /g);
  const [, used, reserved, heapUsed] = ([...statuses].at(-1) ?? []).map(Number);
  return [
    { figure: "native stack, high-water", value: used ?? 0, unit: "bytes" },
    {
      figure: "native stack beyond it",
      value: (reserved ?? 0) - (used ?? 0),
      unit: "bytes",
      goal: "at least 16384",
    },
    { figure: "engine heap used", value: heapUsed ?? 0, unit: "bytes" },
    { figure: "processor load, slot off", value: round((idle / CLK_SYS_MHZ) * 100, 4), unit: "%" },
    { figure: "processor load, booting, log followed", value: round((busy / CLK_SYS_MHZ) * 100), unit: "%" },
  ];
}

/** Emulated seconds per second of wall clock on this machine. */
function speedFigures(): Row[] {
  const speed = (slot: Slot, ms: number) => {
    const before = performance.now();
    slot.runFor(ms);
    return round(ms / (performance.now() - before), 1);
  };
  progress("the emulator's speed, slot off");
  const idle = started();
  idle.runFor(10_000); // the just-in-time compiler warms up
  const off = speed(idle, 600_000);
  progress("the emulator's speed, booting");
  const booting = started();
  booting.terminal.type("power on\rlog -f\r");
  booting.runFor(1000);
  return [
    { figure: "emulated seconds per second, slot off", value: off, unit: "(wall)", goal: "at least 20" },
    {
      figure: "emulated seconds per second, booting, log followed",
      value: speed(booting, 18_000),
      unit: "(wall)",
    },
  ];
}

function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

function main(words: readonly string[]): number {
  let options: { json?: boolean; help?: boolean };
  try {
    options = parseArgs({
      args: [...words],
      options: { json: { type: "boolean" }, help: { type: "boolean" } },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const rows = [...bootFigures(), ...startFigures(), ...passFigures(), ...stackFigures(), ...speedFigures()];
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  if (options.json) console.log(JSON.stringify(rows, null, 2));
  else {
    console.log("| figure | measured | goal |\n|---|---:|---|");
    for (const { figure, value, unit, goal } of rows) {
      console.log(
        `| ${figure} | ${value.toLocaleString("en", { maximumFractionDigits: 4 })} ${unit} | ${goal ?? ""} |`,
      );
    }
  }
  return 0;
}

process.exitCode = main(process.argv.slice(2));
