/**
 * SHA-256 (FIPS 180-4) of 4 KB, as a BMC that checks an image before booting it. It follows the standard: a
 * schedule of 64 words, and 64 rounds in a loop.
 */
import { next, seed } from "./common";

const MESSAGE_BYTES: u32 = 4096;
const BLOCK_BYTES: u32 = 64;
/** The bytes of the last block that come before the length. */
const LENGTH_OFFSET: u32 = 56;

/** Section 4.2.2: the first 32 fraction bits of the cube roots of the first 64 primes. */
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);
/** Section 5.3.3: the first 32 fraction bits of the square roots of the first eight primes. */
const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

const message: usize = memory.data(4096, 4);
const schedule: usize = memory.data(256, 4);
const lastBlock: usize = memory.data(64, 4);
/** Eight words in the machine's byte order. */
export const digest: usize = memory.data(32, 4);

export function prepareSha256(): void {
  seed(0x256);
  for (let i: u32 = 0; i < MESSAGE_BYTES; i++) store<u8>(message + i, <u8>next());
}

function compress(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(schedule + i, bswap(load<u32>(block + i)));
  for (let at = schedule + 64; at != schedule + 256; at += 4) {
    const w15 = load<u32>(at - 60);
    const w2 = load<u32>(at - 8);
    const s0 = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3);
    const s1 = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10);
    store<u32>(at, load<u32>(at - 64) + s0 + load<u32>(at - 28) + s1);
  }
  let a = load<u32>(digest, 0);
  let b = load<u32>(digest, 4);
  let c = load<u32>(digest, 8);
  let d = load<u32>(digest, 12);
  let e = load<u32>(digest, 16);
  let f = load<u32>(digest, 20);
  let g = load<u32>(digest, 24);
  let h = load<u32>(digest, 28);
  for (let i: usize = 0; i < 256; i += 4) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const choice = (e & f) ^ (~e & g);
    const t1 = h + s1 + choice + load<u32>(K + i) + load<u32>(schedule + i);
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + s0 + majority;
  }
  store<u32>(digest, load<u32>(digest, 0) + a, 0);
  store<u32>(digest, load<u32>(digest, 4) + b, 4);
  store<u32>(digest, load<u32>(digest, 8) + c, 8);
  store<u32>(digest, load<u32>(digest, 12) + d, 12);
  store<u32>(digest, load<u32>(digest, 16) + e, 16);
  store<u32>(digest, load<u32>(digest, 20) + f, 20);
  store<u32>(digest, load<u32>(digest, 24) + g, 24);
  store<u32>(digest, load<u32>(digest, 28) + h, 28);
}

/** Hashes less than 512 MB from an address that is a multiple of four. The result is in `digest`. */
export function hash(at: usize, length: u32): void {
  memory.copy(digest, INITIAL, 32);
  let left = length;
  for (; left >= BLOCK_BYTES; left -= BLOCK_BYTES) {
    compress(at);
    at += BLOCK_BYTES;
  }
  memory.copy(lastBlock, at, left);
  store<u8>(lastBlock + left, 0x80);
  memory.fill(lastBlock + left + 1, 0, BLOCK_BYTES - 1 - left);
  if (left >= LENGTH_OFFSET) {
    compress(lastBlock);
    memory.fill(lastBlock, 0, BLOCK_BYTES);
  }
  store<u32>(lastBlock, bswap(length << 3), LENGTH_OFFSET + 4);
  compress(lastBlock);
}

export function sha256(): u32 {
  hash(message, MESSAGE_BYTES);
  let sum: u32 = 0;
  for (let i: usize = 0; i < 32; i += 4) sum = sum * 31 + load<u32>(digest + i);
  return sum;
}
