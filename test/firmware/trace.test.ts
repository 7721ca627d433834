/**
 * The same inputs give the same effects everywhere, call by call: the test records a life of the slot under
 * each engine and replays it in Node and under both engines.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ENGINES } from "../../boards/image.ts";
import {
  alertResponse,
  blockProcessCall,
  readBlock,
  readWord,
  sendByte,
  writeBlock,
  writeByte,
  writeWord,
} from "../../simulator/devices/smbus/protocols.ts";
import { Slot } from "../../simulator/slot/slot.ts";
import { readSymbols } from "../../simulator/tools/elf.ts";
import { replayInEmulator, replayInNode } from "../../simulator/tools/replay.ts";
import { type TracePass, TraceRecorder } from "../../simulator/tools/trace.ts";
import { builtLogic } from "../support/logic.ts";
import { buildDirectory } from "../support/simulated-slot.ts";

const elfOf = (engine: string) => readFileSync(`${buildDirectory(`slot-hat-${engine}`)}/firmware.elf`);

/** Sends commands, refused ones, prepared reads and reads that need the logic, while the log arrives. */
function overSmbus(slot: Slot): void {
  const to = (command: number) => ({ address: 0x10, command, pec: true });
  slot.smbus.hz = 400_000;
  for (const page of [1, 0, 2]) slot.transfer(writeByte(to(0x00), page));
  for (const command of [0x88, 0x8b, 0x79, 0x05]) slot.transfer(readWord(to(command)));
  slot.transfer(writeWord(to(0x57), 0x0013));
  slot.transfer(readBlock(to(0xd4)));
  slot.transfer(blockProcessCall(to(0xd5), Uint8Array.of(0, 4, 0, 0)));
  slot.transfer(writeBlock(to(0xd6), Buffer.from("\x03uptime\r")));
  slot.transfer(alertResponse());
  slot.transfer(sendByte(to(0x03)));
}

function recordedLife(engine: string): readonly TracePass[] {
  const slot = new Slot({ directory: buildDirectory(`slot-hat-${engine}`), seed: 5 });
  const recorder = new TraceRecorder(slot.chip, readSymbols(elfOf(engine)));
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  for (const line of ["status", "pwoer on", "sensors", "power on"]) slot.terminal.type(`${line}\r`);
  slot.expect(/power: on\r\n/, 3000);
  slot.terminal.type("log -f\r");
  slot.runFor(5_000);
  overSmbus(slot);
  slot.runFor(5_000);
  slot.terminal.type("\x03log -n 3\rpower reset --yes\r");
  slot.runFor(1500);
  slot.terminal.type("power force-off --yes\r");
  slot.expect(/power: off\r\n/, 3000);
  recorder.stop();
  return recorder.passes;
}

for (const engine of ENGINES) {
  test(`a life of the slot recorded under ${engine} replays everywhere without a difference`, () => {
    const passes = recordedLife(engine);
    const calls = replayInNode(builtLogic(), passes);
    assert.ok(passes.length > 60 && calls > 400, `${passes.length} passes, ${calls} calls`);
    for (const other of ENGINES)
      assert.equal(replayInEmulator(elfOf(other), passes), calls, `under ${other}`);
  });
}

test("every replay notices one changed input or one changed effect", () => {
  const passes = recordedLife("aot");
  const changedInput = structuredClone(passes) as TracePass[];
  const filled = changedInput
    .flatMap((pass) => pass.calls)
    .find((call) => call.name === "uart_read" && call.filled);
  assert.ok(filled?.filled);
  filled.filled = `${filled.filled.slice(0, -2)}7e`;
  const changedDeadline = structuredClone(passes) as TracePass[];
  const last = changedDeadline.at(-1);
  assert.ok(last);
  last.deadline_us = 1n;
  for (const play of [
    (changed: TracePass[]) => replayInNode(builtLogic(), changed),
    ...ENGINES.map((engine) => (changed: TracePass[]) => replayInEmulator(elfOf(engine), changed)),
  ]) {
    assert.throws(() => play(changedInput), /called .*, the firmware/);
    assert.throws(() => play(changedDeadline), /wants to be called at/);
  }
});
