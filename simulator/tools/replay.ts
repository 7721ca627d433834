/**
 * Replays recorded passes (trace.ts) with a logic that runs elsewhere: in Node, or in the emulator with
 * nothing but its engine. Every import returns what it returned in the recording, and every call, block and
 * deadline must be the recorded one.
 */
import type { Import } from "../../abi/contract-schema.ts";
import type { HostImports } from "../generated/abi.ts";
import { LogicHost } from "../logic-host/logic-host.ts";
import { BareMachine } from "./bare.ts";
import { blockOf, ENGINE_PASS_BYTES, enginePass, imports, type TraceCall, type TracePass } from "./trace.ts";

/** A logic that can make passes, wherever it runs. */
interface Player {
  /** Name in messages. */
  readonly name: string;
  pass(events: number | "start"): bigint | undefined;
  /** The memory to which a pointer of the logic refers. */
  block(address: number, bytes: number): Uint8Array;
}

/** Gives the result of an import for its raw arguments. */
type Answer = (item: Import, values: readonly number[]) => number | bigint | undefined;

function playerInNode(wasm: Uint8Array, answer: Answer): Player {
  const answers = imports.map((item) => [item.name, (...values: number[]) => answer(item, values)]);
  const host = new LogicHost(wasm, Object.fromEntries(answers) as unknown as HostImports);
  return {
    name: "Node",
    pass: (events) => host.pass(events),
    block: (address, bytes) => host.block(address, bytes),
  };
}

/**
 * Scratch SRAM for the struct that a pass returns: the last bytes of SRAM, which nothing uses without a boot.
 */
const RESULT = 0x2004_1fe0;

/** The image's own engine and logic without its host. `elf` is a build's firmware.elf. */
function playerInEmulator(elf: Uint8Array, answer: Answer): Player {
  const machine = new BareMachine(elf);
  for (const item of imports) {
    if (!machine.symbols.has(`host_${item.name}`)) continue; // the logic never calls it
    machine.intercept(`host_${item.name}`, () => {
      const result = answer(
        item,
        [0, 1, 2, 3].map((index) => machine.register(index)).slice(0, item.parameters.length),
      );
      if (typeof result !== "bigint") return result;
      return [Number(result & 0xffff_ffffn), Number(result >> 32n)];
    });
  }
  const refusal = machine.call("engine_load").r0;
  if (refusal !== 0) throw new Error(`the engine refuses the logic: ${machine.text(refusal)}`);
  return {
    name: "the emulator",
    pass: (events) => {
      machine.call(events === "start" ? "engine_start" : "engine_handle", [
        RESULT,
        events === "start" ? 0 : events,
      ]);
      const ended = enginePass(machine.memory(RESULT, ENGINE_PASS_BYTES));
      if ("trap" in ended) throw new Error(`the logic trapped (kind ${ended.trap})`);
      return ended.deadline_us;
    },
    block: (address, bytes) => machine.memory(address, bytes),
  };
}

/**
 * Replays the passes. Returns how many calls were compared. Throws an Error with the pass and both sides at
 * the first call or deadline that differs.
 */
function play(make: (answer: Answer) => Player, passes: readonly TracePass[]): number {
  let expected: TraceCall[] = [];
  let where = "";
  let compared = 0;
  const answer: Answer = (item, values) => {
    const recorded = expected.shift();
    const scalars = values.filter((_, index) => typeof item.parameters[index]?.type !== "object");
    const block = blockOf(item, values);
    const memory = () => player.block(block?.address ?? 0, block?.bytes ?? 0);
    const given = block?.direction === "in" ? Buffer.from(memory()).toString("hex") : undefined;
    // Wasm passes numbers as signed; registers are unsigned.
    const unsigned = scalars.map((value) => value >>> 0);
    const shown = describe(item.name, unsigned, given);
    const wanted = recorded ? describe(recorded.name, recorded.scalars, recorded.given) : "no further call";
    if (shown !== wanted) throw new Error(`${where}: ${player.name} called ${shown}, the firmware ${wanted}`);
    if (recorded?.filled !== undefined) memory().set(Buffer.from(recorded.filled, "hex"));
    compared++;
    return item.returns === "u64" ? recorded?.result : Number(recorded?.result ?? 0);
  };
  const player = make(answer);
  passes.forEach((pass, index) => {
    where = `pass ${index} (${pass.events === "start" ? "start" : `events ${pass.events}`})`;
    expected = [...pass.calls];
    const deadline_us = player.pass(pass.events);
    if (expected.length > 0) throw new Error(`${where}: the firmware also called ${expected[0]?.name}`);
    if (deadline_us !== pass.deadline_us) {
      throw new Error(
        `${where}: ${player.name} wants to be called at ${deadline_us}, the firmware at ${pass.deadline_us}`,
      );
    }
  });
  return compared;
}

/** Replays in Node, from the module. */
export function replayInNode(wasm: Uint8Array, passes: readonly TracePass[]): number {
  return play((answer) => playerInNode(wasm, answer), passes);
}

/** Replays in the emulator, from an image. Its engine need not be the one of the recording. */
export function replayInEmulator(elf: Uint8Array, passes: readonly TracePass[]): number {
  return play((answer) => playerInEmulator(elf, answer), passes);
}

function describe(name: string, scalars: readonly number[], given?: string): string {
  return `${name}(${scalars.join(", ")}${given === undefined ? "" : `; ${given}`})`;
}
