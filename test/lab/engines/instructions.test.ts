/**
 * Tests every integer instruction with operands at the edges, in V8, under wasm3 and ahead of time. Random
 * modules rarely combine a particular instruction with critical operands.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { runTranslated } from "../../../lab/engines/aot.ts";
import type { Call, Outcome } from "../../../lab/engines/outcome.ts";
import { runInV8 } from "../../../lab/engines/v8.ts";
import { Wasm3 } from "../../../lab/engines/wasm3.ts";
import { plainOperations, type ValueType } from "../../../scripts/build/wasm/instructions.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";
import { type MadeFunction, makeModule, pushParameters } from "./modules.ts";

const EDGES: Readonly<Record<string, readonly bigint[]>> = {
  i: [
    0n,
    1n,
    2n,
    7n,
    31n,
    32n,
    33n,
    0x7fn,
    0x80n,
    0xffn,
    0x7fffn,
    0x8000n,
    0xffffn,
    0x12345678n,
    0x7fffffffn,
  ].concat([0x80000000n, 0x80000001n, 0xdeadbeefn, 0xfffffffen, 0xffffffffn]),
  j: [
    0n,
    1n,
    3n,
    31n,
    32n,
    63n,
    64n,
    65n,
    0x80n,
    0x8000n,
    0x7fffffffn,
    0x80000000n,
    0xffffffffn,
    1n << 32n,
  ].concat([
    0x123456789abcdef0n,
    (1n << 63n) - 1n,
    1n << 63n,
    (1n << 63n) + 1n,
    (1n << 64n) - 2n,
    (1n << 64n) - 1n,
  ]),
};

/** One function for each instruction whose result depends only on its operands. */
const functions: MadeFunction[] = plainOperations().map(({ opcode, operation }) => {
  const [takes = "", gives = ""] = (operation.signature ?? "").split(":");
  return {
    name: operation.name,
    parameters: [...takes] as ValueType[],
    result: gives as ValueType,
    body: (to) => {
      pushParameters(to, takes.length);
      to.byte(opcode);
    },
  };
});

function callsOf({ name, parameters, result }: MadeFunction): Call[] {
  const [first = "i", second] = parameters;
  const all = (type: ValueType) => EDGES[type] ?? [];
  const pairs = second
    ? all(first).flatMap((a) => all(second).map((b) => [a, b]))
    : all(first).map((a) => [a]);
  return pairs.map((args) => ({ name, args, parameters, result }));
}

let wasm3: Wasm3;
before(async () => {
  wasm3 = await Wasm3.create(buildDirectory("instructions/wasm3"));
});

test("every integer instruction gives the same at every edge", async () => {
  const module = makeModule({ functions });
  const calls = functions.flatMap(callsOf);
  assert.ok(functions.length > 60 && calls.length > 20_000, `${functions.length} instructions`);
  const expected = runInV8(module, calls);
  assert.ok(expected.calls.includes("trap DIVISION"));
  const check = (engine: string, got: Outcome) => {
    const wrong = calls.flatMap(({ name, args }, index) =>
      got.calls[index] === expected.calls[index]
        ? []
        : [`${engine}: ${name}(${args.join(", ")}) is ${got.calls[index]}, not ${expected.calls[index]}`],
    );
    assert.deepEqual(wrong.slice(0, 10), []);
  };
  check("aot", await runTranslated(module, calls, buildDirectory("instructions/aot")));
  check("wasm3", wasm3.run(module, calls));
});
