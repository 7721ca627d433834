/**
 * The slot as tests use it, around the real firmware: rails, sensors, straps, waits that fail, and the VCD
 * file.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Slot, type SlotOptions } from "../../../simulator/slot/slot.ts";
import { VcdWriter } from "../../../simulator/tools/vcd.ts";

const DIRECTORY = fileURLToPath(new URL("../../../build/slot-hat", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "racklet-slot-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const SHORT_LOG = Buffer.from("RPi: BOOTLOADER\n[    0.000000] Booting Linux\nslot login: ");

function atPrompt(options: Partial<SlotOptions> = {}): Slot {
  const slot = new Slot({ directory: DIRECTORY, bootlog: SHORT_LOG, ...options });
  slot.powerOn();
  slot.expect("bmc> ", 500);
  return slot;
}

describe("slot", () => {
  it("brings the rails up in the board's order, the compute board last", () => {
    const slot = atPrompt();
    slot.terminal.type("power on\r");
    slot.expect(/power: on\r\n/, 1000);
    slot.runUntil(() => slot.compute.running, 100, "the compute board to run");
    const order = slot.board.rails.map((rail) => slot.supplies[rail.name]?.cameUpAtNanos ?? 0);
    assert.ok(order.every((nanos) => nanos > 0));
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    assert.ok(
      (slot.compute.releasedAtNanos ?? 0) >= (order.at(-1) ?? 0) + slot.board.timing.run_delay_ms * 1e6,
    );
    assert.deepEqual(slot.chip.log.warnings, []);
  });

  it("the BMC's sensors show what the supplies deliver", () => {
    const slot = atPrompt();
    slot.terminal.type("power on\r");
    slot.runUntil(() => slot.compute.loginPromptReached, 5000, "the log-in prompt");
    slot.runFor(200); // until the load of the boot is out of the window
    slot.terminal.type("sensors\r");
    const [, millivolts] = slot.expect(/V5 +(\d+) mV/, 500);
    const [, milliamperes] = slot.expect(/I5 +(\d+) mA/, 500);
    const supply = slot.supplies["5V"];
    assert.ok(Math.abs(Number(millivolts) - (supply?.millivolts ?? 0)) < 20, millivolts);
    assert.ok(Math.abs(Number(milliamperes) - slot.compute.currentMa) < 250, milliamperes);
  });

  it("straps the slot number, a strap to ground where the bit is 0", () => {
    const slot = atPrompt({ slotId: 0b0101 });
    const bits = [0, 1, 2, 3].map((bit) => slot.signal(`SLOT_ID${bit}`)?.asserted);
    assert.deepEqual(bits, [true, false, true, false]);
  });

  it("an empty slot leaves PRESENT deasserted", () => {
    assert.equal(atPrompt().signal("PRESENT")?.asserted, true);
    assert.equal(atPrompt({ present: false }).signal("PRESENT")?.asserted, false);
  });

  it("a failed wait reports the seed, the state of each device and the last console lines", () => {
    const slot = atPrompt({ seed: 99 });
    slot.terminal.type("nonsense\r");
    assert.throws(
      () => slot.expect("never said", 200),
      (error: Error) => {
        assert.match(error.message, /waited 200 ms for \/never said\/ on the console in vain/);
        assert.match(error.message, /seed 99/);
        assert.match(error.message, /5V: disabled, 0 mV/);
        assert.match(error.message, /compute board: off/);
        assert.match(error.message, /unknown command/);
        return true;
      },
    );
  });

  it("expect searches after the last match", () => {
    const slot = atPrompt();
    slot.terminal.type("version\r");
    slot.expect(/contract \d+/, 500);
    assert.throws(() => slot.expect(/contract \d+/, 100));
    slot.terminal.type("version\r");
    slot.expect(/contract \d+/, 500);
  });

  it("a missing or damaged build is refused with advice", () => {
    assert.throws(
      () => new Slot({ directory: join(folder, "pico") }),
      /build the firmware first: npm run build -- --board pico/,
    );
    assert.throws(() => new Slot({ directory: DIRECTORY, image: Buffer.alloc(512) }), /UF2/);
  });

  it("runs the same to the cycle with and without a VCD file", () => {
    const cycles = (vcd?: VcdWriter) => {
      const slot = atPrompt(vcd ? { vcd } : {});
      slot.terminal.type("power on\r");
      slot.runUntil(() => slot.compute.loginPromptReached, 5000, "the log-in prompt");
      slot.runFor(50);
      vcd?.close();
      return [slot.chip.cycles, slot.chip.nanos, slot.terminal.text];
    };
    assert.deepEqual(cycles(new VcdWriter(join(folder, "watched.vcd"))), cycles());
  });

  it("writes a VCD in which an independent decoder reads the boot log", (context) => {
    if (spawnSync("sigrok-cli", ["--version"]).status !== 0) {
      context.skip("sigrok-cli is not installed");
      return;
    }
    const path = join(folder, "boot.vcd");
    const vcd = new VcdWriter(path);
    const slot = atPrompt({ vcd });
    slot.terminal.type("power on\r");
    slot.runUntil(() => slot.compute.loginPromptReached, 5000, "the log-in prompt");
    vcd.close();
    for (const name of [
      "EN_5V",
      "PG_5V",
      "COMPUTE_RUN",
      "PRESENT_n",
      "UART0_RX",
      "UART1_TX",
      "5V_mV",
      "5V_mA",
    ]) {
      assert.match(readFileSync(path, "latin1"), new RegExp(` ${name} \\$end`));
    }
    const decoder = "uart:rx=UART0_RX:baudrate=115200:format=hex";
    const { stdout, stderr } = spawnSync(
      "sigrok-cli",
      ["-i", path, "-I", "vcd:downsample=500", "-P", decoder, "-A", "uart=rx-data"],
      { encoding: "utf8" },
    );
    const bytes = [...stdout.matchAll(/^uart-1: ([0-9A-F]{2})$/gm)].map((match) =>
      Number.parseInt(match[1] ?? "", 16),
    );
    assert.equal(Buffer.from(bytes).toString("latin1"), SHORT_LOG.toString("latin1"), stderr);
  });
});
