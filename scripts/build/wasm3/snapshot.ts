/**
 * The logic compiled by wasm3, as the image ships it: host/engine/wasm3/snapshot.h says what it is and
 * host/engine/wasm3/snapshot.c lays it out at start.
 */
import { contract } from "../../../abi/contract.ts";
import { readFunctions, readSegments } from "../../../simulator/tools/elf.ts";
import { crc32 } from "../crc32.ts";
import { type Compiled, compileModule } from "./build-machine.ts";
import { Code } from "./code.ts";

const MAGIC = 0x334d5357;
/** sizeof (struct snapshot); host/link.ld puts wasm3's arena behind it. */
const HEADER_BYTES = 48;
/** Its first words are not covered by the sum: magic, size, sum. */
const UNCHECKED_BYTES = 12;
/** Zeros that are cheaper to ship than to begin another block for. */
const GAP_WORDS = 3;
const DEVICE_FLASH_END = 0x1020_0000;
/** Region BUILDER of host/link.ld. */
const BUILDER = 0x1080_0000;
const BUILDER_END = 0x1100_0000;

export interface Snapshot {
  readonly bytes: Uint8Array;
  readonly heapBytes: number;
  /** Of the image the snapshot belongs to. */
  readonly identity: number;
  readonly compiled: Compiled;
  readonly code: Code;
}

/** `elf`: the linked image without a snapshot. Throws an Error if wasm3 refuses the module. */
export function makeSnapshot(elf: Uint8Array, module: Uint8Array): Snapshot {
  const { compiled, code } = compiledCode(elf, module);
  const { machine, built } = compiled;
  checkOperations(compiled, code);

  const start = machine.symbol("snapshot_start");
  const heap = machine.symbol("heap_start");
  const heapBytes = (built.heapEnd - heap + 15) & ~15;
  const constants = machine.memory(start + HEADER_BYTES, built.constantsEnd - start - HEADER_BYTES);
  const heapImage = changedBlocks(machine.memory(heap, heapBytes), heap);
  const heapImageAt = built.constantsEnd;
  const length = HEADER_BYTES + constants.length + heapImage.length;
  const identity = identityOf(elf);

  const bytes = new Uint8Array(length);
  bytes.set(constants, HEADER_BYTES);
  bytes.set(heapImage, HEADER_BYTES + constants.length);
  const header = new Uint32Array([
    MAGIC,
    length,
    0,
    identity,
    contract.version,
    module.length,
    heapBytes,
    built.runtime,
    built.start,
    built.handle,
    heapImageAt,
    heapImageAt + heapImage.length,
  ]);
  bytes.set(new Uint8Array(header.buffer));
  header[2] = crc32(bytes.subarray(UNCHECKED_BYTES));
  bytes.set(new Uint8Array(header.buffer));
  return { bytes, heapBytes, identity, compiled, code };
}

/** The module compiled in the emulator, every call resolved. Throws an Error if wasm3 refuses the module. */
export function compiledCode(elf: Uint8Array, module: Uint8Array): { compiled: Compiled; code: Code } {
  const compiled = compileModule(elf, module);
  const code = new Code(readFunctions(elf), (address) => compiled.machine.word(address));
  resolveCalls(compiled, code);
  return { compiled, code };
}

/** An operation the device does not have must not be shipped: it would be a jump into nothing. */
function checkOperations({ machine, entries }: Compiled, code: Code): void {
  for (const entry of new Set(entries)) {
    if (entry === 0) continue;
    for (const { at, name } of code.reachable(entry)) {
      const operation = machine.word(at);
      if (operation < BUILDER || operation >= BUILDER_END) continue;
      throw new Error(`the logic uses op_${name}, which host/link.ld does not place in the image`);
    }
  }
}

/**
 * A call to a function that was not compiled yet is compiled as op_Compile, which compiles it and
 * writes itself over; neither could happen on the device.
 */
function resolveCalls({ machine, built, entries }: Compiled, code: Code): void {
  const call = machine.symbol("op_Call") | 1;
  for (const entry of new Set(entries)) {
    if (entry === 0) continue;
    for (const { at, name, operands } of code.reachable(entry)) {
      if (name !== "Compile") continue;
      const record = operands[0]?.word ?? 0;
      const index = (record - built.functions) / built.functionBytes;
      const callee = entries[index];
      if (!callee) throw new Error(`wasm3's code at 0x${at.toString(16)} calls a function without code`);
      const words = new DataView(new ArrayBuffer(8));
      words.setUint32(0, call, true);
      words.setUint32(4, callee, true);
      machine.memory(at, 8).set(new Uint8Array(words.buffer));
    }
  }
}

/** What is not zero, as snapshot_restore takes it: address, number of words, the words. */
function changedBlocks(memory: Uint8Array, address: number): Uint8Array {
  const words = new Uint32Array(memory.slice().buffer);
  const blocks: number[] = [];
  let at = 0;
  while (at < words.length) {
    if (words[at] === 0) {
      at++;
      continue;
    }
    let end = at + 1;
    for (let next = end; next < words.length && next - end < GAP_WORDS; next++) {
      if (words[next] !== 0) end = next + 1;
    }
    blocks.push(address + 4 * at, end - at, ...words.subarray(at, end));
    at = end;
  }
  return new Uint8Array(new Uint32Array(blocks).buffer);
}

/** Of everything the device gets with this link: the addresses in a snapshot are worth nothing elsewhere. */
function identityOf(elf: Uint8Array): number {
  const parts = readSegments(elf)
    .filter(({ load }) => load < DEVICE_FLASH_END)
    .map(({ bytes }) => bytes);
  return crc32(Buffer.concat(parts));
}
