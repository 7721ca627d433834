/**
 * The processor and its memories without a boot: an ELF file is loaded to its addresses, and its functions
 * are called by name. The build and the benchmarks use it to measure and compare code, and to run at build
 * time what need not run on every start.
 *
 * Exceptions work, with the ELF's vector table. Of the peripherals only those of the flash exist
 * (xip-control.ts).
 */
import { SystemBus } from "../chip/bus.ts";
import { Clock } from "../chip/clocks/clock.ts";
import { XipCache, type XipCacheOption } from "../chip/memory/xip-cache.ts";
import { XipAuxiliary, XipControl } from "../chip/memory/xip-control.ts";
import { readSegments, readSymbols } from "./elf.ts";

const XIP_BASE = 0x1000_0000;
const SRAM_BASE = 0x2000_0000;
const VECTORS = 0x1000_0100;
/** The address to which a called function returns: a breakpoint in ROM. */
const HOME = 0x40;
/** The instruction BKPT. The core stops there, and a handler in TypeScript replaces the function. */
const BKPT = 0xbe00;
const SLICE_CYCLES = 1 << 20;

export interface BareOptions {
  /** Size of the flash window, a power of two; the default is 2 MB. */
  readonly flashBytes?: number;
  /** Flash accepts stores as SRAM does, so that the build can create there what is read-only later. */
  readonly writableFlash?: boolean;
  /**
   * Charges cycles for misses of the flash's cache; off by default. A miss costs `missCycles`, or as much as
   * the firmware's second stage makes it cost. The cache starts empty, because nothing has booted.
   */
  readonly xipCache?: XipCacheOption;
}

export interface Returned {
  readonly r0: number;
  readonly r1: number;
  readonly cycles: number;
}

/** The call reached its cycle limit. */
export class CallTooLong extends Error {}

class BareBus extends SystemBus {
  writableFlash = false;

  override store32(address: number, value: number): void {
    if (this.writableFlash && address >>> 24 === 0x10) this.flash32[(address & 0xff_ffff) >>> 2] = value;
    else super.store32(address, value);
  }
  override store16(address: number, value: number): void {
    if (this.writableFlash && address >>> 24 === 0x10) this.flash16[(address & 0xff_ffff) >>> 1] = value;
    else super.store16(address, value);
  }
  override store8(address: number, value: number): void {
    if (this.writableFlash && address >>> 24 === 0x10) this.flash8[address & 0xff_ffff] = value;
    else super.store8(address, value);
  }
}

export class BareMachine {
  readonly bus: BareBus;
  readonly symbols: ReadonlyMap<string, number>;
  /** The cache before the flash with its counts; null where it is not modelled. */
  readonly cache: XipCache | null;
  /**
   * Called before each instruction with its address. Setting it selects a loop that is several times slower.
   */
  trace?: (pc: number) => void;
  #executed = 0;
  #running = false;
  readonly #handlers = new Map<number, () => void>();

  constructor(elf: Uint8Array, options: BareOptions = {}) {
    const flash = new Uint8Array(options.flashBytes ?? 2 << 20).fill(0xff);
    const segments = readSegments(elf);
    for (const { load, bytes } of segments) {
      if (load >>> 24 === XIP_BASE >>> 24) flash.set(bytes, load - XIP_BASE);
    }
    this.cache = XipCache.from(options.xipCache);
    this.bus = new BareBus(new Clock(), flash, this.cache);
    this.bus.writableFlash = options.writableFlash ?? false;
    this.bus.setXipBytes(flash.length);
    if (this.cache) this.cache.now = () => this.cycles;
    const control = new XipControl(this.bus);
    this.bus.attach("XIP_CTRL", control);
    this.bus.attach("XIP_AUX", new XipAuxiliary(this.bus, control));
    for (const { run, bytes } of segments) {
      if (run >>> 24 === SRAM_BASE >>> 24) this.bus.sram8.set(bytes, run - SRAM_BASE);
    }
    this.symbols = readSymbols(elf);
    const { cpu } = this.bus;
    cpu.reset();
    cpu.VTOR = VECTORS;
    cpu.SPmain = this.symbol("handler_stack_top");
    cpu.SPprocess = this.symbol("stack_top");
    cpu.writeSpecialRegister(20, 2); // thread mode on the process stack, as the host runs
    this.bus.rom[HOME >>> 1] = BKPT;
    cpu.onBreakpoint = () => {}; // BKPT stops the core; `callAt` looks where
  }

  /** Cycles executed in all calls so far. */
  get cycles(): number {
    return this.#executed + (this.#running ? this.bus.cpu.executed : 0);
  }

