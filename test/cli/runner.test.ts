/**
 * The runner, which moves emulated time on: conditions, time limits, interrupts, a held core, and the pace of
 * real time.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Interrupted, Runner } from "../../cli/runner.ts";

class FakeChip {
  nanos = 0;

  runUntilNanos(nanos: number): void {
    this.nanos = Math.max(this.nanos, nanos);
  }
}

describe("runner", () => {
  it("runs until the condition holds, or the time is over", async () => {
    const chip = new FakeChip();
    const runner = new Runner(chip, "max");
    assert.equal(await runner.until(() => chip.nanos >= 500e6, 10_000), true);
    assert.ok(chip.nanos < 510e6);
    assert.equal(await runner.until(() => false, 100), false);
    assert.ok(chip.nanos >= 600e6 && chip.nanos < 610e6);
  });

  it("does not wait for the last fraction of a nanosecond, which whole cycles may not reach", async () => {
    const runner = new Runner({ nanos: 99.9999e6, runUntilNanos: () => undefined }, "max");
    setTimeout(() => runner.interrupt(), 200);
    assert.equal(await runner.until(() => false, 0.0000003), false);
  });

  it("an interrupt ends the wait, also one that comes from a timer", async () => {
    const runner = new Runner(new FakeChip(), "max");
    setTimeout(() => runner.interrupt(), 5);
    await assert.rejects(
      runner.until(() => false, Number.POSITIVE_INFINITY),
      Interrupted,
    );
  });

  it("time stands still while a debugger holds the core", async () => {
    const chip = new FakeChip();
    let held = true;
    const runner = new Runner(chip, "max", () => held);
    setTimeout(() => {
      assert.equal(chip.nanos, 0);
      held = false;
    }, 30);
    assert.equal(await runner.until(() => chip.nanos > 0, 1000), true);
    assert.equal(held, false);
  });

  it("at real speed emulated time does not run ahead of the wall clock", async () => {
    const chip = new FakeChip();
    let wallMs = 0;
    let furthestAheadMs = 0;
    const wall = {
      // Reading the clock takes time too: a turn ends even if nothing else moves it on.
      now: () => {
        wallMs += 0.01;
        return wallMs;
      },
      sleep: async (ms: number) => {
        furthestAheadMs = Math.max(furthestAheadMs, chip.nanos / 1e6 - wallMs);
        wallMs += ms;
      },
    };
    const runner = new Runner(chip, "real", () => false, wall);
    await runner.until(() => false, 1000);
    assert.ok(
      furthestAheadMs > 0 && furthestAheadMs <= 2.1,
      `at most one step of 2 ms ahead: ${furthestAheadMs}`,
    );
    assert.ok(wallMs >= 990, `1000 ms of emulated time took ${wallMs} ms`);
  });

  it("does not wait for the clock where others have driven the machine far ahead", async () => {
    const chip = new FakeChip();
    let wallMs = 0;
    let sleptMs = 0;
    const wall = {
      now: () => {
        wallMs += 0.01;
        return wallMs;
      },
      sleep: async (ms: number) => {
        // A transfer on a bus, for example.
        if (sleptMs === 0) chip.nanos += 60_000e6;
        wallMs += ms;
        sleptMs += ms;
      },
    };
    const runner = new Runner(chip, "real", () => false, wall);
    await runner.until(() => chip.nanos >= 60_500e6, Number.MAX_SAFE_INTEGER);
    assert.ok(sleptMs > 400 && sleptMs < 600, `it slept ${sleptMs} ms for the half second of its own`);
  });
});
