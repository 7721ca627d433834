/** GDB remote protocol against the emulated chip: halting, stepping, breakpoints, resets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import type { Rp2040 } from "../../../../simulator/chip/rp2040.ts";
import { ms, result, startChip, us } from "../program.ts";

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

async function debugging(chip: Rp2040, session: (gdb: Client) => Promise<void>): Promise<void> {
  const port = await freePort();
  const close = chip.attachDebugger(port);
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
  // When the last one leaves, the core goes on.
  assert.equal(chip.debuggerHalted, false);
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
  const chip = startChip(COUNTER);
  chip.runUntilNanos(ms(10));
  await debugging(chip, async (gdb) => {
    assert.match(await gdb.ask("?"), /^S05/);
    assert.equal(chip.debuggerHalted, true);
    const { nanos, cycles } = chip;
    chip.runUntilNanos(nanos + ms(1));
    assert.equal(chip.nanos, nanos, "halted: time stands still");
    const pc = await register(gdb, 15);
    for (let step = 0; step < 3; step++) assert.match(await gdb.ask("vCont;s:1"), /^T05/);
    assert.equal(await register(gdb, 15), pc, "three instructions are once around the loop");
    assert.equal(chip.cycles - cycles, 5, "adds 1, str 2, b 2");
    assert.ok(Math.abs(chip.nanos - nanos - (5 * 1e9) / 6.5e6) < 1);
    assert.equal(await gdb.ask("D"), "OK");
    assert.equal(chip.debuggerHalted, false);
  });
  const { nanos } = chip;
  chip.runUntilNanos(nanos + us(100));
  assert.ok(chip.nanos >= nanos + us(100));
});

test("a breakpoint written into flash halts, after a watchdog reset too", async () => {
  const chip = startChip(`
main:
  ldr r0, =PSM + PSM.WDSEL
  ldr r1, =STAGE.PROC0 | STAGE.PROC1
  str r1, [r0]
  put WATCHDOG + WATCHDOG.CTRL, 0x80000000
  b .
`);
  const main = (new DataView(chip.flash.bytes.buffer).getUint32(0x104, true) & ~1).toString(16);
  await debugging(chip, async (gdb) => {
    await gdb.ask("?");
    const original = await gdb.ask(`m${main},2`);
    for (let start = 1; start <= 2; start++) {
      assert.equal(await gdb.ask(`M${main},2:00be`), "OK");
      gdb.send("vCont;c");
      while (chip.debuggerHalted) await new Promise((resolve) => setTimeout(resolve, 5));
      chip.runUntilNanos(chip.nanos + ms(30));
      assert.match(await gdb.reply(), /^S05/);
      assert.equal((await register(gdb, 15)).toString(16), main);
      assert.equal(chip.resets.length, start);
      // As GDB does to go on: the instruction back in place, one step.
      await gdb.ask(`M${main},2:${original}`);
      await gdb.ask("vCont;s:1");
      assert.equal((await register(gdb, 15)).toString(16), (Number.parseInt(main, 16) + 2).toString(16));
    }
  });
});

test("a breakpoint without a debugger is a HardFault again once it has left", async () => {
  const chip = startChip("main: bkpt #0");
  await debugging(chip, async (gdb) => {
    await gdb.ask("?");
    gdb.send("vCont;c");
    while (chip.debuggerHalted) await new Promise((resolve) => setTimeout(resolve, 5));
    chip.runUntilNanos(ms(20));
    assert.match(await gdb.reply(), /^S05/);
    assert.equal(chip.lastFault, null);
  });
  chip.runUntilNanos(chip.nanos + ms(1));
  assert.match(chip.lastFault?.reason ?? "", /BKPT/);
});

/** Lets it run into a breakpoint; where that was. */
async function stopped(chip: Rp2040, gdb: Client): Promise<number> {
  gdb.send("vCont;c");
  while (chip.debuggerHalted) await new Promise((resolve) => setTimeout(resolve, 5));
  chip.runUntilNanos(chip.nanos + ms(30));
  assert.match(await gdb.reply(), /^S05/);
  assert.equal(chip.debuggerHalted, true);
  return register(gdb, 15);
}

