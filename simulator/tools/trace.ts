/**
 * Records the calls between host and logic, by watching the functions at their boundary while the image runs
 * in the emulator. replay.ts replays them elsewhere. If both sides do the same, the fast tests in Node are
 * evidence about the firmware.
 *
 * The recorder needs nothing from the firmware but its symbols. It reads arguments and results where the
 * procedure call standard for ARM (AAPCS) puts them.
 */
import { contract } from "../../abi/contract.ts";
import type { Import } from "../../abi/contract-schema.ts";
import type { Rp2040 } from "../chip/rp2040.ts";

export const imports: readonly Import[] = contract.imports;

/** One import that the logic called. Pointers are left out, because each host has its own addresses. */
export interface TraceCall {
  readonly name: string;
  /** Scalar arguments, in order. */
  readonly scalars: readonly number[];
  /** The bytes that the logic passed, for blocks that it writes. */
  readonly given?: string;
  /** The value and the bytes that the host returned. */
  result?: bigint;
  filled?: string;
}

/** One pass through the logic: its events, its calls, and the deadline that it returned. */
export interface TracePass {
  readonly events: number | "start";
  readonly calls: TraceCall[];
  deadline_us?: bigint;
  /** Cycles from entering the engine to leaving it, including interrupts in between. */
  cycles?: number;
}

/** Watches an emulated chip from its power-on until `stop`. */
export class TraceRecorder {
  readonly passes: TracePass[] = [];
  readonly #chip: Rp2040;
  readonly #entries = new Map<number, () => void>();
  /** Functions entered and not yet left: the address they return to, and the action to take then. */
  readonly #returns: { pc: number; sp: number; left: () => void }[] = [];

  constructor(chip: Rp2040, symbols: ReadonlyMap<string, number>) {
    this.#chip = chip;
    const watch = (name: string, entered: () => void) => {
      const pc = symbols.get(name);
      if (pc === undefined) throw new Error(`the firmware has no function ${name}`);
      this.#entries.set(pc, entered);
    };
    for (const item of imports) {
      // An import that the logic never calls is not linked in, so that no call is missed.
      if (symbols.has(`host_${item.name}`)) watch(`host_${item.name}`, () => this.#enteredImport(item));
    }
    // Both return a struct: r0 is its address, and the arguments follow.
    watch("engine_start", () => this.#enteredPass("start"));
    watch("engine_handle", () => this.#enteredPass(this.#register(1)));
    chip.trace = (pc) => this.#instruction(pc);
  }

  stop(): void {
    delete this.#chip.trace;
  }

  #instruction(pc: number): void {
    const pending = this.#returns.at(-1);
    if (pending && pc === pending.pc && this.#register(13) === pending.sp) {
      this.#returns.pop();
      pending.left();
    }
    this.#entries.get(pc)?.();
  }

  #register(index: number): number {
    return this.#chip.bus.core.registers[index] ?? 0;
  }

  #onReturn(left: () => void): void {
    this.#returns.push({ pc: this.#register(14) & ~1, sp: this.#register(13), left });
  }

  #bytes(address: number, length: number): string {
    const bytes = Array.from({ length }, (_, index) => this.#chip.bus.readUint8(address + index));
    return Buffer.from(bytes).toString("hex");
  }

  #enteredPass(events: number | "start"): void {
    const result = this.#register(0);
    const pass: TracePass = { events, calls: [] };
    const began = this.#chip.cycles;
    this.#onReturn(() => {
      pass.cycles = this.#chip.cycles - began;
      const bytes = Uint8Array.from({ length: ENGINE_PASS_BYTES }, (_, index) =>
        this.#chip.bus.readUint8(result + index),
      );
      const ended = enginePass(bytes);
      if ("deadline_us" in ended) pass.deadline_us = ended.deadline_us;
      this.passes.push(pass);
    });
    this.#current = pass;
  }

  #current: TracePass | null = null;

  #enteredImport(item: Import): void {
    if (!this.#current || this.#returns.length !== 1) return; // the host calls some of them itself
    const values = item.parameters.map((_, index) => this.#register(index));
    const scalars = values.filter((_, index) => typeof item.parameters[index]?.type !== "object");
    const block = blockOf(item, values);
    const given = block?.direction === "in" ? this.#bytes(block.address, block.bytes) : undefined;
    const call: TraceCall = { name: item.name, scalars, ...(given === undefined ? {} : { given }) };
    this.#current.calls.push(call);
    this.#onReturn(() => {
      const low = BigInt(this.#register(0));
      if (item.returns === "u32") call.result = low;
      if (item.returns === "u64") call.result = (BigInt(this.#register(1)) << 32n) | low;
      if (block?.direction !== "out") return;
      // A returned count says how much of the block was filled.
      const bytes = item.returns ? Number(call.result) * block.elementBytes : block.bytes;
      call.filled = this.#bytes(block.address, bytes);
    });
  }
}

/** Size of struct engine_pass of host/engine/engine.h as the compiler lays it out: an enum takes a byte. */
export const ENGINE_PASS_BYTES = 16;

/**
 * Reads the end of a pass: the kind of the trap that ended it, or the time at which the logic wants to be
 * called again.
 */
export function enginePass(bytes: Uint8Array): { trap: number } | { deadline_us: bigint } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, ENGINE_PASS_BYTES);
  return view.getUint8(0) !== 0 ? { trap: view.getUint8(1) } : { deadline_us: view.getBigUint64(8, true) };
}

/** The block that an import gets, by the values of its parameters; null if it gets none. */
export function blockOf(item: Import, values: readonly number[]) {
  const index = item.parameters.findIndex(({ type }) => typeof type === "object");
  const type = item.parameters[index]?.type;
  if (typeof type !== "object") return null;
  const elements =
    typeof type.length === "number"
      ? type.length
      : (values[item.parameters.findIndex(({ name }) => name === type.length)] ?? 0);
  return {
    address: values[index] ?? 0,
    bytes: elements * type.elementBytes,
    elementBytes: type.elementBytes,
    direction: type.direction,
  };
}
