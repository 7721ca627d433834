/** A module's data segments as the words host/engine/aot/runtime.h unpacks (memory_unpack). */
import { contract } from "../../../abi/contract.ts";
import type { Segment } from "../wasm/module.ts";

const MEMORY_WORDS = contract.memory.bytes / 4;
/** A block's head: its offset and its length. */
const HEAD_WORDS = 2;

/**
 * Blocks, ascending: offset in words, length in words, the words. Segments must fit; a later one
 * overwrites an earlier one, as at instantiation. Gaps no longer than a head are zeros in a block.
 *
 * So a gap saves more than the head behind it takes, and a copy that ends where memory ends can be unpacked
 * into that memory: what is left of it always lies behind what has been written.
 */
export function packData(segments: readonly Segment<Uint8Array>[]): number[] {
  const memory = new Uint8Array(contract.memory.bytes);
  const used = new Uint8Array(MEMORY_WORDS);
  for (const { offset, contents } of segments) {
    memory.set(contents, offset);
    if (contents.length > 0) used.fill(1, offset >>> 2, (offset + contents.length + 3) >>> 2);
  }
  const view = new DataView(memory.buffer);
  const blocks: { offset: number; words: number[] }[] = [];
  for (let word = used.indexOf(1); word >= 0; word = used.indexOf(1, word + 1)) {
    const last = blocks.at(-1);
    const gap = last ? word - last.offset - last.words.length : Number.POSITIVE_INFINITY;
    const value = view.getUint32(4 * word, true);
    if (last && gap <= HEAD_WORDS) last.words.push(...Array<number>(gap).fill(0), value);
    else blocks.push({ offset: word, words: [value] });
  }
  return blocks.flatMap(({ offset, words }) => [offset, words.length, ...words]);
}

/** What of it to copy into the memory's end: all, or nothing where segments leave no room for a head. */
export function copiedWords(packed: readonly number[]): number {
  return packed.length <= MEMORY_WORDS ? packed.length : 0;
}
