/**
 * Tests what random modules seldom contain, in V8, under wasm3 and ahead of time: tables and segments that
 * overlap, equal types, start functions, recursion of every kind, blocks of memory that overlap. Opcodes
 * are written out; the core specification's appendix A has them.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { contract } from "../../../abi/contract.ts";
import { runTranslated } from "../../../lab/engines/aot.ts";
import type { Call } from "../../../lab/engines/outcome.ts";
import { runInV8 } from "../../../lab/engines/v8.ts";
import { Wasm3 } from "../../../lab/engines/wasm3.ts";
import type { ValueType } from "../../../scripts/build/wasm/instructions.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";
import { type MadeFunction, type MadeModule, makeModule } from "./modules.ts";

/** The last byte of memory. */
const LAST = contract.memory.bytes - 1;

let wasm3: Wasm3;
before(async () => {
  wasm3 = await Wasm3.create(buildDirectory("constructs/wasm3"));
});

const code =
  (...bytes: number[]): MadeFunction["body"] =>
  (to) => {
    to.byte(...bytes);
  };

function call(
  name: string,
  parameters: readonly ValueType[],
  result: ValueType | undefined,
  ...args: number[]
): Call {
  return { name, parameters, result, args: args.map((value) => BigInt.asUintN(32, BigInt(value))) };
}

/** All engines must agree, and V8's result must be `expected`. */
async function agree(made: MadeModule, calls: readonly Call[], expected: readonly string[]): Promise<void> {
  const module = makeModule(made);
  const inV8 = runInV8(module, calls);
  assert.deepEqual(inV8.calls, expected, "V8");
  assert.deepEqual(
    await runTranslated(module, calls, buildDirectory("constructs/aot")),
    inV8,
    "ahead of time",
  );
  assert.deepEqual(wasm3.run(module, calls), inV8, "wasm3");
}

const constant = (name: string, value: number, result: ValueType = "i"): MadeFunction => ({
  name,
  parameters: [],
  result,
  body: code(result === "i" ? 0x41 : 0x42, value),
});

test("a call through the table goes by what types look like, and later segments win", async () => {
  const through = (name: string, type: number, result: ValueType): MadeFunction => ({
    name,
    parameters: ["i"],
    result,
    body: code(0x20, 0, 0x11, type, 0),
  });
  await agree(
    {
      // Types 0 and 1 are equal, and so are 2 and 5. The table has more entries than there are functions.
      functions: [
        constant("one", 1),
        constant("two", 2),
        constant("long", 3, "j"),
        through("by-first", 0, "i"),
        through("by-second", 1, "i"),
        constant("also-long", 4, "j"),
        through("by-last", 5, "j"),
      ],
      table: ["one", "one", "long", "long"],
      elements: [
        [1, ["two"]],
        [0, ["two"]],
        [0, ["one"]],
        [3, ["also-long"]],
      ],
      tableSize: 6,
    },
    ["by-first", "by-second"]
      .flatMap((name) => [0, 1, 2, 4, 5, 6, -1].map((index) => call(name, ["i"], "i", index)))
      .concat([0, 2, 3].map((index) => call("by-last", ["i"], "j", index))),
    [
      ...[..."12"].concat(Array(5).fill("trap INDIRECT_CALL")),
      ...[..."12"].concat(Array(5).fill("trap INDIRECT_CALL")),
      ...["trap INDIRECT_CALL", "3", "4"],
    ],
  );
});

test("a start function runs once, after segments of memory of which later ones win", async () => {
  const load: MadeFunction = {
    name: "load",
    parameters: ["i"],
    result: "i",
    body: code(0x20, 0, 0x2d, 0, 0),
  };
  await agree(
    {
      functions: [
        load,
        // memory[3] += memory[1]
        {
          name: "add",
          parameters: [],
          body: code(0x41, 3, 0x41, 3, 0x2d, 0, 0, 0x41, 1, 0x2d, 0, 0, 0x6a, 0x3a, 0, 0),
        },
      ],
      data: Uint8Array.of(1, 2, 3, 4),
      segments: [
        [1, Uint8Array.of(20, 30)],
        [1, Uint8Array.of(21)],
        [65_535, Uint8Array.of(97, 98)],
        [LAST, Uint8Array.of(99)],
        [LAST + 1, new Uint8Array(0)],
      ],
      start: "add",
    },
    [0, 1, 2, 3, 65_535, 65_536, LAST].map((address) => call("load", ["i"], "i", address)),
    ["1", "21", "30", "25", "97", "98", "99"],
  );
});

test("endless recursion exhausts the stack, whatever way it goes", async () => {
  const body = (...bytes: number[]) => ({
    parameters: ["i"] as const,
    result: "i" as const,
    body: code(...bytes),
  });
  const calls = ["self", "ping", "table", "deep"].map((name) => call(name, ["i"], "i", 5));
  await agree(
    {
      functions: [
        { name: "self", ...body(0x20, 0, 0x10, 0, 0x41, 1, 0x6a) },
        { name: "ping", ...body(0x20, 0, 0x10, 2, 0x41, 1, 0x6a) },
        { name: "pong", ...body(0x20, 0, 0x10, 1, 0x41, 2, 0x6a) },
        { name: "table", ...body(0x20, 0, 0x41, 0, 0x11, 3, 0, 0x41, 3, 0x6a) },
        // Returns only if its argument is odd, and is then called with an even one.
        {
          name: "deep",
          ...body(0x20, 0, 0x41, 1, 0x71, 0x04, 0x7f, 0x20, 0, 0x41, 2, 0x6a, 0x10, 4, 0x05, 0x41, 0, 0x0b),
        },
      ],
      table: ["table"],
    },
    calls,
    ["trap CALL_STACK", "trap CALL_STACK", "trap CALL_STACK", "trap CALL_STACK"],
  );
});

test("blocks of memory that overlap are copied as if they did not", async () => {
  const copy: MadeFunction = {
    name: "copy",
    parameters: ["i", "i", "i"],
    body: code(0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 10, 0, 0),
  };
  const places = [
    [1, 0, 62],
    [100, 102, 61],
    [204, 200, 64],
    [300, 304, 64],
    [403, 400, 3],
    [500, 500, 40],
  ] as const;
  await agree(
    { functions: [copy], data: Uint8Array.from({ length: 1024 }, (_, index) => (index * 31) & 0xff) },
    places.map((args) => call("copy", ["i", "i", "i"], undefined, ...args)),
    places.map(() => "nothing"),
  );
});