for (const kind of [0, 1]) {
  test(`Z${kind}: stops before the instruction, leaves the code as it is, and z${kind} lets it run`, async () => {
    const chip = startChip(COUNTER);
    chip.runUntilNanos(ms(10));
    await debugging(chip, async (gdb) => {
      await gdb.ask("?");
      const code = Buffer.from(chip.flash.bytes);
      const str = (main(chip) + 6).toString(16);
      assert.equal(await gdb.ask(`Z${kind},${str},2`), "OK");
      for (let round = 0; round < 3; round++) {
        assert.equal((await stopped(chip, gdb)).toString(16), str);
        const count = await register(gdb, 1);
        // Not yet stored: the breakpoint is before the instruction at its address.
        assert.equal(result(chip), count - 1);
        assert.equal(Buffer.compare(Buffer.from(chip.flash.bytes), code), 0);
        assert.equal(await gdb.ask(`z${kind},${str},2`), "OK");
        await gdb.ask("vCont;s:1");
        assert.equal(result(chip), count);
        assert.equal(await gdb.ask(`Z${kind},${str},2`), "OK");
      }
      assert.equal(await gdb.ask(`z${kind},${str},2`), "OK");
      gdb.send("vCont;c");
      while (chip.debuggerHalted) await new Promise((resolve) => setTimeout(resolve, 5));
      const { nanos } = chip;
      chip.runUntilNanos(nanos + ms(5));
      assert.equal(chip.debuggerHalted, false);
      assert.ok(chip.nanos >= nanos + ms(5));
    });
  });
}

function main(chip: Rp2040): number {
  return new DataView(chip.flash.bytes.buffer).getUint32(0x104, true) & ~1;
}

test("a single step executes the instruction under a breakpoint, and stops at the next", async () => {
  const chip = startChip(COUNTER);
  chip.runUntilNanos(ms(10));
  await debugging(chip, async (gdb) => {
    await gdb.ask("?");
    const adds = main(chip) + 4;
    await gdb.ask(`Z0,${adds.toString(16)},2`);
    await gdb.ask(`Z0,${(adds + 2).toString(16)},2`);
    assert.equal(await stopped(chip, gdb), adds);
    const { cycles } = chip;
    assert.match(await gdb.ask("vCont;s:1"), /^T05/);
    assert.equal(await register(gdb, 15), adds + 2);
    assert.equal(chip.cycles, cycles + 1);
  });
});

test("a breakpoint of a debugger that has left stops nothing", async () => {
  for (const leave of ["D", ""]) {
    const chip = startChip(COUNTER);
    chip.runUntilNanos(ms(10));
    await debugging(chip, async (gdb) => {
      await gdb.ask("?");
      await gdb.ask(`Z0,${(main(chip) + 4).toString(16)},2`);
      if (leave) assert.equal(await gdb.ask(leave), "OK");
    });
    const { nanos } = chip;
    chip.runUntilNanos(nanos + ms(1));
    assert.ok(chip.nanos >= nanos + ms(1));
    assert.equal(chip.debuggerHalted, false);
  }
});

test("a tracer sees each instruction once, with a breakpoint under it too", async () => {
  const chip = startChip(COUNTER);
  chip.runUntilNanos(ms(10));
  await debugging(chip, async (gdb) => {
    await gdb.ask("?");
    const adds = main(chip) + 4;
    await gdb.ask(`Z0,${adds.toString(16)},2`);
    await stopped(chip, gdb);
    const seen: number[] = [];
    chip.trace = (pc) => seen.push(pc - adds);
    await gdb.ask("vCont;s:1");
    await stopped(chip, gdb);
    assert.deepEqual(seen, [0, 2, 4]);
  });
});

test("watchpoints are declined, so that GDB steps for them; a flood of breakpoints is refused", async () => {
  const chip = startChip(COUNTER);
  await debugging(chip, async (gdb) => {
    await gdb.ask("?");
    for (const kind of [2, 3, 4]) assert.equal(await gdb.ask(`Z${kind},20001000,4`), "");
    for (let index = 0; index < 4096; index++) gdb.send(`Z0,${(0x1000_0000 + 2 * index).toString(16)},2`);
    for (let index = 0; index < 4096; index++) assert.equal(await gdb.reply(), "OK");
    assert.equal(await gdb.ask("Z0,10010000,2"), "E01");
  });
});

test("UDF is a fault with a debugger there, as in silicon", async () => {
  const chip = startChip("main: udf #1");
  await debugging(chip, async (gdb) => {
    await gdb.ask("?");
    gdb.send("vCont;c");
    while (chip.debuggerHalted) await new Promise((resolve) => setTimeout(resolve, 5));
    chip.runUntilNanos(ms(20));
    assert.match(chip.lastFault?.reason ?? "", /UDF/);
  });
});
