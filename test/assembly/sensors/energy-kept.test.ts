/**
 * Energy continues after a restart of the BMC: assembly/sensors/energy.ts compiled as it ships, with retained
 * words that outlive it. energy.spec.ts tests the count itself.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import asc from "assemblyscript/asc";
import { contract } from "../../../abi/contract.ts";

interface Energy {
  start(): void;
  energy_mj(): bigint;
  add(power_uw: number, elapsed_us: number): void;
  keep(): void;
}

let module: WebAssembly.Module;

before(
  async () => {
    let binary: Uint8Array | null = null;
    const options = ["assembly/sensors/energy.ts", "--outFile", "x.wasm", "-O2s", "--runtime", "stub"];
    const { error, stderr } = await asc.main(options, {
      // No configuration: the project's own would compile the whole logic as well.
      readFile: async (name, base) =>
        name.endsWith("asconfig.json") ? null : readFile(join(base, name), "utf8").catch(() => null),
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) binary = contents as Uint8Array;
      },
      listFiles: () => [],
    });
    assert.ok(!error && binary, stderr.toString());
    module = new WebAssembly.Module(binary);
  },
  { timeout: 60_000 },
);

/** One life of the BMC. It finds the words that the life before it left. */
function life(words: Map<number, number>): Energy {
  const retained_read = (index: number) => words.get(index) ?? 0;
  const retained_write = (index: number, word: number) => void words.set(index, word >>> 0);
  const host = { retained_read, retained_write };
  const { exports } = new WebAssembly.Instance(module, { [contract.module]: host });
  const energy = exports as unknown as Energy;
  energy.start();
  return energy;
}

test("after power-on the count begins at zero", () => {
  assert.equal(life(new Map()).energy_mj(), 0n);
});

test("after a restart the count continues from the kept value, and later energy is lost", () => {
  const words = new Map<number, number>();
  const first = life(words);
  first.add(5_000_000, 1_000_000);
  first.keep();
  first.add(7_000_000, 1_000_000);
  assert.equal(first.energy_mj(), 12_000n);
  const second = life(words);
  assert.equal(second.energy_mj(), 5000n);
  second.add(1_000_000, 1_000_000);
  second.keep();
  assert.equal(life(words).energy_mj(), 6000n);
});

test("all 64 bits are kept", () => {
  const words = new Map<number, number>();
  const largest = 2 ** 32 - 1;
  const first = life(words);
  for (let window = 0; window < 1000; window++) first.add(largest, largest);
  const expected = (1000n * BigInt(largest) * BigInt(largest)) / 1_000_000_000n;
  assert.ok(expected > 2n ** 44n);
  assert.equal(first.energy_mj(), expected);
  first.keep();
  assert.equal(life(words).energy_mj(), expected);
});

test("it writes only its own retained words, and all of them exist in the contract", () => {
  const words = new Map<number, number>(
    Array.from({ length: contract.retained.words }, (_, index) => [index, 0xeeee_0000 + index]),
  );
  const energy = life(words);
  energy.add(1, 1);
  energy.keep();
  assert.deepEqual(
    [...words].filter(([index, word]) => index !== 1 && index !== 2 && word !== 0xeeee_0000 + index),
    [],
  );
  assert.equal(words.size, contract.retained.words);
});
