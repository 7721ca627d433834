/**
 * That energy goes on after a restart of the BMC: assembly/sensors/energy.ts compiled as it ships, with
 * retained words that outlive it. What it counts is in energy.spec.ts.
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
      // Of its own: the project's configuration would bring the whole logic along.
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

/** A life of the BMC: words it finds are those the life before has left. */
function life(words: Map<number, number>): Energy {
  const retained_read = (place: number) => words.get(place) ?? 0;
  const retained_write = (place: number, word: number) => void words.set(place, word >>> 0);
  const host = { retained_read, retained_write };
  const { exports } = new WebAssembly.Instance(module, { [contract.module]: host });
  const energy = exports as unknown as Energy;
  energy.start();
  return energy;
}

test("after power-on the count begins at nothing", () => {
  assert.equal(life(new Map()).energy_mj(), 0n);
});

test("what was kept is there after a restart, and counted on from; what was not is gone", () => {
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

test("only words of its own are written, all of which the contract has", () => {
  const words = new Map<number, number>(
    Array.from({ length: contract.retainedWords }, (_, place) => [place, 0xeeee_0000 + place]),
  );
  const energy = life(words);
  energy.add(1, 1);
  energy.keep();
  assert.deepEqual(
    [...words].filter(([place, word]) => place !== 1 && place !== 2 && word !== 0xeeee_0000 + place),
    [],
  );
  assert.equal(words.size, contract.retainedWords);
});
