/**
 * `npm run smbus -- --bus N`: the real i2ctransfer against a stand-in for /dev/i2c-N at the boundary of the
 * kernel, with the firmware in the emulator, or a device in memory, behind it.
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  AbsentError,
  BusTimeoutError,
  NoAnswerError,
  NotAcknowledgedError,
  SlotClient,
  type SmbusBus,
} from "@racklet/client";
import { Interrupted } from "../../../cli/runner.ts";
import { LinuxBus, onLinuxBus } from "../../../cli/smbus/linux-bus.ts";
import { AddressInUseError, BusUnusableError } from "../../../cli/smbus/linux-errors.ts";
import { SimulatedBus } from "../../../simulator/slot/simulated-bus.ts";
import { MemorySlot, Overlapping } from "../../client/memory-slot.ts";
import { type Adapter, RASPBERRY_PI, standIn, whyNotHere } from "../../support/i2c/stand-in.ts";
import { startedSlot } from "../../support/simulated-slot.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const skip = whyNotHere() ?? false;
const { errno } = constants;
const EREMOTEIO = 121;

function adapterOf(bus: SmbusBus): Adapter {
  return {
    bus,
    functions: RASPBERRY_PI,
    number: 7,
    errors: { open: [], address: [], transfer: [] },
    transfers: [],
  };
}

/** Runs the work while this process' children see the adapter as /dev/i2c-7. */
async function withAdapter(adapter: Adapter, work: () => Promise<void>): Promise<void> {
  const { environment, close } = await standIn(adapter);
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    await work();
  } finally {
    process.env = before;
    close();
  }
}

/** Runs the command line as `npm run smbus` does. */
function smbus(...args: string[]): Promise<{ status: number; out: string; complaints: string }> {
  const command = ["scripts/run.mjs", "smbus", ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: PROJECT }, (error, out, complaints) => {
      resolve({ status: error === null ? 0 : Number(error.code), out, complaints });
    });
  });
}

