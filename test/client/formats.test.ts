/**
 * LINEAR11, LINEAR16 and PEC of the BMC's logic and of the client, both against exact arithmetic: every word,
 * every thousandth of a wide range, random ones beyond it. The test compiles the codecs of the logic alone.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import {
  decodeLinear11,
  decodeLinear16,
  encodeLinear11,
  encodeLinear16,
  LinearError,
  pecOf,
  voutExponent,
} from "@racklet/client";
import asc from "assemblyscript/asc";
import { VOUT_EXPONENT } from "../../abi/smbus.ts";
import { Random } from "../support/logic.ts";

const I32_MAX = 2 ** 31 - 1;

interface Formats {
  readonly memory: WebAssembly.Memory;
  linear11FromMilli(value: number): number;
  milliFromLinear11(word: number): number;
  linear16FromMilli(value: number): number;
  milliFromLinear16(word: number): number;
  pec(code: number, byte: number): number;
  pecOver(code: number, address: number, length: number): number;
}

let logic: Formats;

before(
  async () => {
    const entry = 'export * from "./codec/linear";\nexport * from "./codec/pec";\n';
    let binary: Uint8Array | null = null;
    // Options of their own: those of the project would compile the whole logic.
    const options = [
      "assembly/formats-entry.ts",
      "--outFile",
      "x.wasm",
      "--initialMemory",
      "1",
      "-O2s",
      "--runtime",
      "stub",
    ];
    const { error, stderr } = await asc.main(options, {
      readFile: async (name, base) => {
        if (name.endsWith("asconfig.json")) return null;
        if (name.replaceAll("\\", "/").endsWith("assembly/formats-entry.ts")) return entry;
        return readFile(join(base, name), "utf8").catch(() => null);
      },
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) binary = contents as Uint8Array;
      },
      listFiles: () => [],
    });
    assert.ok(!error && binary, stderr.toString());
    const module = new WebAssembly.Module(binary);
    const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
    assert.equal(functions.length, 6);
    assert.deepEqual(WebAssembly.Module.imports(module), [], "no assertion and no allocation in them");
    logic = new WebAssembly.Instance(module).exports as unknown as Formats;
  },
  { timeout: 60_000 },
);

/** Nearest integer to a quotient, halves away from zero. */
function nearest(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend;
  const rounded = (2n * magnitude + divisor) / (2n * divisor);
  return dividend < 0n ? -rounded : rounded;
}

/** Encodes by the definition: tries the exponents, the smallest first. */
function linear11(milli: number): number {
  for (let exponent = -16; ; exponent++) {
    const mantissa = nearest(BigInt(milli) << 16n, 1000n << BigInt(16 + exponent));
    if (mantissa <= 1023n && mantissa >= -1024n)
      return ((exponent & 0x1f) << 11) | Number(BigInt.asUintN(11, mantissa));
  }
}

function fields(word: number): { exponent: number; mantissa: number } {
  const exponent = Number(BigInt.asIntN(5, BigInt(word >> 11)));
  return { exponent, mantissa: Number(BigInt.asIntN(11, BigInt(word))) };
}

test("every LINEAR11 word decodes to the nearest thousandth, held within 32 bits; the client's value is exact", () => {
  for (let word = 0; word < 0x10000; word++) {
    const { exponent, mantissa } = fields(word);
    const exact = nearest(BigInt(mantissa * 1000) << BigInt(16 + exponent), 1n << 16n);
    const held =
      exact > BigInt(I32_MAX) ? I32_MAX : exact < BigInt(-I32_MAX - 1) ? -I32_MAX - 1 : Number(exact);
    assert.equal(logic.milliFromLinear11(word), held, word.toString(16));
    assert.equal(decodeLinear11(word) * 2 ** 16, mantissa * 2 ** (16 + exponent), word.toString(16));
  }
});

test("every LINEAR11 word comes back from the client as the word of its value with the smallest exponent", () => {
  for (let word = 0; word < 0x10000; word++) {
    const value = decodeLinear11(word);
    const again = encodeLinear11(value);
    assert.equal(decodeLinear11(again), value, word.toString(16));
    assert.ok(fields(again).exponent <= fields(word).exponent, word.toString(16));
  }
});

