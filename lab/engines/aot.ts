/** Runs a module that is translated ahead of time: compiled to native code and run in the emulator. */
import { readFileSync } from "node:fs";
import { contract } from "../../abi/contract.ts";
import { exportInC } from "../../scripts/build/aot/translate.ts";
import { BareMachine, type BareOptions } from "../../simulator/tools/bare.ts";
import { bareImage } from "./bare/image.ts";
import { type Call, digest, type Outcome, trapText } from "./outcome.ts";

const MEMORY_BYTES = contract.memory.bytes;
const MOST_CYCLES = 2e8;

/** Thrown through a call that traps, to leave it. */
class Trap extends Error {
  readonly kind: number;
  constructor(kind: number) {
    super(trapText(kind));
    this.kind = kind;
  }
}

/** Loads an image made by `bareImage`. A trap in it is thrown as `Trap`. */
export function translatedMachine(elf: string, options: BareOptions = {}): BareMachine {
  const machine = new BareMachine(readFileSync(elf), options);
  machine.intercept("engine_unwind", () => {
    throw new Trap(machine.register(0));
  });
  machine.intercept("hard_fault_report", () => {
    const { pc, reason } = machine.bus.cpu.lastFault ?? { pc: 0, reason: "?" };
    throw new Error(`HardFault at 0x${pc.toString(16)}: ${reason}`);
  });
  return machine;
}

/** Returns the words of a call as AAPCS passes them: a 64-bit value begins at an even index. */
function argumentWords({ args, parameters }: Call): number[] {
  const words: number[] = [];
  for (const [index, value] of args.entries()) {
    if (parameters[index] === "j" && words.length % 2) words.push(0);
    words.push(Number(value & 0xffff_ffffn));
    if (parameters[index] === "j") words.push(Number(value >> 32n));
  }
  return words;
}

/** Returns the call's result, "nothing" or "trap KIND". */
export function callTranslated(machine: BareMachine, call: Call): string {
  try {
    const { r0, r1 } = machine.call(exportInC(call.name), argumentWords(call), MOST_CYCLES);
    if (call.result === undefined) return "nothing";
    return (call.result === "i" ? BigInt(r0) : (BigInt(r1) << 32n) | BigInt(r0)).toString();
  } catch (error) {
    if (error instanceof Trap) return error.message;
    throw error;
  }
}

export async function runTranslated(
  bytes: Uint8Array,
  calls: readonly Call[],
  folder: string,
): Promise<Outcome> {
  const machine = translatedMachine(await bareImage(folder, { module: bytes, cache: folder }));
  machine.call("logic_instantiate");
  const results = calls.map((call) => callTranslated(machine, call));
  return { calls: results, memory: digest(machine.memory(machine.symbol("linear_memory"), MEMORY_BYTES)) };
}