  /** Makes the next call start with a cold cache. */
  flushCache(): void {
    this.cache?.empty();
    this.bus.cpu.codeMoved();
  }

  symbol(name: string): number {
    const address = this.symbols.get(name);
    if (address === undefined) throw new Error(`the ELF file has no symbol ${name}`);
    return address;
  }

  /** Returns bytes of SRAM or flash as a view: writing to it writes the memory. */
  memory(address: number, length: number): Uint8Array {
    const { sram8, flash8 } = this.bus;
    const sram = address - SRAM_BASE;
    if (sram >= 0 && sram + length <= sram8.length) return sram8.subarray(sram, sram + length);
    const xip = address - XIP_BASE;
    if (xip >= 0 && xip + length <= flash8.length) return flash8.subarray(xip, xip + length);
    throw new Error(`no memory at 0x${address.toString(16)}, ${length} bytes`);
  }

  word(address: number): number {
    const bytes = this.memory(address, 4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  }

  text(address: number): string {
    let end = address;
    while (this.memory(end, 1)[0] !== 0) end++;
    return Buffer.from(this.memory(address, end - address)).toString("latin1");
  }

  /** Register `index` (0 to 15) at this moment; for handlers of `intercept`. */
  register(index: number): number {
    return this.bus.cpu.registers[index] as number;
  }

  /**
   * Makes `handler` run in place of the function from now on. It returns r0, r0 and r1, or nothing. If it
   * throws, the call under way ends.
   */
  intercept(name: string, handler: () => number | readonly [number, number] | undefined): void {
    const address = this.symbol(name);
    const { cpu } = this.bus;
    this.#setCode(address, BKPT);
    this.#handlers.set(address, () => {
      const result = handler();
      const [r0, r1] = typeof result === "object" ? result : [result, undefined];
      if (r0 !== undefined) cpu.registers[0] = r0;
      if (r1 !== undefined) cpu.registers[1] = r1;
      cpu.PC = cpu.LR;
    });
  }

  #setCode(address: number, instruction: number): void {
    const bytes = this.memory(address, 2);
    bytes[0] = instruction & 0xff;
    bytes[1] = instruction >>> 8;
    this.bus.cpu.codeMoved();
  }

  /**
   * Calls a function (AAPCS: four words in registers, the rest on the stack; the caller splits and aligns
   * 64-bit values). Throws what a handler threw, `CallTooLong`, or an Error if the core locked up.
   */
  call(name: string, words: readonly number[] = [], mostCycles = 1e9): Returned {
    return this.callAt(this.symbol(name), words, mostCycles);
  }

  callAt(address: number, words: readonly number[] = [], mostCycles = 1e9): Returned {
    const { cpu } = this.bus;
    const stackPointer = cpu.SP;
    const further = words.slice(4);
    cpu.SP = stackPointer - ((further.length * 4 + 7) & ~7);
    for (const [index, word] of further.entries())
      this.bus.sram32[(cpu.SP - SRAM_BASE + 4 * index) >>> 2] = word;
    for (let index = 0; index < 4; index++) cpu.registers[index] = words[index] ?? 0;
    cpu.LR = HOME | 1;
    cpu.PC = address;
    let cycles = 0;
    try {
      while (cpu.PC !== HOME) {
        cycles += this.#run(Math.min(SLICE_CYCLES, mostCycles - cycles));
        this.#handlers.get(cpu.PC)?.();
        if (cpu.lockedUp) {
          const { reason, pc } = cpu.lastFault ?? { reason: "?", pc: 0 };
          throw new Error(`locked up: ${reason} at 0x${pc.toString(16)}`);
        }
        if (cycles >= mostCycles) {
          throw new CallTooLong(`${cycles} cycles in the function at 0x${address.toString(16)}`);
        }
      }
    } catch (error) {
      this.#abandon(stackPointer);
      throw error;
    }
    cpu.SP = stackPointer;
    return { r0: this.register(0), r1: this.register(1), cycles };
  }

  #run(cycles: number): number {
    const { cpu } = this.bus;
    this.#running = true;
    try {
      return this.trace ? cpu.runTraced(cycles, this.trace) : cpu.run(cycles);
    } finally {
      this.#running = false;
      this.#executed += cpu.executed;
    }
  }

  /** Returns the core to an idle thread mode after a call that ended early, perhaps inside a handler. */
  #abandon(stackPointer: number): void {
    const { cpu } = this.bus;
    const { VTOR } = cpu;
    cpu.reset();
    cpu.VTOR = VTOR;
    cpu.SPmain = this.symbol("handler_stack_top");
    cpu.SPprocess = stackPointer;
    cpu.writeSpecialRegister(20, 2);
  }
}
