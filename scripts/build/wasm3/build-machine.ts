/**
 * Runs host/engine/wasm3/builder.c in the emulator: the linked image, in a machine whose flash is writable.
 */
import { BareMachine } from "../../../simulator/tools/bare.ts";

/** Flash on the device ends at 2 MB; the builder and the module lie from 8 MB on (host/link.ld). */
const FLASH_BYTES = 16 << 20;
/** Hundreds of times what compiling a module takes: a compiler that takes longer is in an endless loop. */
const MOST_CYCLES = 4e9;

/** The fields of struct built in host/engine/wasm3/builder.h, in order. */
const BUILT = [
  "refusal",
  "runtime",
  "contractVersion",
  "start",
  "handle",
  "constantsEnd",
  "heapEnd",
  "functions",
  "functionsCount",
  "functionBytes",
  "compiledOffset",
  "typeOffset",
  "table",
  "tableSize",
] as const;

export type Built = Readonly<Record<(typeof BUILT)[number], number>>;

export interface Compiled {
  readonly machine: BareMachine;
  readonly built: Built;
  /** The compiled entry of every function by index, imports included; 0 for a function without code. */
  readonly entries: readonly number[];
  /** The cycles of the device that compiling took. */
  readonly cycles: number;
}

/** Throws an Error with the engine's message if it refuses the module. */
export function compileModule(elf: Uint8Array, module: Uint8Array): Compiled {
  const machine = new BareMachine(elf, { flashBytes: FLASH_BYTES, writableFlash: true });
  machine.intercept("hard_fault_report", () => {
    const { pc, reason } = machine.bus.cpu.lastFault ?? { pc: 0, reason: "?" };
    throw new Error(`wasm3 crashed on the logic: ${reason} at 0x${pc.toString(16)}`);
  });
  const at = machine.symbol("builder_module");
  machine.memory(at, module.length).set(module);
  const { cycles } = machine.call("builder_run", [at, module.length], MOST_CYCLES);
  const words = BUILT.map((name, index) => [name, machine.word(machine.symbol("built") + 4 * index)]);
  const built = Object.fromEntries(words) as Built;
  if (built.refusal !== 0) throw new Error(`wasm3 refuses the logic: ${machine.text(built.refusal)}`);
  const entries = Array.from({ length: built.functionsCount }, (_, index) =>
    machine.word(built.functions + index * built.functionBytes + built.compiledOffset),
  );
  return { machine, built, entries, cycles };
}
