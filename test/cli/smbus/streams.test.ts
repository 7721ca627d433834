/** `log` and `console` where the slot prints faster than the bus carries: they end all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLine } from "../../../cli/smbus/commands.ts";
import { type Connection, Session } from "../../../cli/smbus/session.ts";
import { MemorySlot } from "../../client/memory-slot.ts";

const CONSOLE_OUTPUT = 0xd7;

async function run(args: readonly string[], device: MemorySlot) {
  let text = "";
  const notes: string[] = [];
  const connection = { bus: device, baseAddress: 0x10, pause: async () => {} } as unknown as Connection;
  const session = new Session(connection, {
    ...{ pec: false, slotId: 0, colours: false },
    write: (more) => {
      text += more;
    },
    note: (line) => notes.push(line),
  });
  for (const action of parseLine(args).actions) await action(session);
  return { text, notes };
}

test("log ends with the byte that was the newest when it was typed, and the next one goes on there", async () => {
  const device = new MemorySlot();
  device.log = Buffer.from("x".repeat(999_999));
  device.printing = { captured: 1000, perRead: 44, ring: 32_768 };
  const { text } = await run(["log"], device);
  assert.ok(text.length >= 1000 && text.length < 1200, `${text.length} characters`);
  const both = await run(["log", "then", "log"], device);
  assert.doesNotMatch(both.text, /missing/);
});

test("log and console say that the BMC has restarted, and go on with what is new", async () => {
  const device = new MemorySlot();
  device.log = Buffer.from("old line");
  device.nextLog = Buffer.from("first line of a longer log\r\n");
  device.put("MFR_LOG_STATUS", [0, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0]);
  device.restartsAfter = 5; // behind the first log
  const { text } = await run(["log", "then", "log"], device);
  assert.match(text, /^old line\n\[the BMC has restarted, .*\]\nfirst line of a longer log\r?\n$/);
});

/** A slot whose console prints without end, as while a `log -f` of another user runs there. */
class NeverResting extends MemorySlot {
  #position = 0;

  override async read(address: number, sent: Uint8Array, length: number | "block", extra = 0) {
    if (sent[0] !== CONSOLE_OUTPUT) return super.read(address, sent, length, extra);
    const head = Buffer.alloc(5, 32);
    head.writeUInt32LE(this.#position, 1);
    this.#position += 28;
    return Uint8Array.from([...head, ...Buffer.from(`${"y".repeat(27)}\n`)]);
  }
}

test("console gives up on a console that never rests, and says so", async () => {
  const { text, notes } = await run(["console", "status"], new NeverResting());
  assert.ok(text.length > 32_768 + 4096, "an answer as long as that of log is whole");
  assert.deepEqual(notes, ["the console goes on printing, and the rest is not shown"]);
});
