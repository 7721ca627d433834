/**
 * Tests that the benchmark's kernels compute correct results: against published values, Node's own SHA-256
 * and plain reimplementations, and the same in AssemblyScript and in C. The figure of a wrong kernel would
 * mean nothing.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { contract } from "../../../abi/contract.ts";
import { compileKernels, KERNELS, NATIVE_SOURCES } from "../../../lab/bench/module.ts";
import { PREFIX } from "../../../scripts/build/toolchain.ts";
import {
  adcBlockSum,
  consoleLineSum,
  lineScanSum,
  mix,
  pecOf,
  pecSum,
  Random,
  ringCopySum,
} from "./expected.ts";
import { decoded, encoded } from "./linear11.ts";

const NATIVE = fileURLToPath(new URL("../../../lab/bench/native", import.meta.url));
const STATIC_MEMORY_BYTES = 48 * 1024;
const WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wshadow", "-Werror"];

type Exports = Record<string, (...values: number[]) => number>;

interface Loaded {
  readonly module: WebAssembly.Module;
  readonly call: Exports;
  readonly memory: Uint8Array;
}

function load(bytes: Uint8Array): Loaded {
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  const { exports } = new WebAssembly.Instance(module);
  const call = exports as unknown as Exports;
  call.prepare?.();
  return { module, call, memory: new Uint8Array((exports.memory as WebAssembly.Memory).buffer) };
}

let kernels: Loaded;
let parts: Loaded;

before(async () => {
  kernels = load(await compileKernels());
  parts = load(await compileKernels({ entry: "lab/bench/kernels/known-answers.ts" }));
});

/** Returns a kernel's checksum, as if it ran first. */
function sumOf(name: string, { call }: Loaded = kernels): number {
  call.prepare?.();
  return (call[name]?.() ?? Number.NaN) >>> 0;
}

/** Puts bytes where the kernels' parts can read them, and returns their address. */
function put(bytes: Uint8Array): number {
  const start = parts.call.scratchStart?.() ?? 0;
  parts.memory.set(bytes, start);
  return start;
}

/** Returns the text in memory that begins with `start`, up to its terminating zero. */
function textFrom(start: string): string {
  kernels.call.prepare?.();
  const memory = Buffer.from(kernels.memory);
  const at = memory.indexOf(start, 0, "latin1");
  assert.ok(at > 0, `no ${JSON.stringify(start)} in memory`);
  return memory.toString("latin1", at, memory.indexOf(0, at));
}

describe("the module", () => {
  test("imports nothing and exports its kernels and the memory of the contract", () => {
    assert.deepEqual(WebAssembly.Module.imports(kernels.module), []);
    const exported = WebAssembly.Module.exports(kernels.module).map(({ name }) => name);
    assert.deepEqual(exported.sort(), ["memory", "prepare", ...KERNELS.map(({ name }) => name)].sort());
    assert.equal(kernels.memory.length, contract.memory.bytes);
  });

  test("keeps everything within its share of linear memory", () => {
    for (const { name } of KERNELS) kernels.call[name]?.();
    let end = kernels.memory.length;
    while (kernels.memory[end - 1] === 0) end--;
    assert.ok(end <= STATIC_MEMORY_BYTES, `the last byte used is before ${end}`);
  });

  test("gives the same checksums at every level of optimization", async () => {
    const plain = load(await compileKernels({ optimizeLevel: 0, shrinkLevel: 0 }));
    const fast = load(await compileKernels({ optimizeLevel: 3, shrinkLevel: 0 }));
    for (const { name } of KERNELS) {
      assert.equal(sumOf(name, plain), sumOf(name), name);
      assert.equal(sumOf(name, fast), sumOf(name), name);
    }
  });

  test("prepare makes every run the first", () => {
    for (const { name } of KERNELS) {
      const first = sumOf(name);
      kernels.call[name]?.();
      assert.equal(sumOf(name), first, name);
    }
  });
});

describe("pec", () => {
  const published: readonly (readonly [string, Uint8Array, number])[] = [
    ["CRC-8/SMBUS's check value, as catalogues of CRCs give it", Buffer.from("123456789"), 0xf4],
    ["the example in MLX90614's datasheet, 8.4.3", Uint8Array.of(0xb4, 0x07, 0xb5, 0xd2, 0x3a), 0x30],
    ["nothing", new Uint8Array(), 0],
  ];
  for (const [what, bytes, expected] of published) {
    test(what, () => {
      assert.equal(parts.call.crc8?.(put(bytes), bytes.length), expected);
      assert.equal(pecOf(bytes), expected);
    });
  }

  test("all messages, bit by bit", () => assert.equal(sumOf("pec"), pecSum()));
});

