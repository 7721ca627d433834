/** The socket for requests, without an emulator behind it: turns, and clients that do not read. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { ControlPort } from "../../../simulator/serve/control-port.ts";
import { type Greeting, LIMITS } from "../../../simulator/serve/protocol.ts";
import type { ServedSlot } from "../../../simulator/serve/served-slot.ts";
import { eventually, rawClient, socketFolder } from "../../support/served-slot.ts";

const ANSWER_BYTES = 2000;
const REQUEST = '{"id":1,"do":"status"}\n';
let home: ReturnType<typeof socketFolder>;
let path: string;
let port: ControlPort;
/** The requests "status" and "faults" that were carried out. */
let statuses = 0;
let faultLists = 0;
/** The number of statuses when the first list of faults was asked for. */
let statusesBefore: number | null = null;
let answerBytes = ANSWER_BYTES;

beforeEach(async () => {
  home = socketFolder();
  path = join(home.folder, "x.sock");
  statuses = 0;
  faultLists = 0;
  statusesBefore = null;
  answerBytes = ANSWER_BYTES;
  const facts = () => {
    statuses++;
    return { text: "x".repeat(answerBytes) };
  };
  const faults = () => {
    statusesBefore ??= statuses;
    faultLists++;
    return {};
  };
  const served = { facts, faults } as unknown as ServedSlot;
  const server = { served, clients: () => 0, report: () => undefined, stop: () => undefined };
  port = new ControlPort(server, () => ({ program: "racklet-bmc" }) as Greeting);
  port.listener.listen(path);
  await once(port.listener, "listening");
});
afterEach(() => {
  port.close();
  port.destroy();
  home.remove();
});

test("requests of a client that does not read its answers are left waiting; another client has its turns", async () => {
  const deaf = await rawClient(path);
  deaf.socket.pause();
  deaf.socket.write(REQUEST.repeat(20_000));
  await eventually(
    () => statuses * ANSWER_BYTES > LIMITS.unreadBytes,
    () => `${statuses} answers`,
  );
  const other = await rawClient(path);
  other.socket.write('{"id":2,"do":"faults"}\n'.repeat(3000));
  await eventually(
    () => faultLists === 3000,
    () => `${faultLists} turns`,
  );
  const inTheKernel = 200;
  assert.ok(statuses < LIMITS.unreadBytes / ANSWER_BYTES + inTheKernel, `${statuses} answers for no reader`);
  deaf.socket.resume();
  await eventually(
    () => statuses === 20_000,
    () => `${statuses} answers`,
  );
  for (const { socket } of [deaf, other]) socket.destroy();
});

test("a client that sends much has one turn for each of another client's", async () => {
  answerBytes = 1;
  const clients = [await rawClient(path), await rawClient(path)];
  await eventually(
    () => clients.every(({ text }) => text() !== ""),
    () => "no greeting",
  );
  clients[0]?.socket.write(REQUEST.repeat(2000));
  clients[1]?.socket.write('{"id":2,"do":"faults"}\n');
  await eventually(
    () => statusesBefore !== null,
    () => "no turn",
  );
  assert.ok(Number(statusesBefore) < 100, `${statusesBefore} answers came first`);
  for (const { socket } of clients) socket.destroy();
});

test("answers come in order, and a client that has sent its last gets all of them", async () => {
  const { socket, text } = await rawClient(path);
  const ids = Array.from({ length: 200 }, (_, index) => index);
  socket.end(ids.map((id) => `{"id":${id},"do":"${id % 3 === 0 ? "nonsense" : "faults"}"}\n`).join(""));
  await once(socket, "close");
  const found = text().trimEnd().split("\n").slice(1);
  assert.deepEqual(
    found.map((line) => (JSON.parse(line) as { id: number }).id),
    ids,
  );
});
