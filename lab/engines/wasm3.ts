/** Runs a module with wasm3 in the emulator: it is parsed and compiled there, as in the build. */
import { readFileSync } from "node:fs";
import { contract } from "../../abi/contract.ts";
import { BareMachine, type BareOptions } from "../../simulator/tools/bare.ts";
import { bareImage } from "./bare/image.ts";
import { type Call, digest, type Outcome, trapText } from "./outcome.ts";

const MEMORY_BYTES = contract.memory.bytes;
const VALUE_STACK_BYTES = 32 * 1024;
const MOST_CYCLES = 2e9;
/**
 * The addresses in flash of the module, and of names and arguments: behind wasm3's allocations
 * (bare/bare.c).
 */
const MODULE = 0x1018_0000;
const ARGUMENTS = 0x101f_0000;

/** Results of operations up to this are trap kinds, not addresses of a text. */
const MOST_TRAPS = 16;
/** Stands for the result of a call that filled the native stack. */
const STACK_FULL = -1;
const STACK_GUARD_BYTES = 256;
const STACK_TRAP = "trap CALL_STACK";

class StackFull extends Error {}

const CALLS = [
  "bare_reset",
  "m3_NewEnvironment",
  "m3_NewRuntime",
  "m3_ParseModule",
  "m3_LoadModule",
  "m3_CompileModule",
  "m3_FindFunction",
  "m3_Call",
  "m3_GetResults",
  "m3_GetMemory",
];

export class Wasm3 {
  readonly machine: BareMachine;

  private constructor(elf: Uint8Array, options: BareOptions) {
    this.machine = new BareMachine(elf, { ...options, writableFlash: true });
    this.machine.intercept("hard_fault_report", () => {
      const { cpu } = this.machine.bus;
      // Every operation takes native stack, so deep code reaches its end. The BMC would restart then.
      if (cpu.SPprocess < this.machine.symbol("stack_bottom") + STACK_GUARD_BYTES) throw new StackFull();
      const { pc, reason } = cpu.lastFault ?? { pc: 0, reason: "?" };
      throw new Error(`HardFault at 0x${pc.toString(16)}: ${reason}`);
    });
  }

  static async create(folder: string, options: BareOptions = {}): Promise<Wasm3> {
    return new Wasm3(readFileSync(await bareImage(folder, { wasm3: true, calls: CALLS })), options);
  }

  #text(address: number, text: string): number {
    this.machine.memory(address, text.length + 1).set(Buffer.from(`${text}\0`, "latin1"));
    return address;
  }

  #setWord(address: number, word: number): void {
    const bytes = this.machine.memory(address, 4);
    new DataView(bytes.buffer, bytes.byteOffset, 4).setUint32(0, word, true);
  }

  #must(name: string, words: readonly number[]): number {
    const { r0 } = this.machine.call(name, words, MOST_CYCLES);
    if (r0 !== 0) throw new Error(`${name}: ${this.machine.text(r0)}`);
    return r0;
  }

  /** Parses, loads and compiles a module. Returns the runtime. Throws an Error with wasm3's message. */
  load(bytes: Uint8Array): number {
    const { machine } = this;
    machine.call("bare_reset", [VALUE_STACK_BYTES]);
    const environment = machine.call("m3_NewEnvironment").r0;
    const runtime = machine.call("m3_NewRuntime", [environment, VALUE_STACK_BYTES, 0]).r0;
    if (runtime === 0) throw new Error("wasm3 has no memory for its runtime");
    machine.memory(MODULE, bytes.length).set(bytes);
    this.#must("m3_ParseModule", [environment, ARGUMENTS, MODULE, bytes.length]);
    const module = machine.word(ARGUMENTS);
    this.#must("m3_LoadModule", [runtime, module]);
    // Compiled code relies on this size (host/engine/wasm3/calling-convention.h).
    const { length } = this.memory(runtime);
    if (length !== MEMORY_BYTES) throw new Error(`wasm3 gives a memory of ${length} bytes`);
    this.#must("m3_CompileModule", [module]);
    return runtime;
  }

  memory(runtime: number): Uint8Array {
    const address = this.machine.call("m3_GetMemory", [runtime, ARGUMENTS, 0]).r0;
    return this.machine.memory(address, this.machine.word(ARGUMENTS));
  }

  /** Returns the call's result, "nothing" or "trap KIND", and the cycles it took. */
  call(runtime: number, { name, args, result }: Call): { given: string; cycles: number } {
    const { machine } = this;
    this.#must("m3_FindFunction", [ARGUMENTS, runtime, this.#text(ARGUMENTS + 4096, name)]);
    const found = machine.word(ARGUMENTS);
    for (const [index, value] of args.entries()) {
      this.#setWord(ARGUMENTS + 256 + 8 * index, Number(value & 0xffff_ffffn));
      this.#setWord(ARGUMENTS + 260 + 8 * index, Number(value >> 32n));
      this.#setWord(ARGUMENTS + 4 * index, ARGUMENTS + 256 + 8 * index);
    }
    const { r0, cycles } = this.#invoke(found, args.length);
    if (r0 === STACK_FULL) return { given: STACK_TRAP, cycles };
    if (r0 !== 0) return { given: this.#trapAt(r0), cycles };
    if (result === undefined) return { given: "nothing", cycles };
    this.#setWord(ARGUMENTS, ARGUMENTS + 256);
    this.#must("m3_GetResults", [found, 1, ARGUMENTS]);
    const [low, high] = [BigInt(machine.word(ARGUMENTS + 256)), BigInt(machine.word(ARGUMENTS + 260))];
    return { given: (result === "i" ? low : (high << 32n) | low).toString(), cycles };
  }

  #invoke(found: number, count: number): { r0: number; cycles: number } {
    try {
      return this.machine.call("m3_Call", [found, count, ARGUMENTS], MOST_CYCLES);
    } catch (error) {
      if (error instanceof StackFull) return { r0: STACK_FULL, cycles: 0 };
      throw error;
    }
  }

  /** Small numbers are trap kinds, plus one (host/engine/wasm3/results.h). */
  #trapAt(address: number): string {
    if (address > MOST_TRAPS) throw new Error(`wasm3 ended with "${this.machine.text(address)}"`);
    return trapText(address - 1);
  }

  run(bytes: Uint8Array, calls: readonly Call[]): Outcome {
    const runtime = this.load(bytes);
    const results = calls.map((call) => this.call(runtime, call).given);
    return { calls: results, memory: digest(this.memory(runtime)) };
  }
}
