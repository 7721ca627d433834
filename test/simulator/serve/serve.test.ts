/**
 * A served slot as programs see it: the real image behind the sockets of a process of its own, used by
 * several clients at once, by some that break the rules, and by some that die.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, existsSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { NoAnswerError, SlotClient } from "@racklet/client";
import { FaultReason } from "../../../abi/generated/vocabulary.ts";
import { ServedClient, ServedSlotLostError } from "../../../simulator/serve/client.ts";
import { type Answer, LIMITS, RequestError, type SlotFacts } from "../../../simulator/serve/protocol.ts";
import { ServedBus } from "../../../simulator/serve/served-bus.ts";
import { eventually, rawClient, type Served, serveAt, socketFolder } from "../../support/served-slot.ts";

const home = socketFolder();
const path = join(home.folder, "s");
const noSocat = spawnSync("socat", ["-V"]).error ? "needs socat" : false;
let served: Served;
before(async () => {
  served = await serveAt(path);
});
after(async () => {
  await served.end();
  home.remove();
});

const connected = () => ServedClient.connect(path);
const facts = async (client: ServedClient) => (await client.ask("status")) as SlotFacts;

/** Sends lines and returns the answers, without the greeting. */
async function answers(...lines: string[]): Promise<Answer[]> {
  const { socket, text } = await rawClient(join(path, "control.sock"));
  socket.end(lines.map((line) => `${line}\n`).join(""));
  await once(socket, "close");
  const [greeting = "", ...rest] = text().trimEnd().split("\n");
  assert.match(greeting, /^\{"program":"racklet-bmc","protocol":1,/);
  return rest.map((line) => JSON.parse(line) as Answer);
}

test("folder and sockets are the user's alone", () => {
  assert.equal(statSync(path).mode & 0o777, 0o700);
  for (const name of ["control", "console", "compute"])
    assert.equal(statSync(join(path, `${name}.sock`)).mode & 0o777, 0o600, name);
});

test("a program speaks to the slot, faults come and go, and time passes when it waits", async () => {
  const client = await connected();
  assert.deepEqual([client.greeting.board, client.greeting.address], ["slot-hat", 0x10]);
  const slot = new SlotClient(new ServedBus(client, 400_000), 0x10, { verify: true });
  await slot.powerOn();
  await client.ask("pause", { ms: 2000 });
  assert.equal((await facts(client)).power, "on");
  await client.ask("fault.inject", { name: "never-halts" });
  await client.ask("fault.inject", { name: "short-5v" });
  await client.ask("pause", { ms: 200 });
  // The slot runs on meanwhile: on a busy machine it may have tried again already, into the same short.
  const causes: number[] = [FaultReason.Overcurrent, FaultReason.PowerGoodTimeout];
  assert.ok(causes.includes((await slot.get("MFR_LAST_FAULT")).reason));
  // The alert response: the slot answers with its address.
  assert.equal((await facts(client)).alert, true);
  assert.deepEqual([...(await new ServedBus(client).read(0x0c, new Uint8Array(0), 1))], [0x20]);
  assert.deepEqual((await facts(client)).faults, ["never-halts", "short-5v"]);
  const cleared = await client.ask("fault.clear", { name: "all" });
  assert.deepEqual(cleared, { cleared: ["never-halts", "short-5v"] });
  await client.ask("pause", { ms: 6000 });
  const after = await facts(client);
  assert.deepEqual([after.power, after.faults, after.strict_warnings], ["on", [], 0]);
  await assert.rejects(new ServedBus(client).write(0x55, new Uint8Array(0)), NoAnswerError);
  client.close();
});

test("two clients at once: messages never mix, and the PEC of each fits", async () => {
  const clients = [await connected(), await connected()];
  const reads = clients.map(async (client, index) => {
    const slot = new SlotClient(new ServedBus(client, index === 0 ? 100_000 : 1_000_000), 0x10);
    for (let time = 0; time < 40; time++) {
      assert.equal(await slot.get("MFR_MODEL"), "slot-hat");
      assert.ok((await slot.get("READ_VIN")) > 11);
    }
  });
  await Promise.all(reads);
  for (const client of clients) client.close();
});

test("clients that die in the middle of a request, or before its answer, leave the bus in order", async () => {
  const read = '{"id":1,"do":"bus.read","address":16,"send":"9a","length":"block","extra":1}\n';
  for (const last of [read.slice(0, 30), read, read.repeat(20), '{"id":1,"do":"pause","ms":3000}\n']) {
    const { socket } = await rawClient(join(path, "control.sock"));
    socket.write(last);
    await sleep(5);
    socket.destroy();
  }
  const client = await connected();
  assert.equal(await new SlotClient(new ServedBus(client), 0x10).get("MFR_MODEL"), "slot-hat");
  client.close();
});

test("each bad line gets an answer that says what is wrong, and the next one is served", async () => {
  const long = `{"id":1,"do":"status","x":"${"y".repeat(LIMITS.requestBytes)}"}`;
  const bad: [string, number | null, RegExp][] = [
    ["hello", null, /^this line is no JSON; a request looks like \{"id":1,"do":"status"\}$/],
    ["\u0000\u00ff\u001b[2J", null, /no JSON/],
    ["[1]", null, /no object/],
    ["null", null, /no object/],
    ["{}", null, /^"id" is missing/],
    ['{"id":"1","do":"status"}', null, /^"id" is missing, or no whole number/],
    ['{"id":2}', 2, /^"do" is missing/],
    [
      '{"id":3,"do":"staus"}',
      3,
      /^unknown request "staus"; known requests: bus\.write, .*; did you mean status\?$/,
    ],
    ['{"id":4,"do":"__proto__"}', 4, /^unknown request/],
    ['{"id":5,"do":"status","page":1}', 5, /^there is no argument "page" here$/],
    ['{"id":6,"do":"bus.read","address":128,"send":"","length":1}', 6, /^"address" .* 0 to 127 is needed$/],
    ['{"id":7,"do":"bus.read","address":16,"send":"8","length":1}', 7, /^"send" .* in hexadecimal/],
    ['{"id":8,"do":"bus.read","address":16,"send":"","length":0}', 8, /^"length" .* 1 to 256 is needed$/],
    ['{"id":9,"do":"bus.write","address":16,"send":"","hz":1}', 9, /^"hz" .* 10000 to 1000000/],
    ['{"id":10,"do":"pause","ms":1e9}', 10, /^"ms" .* 0 to 10000/],
    [
      '{"id":11,"do":"fault.inject","name":"short-5"}',
      11,
      /^unknown fault "short-5"; .*; did you mean short-5v\?$/,
    ],
    [
      '{"id":12,"do":"fault.clear","name":"short-5v"}',
      12,
      /^short-5v is not in force; no fault is in force$/,
    ],
    ['{"id":13,"do":"supply","mv":-1}', 13, /^"mv" .* 0 to 26000/],
    [long, null, /^a line of more than 4096 bytes/],
  ];
  const found = await answers(...bad.map(([line]) => line), '{"id":99,"do":"status"}');
  bad.forEach(([line, id, message], index) => {
    const answer = found[index] as { id: number; error: { message: string } };
    assert.equal(answer.id, id, line);
    assert.match(answer.error?.message, message, line);
  });
  assert.deepEqual(Object.keys(found.at(-1) ?? {}), ["id", "result"]);
  assert.equal(found.length, bad.length + 1);
});

test("what a fault holds cannot be set, and a board is pulled once", async () => {
  const client = await connected();
  const refused = (request: string, given: object, message: RegExp) =>
    assert.rejects(
      client.ask(request, given),
      (error) => error instanceof RequestError && message.test(error.message),
    );
  await client.ask("fault.inject", { name: "overload-5v" });
  await refused(
    "load",
    { ma: 100 },
    /^the fault overload-5v has the load: clear it first, or wait for its end$/,
  );
  await client.ask("fault.clear", { name: "overload-5v" });
  await client.ask("load", { ma: 2500 });
  assert.equal((await facts(client)).load_ma, 2500);
  await client.ask("load", { ma: null });
  await client.ask("board.pull");
  await refused("board.pull", {}, /^no compute board is plugged in: plug one first$/);
  assert.equal((await facts(client)).board_plugged, false);
  await client.ask("board.plug");
  await client.ask("supply", { mv: 14_200 });
  await client.ask("pause", { ms: 1000 });
  const { input_mv, supply_mv } = await facts(client);
  assert.ok(input_mv > 14_000 && supply_mv === 14_200, `${input_mv} mV`);
  await client.ask("supply", { mv: 12_000 });
  for (const kind of ["bmc.reset", "bmc.power-cycle"]) {
    await client.ask(kind);
    await client.ask("pause", { ms: 500 });
    assert.equal((await facts(client)).chip, "running");
  }
  client.close();
});

test("a client that does not read its answers stalls neither the slot nor others", async () => {
  const { socket } = await rawClient(join(path, "control.sock"));
  socket.pause();
  socket.write('{"id":1,"do":"faults"}\n'.repeat(2000));
  const client = await connected();
  const before = (await facts(client)).emulated_s;
  // Both clients have had this many turns.
  for (let turn = 0; turn < 200; turn++) await client.ask("faults");
  await client.ask("pause", { ms: 1000 });
  assert.ok((await facts(client)).emulated_s >= before + 1);
  socket.destroy();
  client.close();
});

test("there is room for so many clients, and one more gets a sentence", async () => {
  const clients: ServedClient[] = [];
  // Those of earlier tests may still be on their way out.
  await assert.rejects(
    async () => {
      for (;;) clients.push(await connected());
    },
    (error) => error instanceof ServedSlotLostError && /^16 clients are attached already/.test(error.message),
  );
  assert.ok(clients.length > 8 && clients.length <= LIMITS.clients);
  const [last, ...others] = clients;
  assert.ok(last);
  for (const client of others) client.close();
  // The next test needs room, and the server notices the ends one by one.
  let attached = clients.length;
  while (attached > 1) attached = (await facts(last)).clients;
  last.close();
});

test("the BMC's console is on a socket, for several terminals, and so is the compute board's", async () => {
  const terminals = [
    await rawClient(join(path, "console.sock")),
    await rawClient(join(path, "console.sock")),
  ];
  const [first, second] = terminals as [(typeof terminals)[0], (typeof terminals)[0]];
  const compute = await rawClient(join(path, "compute.sock"));
  // The compute board reads nothing.
  compute.socket.write("x".repeat(2000));
  const client = await connected();
  // Earlier tests have left the slot in some state.
  first.socket.write("\x03fault clear\rpower force-off --yes\r");
  await eventually(() => first.text().endsWith("bmc> "), first.text);
  await client.ask("pause", { ms: 1500 });
  client.close();
  first.socket.write("power on\r");
  await eventually(() => /power: on\r\n/.test(first.text()), first.text);
  await eventually(() => /power: on\r\n/.test(second.text()), second.text);
  await eventually(() => compute.text().includes("BOOTLOADER release"), compute.text);
  // Far more than the BMC takes at once: the socket waits, as a cable does not.
  second.socket.write(`help status\r${" ".repeat(20_000)}\x03`);
  first.socket.end("status\r");
  await eventually(() => /smbus +address 0x10/.test(first.text()), first.text);
  for (const { socket } of [...terminals, compute]) socket.destroy();
});

test("a pseudo-terminal for programs that want a serial device, again and again", {
  skip: noSocat,
}, async () => {
  const device = join(path, "console.pty");
  for (const word of ["power", "events"]) {
    const file = openSync(device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    let text = "";
    const read = () => {
      const buffer = Buffer.alloc(4096);
      try {
        text += buffer.toString("latin1", 0, readSync(file, buffer));
      } catch {
        // Nothing is there yet.
      }
      return new RegExp(`help ${word}\\r\\n[\\s\\S]*bmc> *$`).test(text);
    };
    writeSync(file, `\x03help ${word}\r`);
    await eventually(read, () => text);
    closeSync(file);
  }
});

test("a second server is refused, and leaves the first one alone", async () => {
  const second = await serveAt(path);
  assert.equal(await second.end(), 1);
  assert.match(second.output(), /^error: a slot is served as .*\/s already; attach to it with npm start/);
  const client = await connected();
  assert.equal((await facts(client)).chip, "running");
  client.close();
});

test("a server that was killed leaves sockets that the next one replaces; a signal removes them", async () => {
  const other = join(home.folder, "killed");
  const first = await serveAt(other);
  const client = await ServedClient.connect(other);
  const lost = assert.rejects(client.ask("pause", { ms: 10_000 }), ServedSlotLostError);
  await first.end("SIGKILL");
  await lost;
  await assert.rejects(client.ask("status"), /has ended; start it again/);
  assert.ok(existsSync(join(other, "control.sock")));
  await assert.rejects(
    ServedClient.connect(other),
    /^Error: no slot is served as .*killed in .*; to serve one: npm start/,
  );
  const second = await serveAt(other);
  const again = await ServedClient.connect(other);
  assert.equal((await facts(again)).chip, "running");
  const ending = once(second.child, "close");
  second.child.kill("SIGINT");
  await ending;
  assert.equal(second.child.exitCode, 0);
  assert.match(second.output(), /ends, and removes its sockets\n$/);
  // Its folder was there already, and stays.
  assert.deepEqual(existsSync(other) && existsSync(join(other, "control.sock")), false);
});

test("of two servers that start at once over the socket of a dead one, one gets the place", async () => {
  const other = join(home.folder, "raced");
  await (await serveAt(other)).end("SIGKILL");
  const both = await Promise.all([serveAt(other), serveAt(other)]);
  const losers = both.filter(({ child }) => child.exitCode !== null);
  assert.equal(losers.length, 1, both.map((one) => one.output()).join("\n"));
  assert.match(losers[0]?.output() ?? "", /^error: a slot is served as .*raced already/);
  const client = await ServedClient.connect(other);
  const winner = both.find(({ child }) => child.exitCode === null);
  assert.equal(client.greeting.pid, winner?.child.pid);
  client.close();
  assert.equal(await winner?.end(), 0);
});
