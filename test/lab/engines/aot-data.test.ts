/** Tests data segments as the device unpacks them, from flash or from a copy in the memory they are for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { contract } from "../../../abi/contract.ts";
import { copiedWords, packData } from "../../../scripts/build/aot/data.ts";

const MEMORY_WORDS = contract.memory.bytes / 4;
const segment = (offset: number, ...contents: number[]) => ({ offset, contents: Uint8Array.from(contents) });

/** memory_unpack of host/engine/aot/runtime.h, word by word; `blocks` may be a part of `memory`. */
function unpack(memory: Uint32Array, blocks: Uint32Array): Uint32Array {
  let to = 0;
  for (let at = 0; at < blocks.length; ) {
    const [offset = 0, length = 0] = blocks.slice(at, at + 2);
    while (to < offset) memory[to++] = 0;
    at += 2;
    for (let word = 0; word < length; word++) memory[to++] = blocks[at++] as number;
  }
  return memory.fill(0, to);
}

test("blocks begin and end on words, near ones are one, order decides where segments overlap", () => {
  const overlapping = [segment(40, 4, 5, 6, 7, 8), segment(41, 9), segment(3)];
  const words = packData([segment(5, 1, 2), segment(17, 3), ...overlapping]);
  assert.deepEqual(words, [1, 4, 0x02_01_00, 0, 0, 0x0300, 10, 2, 0x07_06_09_04, 8]);
});

test("nothing packs to nothing", () => {
  assert.deepEqual(packData([]), []);
});

test("unpacked, memory is as the segments make it, also from a copy at its own end", () => {
  let random = 1;
  const below = (limit: number) => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return (random >>> 8) % limit;
  };
  for (let layout = 0; layout < 300; layout++) {
    // Up to 40 segments in the last few bytes of memory, or in all of it.
    const room = 1 << (4 + below(14));
    const segments = Array.from({ length: 1 + below(40) }, () => {
      const offset = 4 * MEMORY_WORDS - room + below(room);
      const length = Math.min(1 + below(200), 4 * MEMORY_WORDS - offset);
      return segment(offset, ...Array.from({ length }, () => 1 + below(255)));
    });
    const wanted = new Uint8Array(4 * MEMORY_WORDS);
    for (const { offset, contents } of segments) wanted.set(contents, offset);
    const packed = Uint32Array.from(packData(segments));
    const memory = () => new Uint32Array(MEMORY_WORDS).fill(0xeeee_eeee);
    const bytes = (words: Uint32Array) => new Uint8Array(words.buffer);
    assert.deepEqual(bytes(unpack(memory(), packed)), wanted, `layout ${layout}`);
    const own = memory();
    own.set(packed, MEMORY_WORDS - packed.length);
    assert.deepEqual(bytes(unpack(own, own.subarray(-packed.length))), wanted, `layout ${layout} in place`);
  }
});

test("segments that fill memory leave no room for a copy", () => {
  const bytes = (length: number) => ({ offset: 0, contents: new Uint8Array(length).fill(1) });
  const full = packData([bytes(4 * MEMORY_WORDS)]);
  const fits = packData([bytes(4 * MEMORY_WORDS - 8)]);
  assert.deepEqual([copiedWords(full), copiedWords(fits)], [0, MEMORY_WORDS]);
});
