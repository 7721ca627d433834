/**
 * The native stack that the host's functions need, computed from the linked image. The sizes of frames come
 * from the compiler's information for debuggers (.debug_frame), the calls from the disassembly.
 */
import { PREFIX, run } from "./toolchain.ts";

/** An interrupt pushes eight words (ARMv6-M B1.5.6) and one to align; its handler uses another stack. */
export const EXCEPTION_BYTES = 36;

interface NativeFunction {
  readonly name: string;
  readonly address: number;
  /** Names of the functions it calls directly. */
  readonly callees: Set<string>;
  /** All bytes that its instructions push or subtract: used if the compiler gives no information about it. */
  taken: number;
  callsIndirectly: boolean;
}

/** The linker's code between flash and SRAM, which are too far apart for a call (AAELF32 5.3.3). */
const VENEER = /^__.+_veneer$/;

/** Returns the bytes that a push of this list takes, such as "{r4-r6, lr}". */
function pushed(list: string): number {
  let count = 0;
  for (const item of list.split(",")) {
    const [, first, last] = /r(\d+)-r(\d+)/.exec(item) ?? [];
    count += first === undefined ? 1 : Number(last) - Number(first) + 1;
  }
  return 4 * count;
}

/** Adds what an instruction does to the stack and the calls of its function. */
function readInstruction(of: NativeFunction, mnemonic: string, operands: string): void {
  const [, target] = /<([^+>]+)>/.exec(operands) ?? [];
  if (mnemonic === "push") of.taken += pushed(operands);
  else if (mnemonic === "sub" && operands.startsWith("sp, ")) {
    of.taken += Number(/#(\d+)/.exec(operands)?.[1] ?? 0);
  } else if (mnemonic === "blx") of.callsIndirectly = true;
  else if (/^b/.test(mnemonic) && target !== undefined && (target !== of.name || mnemonic === "bl")) {
    of.callees.add(target); // a branch to the function's own beginning is a loop, not a call
  }
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}

export class Frames {
  readonly #functions = new Map<string, NativeFunction>();
  readonly #described = new Map<number, number>();
  readonly #depths = new Map<string, number>();

  private constructor() {}

  static async of(elf: string): Promise<Frames> {
    const frames = new Frames();
    frames.#readCode(await run(`${PREFIX}objdump`, ["-d", "--no-show-raw-insn", elf]));
    frames.#readDescriptions(await run(`${PREFIX}objdump`, ["--dwarf=frames-interp", elf]));
    return frames;
  }

  #readCode(listing: string): void {
    /** The address that each veneer jumps to. */
    const targets = new Map<NativeFunction, number>();
    let current: NativeFunction | undefined;
    for (const line of listing.split("\n")) {
      const [, address, name] = /^([0-9a-f]{8}) <(.+)>:$/.exec(line) ?? [];
      if (address !== undefined && name !== undefined)
        current = this.#add(name, Number.parseInt(address, 16));
      const [, mnemonic, operands = ""] = /^\s*[0-9a-f]+:\t(\S+)(?:\t(.*))?$/.exec(line) ?? [];
      if (!current || mnemonic === undefined) continue;
      readInstruction(current, mnemonic, operands);
      // A veneer ends with the address that it jumps to, the lowest bit set for Thumb.
      if (mnemonic === ".word" && VENEER.test(current.name)) targets.set(current, Number(operands) & ~1);
    }
    const byAddress = new Map([...this.#functions.values()].map((one) => [one.address, one.name]));
    for (const [veneer, address] of targets) veneer.callees.add(byAddress.get(address) ?? hex(address));
  }

  #add(name: string, address: number): NativeFunction {
    // Each output section has veneers of its own, and those to one function are equal.
    if (this.#functions.has(name) && !VENEER.test(name))
      throw new Error(`the image has two functions named ${name}`);
    const added = { name, address, callees: new Set<string>(), taken: 0, callsIndirectly: false };
    this.#functions.set(name, added);
    return added;
  }

  #readDescriptions(listing: string): void {
    let at: number | undefined;
    for (const line of listing.split("\n")) {
      const [, first] = / FDE .* pc=([0-9a-f]+)\.\./.exec(line) ?? [];
      if (first !== undefined) {
        at = Number.parseInt(first, 16);
        this.#described.set(at, 0);
      } else if (/ CIE /.test(line)) at = undefined;
      const [, offset] = /^[0-9a-f]{8} r\d+\+(\d+)/.exec(line) ?? [];
      if (at !== undefined && offset !== undefined) {
        this.#described.set(at, Math.max(this.#described.get(at) ?? 0, Number(offset)));
      }
    }
  }

  #named(name: string): NativeFunction {
    const found = this.#functions.get(name);
    if (!found) throw new Error(`the image has no function ${name}`);
    return found;
  }

  /** Returns the bytes of the function's own frame. */
  frame(name: string): number {
    const { address, taken } = this.#named(name);
    return this.#described.get(address) ?? taken;
  }

  /** Returns the functions that it calls directly, and whether it also calls through a pointer. */
  calls(name: string): { readonly callees: ReadonlySet<string>; readonly indirect: boolean } {
    const { callees, callsIndirectly } = this.#named(name);
    return { callees, indirect: callsIndirectly };
  }

  /**
   * Returns the most stack that the function and all it calls can use. Throws an Error if there is no
   * bound.
   */
  depth(name: string): number {
    const known = this.#depths.get(name);
    if (known !== undefined) return known;
    this.#depths.set(name, Number.NaN);
    const { callees, callsIndirectly } = this.#named(name);
    if (callsIndirectly) throw new Error(`${name} calls through a pointer: its stack has no bound`);
    let below = 0;
    for (const callee of callees) below = Math.max(below, this.depth(callee));
    if (Number.isNaN(below)) throw new Error(`${name} calls itself: its stack has no bound`);
    const depth = this.frame(name) + below;
    this.#depths.set(name, depth);
    return depth;
  }

  /** Returns the most stack in use when `to` makes a call, over all paths from `from`. */
  above(from: string, to: string): number {
    const most = new Map<string, number | undefined>([[to, this.frame(to)]]);
    const visit = (name: string): number | undefined => {
      if (most.has(name)) return most.get(name);
      most.set(name, undefined); // a path that returns to itself does not count
      const depths = [...this.#named(name).callees].map(visit).filter((depth) => depth !== undefined);
      const deepest = depths.length > 0 ? this.frame(name) + Math.max(...depths) : undefined;
      most.set(name, deepest);
      return deepest;
    };
    const deepest = visit(from);
    if (deepest === undefined)
      throw new Error(`${from} does not call ${to}, not even through other functions`);
    return deepest;
  }

  /** Returns the greatest depth of the functions it calls directly, without its own frame. */
  below(name: string): number {
    return Math.max(0, ...[...this.#named(name).callees].map((callee) => this.depth(callee)));
  }
}
