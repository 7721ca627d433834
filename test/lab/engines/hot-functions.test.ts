/** Tests the functions of translated logic that run from SRAM: which they are, and how they get there. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { earlyFunctions, findHotFunctions } from "../../../lab/bench/hot-functions.ts";
import { nameWithoutNumber, readHotFunctions } from "../../../scripts/build/aot/hot-functions.ts";
import { Frames } from "../../../scripts/build/frames.ts";
import { BareMachine } from "../../../simulator/tools/bare.ts";
import { readFunctions } from "../../../simulator/tools/elf.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const DIRECTORY = buildDirectory("slot-hat-aot");
const ELF = `${DIRECTORY}/firmware.elf`;
const RENEW = "renew it: npm run bench -- --place scripts/build/aot/hot-functions.json";
/** An odd address in linear memory. The fault handler carries out what translated code reads there. */
const ODD = 0x103;

test("the list names what runs in every pass, and nothing that is gone", async () => {
  const { logic, host } = readHotFunctions();
  const inImage = new Set(readFunctions(readFileSync(ELF)).map(({ name }) => nameWithoutNumber(name)));
  assert.deepEqual(
    [...logic, ...host].filter((name) => !inImage.has(name)),
    [],
    RENEW,
  );
  const found = await findHotFunctions(DIRECTORY);
  const unlisted = [
    ...found.logic.filter((name) => !logic.includes(name)),
    ...found.host.filter((name) => !host.includes(name)),
  ];
  // A few more cost little. The list is renewed before figures are, and not with every change of the code.
  assert.ok(unlisted.length <= 6, `not listed: ${unlisted.join(", ")}. ${RENEW}`);
});

test("no function that a start or an early crash needs runs from SRAM, which is not filled then", async () => {
  const early = await earlyFunctions(ELF);
  assert.ok(early.has("retained_begin") && early.has("timer_us"));
  const inSram = readFunctions(readFileSync(ELF)).filter(({ address }) => address >= 0x2000_0000);
  assert.deepEqual(
    inSram.map(({ name }) => name).filter((name) => early.has(name)),
    [],
  );
});

test("loading copies hot functions to SRAM, also over what was there", () => {
  const machine = new BareMachine(readFileSync(ELF));
  const [begin, end] = [machine.symbol("logic_hot_begin"), machine.symbol("logic_hot_end")];
  assert.ok(end - begin > 4000, `${end - begin} bytes`);
  machine.memory(begin, end - begin).fill(0);
  assert.equal(machine.call("engine_load").r0, 0);
  assert.deepEqual(
    machine.memory(begin, end - begin),
    machine.memory(machine.symbol("logic_begin"), end - begin),
  );
});

test("an access that is not aligned is carried out for a hot function too", () => {
  const machine = new BareMachine(readFileSync(ELF));
  const memory = machine.symbol("linear_memory");
  machine.memory(memory + ODD, 4).set([0x11, 0x22, 0x33, 0x44]);
  const [push, load, bx] = [0xb4f0, 0x6800, 0x4770]; // push {r4-r7}; ldr r0, [r0]; bx lr
  const pop = 0xbcf0;
  const begin = machine.symbol("logic_hot_begin");
  const code = Uint16Array.of(push, load, pop, bx);
  machine.memory(begin, code.byteLength).set(new Uint8Array(code.buffer));
  assert.equal(machine.callAt(begin, [memory + ODD]).r0, 0x4433_2211);
});

test("a call between flash and SRAM goes through a veneer, and the bound of the stack follows it", async () => {
  const frames = await Frames.of(ELF);
  assert.deepEqual([...frames.calls("host_main").callees].includes("__engine_handle_veneer"), true);
  assert.deepEqual([...frames.calls("__engine_handle_veneer").callees], ["engine_handle"]);
});
