/**
 * Tests what the ahead-of-time engine guarantees for its image: the bound of the stack, and what it
 * refuses.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { loadBoard } from "../../../scripts/boards.ts";
import { callGraph, recursiveFunctions } from "../../../scripts/build/aot/call-graph.ts";
import { buildFirmware } from "../../../scripts/build/firmware.ts";
import { compileLogic } from "../../../scripts/build/logic.ts";
import type { Sizes } from "../../../scripts/build/sizes.ts";
import { readModule } from "../../../scripts/build/wasm/module.ts";
import { functionNames, withoutCustomSections } from "../../../scripts/build/wasm/names.ts";
import { Slot } from "../../../simulator/slot/slot.ts";
import { BareMachine } from "../../../simulator/tools/bare.ts";
import { builtLogic } from "../../support/logic.ts";
import { buildDirectory, command, powerUp, startedSlot } from "../../support/simulated-slot.ts";
import { makeModule } from "./modules.ts";

const DIRECTORY = buildDirectory("slot-hat-aot");

test("the native stack stays within the bound the build has worked out, and the bound is close", () => {
  const sizes = JSON.parse(readFileSync(`${DIRECTORY}/size.json`, "utf8")) as Sizes;
  const bounds = Object.values(sizes.native_stack_bytes ?? {});
  const bound = Math.max(...bounds.map((bytes) => bytes ?? Number.POSITIVE_INFINITY));
  const slot = startedSlot({ directory: DIRECTORY });
  powerUp(slot);
  slot.runFor(8000);
  for (const line of ["help", "log -n 20", "uptime"]) command(slot, line, 9000);
  const [, used = ""] = /stack +(\d+) of/.exec(command(slot, "status")) ?? [];
  assert.ok(Number(used) <= bound && Number(used) > bound * 0.9, `${used} of at most ${bound} bytes`);
});

test("a stack that is too small for the bound fails the build", async () => {
  const out = buildDirectory("small-aot");
  await assert.rejects(
    buildFirmware(loadBoard("slot-hat"), builtLogic(), "aot", out, { STACK_BYTES: 4096 }),
    /load may need \d+ bytes of native stack, and there are 3840: .* raise STACK_BYTES/,
  );
});

test("too little room after a check of the stack pointer fails the build", async () => {
  const board = loadBoard("slot-hat");
  const recursive = await compileLogic("test/firmware/saboteur.ts", board);
  const out = buildDirectory("reserve-aot");
  await assert.rejects(
    buildFirmware(board, recursive, "aot", out, { STACK_RESERVE_BYTES: 32 }),
    /calls itself may need \d+ bytes of native stack after it has checked .* but the reserve is 32/,
  );
});

test("the prompt is there 20 ms after power-on, with what flash costs", () => {
  const slot = new Slot({ directory: DIRECTORY, xipCache: true });
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  assert.ok(slot.chip.nanos < 20e6, `${slot.chip.nanos / 1e6} ms`);
});

test("native code of a module that does not fit the contract is never made", async () => {
  const stranger = makeModule({ functions: [{ name: "start", parameters: [], body: () => {} }] });
  await assert.rejects(
    buildFirmware(loadBoard("slot-hat"), stranger, "aot", buildDirectory("stranger-aot")),
    /does not fit the contract:[\s\S]*it exports start with other types[\s\S]*does not export the function handle/,
  );
});

test("at a start, damage and another contract's logic are refused", () => {
  const elf = readFileSync(`${DIRECTORY}/firmware.elf`);
  const refusal = (spoil: (machine: BareMachine) => void) => {
    const machine = new BareMachine(elf);
    spoil(machine);
    const { r0 } = machine.call("engine_load");
    return r0 === 0 ? null : machine.text(r0);
  };
  assert.equal(
    refusal(() => {}),
    null,
  );
  for (const name of ["logic_begin", "logic_end"]) {
    const spoil = (machine: BareMachine) => {
      const bytes = machine.memory(machine.symbol(name) - (name === "logic_end" ? 1 : 0), 1);
      bytes[0] = (bytes[0] ?? 0) ^ 0x20;
    };
    assert.match(refusal(spoil) ?? "", /damaged/);
  }
  const spoil = (machine: BareMachine) => {
    // With intercepted code the checksum is wrong, and without a right one the logic is not set up.
    machine.intercept("crc32", () => machine.symbol("logic_crc32"));
    machine.intercept("logic_instantiate", () => {});
    machine.intercept("export_contract_version", () => 1);
  };
  assert.match(refusal(spoil) ?? "", /another contract version/);
});

test("functions that may come back to themselves are found, also through the table", () => {
  const call = (index: number) => (to: { byte(...values: number[]): unknown }) => to.byte(0x10, index);
  const functions = [
    { name: "leaf", parameters: [], body: () => {} },
    { name: "calls-leaf", parameters: [], body: call(0) },
    { name: "self", parameters: [], body: call(2) },
    { name: "ping", parameters: [], body: call(4) },
    { name: "pong", parameters: [], body: call(3) },
    { name: "into-cycle", parameters: [], body: call(3) },
    // Through the table, by type 6. All types here are equal.
    {
      name: "indirect",
      parameters: [],
      body: (to: { byte(...values: number[]): unknown }) => to.byte(0x41, 0, 0x11, 6, 0),
    },
  ] as const;
  const graph = (table: string[]) => callGraph(readModule(makeModule({ functions, table })));
  assert.deepEqual([...recursiveFunctions(graph(["leaf"]))].sort(), [2, 3, 4]);
  assert.deepEqual([...recursiveFunctions(graph(["indirect"]))].sort(), [2, 3, 4, 6]);
});

test("names of functions are read, and do not go into the image", () => {
  const names = Buffer.from([0, 4, ...Buffer.from("name"), 1, 7, 1, 0, 4, ...Buffer.from("step")]);
  const bare = makeModule({ functions: [{ name: "x", parameters: [], body: () => {} }] });
  const named = Buffer.concat([bare, Buffer.from([0, names.length - 1]), names.subarray(1)]);
  assert.deepEqual([...functionNames(named)], [[0, "step"]]);
  assert.deepEqual(Buffer.from(withoutCustomSections(named)), Buffer.from(bare));
});
