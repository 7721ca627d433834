/**
 * Tests UF2 files against the published format (microsoft/uf2, README.md, "File format") with an
 * independent reader, and every kind of file that the RP2040's boot ROM would not accept.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBlock, familyMap } from "uf2";
import { readUf2, Uf2Error, writeUf2 } from "../../flash/uf2.ts";

const BASE = 0x1000_0000;
const image = (bytes: number) => Uint8Array.from({ length: bytes }, (_, index) => (index * 31 + 7) & 0xff);

/** The format's table of the header: offset and value. */
function headerOf(file: Uint8Array, block: number): number[] {
  const view = new DataView(file.buffer, file.byteOffset + block * 512, 512);
  return [0, 4, 8, 12, 16, 20, 24, 28, 508].map((offset) => view.getUint32(offset, true));
}

function patched(file: Uint8Array, offset: number, word: number): Uint8Array {
  const copy = file.slice();
  new DataView(copy.buffer).setUint32(offset, word, true);
  return copy;
}

test("each block has the fields of the format, in its places", () => {
  const file = writeUf2(image(600), BASE);
  assert.equal(file.length, 3 * 512);
  for (const block of [0, 1, 2]) {
    assert.deepEqual(headerOf(file, block), [
      0x0a324655, // first magic number, "UF2\n"
      0x9e5d5157, // second magic number
      0x00002000, // flags: family id present
      BASE + 256 * block, // address
      256, // payload size
      block, // sequential number
      3, // blocks in the file
      0xe48bff56, // family id of the RP2040
      0x0ab16f30, // final magic number
    ]);
    assert.ok(file.subarray(block * 512 + 32 + 256, block * 512 + 508).every((byte) => byte === 0));
  }
  assert.equal(Buffer.from(file).toString("latin1", 0, 4), "UF2\n");
});

test("the payload is the image, the last page filled up with zeroes", () => {
  const blocks = readUf2(writeUf2(image(600), BASE));
  const bytes = Buffer.concat(blocks.map((block) => block.bytes));
  assert.deepEqual(bytes.subarray(0, 600), Buffer.from(image(600)));
  assert.ok(bytes.subarray(600).every((byte) => byte === 0));
  assert.deepEqual(
    blocks.map(({ address }) => address),
    [BASE, BASE + 256, BASE + 512],
  );
});

test("an independent reader finds the same", () => {
  const file = writeUf2(image(512), BASE + 0x4000);
  for (const [index, ours] of readUf2(file).entries()) {
    const block = decodeBlock(Buffer.from(file.subarray(index * 512, index * 512 + 512)));
    assert.equal(block.flashAddress, ours.address);
    assert.equal(block.blockNumber, index);
    assert.equal(block.totalBlocks, 2);
    assert.match(familyMap.get(block.boardFamily) ?? "none", /rp2040/i);
    assert.deepEqual(Buffer.from(block.payload), Buffer.from(ours.bytes));
  }
});

test("a file that does not start at the beginning of its buffer is read all the same", () => {
  const file = writeUf2(image(300), BASE);
  const shifted = new Uint8Array(file.length + 3);
  shifted.set(file, 3);
  assert.deepEqual(readUf2(shifted.subarray(3)), readUf2(file));
});

const FILE = writeUf2(image(768), BASE);
const BAD: readonly (readonly [title: string, file: Uint8Array, message: RegExp])[] = [
  ["an empty file", new Uint8Array(0), /^the UF2 file is empty$/],
  ["half a block", FILE.subarray(0, 700), /700 bytes are not a multiple of 512-byte blocks$/],
  ["a missing last block", FILE.subarray(0, 1024), /block 0 says 0 of 3, the file has 2$/],
  ["a missing first block", FILE.subarray(512), /block 0 says 1 of 3, the file has 2$/],
  [
    "blocks in another order",
    Buffer.concat([FILE.subarray(512, 1024), FILE.subarray(0, 512), FILE.subarray(1024)]),
    /block 0 says 1 of 3, the file has 3$/,
  ],
  ["a wrong first magic number", patched(FILE, 512, 1), /block 1 lacks the magic numbers$/],
  ["a wrong second magic number", patched(FILE, 4, 1), /block 0 lacks the magic numbers$/],
  ["a wrong final magic number", patched(FILE, 1024 + 508, 1), /block 2 lacks the magic numbers$/],
  [
    "an image for the RP2350",
    patched(FILE, 28, 0xe48bff59),
    /for another chip: block 0 has family id 0xe48bff59/,
  ],
  ["no family id", patched(FILE, 8, 0), /for another chip: block 0 has no family id/],
  ["a block that is not for flash", patched(FILE, 8, 0x2001), /^block 0 is marked as not for main flash$/],
  [
    "a payload of another size",
    patched(FILE, 16, 476),
    /^block 0 claims 476 bytes of data, an RP2040 takes 256$/,
  ],
  ["an address in SRAM", patched(FILE, 12, 0x2000_0000), /^block 0 goes to 0x20000000, outside flash/],
  ["an address past the flash", patched(FILE, 12, 0x1100_0000), /outside flash/],
  ["an address amid a page", patched(FILE, 12, BASE + 4), /^block 0 goes to 0x10000004, amid a flash page$/],
  ["a page written twice", patched(FILE, 512 + 12, BASE), /^block 1 writes 0x10000000 again$/],
];

for (const [title, file, message] of BAD) {
  test(`refuses ${title}`, () => {
    assert.throws(
      () => readUf2(file),
      (error) => error instanceof Uf2Error && message.test(error.message),
    );
  });
}

test("no word of the header can change without being noticed", () => {
  for (const offset of [0, 4, 8, 16, 20, 24, 28, 508]) {
    const word = new DataView(FILE.buffer).getUint32(512 + offset, true);
    // Bit 1 of the flags has no meaning in the format. Every other change here has one.
    assert.throws(() => readUf2(patched(FILE, 512 + offset, word ^ 0x2000)), Uf2Error, `offset ${offset}`);
  }
});

test("refuses to write what could not be flashed", () => {
  assert.throws(() => writeUf2(new Uint8Array(0), BASE), /image is empty/);
  assert.throws(() => writeUf2(image(1), BASE + 1), /amid a flash page/);
  assert.throws(() => writeUf2(image(1), 0x2000_0000), /outside flash/);
  assert.throws(() => writeUf2(image(257), 0x10ff_ff00), /outside flash/);
});
