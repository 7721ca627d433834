/**
 * The compute board on a bench without a chip: it boots, prints, shuts down, loses its power, is pulled out
 * and plugged in, and misbehaves in every way that has a name.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ComputeBoard, type ComputeFault } from "../../../../simulator/devices/compute/compute-board.ts";
import { RailLoad } from "../../../../simulator/devices/supply/rail-load.ts";
import { Supply } from "../../../../simulator/devices/supply/supply.ts";
import { Signal } from "../../../../simulator/devices/world.ts";
import { FakeClock, FakeInput, FakeNet, fakeSignal } from "../fakes.ts";

const LOG =
  "RPi: BOOTLOADER\n[    0.000000] Booting Linux\n[    0.300000] Run /init as init process\nslot login: ";

function bench(options: { log?: string; fault?: ComputeFault; plugged?: boolean } = {}) {
  const clock = new FakeClock();
  const input = new FakeInput(clock);
  const enable = fakeSignal(clock, "EN_5V");
  const powerGood = fakeSignal(clock, "PG_5V");
  const run = fakeSignal(clock, "COMPUTE_RUN");
  const request = fakeSignal(clock, "SHUTDOWN_REQ");
  const halted = fakeSignal(clock, "HALTED");
  const presentNet = new FakeNet(clock, true);
  const supply = new Supply({
    clock,
    name: "5V",
    nominalMv: 5100,
    enable: enable.signal,
    powerGood: powerGood.signal,
    limitMa: 4500,
  });
  const board = new ComputeBoard({
    clock,
    serial: input,
    supply,
    load: new RailLoad({ clock, supply, seed: 7 }),
    run: run.signal,
    present: new Signal("PRESENT", presentNet, "low"),
    shutdownRequest: request.signal,
    halted: halted.signal,
    bootlog: Buffer.from(options.log ?? LOG, "latin1"),
    seed: 7,
    plugged: options.plugged ?? true,
    ...(options.fault ? { fault: options.fault } : {}),
  });
  const power = (on: boolean) => enable.net.drive("test", on);
  const release = (on: boolean) => run.net.drive("test", on);
  const shutDown = (on: boolean) => request.net.drive("test", on);
  /** Brings the rail up and releases reset, so that the board boots. */
  const boot = () => {
    power(true);
    clock.runFor(20);
    release(true);
  };
  return {
    clock,
    input,
    supply,
    board,
    power,
    release,
    shutDown,
    boot,
    halted: halted.net,
    presentNet,
    powerGood,
  };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

