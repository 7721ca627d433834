/**
 * Rails and sensors are data: boards with other rails than the reference board's, built from a board file
 * alone. One has three rails, the compute board's in the middle of the order; one has the compute board's
 * rail and no other. Each boots as a real image, and everything that it says of itself is of its own rails.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { probePmbus } from "@racklet/client";
import { pagesOfRails } from "../../boards/quantities.ts";
import { SimulatedBus } from "../../simulator/slot/simulated-bus.ts";
import { Slot, type SlotOptions } from "../../simulator/slot/slot.ts";
import { unwrapped } from "../../simulator/start/answers.ts";
import { buildExample, type ExampleBoard } from "../support/example-boards.ts";
import { assertNoWarnings, command, powerUp, startedSlot } from "../support/simulated-slot.ts";
import { ADDRESS, CML_INVALID_COMMAND, CML_INVALID_DATA, SlotBus, text } from "./smbus/smbus-slot.ts";

interface Expected {
  readonly name: ExampleBoard;
  /** In the order they come up. */
  readonly enables: readonly string[];
  /** Name and voltage of the rail of each page; null where no sensor measures it. */
  readonly pages: readonly (readonly [name: string, volts: number | null])[];
  /** In the order of the console's table. */
  readonly sensors: readonly string[];
}

const BOARDS: readonly Expected[] = [
  {
    name: "three-rails",
    enables: ["EN_3V3_AUX", "EN_5V", "EN_1V8"],
    pages: [
      ["5V", 5.1],
      ["3V3_AUX", null],
      ["1V8", 1.8],
    ],
    sensors: ["VIN", "V5", "I5", "P5", "TEMPERATURE", "V1V8", "ENERGY", "PAC1921"],
  },
  {
    name: "five-volt-only",
    enables: ["EN_5V"],
    pages: [["5V", 5.1]],
    sensors: ["VIN", "V5", "I5", "P5", "TEMPERATURE", "ENERGY", "PAC1921"],
  },
];

/** XOSC's STARTUP register (datasheet 2.16.7). */
const XOSC_STARTUP = 0x4002_400c;

const STATUS_OFF = 1 << 6;
const STATUS_POWER_GOOD_NOT = 1 << 11;

const directories = new Map<ExampleBoard, string>();

before(async () => {
  for (const name of [...BOARDS.map((board) => board.name), "no-current" as const])
    directories.set(name, await buildExample(name));
});

function started(name: ExampleBoard, options: Partial<SlotOptions> = {}): { slot: Slot; bus: SlotBus } {
  const slot = startedSlot({ directory: directories.get(name) as string, ...options });
  slot.smbus.hz = 400_000;
  return { slot, bus: new SlotBus(slot) };
}

/** Edges of the enables and of COMPUTE_RUN from now on, as "+EN_5V" and "-EN_5V". */
function edgesOf(slot: Slot, names: readonly string[]): string[] {
  const edges: string[] = [];
  for (const name of [...names, "COMPUTE_RUN"]) {
    slot.signal(name)?.onChange((asserted) => edges.push(`${asserted ? "+" : "-"}${name}`));
  }
  return edges;
}

/** STATUS_WORD's bits about power, by page. */
function statusOfPages({ pages }: Expected, bus: SlotBus): { off: boolean; good: boolean }[] {
  return pages.map((_, page) => {
    bus.write("PAGE", page);
    const word = bus.number("STATUS_WORD");
    return { off: (word & STATUS_OFF) !== 0, good: (word & STATUS_POWER_GOOD_NOT) === 0 };
  });
}

