/**
 * Measures an image in the emulator, with cache misses counted: the time to the prompt, passes through the
 * logic, native stack, load. The figures are the same on every machine.
 */
import { readFileSync } from "node:fs";
import type { Sizes } from "../../scripts/build/sizes.ts";
import { Event } from "../../simulator/generated/abi.ts";
import { Slot } from "../../simulator/slot/slot.ts";
import { readSymbols } from "../../simulator/tools/elf.ts";
import { Profile, type ProfileRow } from "../../simulator/tools/profile.ts";
import { type TracePass, TraceRecorder } from "../../simulator/tools/trace.ts";

const CLK_SYS_MHZ = 125;

/** Every console command, with mistakes and editing keys: some of these cause the deepest stack. */
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

export interface PassFigure {
  readonly mean: number;
  readonly most: number;
}

export interface FirmwareFigures {
  readonly prompt_cycles: number;
  readonly prompt_ms: number;
  readonly idle_event_cycles: number;
  readonly bootlog_kb_cycles: number;
  readonly flash_bytes: number;
  readonly sram_bytes: number;
  /** The high-water mark after every console command. */
  readonly stack_bytes: number;
  readonly stack_reserved_bytes: number;
  /** The most that a pass can need, as the build has computed it; null if there is no bound. */
  readonly stack_bound_bytes: number | null;
  /** The passes by the events they were made for. */
  readonly passes: Readonly<Record<string, PassFigure>>;
  /** In percent of the processor's time. */
  readonly load_off: number;
  readonly load_booting: number;
}

function started(directory: string): Slot {
  const slot = new Slot({ directory, xipCache: true });
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  return slot;
}

function passFigures(directory: string): { passes: Record<string, PassFigure>; kilobyte: number } {
  const slot = new Slot({ directory, xipCache: true });
  const recorder = new TraceRecorder(slot.chip, readSymbols(readFileSync(`${directory}/firmware.elf`)));
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  // An input that changes while the slot is off causes a pass that has nothing to do.
  for (let change = 0; change < 10; change++) {
    slot.signal("HALTED")?.drive("bench", change % 2 === 0 ? true : null);
    slot.runFor(500);
  }
  const idlePasses = recorder.passes.length;
  for (const line of ["power on", "status", "sensors", "help"]) {
    slot.terminal.type(`${line}\r`);
    slot.runFor(400);
  }
  slot.runFor(8000);
  recorder.stop();
  const passes: Record<string, PassFigure> = {};
  const add = (figure: string, wanted: (pass: TracePass, index: number) => boolean) => {
    const cycles = recorder.passes.filter(wanted).map((pass) => pass.cycles ?? 0);
    if (cycles.length === 0) throw new Error(`no pass was measured: ${figure}`);
    const mean = cycles.reduce((sum, value) => sum + value, 0) / cycles.length;
    passes[figure] = { mean: Math.round(mean), most: Math.max(...cycles) };
  };
  add("start", (pass) => pass.events === "start");
  // Only until something is switched on: later, these events have other causes.
  add("idle", (pass, index) => pass.events === Event.INPUTS && index < idlePasses);
  add("readings, ten times a second", (pass, index) => pass.events === Event.TIMER && index < idlePasses);
  const changed = (events: TracePass["events"]) => events !== "start" && (events & Event.INPUTS) !== 0;
  add("input changed", ({ events }, index) => changed(events) && index >= idlePasses);
  add("boot log arriving", (pass) => pass.events === Event.COMPUTE_RX);
  add("console input, commands included", (pass) => pass.events === Event.CONSOLE_RX);
  const captured = recorder.passes.filter((pass) => pass.events === Event.COMPUTE_RX);
  const bytes = captured
    .flatMap(({ calls }) => calls)
    .filter((call) => call.name === "uart_read" && call.scalars[0] === 0)
    .reduce((sum, call) => sum + Number(call.result ?? 0), 0);
  if (bytes === 0) throw new Error("no boot log was captured");
  const total = captured.reduce((sum, pass) => sum + (pass.cycles ?? 0), 0);
  return { passes, kilobyte: Math.round((total * 1024) / bytes) };
}

/**
 * Follows a whole boot on the console and then runs everything else: the deepest stack and the busiest
 * time.
 */
function loadFigures(directory: string) {
  const slot = started(directory);
  const idleCycles = slot.chip.cycles;
  slot.runFor(10_000);
  const idle = (slot.chip.cycles - idleCycles) / 10e6 / CLK_SYS_MHZ;
  for (const line of ["help", "status", "sensors", "power on"]) {
    slot.terminal.type(`${line}\r`);
    slot.runFor(300);
  }
  slot.terminal.type("log -f\r");
  const [cycles, nanos] = [slot.chip.cycles, slot.chip.nanos];
  slot.runUntil(() => slot.compute.bootlogFinished, 120_000, "the boot log's end");
  const busy = ((slot.chip.cycles - cycles) * 1000) / (slot.chip.nanos - nanos) / CLK_SYS_MHZ;
  for (const line of EVERYTHING) {
    slot.terminal.type(line);
    slot.runFor(2500);
  }
  slot.terminal.type("\x03status\r");
  slot.runFor(500);
  const statuses = slot.terminal.text.matchAll(/stack +(\d+) of (\d+) bytes/g);
  const last = [...statuses].at(-1);
  if (last === undefined) throw new Error("the console's status does not show the stack");
  const [, stack = 0, reserved = 0] = last.map(Number);
  return { stack, reserved, load_off: round(idle * 100, 4), load_booting: round(busy * 100, 2) };
}

export function measureFirmware(directory: string, progress: (what: string) => void): FirmwareFigures {
  const size = JSON.parse(readFileSync(`${directory}/size.json`, "utf8")) as Sizes;
  progress("the way to the prompt");
  const { chip } = started(directory);
  progress("passes through the logic");
  const { passes, kilobyte } = passFigures(directory);
  progress("stack and load of a boot");
  const { stack, reserved, load_off, load_booting } = loadFigures(directory);
  return {
    prompt_cycles: chip.cycles,
    prompt_ms: round(chip.nanos / 1e6, 2),
    idle_event_cycles: passes.idle?.mean ?? 0,
    bootlog_kb_cycles: kilobyte,
    flash_bytes: size.flash_used_bytes,
    sram_bytes: size.ram_used_bytes,
    stack_bytes: stack,
    stack_reserved_bytes: reserved,
    stack_bound_bytes: size.native_stack_bytes?.handle ?? null,
    passes,
    load_off,
    load_booting,
  };
}

/**
 * Ranks functions by how long they wait for flash, from the prompt through a whole boot followed on the
 * console.
 */
export function profileFirmware(directory: string): ProfileRow[] {
  const slot = started(directory);
  slot.runFor(3000);
  const profile = new Profile(slot.chip, readFileSync(`${directory}/firmware.elf`));
  for (const line of ["power on", "status", "sensors", "log -f"]) {
    slot.terminal.type(`${line}\r`);
    slot.runFor(400);
  }
  slot.runFor(20_000);
  profile.stop();
  return profile.rows();
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
