/** The socket of a console, without an emulator behind it: who sees what, and who waits for whom. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { ConsolePort } from "../../../simulator/serve/console-port.ts";
import { LIMITS } from "../../../simulator/serve/protocol.ts";
import { eventually, rawClient, socketFolder } from "../../support/served-slot.ts";

let home: ReturnType<typeof socketFolder>;
let path: string;
let port: ConsolePort;
let typed = "";
/** Bytes that the console takes at each step. */
let room = 16;
const reports: string[] = [];

beforeEach(async () => {
  home = socketFolder();
  path = join(home.folder, "x.sock");
  typed = "";
  reports.length = 0;
  port = new ConsolePort({
    name: "a console",
    type: (bytes) => {
      const taken = bytes.subarray(0, room);
      typed += Buffer.from(taken).toString("latin1");
      return taken.length;
    },
    report: (event) => reports.push(event),
  });
  port.listener.listen(path);
  await once(port.listener, "listening");
});
afterEach(() => {
  port.close();
  port.destroy();
  home.remove();
});

const print = (text: string) => {
  for (const byte of Buffer.from(text, "latin1")) port.print(byte);
  port.step();
};
const attached = async (count: number) =>
  eventually(
    () => port.attached === count,
    () => `${port.attached}`,
  );

test("every terminal sees each byte that is printed while it is there, and no other", async () => {
  print("before\n");
  const first = await rawClient(path);
  await attached(1);
  print("\x00\xffone\n");
  const second = await rawClient(path);
  await attached(2);
  print("two\n");
  await eventually(() => first.text().endsWith("two\n") && second.text() !== "", first.text);
  assert.deepEqual([first.text(), second.text()], ["\x00\xffone\ntwo\n", "two\n"]);
  assert.deepEqual(reports, ["a terminal is on a console (1 now)", "a terminal is on a console (2 now)"]);
  first.socket.destroy();
  second.socket.destroy();
});

test("keys wait for the console, which takes a few at a time, and none is lost", async () => {
  const { socket } = await rawClient(path);
  const keys = "0123456789".repeat(20_000);
  socket.end(keys);
  await attached(1);
  room = 0;
  for (let step = 0; step < 50; step++) port.step();
  assert.equal(typed, "");
  room = 4096;
  const type = setInterval(() => port.step(), 1);
  await eventually(
    () => typed.length >= keys.length,
    () => `${typed.length} bytes`,
  );
  clearInterval(type);
  assert.equal(typed, keys);
  socket.destroy();
});

test("a terminal that does not read loses output and sees how much; the others lose nothing", async () => {
  const deaf = await rawClient(path);
  const reader = await rawClient(path);
  await attached(2);
  deaf.socket.pause();
  const line = `${"x".repeat(998)}\r\n`;
  // Far more than the server keeps, and the kernel besides.
  const lines = 2000;
  for (let printed = 0; printed < lines; printed++) {
    print(line);
    if (printed % 20 === 0)
      await eventually(
        () => reader.text().length > (printed - 20) * 1000,
        () => "",
      );
  }
  await eventually(
    () => reader.text().length === lines * 1000,
    () => `${reader.text().length}`,
  );
  assert.doesNotMatch(reader.text(), /missing/);
  deaf.socket.resume();
  await eventually(
    () => /are missing/.test(deaf.text()),
    () => `${deaf.text().length} bytes`,
  );
  print("goes on\r\n");
  await eventually(
    () => deaf.text().endsWith("goes on\r\n"),
    () => deaf.text().slice(-100),
  );
  const [, missing] =
    /\r\n\[(\d+) bytes are missing: this terminal did not read them\]\r\n/.exec(deaf.text()) ?? [];
  const kept = deaf.text().match(/x{998}\r\n/g)?.length ?? 0;
  assert.equal(kept * 1000 + Number(missing), lines * 1000);
  for (const { socket } of [deaf, reader]) socket.destroy();
});

test("there is room for so many terminals, and one more reads why it has none", async () => {
  const terminals = await Promise.all(Array.from({ length: LIMITS.terminals }, () => rawClient(path)));
  await attached(LIMITS.terminals);
  const late = await rawClient(path);
  await once(late.socket, "close");
  assert.equal(late.text(), "8 terminals are on a console already: close one of them first\r\n");
  for (const { socket } of terminals) socket.destroy();
});