test("thousandths from -40 to 40 and around every power of two, both signs, have the nearest LINEAR11 word", () => {
  const check = (milli: number) => {
    const exact = linear11(milli);
    assert.equal(logic.linear11FromMilli(milli) & 0xffff, exact, `${milli}`);
    assert.equal(encodeLinear11(milli / 1000), exact, `${milli} by the client`);
  };
  for (let milli = -40_000; milli <= 40_000; milli++) check(milli);
  for (let power = 1; power < 2 ** 21; power *= 2) {
    // 511.5 and 1023.5 of a unit, 512 and 1024: where exponents change.
    for (const edge of [511_750, 512_000, 512_250, 1_023_500, 1_024_000, 1_024_500]) {
      for (let off = -3; off <= 3; off++) {
        const milli = Math.floor((edge * power) / 1024) + off;
        if (milli <= I32_MAX) for (const sign of [1, -1]) check(sign * milli);
      }
    }
  }
  for (const milli of [I32_MAX, -I32_MAX, -I32_MAX - 1]) check(milli);
  const random = new Random(11);
  for (let i = 0; i < 50_000; i++) check(((random.below(2 ** 32) | 0) >> random.below(20)) | 0);
});

test("a value that came through LINEAR11 once stays the same ever after", () => {
  for (let word = 0; word < 0x10000; word += 7) {
    const { exponent, mantissa } = fields(word);
    // Below a thousandth of resolution the way through thousandths is not exact.
    if (Math.abs(mantissa * 2 ** exponent) < 2 || exponent > 10) continue;
    const milli = logic.milliFromLinear11(word);
    assert.equal(logic.milliFromLinear11(logic.linear11FromMilli(milli)), milli, word.toString(16));
  }
});

test("every LINEAR16 word both ways, and every millivolt up to where it saturates and beyond", () => {
  for (let word = 0; word < 0x10000; word++) {
    const milli = Number(nearest(BigInt(word) * 1000n, 4096n));
    assert.equal(logic.milliFromLinear16(word), milli);
    assert.equal(decodeLinear16(word, VOUT_EXPONENT), word / 4096);
    assert.equal(encodeLinear16(word / 4096, VOUT_EXPONENT), word);
  }
  for (let milli = 0; milli <= 70_000; milli++) {
    const exact = Number(nearest(BigInt(milli) * 4096n, 1000n));
    assert.equal(logic.linear16FromMilli(milli) & 0xffff, Math.min(exact, 0xffff), `${milli}`);
    if (exact <= 0xffff) assert.equal(encodeLinear16(milli / 1000, VOUT_EXPONENT), exact);
  }
  for (const milli of [2 ** 23, 2 ** 31, 2 ** 32 - 1]) assert.equal(logic.linear16FromMilli(milli), 0xffff);
});

test("the client refuses a value that does not fit, and names the range", () => {
  assert.throws(() => encodeLinear11(4e7), /33521664 is its largest/);
  assert.throws(() => encodeLinear16(16, -12), /0 to 15\.99\d+ are possible/);
  for (const refused of [() => encodeLinear11(Number.NaN), () => encodeLinear16(-1, -12)])
    assert.throws(refused, LinearError);
});

test("the exponent of VOUT_MODE is signed", () => {
  assert.equal(voutExponent(0x14), VOUT_EXPONENT);
  assert.equal(voutExponent(0x17), -9);
  assert.equal(voutExponent(0x01), 1);
});

test("PEC: the check value, every byte on every code, and whole messages", () => {
  const text = Buffer.from("123456789");
  assert.equal(pecOf(text), 0xf4);
  for (let code = 0; code < 256; code++) {
    for (let byte = 0; byte < 256; byte++) assert.equal(logic.pec(code, byte), pecOf([byte], code));
  }
  const bytes = new Uint8Array(logic.memory.buffer, 32_768, text.length);
  bytes.set(text);
  assert.equal(logic.pecOver(0, 32_768, text.length), 0xf4);
  assert.equal(pecOf([...text, 0xf4]), 0);
});
