/** The readers of the boot log and the console against a device in memory: gaps, restarts and bounds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BusTimeoutError, type Chunk, SlotClient } from "@racklet/client";
import { crc8, MemorySlot } from "./memory-slot.ts";

function slot() {
  const device = new MemorySlot();
  return { device, client: new SlotClient(device, device.address) };
}

test("the log comes in blocks, knows what was lost, and goes on where it was", async () => {
  const { device, client } = slot();
  device.log = Buffer.from(Array.from({ length: 100 }, (_, at) => at));
  device.put("MFR_LOG_STATUS", [10, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0]);
  device.oldest = 10;
  const first = await client.log().next();
  assert.deepEqual([first.value?.position, first.value?.lost, first.value?.next], [10, 0, 38]);
  device.oldest = 60;
  const rest: number[] = [];
  const lost: number[] = [];
  for await (const chunk of client.log(first.value?.next)) {
    rest.push(...chunk.data);
    lost.push(chunk.lost);
  }
  assert.deepEqual(rest, [...device.log.subarray(60)]);
  assert.deepEqual(lost, [22, 0]);
  device.failNext = new BusTimeoutError(0x10);
  const broken = client.log(90);
  await assert.rejects(broken.next(), BusTimeoutError);
  assert.deepEqual((await client.log(90).next()).value?.data.length, 10);
});

test("a reader that a printing board overtakes skips ahead once, and every other byte is in order", async () => {
  const { device, client } = slot();
  device.log = Buffer.from(Array.from({ length: 57_000 }, (_, at) => at % 251));
  // 115200 baud bring 44 bytes while 28 are read at 100 kHz.
  device.printing = { captured: 33_000, perRead: 44, ring: 32_768 };
  const gaps: number[] = [];
  let end = 0;
  for await (const { position, lost, data, next } of client.log()) {
    if (lost > 0) gaps.push(lost);
    if (end > 0) assert.equal(position, end + lost);
    assert.deepEqual(Buffer.from(data), device.log.subarray(position, next));
    end = next;
  }
  assert.equal(end, device.log.length);
  assert.equal(gaps.length, 1);
  assert.ok((gaps[0] ?? 0) < 17_000, `${gaps[0]} bytes are missing`);
});

test("a reader whose ring has moved on and stands still skips nothing that is kept", async () => {
  const { device, client } = slot();
  device.log = Buffer.from(Array.from({ length: 500 }, (_, at) => at % 251));
  device.printing = { captured: 500, perRead: 0, ring: 200 };
  device.oldest = 300;
  const first = await client.log(100).next();
  assert.deepEqual([first.value?.position, first.value?.lost], [300, 200]);
});

const OLD_LOG = Buffer.from("o".repeat(1500));
const NEW_LOG = Buffer.from("n".repeat(2000));

/** Reads on behind a chunk; "|" stands for the restart. */
async function textOf(chunks: AsyncGenerator<Chunk>): Promise<{ text: string; last: Chunk | undefined }> {
  let text = "";
  let last: Chunk | undefined;
  for await (const chunk of chunks) {
    text += chunk.restarted ? "|" : Buffer.from(chunk.data).toString();
    assert.equal(chunk.lost, 0);
    assert.equal(chunk.next, chunk.position + chunk.data.length);
    last = chunk;
  }
  return { text, last };
}

test("the logs of two starts are not mixed, whenever the BMC restarts", async () => {
  for (let after = 0; ; after++) {
    const { device, client } = slot();
    device.log = OLD_LOG;
    device.nextLog = NEW_LOG;
    const first: Chunk | undefined = (await client.log().next()).value;
    device.restartsAfter = after;
    const { text } = await textOf(client.log(first));
    if (device.restartsAfter !== null) break;
    if (text === OLD_LOG.toString().slice(28)) continue; // it restarted when all had been read
    const [old = "", young] = text.split("|");
    assert.match(old, /^o*$/, `restart after ${after} messages`);
    assert.equal(young, NEW_LOG.toString(), `restart after ${after} messages`);
  }
});

test("firmware that does not say when it started shows a restart by a log that is shorter", async () => {
  const { device, client } = slot();
  device.started_ms = null;
  device.log = OLD_LOG;
  device.nextLog = NEW_LOG.subarray(0, 100);
  const { last } = await textOf(client.log());
  assert.equal(last?.started_ms, 0);
  device.restart();
  assert.equal((await textOf(client.log(last))).text, `|${"n".repeat(100)}`);
});

test("a log that is read again after a restart begins anew, wherever the new one ends", async () => {
  for (const length of [10, 28, 1500, 2000]) {
    const { device, client } = slot();
    device.log = OLD_LOG;
    device.nextLog = NEW_LOG.subarray(0, length);
    const { last } = await textOf(client.log());
    device.restart();
    // A new log that ends where the old one did looks like the old one, until it goes on.
    const expected = length === 1500 ? "" : `|${"n".repeat(length)}`;
    assert.equal((await textOf(client.log(last))).text, expected);
  }
});

/** A slot whose console has printed more than 2 GB: position 0 counts as ahead of its newest byte. */
class FarAhead extends MemorySlot {
  override async read(address: number, sent: Uint8Array, length: number | "block", extra = 0) {
    if (sent[0] !== 0xd7) return super.read(address, sent, length, extra);
    const answer = [4, 5, 0, 0, 0x80];
    return Uint8Array.from([...answer, crc8([address << 1, ...sent, (address << 1) | 1, ...answer])]);
  }
}

test("a position that the device never reaches holds no reader", async () => {
  const client = new SlotClient(new FarAhead(), 0x10);
  const { text } = await textOf(client.consoleOutput());
  assert.equal(text, "|");
});

test("a position behind the end is one from before a restart", async () => {
  const { device, client } = slot();
  device.log = OLD_LOG;
  const chunks: boolean[] = [];
  for await (const { restarted } of client.log(9999)) chunks.push(restarted);
  assert.deepEqual(chunks.slice(0, 2), [true, false]);
});

test("a console that prints faster than it is read is overtaken once", async () => {
  const { device, client } = slot();
  const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, at) => at % 251));
  Object.assign(device.console, { bytes, printed: 5000, perRead: 44 });
  const gaps: number[] = [];
  let end = 0;
  for await (const { position, lost, data, next } of client.consoleOutput(500)) {
    if (lost > 0) gaps.push(lost);
    if (end > 0) assert.equal(position, end + lost);
    assert.deepEqual(Buffer.from(data), bytes.subarray(position, next));
    end = next;
    if (end > 6000) break; // the half of its ring that it has as lead is good for 3 KB
  }
  assert.equal(gaps.length, 1);
  assert.ok((gaps[0] ?? 0) > 400 && (gaps[0] ?? 0) < 3000, `${gaps[0]} bytes are missing`);
});

test("a console that was read before a restart is read from its new beginning", async () => {
  const { device, client } = slot();
  Object.assign(device.console, { bytes: Buffer.from("x".repeat(600)), printed: 100 });
  const { last } = await textOf(client.consoleOutput());
  device.restart();
  device.console.printed = 300;
  assert.equal((await textOf(client.consoleOutput(last))).text, `|${"x".repeat(300)}`);
});
