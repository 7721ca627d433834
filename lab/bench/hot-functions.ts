/**
 * Finds the functions that run in nearly every pass, for scripts/build/aot/hot-functions.ts: those of the
 * logic, and those of the host that are in flash or would be without the list.
 */
import { readFileSync } from "node:fs";
import {
  type HotFunctions,
  nameWithoutNumber,
  readHotFunctions,
} from "../../scripts/build/aot/hot-functions.ts";
import { Frames } from "../../scripts/build/frames.ts";
import { Slot } from "../../simulator/slot/slot.ts";
import { type FunctionRange, readFunctions, readSymbols } from "../../simulator/tools/elf.ts";

/**
 * In so many of a hundred passes. Our choice: with it the list has the code between the events and the
 * parts of the logic, and leaves out what runs only when readings come in, which is as much again and saves a
 * tenth as many cycles.
 */
const HOT_PERCENT = 90;

const FLASH = 0x1000_0000;
const SRAM = 0x2000_0000;

/**
 * `directory`: an image with the ahead-of-time engine. The slot is off, comes up and boots, as most slots do
 * most of the time; nothing is typed but one command.
 */
export async function findHotFunctions(directory: string): Promise<HotFunctions> {
  const elf = readFileSync(`${directory}/firmware.elf`);
  const early = await earlyFunctions(`${directory}/firmware.elf`);
  const slot = new Slot({ directory });
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  const passes = new PassFunctions(slot, elf);
  for (let change = 0; change < 10; change++) {
    slot.signal("HALTED")?.drive("bench", change % 2 === 0 ? true : null);
    slot.runFor(200);
  }
  slot.terminal.type("power on\r");
  slot.runFor(2500);
  const listed = new Set(readHotFunctions().host);
  const hot = passes.stop();
  const logic = hot.filter(({ name }) => /^f\d+_/.test(name)).map(({ name }) => nameWithoutNumber(name));
  const host = hot
    .filter(({ name, address }) => !/^f\d+_|^__/.test(name) && (address < SRAM || listed.has(name)))
    .filter(({ name }) => !early.has(name))
    .map(({ name }) => nameWithoutNumber(name));
  return { logic: [...new Set(logic)].sort(), host: [...new Set(host)].sort() };
}

/**
 * Returns what the start and a crash need before the code in SRAM has been copied. These functions must run
 * from flash.
 */
export async function earlyFunctions(elf: string): Promise<ReadonlySet<string>> {
  const frames = await Frames.of(elf);
  const found = new Set<string>();
  const open = ["start_up", "hard_fault_report", "retained_restart"];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    // retained_restart calls it only once the code in SRAM is there.
    if (found.has(name) || /smbus_alert_release/.test(name)) continue;
    found.add(name);
    open.push(...frames.calls(name).callees);
  }
  return found;
}

/** Counts in how many passes each function runs, from now on, interrupts in between included. */
class PassFunctions {
  readonly #slot: Slot;
  readonly #functions: readonly FunctionRange[];
  readonly #passesOf = new Map<FunctionRange, number>();
  #passes = 0;

  constructor(slot: Slot, elf: Uint8Array) {
    this.#slot = slot;
    this.#functions = readFunctions(elf).sort((one, other) => one.address - other.address);
    const entry = readSymbols(elf).get("engine_handle");
    if (entry === undefined) throw new Error("the firmware has no function engine_handle");
    this.#watch(entry);
  }

  #watch(entry: number): void {
    const { chip } = this.#slot;
    const { registers } = chip.bus.core;
    /** The functions of the pass under way, and where it ends. */
    let run: Set<FunctionRange> | null = null;
    let end = { pc: 0, sp: 0 };
    let current: FunctionRange | undefined;
    chip.trace = (pc) => {
      if (pc === entry) {
        run = new Set();
        end = { pc: (registers[14] ?? 0) & ~1, sp: registers[13] ?? 0 };
      } else if (run && pc === end.pc && registers[13] === end.sp) {
        for (const one of run) this.#passesOf.set(one, (this.#passesOf.get(one) ?? 0) + 1);
        this.#passes++;
        run = null;
      }
      if (!run || pc < FLASH) return;
      if (current && pc >= current.address && pc < current.address + current.bytes) {
        run.add(current);
        return;
      }
      current = this.#at(pc);
      if (current) run.add(current);
    };
  }

  /** Returns the hot functions. */
  stop(): FunctionRange[] {
    delete this.#slot.chip.trace;
    if (this.#passes === 0) throw new Error("no pass was measured");
    const least = (this.#passes * HOT_PERCENT) / 100;
    return [...this.#passesOf].filter(([, passes]) => passes >= least).map(([one]) => one);
  }

  #at(pc: number): FunctionRange | undefined {
    let low = 0;
    let high = this.#functions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#functions[middle] as FunctionRange).address <= pc) low = middle + 1;
      else high = middle;
    }
    const found = this.#functions[low - 1];
    return found && pc < found.address + found.bytes ? found : undefined;
  }
}
