/** The same inputs give the same effects, in the emulator and in Node, call by call. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readSymbols } from "../../simulator/elf.ts";
import { Slot } from "../../simulator/slot.ts";
import { replay, TraceRecorder } from "../../simulator/trace.ts";
import { builtLogic } from "../support/logic.ts";
import { buildDirectory } from "../support/slot.ts";

test("a life of the slot recorded in the emulator replays in Node without a difference", () => {
  const slot = new Slot({ directory: buildDirectory(), seed: 5 });
  const recorder = new TraceRecorder(
    slot.machine,
    readSymbols(readFileSync(`${buildDirectory()}/firmware.elf`)),
  );
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  for (const line of ["status", "pwoer on", "sensors", "power on"]) slot.terminal.type(`${line}\r`);
  slot.expect(/power: on\r\n/, 3000);
  slot.terminal.type("log -f\r");
  slot.runFor(10_000);
  slot.terminal.type("\x03log -n 3\rpower reset --yes\r");
  slot.runFor(1500);
  slot.terminal.type("power force-off --yes\r");
  slot.expect(/power: off\r\n/, 3000);
  recorder.stop();

  const wasm = builtLogic();
  const calls = replay(wasm, recorder.passes);
  assert.ok(recorder.passes.length > 60 && calls > 400, `${recorder.passes.length} passes, ${calls} calls`);

  // The comparison itself must be able to fail: one changed input, one changed effect.
  const changedInput = structuredClone(recorder.passes);
  const filled = changedInput
    .flatMap((pass) => pass.calls)
    .find((call) => call.name === "uart_read" && call.filled);
  assert.ok(filled?.filled);
  filled.filled = `${filled.filled.slice(0, -2)}7e`;
  assert.throws(() => replay(wasm, changedInput), /Node called/);
  const changedDeadline = structuredClone(recorder.passes);
  const last = changedDeadline.at(-1);
  assert.ok(last);
  last.deadline_us = 1n;
  assert.throws(() => replay(wasm, changedDeadline), /Node wants to be called at/);
});