test("the firmware of slot 3 answers on a bus with the functions of a Raspberry Pi", { skip }, async () => {
  const adapter = adapterOf(new SimulatedBus(startedSlot({ slotId: 3 })));
  await withAdapter(adapter, async () => {
    const status = await smbus("--bus", "7", "--slot", "3", "status", "--json");
    assert.equal(status.status, 0, status.complaints);
    assert.equal(JSON.parse(status.out).power, "OFF");
    assert.equal(JSON.parse(status.out).rails[0].name, "5V");
    const texts = await smbus(
      "--bus=7",
      "--slot=3",
      "get",
      "mfr_model",
      "then",
      "wait",
      "0.1",
      "then",
      "probe",
    );
    assert.match(texts.out, /^MFR_MODEL {2}slot-hat\nLinux' pmbus driver binds to 0x13: 2 pages/);
    assert.match((await smbus("--bus", "7", "scan")).out, /^0x13 {2}slot 3$/m);
    const other = await smbus("--bus", "7", "--slot", "4", "status");
    assert.equal(other.status, 1);
    assert.match(other.complaints, /^error: nothing answers at 0x14; [^\n]*\n$/);
  });
  assert.ok(
    adapter.transfers.some((line) => / 19 1 34 -$/.test(line)),
    "blocks are read at a fixed length: count, most data, PEC",
  );
});

test("two slots with the same straps end a command with one sentence, and a scan shows them", {
  skip,
}, async () => {
  const [one, other] = [new MemorySlot(0x21), new MemorySlot(0x21)];
  one.put("MFR_SERIAL", [...Buffer.from("E6616408437A9B2C")]);
  other.put("MFR_SERIAL", [...Buffer.from("E660D4A0C7515E2A")]);
  await withAdapter(adapterOf(new Overlapping(one, other)), async () => {
    const at = ["--bus", "7", "--address", "0x20", "--slot", "1"];
    const power = await smbus(...at, "power", "on");
    assert.equal(power.status, 1);
    assert.match(power.complaints, /^error: two devices answer at 0x21: [^\n]*\n$/);
    assert.ok(!one.trace.some((line) => line.startsWith("w d0")), "neither got the command");
    const scan = await smbus(...at, "scan");
    assert.equal(scan.out, "0x21  slot 1, and a second device at the same address: pull one of them out\n");
  });
});

test("blocks are cut to their count, and what the device lacks is found as on any bus", {
  skip,
}, async () => {
  const device = new MemorySlot();
  device.silent = true;
  device.put("MFR_SERIAL", [...Buffer.from("12")]);
  device.remove("READ_TEMPERATURE_1");
  await withAdapter(adapterOf(device), async () => {
    for (const pec of [true, false]) {
      const client = new SlotClient(new LinuxBus(7), 0x10, { pec, verify: true });
      assert.equal(await client.get("MFR_SERIAL"), "12");
      await client.set("OT_WARN_LIMIT", 70);
      assert.equal(await client.get("OT_WARN_LIMIT"), 70);
      await assert.rejects(client.get("READ_TEMPERATURE_1"), AbsentError);
    }
  });
});

test("each failure is one sentence that says what to do", { skip }, async () => {
  const device = new MemorySlot();
  const adapter = adapterOf(device);
  const read = (bus = new LinuxBus(7)) => bus.read(0x10, Uint8Array.of(0x19), 2);
  await withAdapter(adapter, async () => {
    await assert.rejects(read(new LinuxBus(8)), /^Error: there is no \/dev\/i2c-8; there (are|is)/);
    adapter.errors.open.push(errno.EACCES);
    await assert.rejects(read(), /no permission for \/dev\/i2c-7: join its group/);
    adapter.errors.address.push(errno.EBUSY);
    await assert.rejects(read(), AddressInUseError);
    adapter.errors.transfer.push(errno.ETIMEDOUT);
    await assert.rejects(read(), BusTimeoutError);
    adapter.errors.transfer.push(errno.EOPNOTSUPP);
    await assert.rejects(read(), /says that it can send I2C messages, and refuses this one/);
    for (const error of [errno.ENXIO, EREMOTEIO, errno.EIO]) {
      adapter.errors.transfer.push(error, error);
      await assert.rejects(read(), NoAnswerError);
      adapter.errors.transfer.push(error);
      await assert.rejects(read(), NotAcknowledgedError, "the address answers when it is asked alone");
    }
    adapter.functions = RASPBERRY_PI & ~1;
    await assert.rejects(read(), /the adapter of i2c-7 cannot send plain I2C messages/);
  });
});

test("an adapter or a slot that vanishes between two messages is not a bus that never was", {
  skip,
}, async () => {
  const device = new MemorySlot();
  const adapter = adapterOf(device);
  await withAdapter(adapter, async () => {
    const bus = new LinuxBus(7);
    await bus.write(0x10, new Uint8Array(0));
    adapter.errors.transfer.push(errno.ENODEV);
    await assert.rejects(bus.read(0x10, Uint8Array.of(0x19), 2), /i2c-7 has vanished/);
    adapter.number = 9;
    await assert.rejects(bus.read(0x10, Uint8Array.of(0x19), 2), /i2c-7 has vanished/);
    adapter.number = 7;
    adapter.bus = new MemorySlot(0x20);
    await assert.rejects(bus.read(0x10, Uint8Array.of(0x19), 2), NoAnswerError);
  });
});

test("an adapter that sends no empty messages, and addresses of EEPROMs, are asked for a byte", {
  skip,
}, async () => {
  const adapter = adapterOf(new MemorySlot(0x50));
  await withAdapter(adapter, async () => {
    const bus = new LinuxBus(7);
    await bus.write(0x50, new Uint8Array(0));
    adapter.errors.transfer.push(errno.EOPNOTSUPP);
    await assert.rejects(bus.write(0x10, new Uint8Array(0)), NoAnswerError);
  });
  assert.deepEqual(adapter.transfers, ["80 1 1 -", "16 1 1 -"]);
});

test("an interrupt lets no further message out, wherever it comes", { skip }, async () => {
  const adapter = adapterOf(new MemorySlot());
  await withAdapter(adapter, async () => {
    const { bus, interrupt, resume } = onLinuxBus(7);
    await bus.write(0x10, new Uint8Array(0));
    interrupt();
    await assert.rejects(bus.write(0x10, Uint8Array.of(3)), Interrupted);
    await assert.rejects(bus.read(0x10, Uint8Array.of(0x19), 2), Interrupted);
    resume();
    await bus.write(0x10, Uint8Array.of(3));
  });
  assert.deepEqual(adapter.transfers, ["16 0 0 -", "16 0 1 03"]);
});

test("a reader that closes the output ends the command, and is told of those that were left", {
  skip,
}, async () => {
  const adapter = adapterOf(new MemorySlot());
  await withAdapter(adapter, async () => {
    const command = (commands: string) =>
      `${process.execPath} scripts/run.mjs smbus --bus 7 --no-pec ${commands} | true; exit \${PIPESTATUS[0]}`;
    const run = (commands: string) =>
      new Promise<{ status: unknown; complaints: string }>((resolve) => {
        execFile("bash", ["-c", command(commands)], { cwd: PROJECT }, (error, _out, complaints) => {
          resolve({ status: error?.code ?? 0, complaints });
        });
      });
    assert.deepEqual(await run("scan then scan"), {
      status: 1,
      complaints: "error: the output was closed, and the commands that were left were not carried out\n",
    });
    assert.deepEqual(await run("get READ_VIN"), { status: 0, complaints: "" });
  });
});

test("without i2ctransfer the error names the package", async () => {
  const bus = new LinuxBus(7, "i2ctransfer-that-is-missing");
  await assert.rejects(
    bus.write(0x10, Uint8Array.of(3)),
    (error) => error instanceof BusUnusableError && /install i2c-tools/.test(error.message),
  );
});

test("with --bus nothing is built, and no toolchain is looked for or installed", () => {
  const command = ["scripts/run.mjs", "smbus", "--bus", "250", "status"];
  const env = { ...process.env, PATH: "/nowhere" };
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: PROJECT,
    env,
    encoding: "utf8",
  });
  assert.deepEqual([status, stdout], [1, ""]);
  assert.match(stderr, /^error: (there is no \/dev\/i2c-250|i2ctransfer is missing)[^\n]*\n$/);
});

test("wait on a real bus takes that long by the clock, and an interrupt ends it", async () => {
  const connection = onLinuxBus(7);
  const start = performance.now();
  await connection.pause(120);
  assert.ok(performance.now() - start >= 118);
  setTimeout(() => connection.interrupt(), 20);
  await assert.rejects(connection.pause(10_000));
});