for (const expected of BOARDS) {
  const { name, enables, pages, sensors } = expected;

  describe(name, () => {
    it("comes up in the board's order, COMPUTE_RUN last, and goes down in reverse", () => {
      const { slot } = started(name);
      const edges = edgesOf(slot, enables);
      powerUp(slot);
      assert.deepEqual(edges.splice(0), [...enables.map((one) => `+${one}`), "+COMPUTE_RUN"]);
      command(slot, "power force-off --yes");
      slot.runFor(2000);
      const down = [...enables].reverse().map((one) => `-${one}`);
      assert.deepEqual(edges, ["-COMPUTE_RUN", ...down]);
      assertNoWarnings(slot);
    });

    it("names its rails and sensors on the console", () => {
      const { slot } = started(name);
      powerUp(slot);
      slot.runFor(300);
      const rails = slot.board.rails.map((rail) => rail.name);
      const lineOf = (answer: string, key: string) =>
        unwrapped(answer)
          .split("\r\n")
          .find((line) => line.startsWith(key)) ?? "nothing";
      const good = rails.map((rail) => `${rail} good`).join(", ");
      assert.equal(lineOf(command(slot, "status"), "rails"), `rails        ${good}`);
      const [readings = []] = command(slot, "sensors")
        .split("\r\n\r\n")
        .map((table) => table.trimEnd().split("\r\n").slice(1));
      assert.deepEqual(
        readings.map((line) => line.split(/\s/)[0]),
        sensors,
      );
      const power = command(slot, "power");
      for (const rail of rails) assert.match(power, new RegExp(`coming up ${rail}: `));
      const slowest = rails.map((rail) => `${rail} \\d+ us`).join(", ");
      assert.match(lineOf(power, "slowest"), new RegExp(`: ${slowest}$`));
      assert.match(command(slot, "fault"), /^fault {8}none\r\n/);
      const known = sensors.filter((one) => !["P5", "ENERGY", "PAC1921"].includes(one));
      for (const one of known) assert.match(command(slot, "calibrate"), new RegExp(`^${one} +offset `, "m"));
      assertNoWarnings(slot);
    });

    it("has a page for each rail and no other, which MFR_RAIL names, with the right voltage", () => {
      const { slot, bus } = started(name);
      powerUp(slot);
      slot.runFor(300);
      for (const [page, [rail, volts]] of pages.entries()) {
        bus.write("PAGE", page);
        assert.equal(bus.number("PAGE"), page);
        const [count, ...letters] = bus.bytes("MFR_RAIL");
        assert.deepEqual([count, text(Uint8Array.from(letters))], [pages.length, rail]);
        if (volts === null) {
          // What does not exist reads as FFh, which is never followed by its PEC.
          assert.equal(slot.transfer(bus.reading("READ_VOUT")).kind, "bad-pec");
          assert.equal(bus.takeCml(), CML_INVALID_COMMAND);
        } else {
          const reading = bus.number("READ_VOUT") / 4096;
          assert.ok(Math.abs(reading - volts) < 0.1, `${rail}: ${reading} V`);
        }
        assert.equal(bus.takeCml(), 0);
      }
      const last = bus.number("PAGE");
      for (let page = pages.length; page < 5; page++)
        bus.refused(bus.writing("PAGE", page), CML_INVALID_DATA);
      assert.equal(bus.number("PAGE"), last);
      assertNoWarnings(slot);
    });

    it("has OFF and POWER_GOOD# of each page follow the rails", () => {
      const { slot, bus } = started(name);
      const all = (off: boolean, good: boolean) => pages.map(() => ({ off, good }));
      assert.deepEqual(statusOfPages(expected, bus), all(true, false));
      powerUp(slot);
      slot.runFor(10);
      assert.deepEqual(statusOfPages(expected, bus), all(false, true));
      command(slot, "power force-off --yes");
      slot.runFor(2000);
      assert.deepEqual(statusOfPages(expected, bus), all(true, false));
      assertNoWarnings(slot);
    });

    it("is found by Linux' driver with these pages and sensors, and no phantom", async () => {
      const { slot } = started(name);
      powerUp(slot);
      slot.runFor(300);
      const probe = await probePmbus(new SimulatedBus(slot), ADDRESS);
      assert.equal(probe.pages, pages.length);
      const outputs = pages.flatMap(([, volts], page) => (volts === null ? [] : [["READ_VOUT", page]]));
      const found = probe.sensors.map((sensor) => [sensor.name, sensor.page]);
      assert.deepEqual(
        found.filter(([one]) => one === "READ_VOUT"),
        outputs,
      );
      const others = found.filter(([one]) => one !== "READ_VOUT");
      assert.deepEqual(
        others,
        ["READ_VIN", "READ_TEMPERATURE_1", "READ_IOUT", "READ_POUT"].map((one) => [one, 0]),
      );
      assert.equal(probe.identification.MFR_MODEL, name);
      assertNoWarnings(slot);
    });

    it("comes up again after each rail was lost, and blames that rail on its page", () => {
      const { rails } = started(name).slot.board;
      for (const [index, rail] of rails.entries()) {
        const fault = `pg-${rail.name.toLowerCase().replace("_", "-")}-lost`;
        const { slot, bus } = started(name, { fault });
        const edges = edgesOf(slot, enables);
        powerUp(slot);
        edges.splice(0);
        slot.expect(new RegExp(`fault: ${rail.name} power-good lost`), 4000);
        slot.runFor(600);
        const down = [...enables].reverse().map((one) => `-${one}`);
        assert.deepEqual(
          edges.filter((edge) => edge.startsWith("-EN")),
          down,
          rail.name,
        );
        const record = bus.bytes("MFR_LAST_FAULT");
        assert.equal(record[1], pagesOfRails(rails)[index], `page of ${rail.name}`);
        assert.match(command(slot, "fault"), new RegExp(`^fault +${rail.name} power-good lost`));
        slot.expect(/power: on\r\n/, 2000);
        assertNoWarnings(slot);
      }
    });
  });
}

