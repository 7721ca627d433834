/** GDB remote protocol against a machine: halting, stepping, breakpoints, resets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import type { Machine } from "../../../simulator/chip/machine.ts";
import { machine, ms, us } from "./program.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Sends a packet and waits for the reply packet; acknowledgements are skipped. */
class Client {
  private text = "";
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (data) => {
      this.text += data.toString("latin1");
    });
  }

  send(packet: string): void {
    const sum = [...packet].reduce((total, letter) => total + letter.charCodeAt(0), 0) & 0xff;
    this.socket.write(`$${packet}#${sum.toString(16).padStart(2, "0")}`);
  }

  async reply(): Promise<string> {
    for (let tries = 0; tries < 500; tries++) {
      const found = /\$([^#]*)#[0-9a-f]{2}/.exec(this.text);
      if (found) {
        this.text = this.text.slice(found.index + found[0].length);
        return found[1] as string;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no reply, only ${JSON.stringify(this.text)}`);
  }

  ask(packet: string): Promise<string> {
    this.send(packet);
    return this.reply();
  }
}

async function debugging(slot: Machine, session: (gdb: Client) => Promise<void>): Promise<void> {
  const port = await freePort();
  const close = slot.attachDebugger(port);
  let socket: Socket | null = null;
  try {
    for (let tries = 0; tries < 50 && !socket; tries++) {
      const attempt = connect(port, "127.0.0.1");
      const [connected] = await Promise.race([
        once(attempt, "connect").then(() => [true]),
        once(attempt, "error").then(() => [false]),
      ]);
      if (connected) socket = attempt;
    }
    assert.ok(socket, "the server listens");
    await session(new Client(socket));
  } finally {
    socket?.destroy();
    close();
  }
  // The last one to leave lets the machine go on.
  assert.equal(slot.debuggerHalted, false);
}

const register = async (gdb: Client, number: number) => {
  const hex = await gdb.ask(`p${number.toString(16)}`);
  return Buffer.from(hex, "hex").readUInt32LE();
};

const COUNTER = `
main:
  ldr r2, =results
  movs r1, #0
loop:
  adds r1, #1
  str r1, [r2]
  b loop
`;

test("connecting halts, steps take their time, leaving lets go", async () => {
  const slot = machine(COUNTER);
  slot.runUntilNanos(ms(10));
  await debugging(slot, async (gdb) => {
    assert.match(await gdb.ask("?"), /^S05/);
    assert.equal(slot.debuggerHalted, true);
    const { nanos, cycles } = slot;
    slot.runUntilNanos(nanos + ms(1));
    assert.equal(slot.nanos, nanos, "halted: time stands still");
    const pc = await register(gdb, 15);
    for (let step = 0; step < 3; step++) assert.match(await gdb.ask("vCont;s:1"), /^T05/);
    assert.equal(await register(gdb, 15), pc, "three instructions are once around the loop");
    assert.equal(slot.cycles - cycles, 5, "adds 1, str 2, b 2");
    assert.ok(Math.abs(slot.nanos - nanos - (5 * 1e9) / 6.5e6) < 1);
    assert.equal(await gdb.ask("D"), "OK");
    assert.equal(slot.debuggerHalted, false);
  });
  const { nanos } = slot;
  slot.runUntilNanos(nanos + us(100));
  assert.ok(slot.nanos >= nanos + us(100));
});

test("a breakpoint written into flash halts, after a watchdog reset too", async () => {
  const slot = machine(`
main:
  ldr r0, =PSM + 8
  ldr r1, =0x18000
  str r1, [r0]
  put WATCHDOG, 0x80000000
  b .
`);
  const main = (new DataView(slot.flash.bytes.buffer).getUint32(0x104, true) & ~1).toString(16);
  await debugging(slot, async (gdb) => {
    await gdb.ask("?");
    const original = await gdb.ask(`m${main},2`);
    for (let start = 1; start <= 2; start++) {
      assert.equal(await gdb.ask(`M${main},2:00be`), "OK");
      gdb.send("vCont;c");
      while (slot.debuggerHalted) await new Promise((resolve) => setTimeout(resolve, 5));
      slot.runUntilNanos(slot.nanos + ms(30));
      assert.match(await gdb.reply(), /^S05/);
      assert.equal((await register(gdb, 15)).toString(16), main);
      assert.equal(slot.resets.length, start);
      // As GDB does to go on: the instruction back in place, one step.
      await gdb.ask(`M${main},2:${original}`);
      await gdb.ask("vCont;s:1");
      assert.equal((await register(gdb, 15)).toString(16), (Number.parseInt(main, 16) + 2).toString(16));
    }
  });
});

test("a breakpoint without a debugger is a HardFault again once it has left", async () => {
  const slot = machine("main: bkpt #0");
  await debugging(slot, async (gdb) => {
    await gdb.ask("?");
    gdb.send("vCont;c");
    while (slot.debuggerHalted) await new Promise((resolve) => setTimeout(resolve, 5));
    slot.runUntilNanos(ms(20));
    assert.match(await gdb.reply(), /^S05/);
    assert.equal(slot.lastFault, null);
  });
  slot.runUntilNanos(slot.nanos + ms(1));
  assert.match(slot.lastFault?.reason ?? "", /BKPT/);
});
