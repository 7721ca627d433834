/**
 * Counts the cycles of each function, and how many of them are waits for the flash. This shows which
 * functions are worth the SRAM they would take.
 *
 * Attached to an emulated chip, the profile uses its trace and with it the slow loop. The cycles between two
 * instructions belong to the first of them, including its fetch. The cycles of entering an exception belong
 * to the instruction that was interrupted.
 */
import type { XipCache } from "../chip/memory/xip-cache.ts";
import { type FunctionRange, readFunctions } from "./elf.ts";

/** An `Rp2040` or a `BareMachine`. */
export interface Profiled {
  trace?: (pc: number) => void;
  readonly cycles: number;
  readonly cache: XipCache | null;
}

export interface ProfileRow {
  /** Name in the ELF file; a name in brackets stands for code outside its functions. */
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
  readonly instructions: number;
  /** All cycles spent in the function itself, including waits, without those of the functions it calls. */
  readonly cycles: number;
  /** Cycles of waiting for its instructions, for data that it read from flash, and for both. */
  readonly fetchMissCycles: number;
  readonly dataMissCycles: number;
  readonly missCycles: number;
}

interface Tally {
  readonly range: FunctionRange;
  instructions: number;
  cycles: number;
  fetchMissCycles: number;
  dataMissCycles: number;
}

export class Profile {
  readonly #machine: Profiled;
  readonly #before: ((pc: number) => void) | undefined;
  readonly #functions: readonly Tally[];
  /** Code outside every function, by region: the boot ROM, the second stage in SRAM. */
  readonly #elsewhere = new Map<number, Tally>();
  #current: Tally;
  #stopped = false;
  /** The counts before the instruction under way. */
  #cycles = 0;
  #fetchMissCycles = 0;
  #dataMissCycles = 0;

  /** Counts from now on, until `stop`. A trace that is already set is still called. */
  constructor(machine: Profiled, elf: Uint8Array) {
    this.#machine = machine;
    this.#functions = readFunctions(elf).map(tally);
    // Nothing has been executed yet, so that this entry counts nothing.
    this.#current = tally({ name: "", address: 0, bytes: 0 });
    this.#before = machine.trace;
    this.#take();
    machine.trace = (pc) => {
      this.#before?.(pc);
      this.#step(pc);
    };
  }

  /** Stops counting and restores the former trace. */
  stop(): void {
    this.#book();
    this.#stopped = true;
    this.#machine.trace = this.#before;
  }

  /** The functions executed so far, those with most miss cycles first, then those with most cycles. */
  rows(): ProfileRow[] {
    this.#book();
    return [...this.#functions, ...this.#elsewhere.values()]
      .filter(({ instructions }) => instructions > 0)
      .map(({ range, ...counts }) => ({
        ...range,
        ...counts,
        missCycles: counts.fetchMissCycles + counts.dataMissCycles,
      }))
      .sort((one, other) => other.missCycles - one.missCycles || other.cycles - one.cycles);
  }

  #step(pc: number): void {
    this.#book();
    const { address, bytes } = this.#current.range;
    if (pc < address || pc >= address + bytes) this.#current = this.#at(pc);
    this.#current.instructions++;
  }

  /** Adds the cycles since the last instruction began to that instruction's function. */
  #book(): void {
    if (this.#stopped) return;
    const current = this.#current;
    const [cycles, fetch, data] = [this.#cycles, this.#fetchMissCycles, this.#dataMissCycles];
    this.#take();
    current.cycles += this.#cycles - cycles;
    current.fetchMissCycles += this.#fetchMissCycles - fetch;
    current.dataMissCycles += this.#dataMissCycles - data;
  }

  #take(): void {
    const { cycles, cache } = this.#machine;
    this.#cycles = cycles;
    if (!cache) return;
    this.#fetchMissCycles = cache.fetchStallCycles;
    this.#dataMissCycles = cache.dataStallCycles;
  }

  #at(pc: number): Tally {
    let low = 0;
    let high = this.#functions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#functions[middle] as Tally).range.address <= pc) low = middle + 1;
      else high = middle;
    }
    const found = this.#functions[low - 1];
    if (found && pc < found.range.address + found.range.bytes) return found;
    return this.#outside(pc);
  }

  #outside(pc: number): Tally {
    const region = pc >>> 24;
    let found = this.#elsewhere.get(region);
    if (!found) {
      found = tally({
        name: `(0x${region.toString(16).padStart(2, "0")}…)`,
        address: region << 24,
        bytes: 0,
      });
      this.#elsewhere.set(region, found);
    }
    return found;
  }
}

function tally(range: FunctionRange): Tally {
  return { range, instructions: 0, cycles: 0, fetchMissCycles: 0, dataMissCycles: 0 };
}