describe("linear11", () => {
  test("7 x 2^-13, the example in LTC3880's datasheet, is 0.854 thousandths", () => {
    assert.equal(parts.call.decode?.(0x9807), 1);
  });

  test("decodes every word as exact arithmetic does", () => {
    for (let word = 0; word < 0x10000; word++) {
      assert.equal(parts.call.decode?.(word), decoded(word), `word 0x${word.toString(16)}`);
    }
  });

  test("encodes as exact arithmetic does", () => {
    const random = new Random(1);
    const values = [0, 1, -1, 511749, 511750, 1023499, 1023500, 2046999, 2047000, 2 ** 31 - 1, -(2 ** 31)];
    for (let i = 0; i < 20000; i++) values.push((random.next() | 0) >> (i & 31));
    for (const value of values) assert.equal(parts.call.encode?.(value), encoded(value), `${value}`);
  });

  test("all values", () => {
    const random = new Random(0x11);
    const words = Array.from({ length: 128 }, (_, i) => encoded((random.next() | 0) >> (i & 31)));
    const expected = words.reduce((sum, word) => mix(mix(sum, word), decoded(word)), 0);
    assert.equal(sumOf("linear11"), expected);
  });
});

describe("sha256", () => {
  function digestOf(bytes: Uint8Array): string {
    parts.call.hash?.(put(bytes), bytes.length);
    const { digest } = parts.call as unknown as { digest: WebAssembly.Global };
    const result = Buffer.from(parts.memory.slice(digest.value, digest.value + 32));
    return result.swap32().toString("hex");
  }

  test("of any length around a block", () => {
    for (const length of [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
      assert.equal(digestOf(bytes), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
    }
  });

  test("of the whole message", () => {
    const random = new Random(0x256);
    const message = Uint8Array.from({ length: 4096 }, () => random.next());
    const digest = createHash("sha256").update(message).digest();
    let expected = 0;
    for (let at = 0; at < 32; at += 4) expected = mix(expected, digest.readUInt32BE(at));
    assert.equal(sumOf("sha256"), expected);
  });
});

describe("against plain reimplementations", () => {
  test("adc_block", () => assert.equal(sumOf("adc_block"), adcBlockSum()));
  test("ring_copy", () => assert.equal(sumOf("ring_copy"), ringCopySum()));
  test("line_scan", () => {
    assert.equal(sumOf("line_scan"), lineScanSum(textFrom("[    0.000000] Booting")));
  });
  test("console_line", () => {
    assert.equal(sumOf("console_line"), consoleLineSum(textFrom("help\nstatus\n")));
  });
  test("fib", () => assert.equal(sumOf("fib"), 46368));
});

describe("in C", () => {
  const sources = NATIVE_SOURCES.map((name) => join(NATIVE, name));

  /** Calls `use` with a folder that is removed afterwards. */
  function inFolder(use: (folder: string) => void): void {
    const folder = mkdtempSync(join(tmpdir(), "kernels-"));
    try {
      use(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("the checksums are the same", (context) => {
    if (spawnSync("cc", ["--version"]).status !== 0) {
      context.skip("no compiler (cc) for this machine");
      return;
    }
    inFolder((folder) => {
      const main = join(folder, "main.c");
      const program = join(folder, "kernels");
      writeFileSync(main, mainSource());
      const compiled = spawnSync(
        "cc",
        [...WARNINGS, "-O2", "-iquote", NATIVE, main, ...sources, "-o", program],
        {
          encoding: "utf8",
        },
      );
      assert.equal(compiled.status, 0, compiled.stderr);
      const { stdout } = spawnSync(program, { encoding: "utf8" });
      const expected = KERNELS.map(({ name }) => `${name} ${sumOf(name)}\n`).join("");
      assert.equal(stdout, expected);
    });
  });

  /** A program that prints every checksum. */
  function mainSource(): string {
    const calls = KERNELS.map(({ name }) => `  printf("${name} %lu\\n", (unsigned long)native_${name}());`);
    const head = '#include <stdio.h>\n#include "kernels.h"\n\nint main(void) {\n  native_prepare();\n';
    return `${head}${calls.join("\n")}\n  return 0;\n}\n`;
  }

  test("they compile for the RP2040's processor without a warning", () => {
    inFolder((folder) => {
      const flags = [...WARNINGS, "-mcpu=cortex-m0plus", "-mthumb", "-ffreestanding", "-O2", "-c"];
      const { status, stderr } = spawnSync(`${PREFIX}gcc`, [...flags, ...sources], {
        cwd: folder,
        encoding: "utf8",
      });
      assert.equal(status, 0, stderr);
    });
  });
});