describe("no-current", () => {
  it("reads every sensor from its own channel, and powers on and off", () => {
    const { slot, bus } = started("no-current");
    const assertVolts = (volts: number) => {
      const read = bus.number("READ_VOUT") / 4096;
      assert.ok(Math.abs(read - volts) < 0.1, `page ${bus.number("PAGE")} reads ${read} V`);
    };
    powerUp(slot);
    slot.runFor(300);
    const readings = command(slot, "sensors");
    const milli = (name: string) => Number(new RegExp(`^${name} +(\\d+) m`, "m").exec(readings)?.[1]);
    assert.ok(Math.abs(milli("VIN") - 12_000) < 200 && Math.abs(milli("V5") - 5100) < 100, readings);
    assert.ok(Math.abs(milli("V3V3") - 3300) < 100, readings);
    assert.ok(milli("TEMPERATURE") > 20_000 && milli("TEMPERATURE") < 40_000, readings);
    assert.doesNotMatch(readings, /^(I5|P5) /m);
    assertVolts(5.1);
    bus.write("PAGE", 1);
    assertVolts(3.3);
    command(slot, "power force-off --yes");
    slot.expect(/power: off/, 2000);
    assertNoWarnings(slot);
  });
});

it("waits as long for the crystal as the board says", () => {
  // 256 cycles of 12 MHz are 21.3 us: 47 of them are 1 ms, 3000 are 64 ms.
  for (const [name, units] of [["five-volt-only", 47] as const, ["three-rails", 3000] as const]) {
    const { slot } = started(name);
    assert.equal(slot.chip.bus.readUint32(XOSC_STARTUP), units);
    assertNoWarnings(slot);
  }
});

describe("the third rail", () => {
  const name = "three-rails";

  it("that never becomes good takes the others down, and is recorded with its page and voltage", () => {
    const { slot, bus } = started(name, { fault: "pg-1v8-never" });
    slot.terminal.type("power on\r");
    slot.runUntil(() => slot.signal("EN_1V8")?.asserted === true, 200, "the enable of 1V8");
    slot.runFor(8);
    assert.deepEqual(statusOfPages(BOARDS[0] as Expected, bus), [
      { off: false, good: true },
      { off: false, good: true },
      { off: false, good: false },
    ]);
    assert.equal(slot.signal("COMPUTE_RUN")?.asserted, false);
    slot.expect("fault: 1V8 power-good did not come within 30 ms", 100);
    slot.runFor(500);
    const [reason, page, , measured] = bus.bytes("MFR_LAST_FAULT");
    assert.deepEqual({ reason, page, measured }, { reason: 1, page: 2, measured: 1 });
    assert.ok(Math.abs(voltsOfPage(2, bus) - 1.8) < 0.1);
    bus.write("PAGE", 2);
    assert.match(command(slot, "fault"), /1V8 power-good did not come/);
    assertNoWarnings(slot);
  });

  it("has limits of its own, a fault of which is blamed on it", () => {
    const { slot, bus } = started(name);
    powerUp(slot);
    slot.runFor(500);
    bus.write("PAGE", 2);
    assert.equal(bus.number("VOUT_OV_FAULT_LIMIT"), Math.round(1.98 * 4096));
    bus.write("VOUT_UV_WARN_LIMIT", Math.round(1.85 * 4096));
    slot.runFor(300);
    assert.equal(bus.number("STATUS_VOUT"), 0x20, "VOUT_UV_WARNING");
    slot.sensors.fault("V1V8", { kind: "stuck", code: 2600 });
    slot.expect(/fault: V1V8 /, 500);
    assert.equal(bus.bytes("MFR_LAST_FAULT")[1], 2);
    assertNoWarnings(slot);
  });

  it("is not blamed for a short circuit, but the compute rail, which is not the last one", () => {
    const { slot, bus } = started(name, { fault: "short-5v" });
    powerUp(slot);
    slot.expect(/fault: over-current \(VIN \d+ mV, V5 \d+ mV,\s+V1V8 \d+\s+mV,\s+I5 \d+\s+mA\)/, 4000);
    assert.equal(bus.bytes("MFR_LAST_FAULT")[1], 0);
    assertNoWarnings(slot);
  });

  it("has a sensor that the console knows by name, and none of the base's that it lacks", () => {
    const { slot } = started(name);
    powerUp(slot);
    slot.runFor(300);
    assert.equal(
      unwrapped(command(slot, "calibrate V1V9 1800")),
      'error: unknown sensor "V1V9", did you mean "V1V8"? There are VIN, V5, I5, TEMPERATURE and V1V8\r\n',
    );
    assert.match(command(slot, "calibrate V3V3 3300"), /^error: unknown sensor "V3V3"\. There are VIN, /);
    assert.match(
      command(slot, "calibrate V1V8 1790"),
      /^V1V8 is calibrated at this point\.\r\nFor the gain, change it by \d+ mV or more/,
    );
    assertNoWarnings(slot);
  });

  it("has no fault of a rail that its board lacks", () => {
    const directory = directories.get(name) as string;
    assert.throws(
      () => new Slot({ directory, fault: "pg-1v2-lost" }),
      /^Error: unknown fault "pg-1v2-lost"; known faults: .*v1v8-sensor-noisy.*; did you mean pg-1v8-lost\?$/,
    );
  });
});

/** What MFR_LAST_FAULT says of a page's voltage. */
function voltsOfPage(page: number, bus: SlotBus): number {
  const record = Buffer.from(bus.bytes("MFR_LAST_FAULT"));
  const at = [16, 18, 23, 25][page] as number;
  return record.readUInt16LE(at) / 1000;
}
