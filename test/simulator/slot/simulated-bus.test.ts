/** The client's bus on the simulated wires, against a target of its own making, bit by bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BadPecError, BusTimeoutError, Messages, NoAnswerError, NotAcknowledgedError } from "@racklet/client";
import { SimulatedBus } from "../../../simulator/slot/simulated-bus.ts";
import { ADDRESS, smbusBench } from "../devices/smbus/bench.ts";

function bus(options = {}) {
  const bench = smbusBench(options);
  return { bench, bus: new SimulatedBus(bench) };
}

for (const pec of [false, true]) {
  test(`bytes, words, blocks and calls ${pec ? "with" : "without"} PEC`, async () => {
    const { bench, bus: wires } = bus();
    const messages = new Messages(wires, ADDRESS, pec);
    await messages.write(0x20, Uint8Array.of(0x5a));
    await messages.write(0x50, Uint8Array.of(0x34, 0x12));
    await messages.writeBlock(0x90, Uint8Array.of(1, 2, 3));
    assert.deepEqual([...(await messages.read(0x20, 1))], [0x5a]);
    assert.deepEqual([...(await messages.read(0x50, 2))], [0x34, 0x12]);
    assert.deepEqual([...(await messages.readBlock(0x90))], [1, 2, 3]);
    // The target answers a call with the data inverted.
    assert.deepEqual([...(await messages.call(0x91, Uint8Array.of(0x0f, 0xf0)))], [0xf0, 0x0f]);
    await messages.write(0x03);
    assert.equal(bench.target.executed.length, 4, bench.target.executed.join("; "));
  });
}

test("an address without a target, and a byte that is not acknowledged, are errors of their own", async () => {
  const { bus: wires } = bus();
  await assert.rejects(wires.write(0x55, new Uint8Array(0)), NoAnswerError);
  await assert.rejects(wires.read(0x55, Uint8Array.of(1), "block", 1), NoAnswerError);
  await wires.write(ADDRESS, new Uint8Array(0));
  await assert.rejects(wires.write(ADDRESS, Uint8Array.of(0x20, 0x5a, 0x00)), NotAcknowledgedError);
});

test("a PEC that does not fit is found by the client, a wire that is held by the bus", async () => {
  const { bench, bus: wires } = bus();
  const disturbed = {
    write: wires.write.bind(wires),
    read: async (...message: Parameters<typeof wires.read>) =>
      (await wires.read(...message)).map((byte) => byte ^ 1),
  };
  await assert.rejects(new Messages(disturbed, ADDRESS, true).read(0x50, 2), BadPecError);
  bench.scl.drive("someone", false);
  await assert.rejects(wires.write(ADDRESS, Uint8Array.of(3)), BusTimeoutError);
  bench.scl.drive("someone", null);
  await wires.write(ADDRESS, Uint8Array.of(3));
});