describe("compute board", () => {
  it("ties PRESENT# to ground when plugged in, and only then", () => {
    assert.equal(bench().presentNet.level, false);
    const empty = bench({ plugged: false });
    assert.equal(empty.presentNet.level, true);
    empty.boot();
    empty.clock.runFor(5000);
    assert.equal(empty.board.running, false);
    assert.equal(empty.input.frames.length, 0);
    assert.equal(empty.board.currentMa, 0);
  });

  it("does nothing until the rail is up and COMPUTE_RUN is released", () => {
    const { clock, board, input, power, release } = bench();
    release(true);
    clock.runFor(1000);
    assert.equal(board.stage, "off");
    release(false);
    power(true);
    clock.runFor(1000);
    assert.equal(board.stage, "reset");
    assert.ok(board.currentMa > 0);
    assert.equal(input.frames.length, 0);
    release(true);
    clock.runFor(2000);
    assert.equal(board.running, true);
    assert.ok(input.frames.length > 0);
  });

  it("sends the log's bytes exactly, then is up", () => {
    const { clock, board, input, boot } = bench();
    boot();
    clock.runUntil(() => board.bootlogFinished, 5000);
    assert.equal(text(board.sent), LOG);
    assert.equal(input.text, LOG);
    assert.equal(board.loginPromptReached, true);
    assert.equal(board.stage, "log-in prompt");
    clock.runFor(10_000);
    assert.equal(text(board.sent), LOG, "nothing is added after the log");
  });

  it("draws the current of its stage, with ripple, and the same whenever the same moment is read", () => {
    const { clock, board, boot } = bench();
    boot();
    clock.runFor(20);
    const first = board.currentMa;
    assert.equal(board.currentMa, first);
    assert.ok(first > 330 && first < 450, `${first}`);
    clock.runUntil(() => board.stage === "kernel", 5000);
    assert.ok(board.currentMa > 700, `${board.currentMa}`);
    const seen = new Set<number>();
    for (let i = 0; i < 10; i++) {
      clock.runFor(1);
      seen.add(board.currentMa);
    }
    assert.ok(seen.size > 5);
  });

  it("obeys SHUTDOWN_REQ once its OS is up: lines, some seconds, HALTED, little current", () => {
    const { clock, board, input, boot, shutDown, halted } = bench();
    boot();
    shutDown(true);
    clock.runFor(300);
    shutDown(false);
    clock.runUntil(() => board.osUp, 5000);
    assert.equal(board.stage, "log-in prompt", "a request that ended before the OS was up");
    shutDown(true);
    const askedMs = clock.ms;
    clock.runUntil(() => halted.level, 20_000);
    assert.ok(clock.ms - askedMs > 1500, "halts faster than any OS");
    assert.equal(board.stage, "halted");
    assert.ok(board.currentMa < 60);
    assert.match(input.text.slice(LOG.length), /Stopped.*\n.*Power down\n$/s);
    assert.equal(text(board.sent), input.text);
  });

  it("shuts down as soon as its OS is up if SHUTDOWN_REQ is still asserted", () => {
    const { clock, board, boot, shutDown } = bench();
    boot();
    shutDown(true);
    clock.runUntil(() => board.stage === "shutting down", 5000);
  });

  it("never halts with a log that ends before a prompt", () => {
    const { clock, board, boot, shutDown, halted } = bench({ log: "RPi: BOOTLOADER\nInsert SD-CARD\n" });
    boot();
    clock.runUntil(() => board.bootlogFinished, 5000);
    shutDown(true);
    clock.runFor(120_000);
    assert.equal(halted.changes.length, 0);
    assert.equal(board.osUp, false);
  });

  it("never halts with that fault, though it begins to shut down", () => {
    const { clock, board, input, boot, shutDown, halted } = bench({ fault: "never-halts" });
    boot();
    clock.runUntil(() => board.osUp, 5000);
    shutDown(true);
    clock.runFor(120_000);
    assert.equal(halted.changes.length, 0);
    assert.match(input.text, /stop job is running/);
  });

  it("prints nothing with that fault, but comes up and halts", () => {
    const { clock, board, input, boot, shutDown, halted } = bench({ fault: "never-prints" });
    boot();
    clock.runUntil(() => board.osUp, 5000);
    assert.equal(board.loginPromptReached, false);
    assert.equal(board.bootlogFinished, false);
    shutDown(true);
    clock.runUntil(() => halted.level, 20_000);
    assert.equal(input.frames.length, 0);
    assert.equal(board.sentBytes, 0);
  });

  it("sends garbage by seed with that fault: random bytes, bad frames, wrong rates, breaks", () => {
    const frames = () => {
      const { clock, board, input, boot } = bench({ fault: "garbage", log: LOG.repeat(40) });
      boot();
      clock.runUntil(() => board.bootlogFinished, 60_000);
      return input.frames;
    };
    const first = frames();
    assert.deepEqual(frames(), first);
    assert.ok(first.some((frame) => frame.framingError));
    assert.ok(first.some((frame) => frame.parityError));
    assert.ok(first.some((frame) => frame.break));
    assert.ok(new Set(first.map((frame) => frame.bitNanos)).size > 1);
  });

  it("browns out with that fault: PG_5V drops when the kernel starts, and the board is off", () => {
    const { clock, board, boot, powerGood, input } = bench({ fault: "brown-out" });
    boot();
    clock.runUntil(() => powerGood.net.changes.length >= 3, 3000);
    const [came, fell, returned] = powerGood.net.changes;
    assert.deepEqual([came?.level, fell?.level, returned?.level], [true, false, true]);
    assert.ok((returned?.nanos ?? 0) - (fell?.nanos ?? 0) > 1e6, "too short to be noticed");
    assert.equal(board.powered, false);
    const printed = text(board.sent);
    assert.match(printed, /^RPi: BOOTLOADER\n/);
    assert.doesNotMatch(input.text, /init/);
    clock.runFor(20);
    assert.equal(board.stage, "bootloader", "with the rail left on it boots again");
  });

  it("stops in the middle of a byte when power goes, and starts a new log when it returns", () => {
    const { clock, board, input, boot, power } = bench();
    boot();
    clock.runUntil(() => board.sentBytes === 5, 2000);
    clock.runFor(0.04);
    power(false);
    clock.runUntil(() => !board.powered, 100);
    const sent = text(board.sent);
    clock.runFor(1000);
    assert.ok(sent.length < LOG.length && LOG.startsWith(sent));
    assert.equal(board.stage, "off");
    assert.equal(board.currentMa, 0);
    assert.ok(input.frames.length <= sent.length + 1);
    power(true);
    clock.runUntil(() => board.bootlogFinished, 5000);
    assert.equal(text(board.sent), LOG);
  });

  it("a pulse on COMPUTE_RUN boots it again; what was sent since power-up stays counted", () => {
    const { clock, board, boot, release } = bench();
    boot();
    clock.runUntil(() => board.bootlogFinished, 5000);
    const firstNanos = board.releasedAtNanos ?? 0;
    release(false);
    assert.equal(board.stage, "reset");
    assert.equal(board.bootlogFinished, false);
    clock.runFor(100);
    release(true);
    assert.ok((board.releasedAtNanos ?? 0) > firstNanos);
    clock.runUntil(() => board.bootlogFinished, 5000);
    assert.equal(text(board.sent), LOG + LOG);
  });

  it("drives HALTED low while it runs, and lets it go when it stops: in reset, and without power", () => {
    const { clock, board, boot, release, power, halted } = bench();
    assert.equal(halted.driven, false, "off: the BMC's pull decides");
    boot();
    assert.equal(halted.driven, true);
    release(false);
    assert.equal(halted.driven, false, "in reset its pins are inputs");
    clock.runFor(10);
    release(true);
    assert.equal(halted.driven, true);
    power(false);
    clock.runUntil(() => !board.powered, 100);
    assert.equal(halted.driven, false);
    assert.equal(halted.level, false);
  });

  it("says that it has halted as gpio-poweroff does: a pulse, then high for good, and a complaint 3 s later", () => {
    const { clock, board, input, boot, shutDown, halted } = bench();
    boot();
    clock.runUntil(() => board.osUp, 5000);
    shutDown(true);
    clock.runUntil(() => halted.level, 20_000);
    const [rose] = halted.changes;
    const printed = input.text;
    clock.runFor(3190);
    assert.equal(input.text, printed);
    clock.runFor(1000);
    assert.match(input.text.slice(printed.length), /^WARNING: .*\n$/);
    assert.deepEqual(
      halted.changes.map(({ level, nanos }) => [level, Math.round((nanos - (rose?.nanos ?? 0)) / 1e6)]),
      [
        [true, 0],
        [false, 100],
        [true, 200],
      ],
    );
  });

  it("boots again by itself: the log from its start, and HALTED as its pin is after a reset", () => {
    for (const [fault, highMs] of [
      [undefined, 0],
      ["halted-pull-up", 12],
      ["halted-pull-up-long", 1000],
    ] as const) {
      const { clock, board, input, boot, halted } = bench(fault ? { fault } : {});
      boot();
      clock.runUntil(() => board.osUp, 5000);
      assert.equal(halted.changes.length, highMs ? 2 : 0, fault);
      board.reboot();
      assert.equal(halted.level, false, "the pin follows a moment later");
      clock.runUntil(() => board.bootlogFinished, 5000);
      assert.equal(input.text, `${LOG}reboot: Restarting system\n${LOG}`);
      assert.equal(board.loginPromptReached, true);
      const [up, down] = halted.changes.slice(-2);
      if (highMs) assert.ok((down?.nanos ?? 0) - (up?.nanos ?? 0) >= Math.min(highMs, 700) * 1e6, fault);
      assert.equal(halted.level, false);
    }
  });

  for (const [stops, kind] of [["power", "low"] as const, ["reset", "high"] as const]) {
    it(`a byte cut by ${stops} ends ${kind} on the wire`, () => {
      const { clock, board, input, boot, power, release } = bench({
        log: `${"\x00".repeat(200)}slot login: `,
      });
      boot();
      clock.runUntil(() => board.sentBytes === 5, 2000);
      if (stops === "reset") release(false);
      else power(false);
      clock.runUntil(() => (stops === "reset" ? !board.running : !board.powered), 100);
      clock.runFor(100);
      const last = input.frames.at(-1);
      const cutShort = input.frames.length - board.sentBytes;
      if (stops === "power") {
        assert.equal(cutShort, 1, "the frame that the dead driver left on the line does not count as sent");
        assert.equal(last?.break, true);
      } else {
        assert.equal(cutShort, 0);
        assert.equal(last?.framingError ?? false, false);
        assert.equal(last?.break ?? false, false);
      }
    });
  }

  it("a halted board lets HALTED go when it loses power", () => {
    const { clock, board, boot, shutDown, halted, power } = bench();
    boot();
    clock.runUntil(() => board.osUp, 5000);
    shutDown(true);
    clock.runUntil(() => halted.level, 20_000);
    power(false);
    clock.runFor(500);
    assert.equal(halted.driven, false);
    assert.equal(board.halted, false);
  });

  it("pulled out while it runs: power, line and current are gone at once, PRESENT# bounces for some ms", () => {
    const { clock, board, input, boot, presentNet, supply, halted } = bench();
    boot();
    clock.runUntil(() => board.sentBytes === 5, 2000);
    clock.runFor(0.04);
    const before = presentNet.changes.length;
    board.unplug();
    assert.deepEqual(
      [board.plugged, board.running, board.stage, board.currentMa],
      [false, false, "absent", 0],
    );
    assert.equal(supply.milliamperes, 0);
    assert.equal(halted.driven, false);
    clock.runFor(8);
    const bounces = presentNet.changes.slice(before);
    assert.ok(bounces.length >= 3, `${bounces.length} bounces`);
    assert.equal(presentNet.level, true, "the pull-up in the end");
    const frames = input.frames.length;
    board.unplug();
    clock.runFor(5000);
    assert.equal(input.frames.length, frames);
    assert.equal(presentNet.changes.length, before + bounces.length);
  });

  it("plugged in again: PRESENT# bounces again, and the board boots if there is power and COMPUTE_RUN", () => {
    const { clock, board, boot, presentNet, input } = bench();
    boot();
    clock.runFor(500);
    board.unplug();
    clock.runFor(500);
    const [frames, before] = [input.frames.length, presentNet.changes.length];
    board.plug();
    assert.equal(board.stage, "off");
    clock.runFor(9);
    assert.equal(board.running, false, "its own power management takes its time");
    assert.equal(presentNet.level, false);
    const bounces = presentNet.changes.slice(before);
    const lastsMs = ((bounces.at(-1)?.nanos ?? 0) - (bounces[0]?.nanos ?? 0)) / 1e6;
    assert.ok(lastsMs > 1 && lastsMs < 8, `${lastsMs} ms`);
    clock.runUntil(() => board.bootlogFinished, 5000);
    assert.equal(text(board.sent), LOG);
    assert.ok(input.frames.length > frames);
  });

  it("a board plugged into an empty slot boots, the same way for the same seed", () => {
    const changes = [1, 2].map(() => {
      const { clock, board, presentNet, boot } = bench({ plugged: false });
      boot();
      clock.runFor(100);
      board.plug();
      clock.runUntil(() => board.bootlogFinished, 5000);
      return presentNet.changes;
    });
    assert.ok((changes[0]?.length ?? 0) >= 3);
    assert.deepEqual(changes[0], changes[1]);
  });
});
