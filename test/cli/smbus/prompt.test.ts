/**
 * Keys at the prompt of `npm run smbus`. The time of its slot stands still, so that a command waits for ever.
 * No device is on its bus.
 */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { emulated } from "../../../cli/smbus/emulated.ts";
import { prompt } from "../../../cli/smbus/prompt.ts";
import { Session } from "../../../cli/smbus/session.ts";
import type { Slot } from "../../../simulator/slot/slot.ts";

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const LATE_MS = 5000;

function terminal(transferred = () => {}) {
  let text = "";
  const slot = {
    smbus: { hz: 0 },
    board: { smbus: { address: 0x10 } },
    chip: { nanos: 0, runUntilNanos: () => {} },
    transfer: () => {
      transferred();
      return { kind: "nack", at: "address" };
    },
  } as unknown as Slot;
  const write = (more: string) => {
    text += more;
    return true;
  };
  const session = new Session(emulated(slot, 100_000), { pec: true, slotId: 0, colours: false, write });
  const input = new PassThrough();
  const done = prompt(session, { input, output: new PassThrough().resume() });
  /** Types, then waits for the expected output. */
  const type = async (keys: string, expected: RegExp) => {
    text = "";
    input.write(keys);
    for (let waited = 0; !expected.test(text) && waited < LATE_MS; waited += 10) await sleep(10);
    assert.match(text, expected);
  };
  return { input, done, type };
}

test("Ctrl-C ends the command that waits and what was typed after it; the prompt stays", async () => {
  const { input, done, type } = terminal();
  input.write("wait 3600 then frobnicate\n");
  await type("wait 3600\nscna\n", /unknown command frobnicate/);
  await sleep(50);
  await type(CTRL_C, /ended/);
  await type("wat 1\n", /^error: unknown command wat; did you mean wait\?\n$/);
  // Once more: an interrupt of the first command does not end the second.
  input.write("wait 3600\n");
  await sleep(50);
  await type(CTRL_C, /ended/);
  await type(CTRL_D, /\n/);
  await done;
});

test("Ctrl-C ends a command that sends one message after another", async () => {
  let messages = 0;
  const { input, done, type } = terminal(() => {
    messages++;
    if (messages === 5) input.write(CTRL_C);
  });
  await type("scan\n", /ended/);
  assert.ok(messages < 20, `${messages} messages`);
  await type("scan\n", /no device answers/);
  input.write("exit\n");
  await done;
});

test("Ctrl-C clears a half-typed line, and on an empty one says how to leave", async () => {
  const { input, done, type } = terminal();
  input.write(`power off${CTRL_C}`);
  await type("scna\n", /^error: unknown command scna/);
  await type(CTRL_C, /Ctrl-D or exit leaves/);
  input.write("exit\n");
  await done;
});

test("Ctrl-D ends a command that waits, and the prompt with it", async () => {
  const { input, done } = terminal();
  input.write("wait 3600\n");
  await sleep(50);
  input.write(CTRL_D);
  await done;
});
