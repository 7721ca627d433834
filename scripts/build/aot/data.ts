/** Packs a module's data segments into the words that memory_unpack reads (host/engine/aot/runtime.h). */
import { contract } from "../../../abi/contract.ts";
import type { Segment } from "../wasm/module.ts";

const MEMORY_WORDS = contract.memory.bytes / 4;
/** The head of a packed segment: its offset and its length. */
const HEAD_WORDS = 2;

/**
 * Returns packed segments in ascending order: offset in words, length in words, the words. The module's
 * segments must fit into memory; a later one overwrites an earlier one, as at instantiation. A gap no
 * longer than a head is filled with zeroes.
 *
 * So every gap saves more words than the head behind it takes. This allows to unpack a copy that lies at
 * the end of memory into that same memory: the unread part of it always lies behind what has been written.
 */
export function packData(segments: readonly Segment<Uint8Array>[]): number[] {
  const memory = new Uint8Array(contract.memory.bytes);
  const used = new Uint8Array(MEMORY_WORDS);
  for (const { offset, contents } of segments) {
    memory.set(contents, offset);
    if (contents.length > 0) used.fill(1, offset >>> 2, (offset + contents.length + 3) >>> 2);
  }
  const view = new DataView(memory.buffer);
  const packed: { offset: number; words: number[] }[] = [];
  for (let word = used.indexOf(1); word >= 0; word = used.indexOf(1, word + 1)) {
    const last = packed.at(-1);
    const gap = last ? word - last.offset - last.words.length : Number.POSITIVE_INFINITY;
    const value = view.getUint32(4 * word, true);
    if (last && gap <= HEAD_WORDS) last.words.push(...Array<number>(gap).fill(0), value);
    else packed.push({ offset: word, words: [value] });
  }
  return packed.flatMap(({ offset, words }) => [offset, words.length, ...words]);
}

/** Returns how many words to copy to the end of memory: all, or none if they do not fit. */
export function copiedWords(packed: readonly number[]): number {
  return packed.length <= MEMORY_WORDS ? packed.length : 0;
}
