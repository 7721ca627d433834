/** The power path of a slot around the real firmware, and around a program that samples at full speed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Slot, type SlotOptions } from "../../../simulator/slot/slot.ts";
import { BUFFER_STRIDE, BUFFERS, BUFFERS_AT, sampling } from "../chip/adc/sampling.ts";
import { assemble, result, uf2 } from "../chip/program.ts";

const DIRECTORY = fileURLToPath(new URL("../../../build/slot-hat", import.meta.url));
const SHORT_LOG = Buffer.from("RPi: BOOTLOADER\n[    0.000000] Booting Linux\nslot login: ");

function on(options: Partial<SlotOptions> = {}): Slot {
  const slot = new Slot({ directory: DIRECTORY, bootlog: SHORT_LOG, ...options });
  slot.powerOn();
  slot.expect("bmc> ", 500);
  slot.terminal.type("power on\r");
  slot.runUntil(() => slot.compute.loginPromptReached, 5000, "the log-in prompt");
  return slot;
}

function reading(slot: Slot, name: string): number {
  slot.terminal.type("sensors\r");
  const value = Number(slot.expect(new RegExp(`^${name} +(-?\\d+) m`, "m"), 500)[1]);
  slot.expect("bmc> ", 500);
  return value;
}

const near = (value: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(value - expected) <= tolerance, `${value} is not near ${expected}`);

/** A slot with both rails on, the compute board out of reset, and every input sampled for ever. */
function samplingSlot(options: Partial<SlotOptions> = {}): Slot {
  const image = uf2(
    assemble(
      sampling(
        0,
        `
  put IO_BANK0 + 22 * 8 + 4, 5
  put IO_BANK0 + 23 * 8 + 4, 5
  put SIO + 0x14, (1 << 22) | (1 << 23)
  put SIO + 0x24, (1 << 22) | (1 << 23)`,
      ),
    ),
  );
  const slot = new Slot({ directory: DIRECTORY, bootlog: SHORT_LOG, image, ...options });
  slot.powerOn();
  return slot;
}

describe("power path of a slot", () => {
  it("the BMC reads the true values, within the accuracy of its converter and dividers", () => {
    const slot = on();
    near(reading(slot, "VIN"), slot.truth.vinMv, 60);
    near(reading(slot, "V5"), slot.truth.v5Mv, 15);
    near(reading(slot, "I5"), slot.truth.i5Ma, 80);
    near(slot.truth.p5Mw, (slot.truth.v5Mv * slot.truth.i5Ma) / 1000, 1e-6);
    const before = slot.truth.energyMj;
    slot.load.override(1000);
    slot.runFor(1000);
    near(slot.truth.energyMj - before, 5.088 * 1000, 1e-6);
  });

  it("the input fails: it holds up for some ms, then the rails fall; the BMC stays and sees VIN fall", () => {
    const slot = on();
    const failedNanos = slot.chip.nanos;
    slot.input.fail();
    slot.runUntil(() => slot.supplies["5V"]?.powerGood === false, 200, "power-good to go");
    const heldMs = (slot.chip.nanos - failedNanos) / 1e6;
    assert.ok(heldMs > 3 && heldMs < 40, `${heldMs} ms`);
    slot.expect(/power: input power lost, going down/, 500);
    assert.equal(slot.chip.resets.length, 1);
    slot.runFor(2000);
    assert.ok(reading(slot, "VIN") < 100);
    slot.input.restore();
    slot.runFor(600);
    near(reading(slot, "VIN"), 12_000, 60);
    assert.deepEqual(slot.chip.log.warnings, []);
  });

  it("the BMC notices a board that is pulled out, and one plugged in again boots", () => {
    const slot = on();
    slot.compute.unplug();
    slot.expect(/power: compute board removed, going down/, 500);
    slot.runFor(600);
    slot.compute.plug();
    slot.runFor(50);
    slot.terminal.type("power on\r");
    slot.runUntil(() => slot.compute.loginPromptReached, 5000, "the log-in prompt");
  });

  it("a sensor fails and is repaired, while the others go on", () => {
    const slot = on();
    slot.sensors.fault("V5", { kind: "stuck", code: 2048 });
    slot.runFor(400); // until a window has no other codes
    near(reading(slot, "V5"), 3300, 5);
    slot.sensors.fault("V5", { kind: "open" });
    slot.runFor(400);
    near(reading(slot, "V5"), 6600, 5);
    near(reading(slot, "VIN"), slot.truth.vinMv, 60);
    slot.sensors.mend("V5");
    slot.runFor(1000); // the slot comes up again, now that the sensor can be trusted
    assert.ok(slot.truth.v5Mv > 5000);
    near(reading(slot, "V5"), slot.truth.v5Mv, 15);
  });

  it("an offset at a pin and a gain error show in the readings", () => {
    const slot = on({ sensorErrors: { V5: { offsetMv: 50 }, VIN: { gainPpm: -20_000 } }, inputMv: 15_000 });
    near(reading(slot, "V5"), slot.truth.v5Mv + 100, 15);
    near(reading(slot, "VIN"), slot.truth.vinMv * 0.98, 60);
  });
});

describe("a slot that samples at full speed", () => {
  const state = (slot: Slot) => ({
    cycles: slot.chip.cycles,
    nanos: slot.chip.nanos,
    blocks: result(slot.chip),
    sram: Buffer.from(slot.chip.bus.sram),
    warnings: slot.chip.log.total,
    stage: slot.compute.stage,
    vinMv: slot.truth.vinMv,
    v5Mv: slot.truth.v5Mv,
  });

  it("is the same to the cycle however the run is cut into slices, even while the input fails", () => {
    const END = 90e6;
    const started = () => {
      const slot = samplingSlot();
      slot.input.plan([
        { afterMs: 60, mv: 0 },
        { afterMs: 66, mv: 9000 },
      ]);
      return slot;
    };
    const whole = started();
    whole.chip.runUntilNanos(END);
    const cut = started();
    for (let at = 0, step = 0; at < END; step++, at += 900 + ((step * 7919) % 20_011))
      cut.chip.runUntilNanos(at);
    cut.chip.runUntilNanos(END);
    assert.deepEqual(state(cut), state(whole));
    near(cut.truth.energyMj, whole.truth.energyMj, 1e-9);
    assert.ok(whole.truth.vinMv < 9000 && whole.truth.energyMj > 10);
  });

  it("sees a short circuit: blocks full of codes at the end of the scale, for hundreds of microseconds", () => {
    const slot = samplingSlot({ adc: { noiseLsb: 0 } });
    slot.runFor(100);
    const currents = () => {
      const codes: number[] = [];
      for (let block = 0; block < BUFFERS; block++) {
        for (let index = 2; index < 20; index += 5)
          codes.push(slot.chip.bus.readUint16(BUFFERS_AT + block * BUFFER_STRIDE + 2 * index));
      }
      return codes;
    };
    assert.ok(Math.max(...currents()) < 800);
    slot.load.short();
    slot.runFor(0.05);
    assert.ok(currents().filter((code) => code === 4095).length >= 3, "within the first 50 us");
    slot.runFor(0.25);
    assert.ok(currents().filter((code) => code === 4095).length >= 20);
    slot.runFor(2);
    assert.ok(Math.max(...currents()) < 100, "the supply has stopped");
  });
});
