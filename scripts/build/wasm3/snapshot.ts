/**
 * Makes the snapshot of the logic that the image contains, compiled by wasm3. host/engine/wasm3/snapshot.h
 * describes it, and host/engine/wasm3/snapshot.c restores it at the start.
 */
import { contract } from "../../../abi/contract.ts";
import { readFunctions, readSegments } from "../../../simulator/tools/elf.ts";
import { crc32 } from "../crc32.ts";
import { type Compiled, compileModule } from "./build-machine.ts";
import { Code } from "./code.ts";

const MAGIC = 0x334d5357;
/** sizeof (struct snapshot); host/link.ld puts wasm3's arena behind it. */
const HEADER_BYTES = 48;
/** The checksum does not cover the first words: magic, size, checksum. */
const UNCHECKED_BYTES = 12;
/** So many zeroes cost no more flash than the beginning of another segment. */
const GAP_WORDS = 3;
const DEVICE_FLASH_END = 0x1020_0000;
/** Region BUILDER of host/link.ld. */
const BUILDER = 0x1080_0000;
const BUILDER_END = 0x1100_0000;

export interface Snapshot {
  readonly bytes: Uint8Array;
  readonly heapBytes: number;
  /** A checksum of the image to which the snapshot belongs. */
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
  const heapImage = nonZeroSegments(machine.memory(heap, heapBytes), heap);
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

/**
 * Compiles the module in the emulator and resolves every call. Throws an Error if wasm3 refuses the module.
 */
export function compiledCode(elf: Uint8Array, module: Uint8Array): { compiled: Compiled; code: Code } {
  const compiled = compileModule(elf, module);
  const code = new Code(readFunctions(elf), (address) => compiled.machine.word(address));
  resolveCalls(compiled, code);
  return { compiled, code };
}

/**
 * The snapshot must not use an operation that the device does not have: executing it would be a jump to
 * nowhere.
 */
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
 * wasm3 compiles a call to a function without code as op_Compile, which compiles that function and then
 * overwrites itself. Neither is possible on the device, so every op_Compile becomes op_Call here.
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

/** Returns all that is not zero in the format of snapshot_restore: address, number of words, the words. */
function nonZeroSegments(memory: Uint8Array, address: number): Uint8Array {
  const words = new Uint32Array(memory.slice().buffer);
  const segments: number[] = [];
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
    segments.push(address + 4 * at, end - at, ...words.subarray(at, end));
    at = end;
  }
  return new Uint8Array(new Uint32Array(segments).buffer);
}

/**
 * A checksum of everything in this link that the device gets: the snapshot's addresses are valid only
 * there.
 */
function identityOf(elf: Uint8Array): number {
  const parts = readSegments(elf)
    .filter(({ load }) => load < DEVICE_FLASH_END)
    .map(({ bytes }) => bytes);
  return crc32(Buffer.concat(parts));
}
