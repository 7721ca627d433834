/**
 * The plot of whole runs with the real firmware: it does not change the run, and shows its events, its faults
 * and its extremes.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Slot, type SlotOptions } from "../../../../simulator/slot/slot.ts";
import { Chronicle } from "../../../../simulator/tools/plot/chronicle.ts";
import { Envelope } from "../../../../simulator/tools/plot/envelope.ts";
import { PlotError, PowerPlot } from "../../../../simulator/tools/plot/power-plot.ts";
import { drawRun, type Run } from "../../../../simulator/tools/plot/svg.ts";
import { type Element, followPath, readSvg } from "./read-svg.ts";

const DIRECTORY = fileURLToPath(new URL("../../../../build/slot-hat", import.meta.url));
const SHORT_LOG = Buffer.from("RPi: BOOTLOADER\n[    0.000000] Booting Linux\nslot login: ");
const folder = mkdtempSync(join(tmpdir(), "racklet-plot-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs from power-on of the BMC through a boot to off, with the same keys at the same times in every run. */
function boot(options: Partial<SlotOptions>, withPlot: boolean): { slot: Slot; plot: PowerPlot | null } {
  const slot = new Slot({ directory: DIRECTORY, bootlog: SHORT_LOG, ...options });
  const name = options.fault ?? null;
  const plot = withPlot
    ? new PowerPlot(slot, { path: join(folder, `${name}.svg`), fault: name, bootlogName: "short.log" })
    : null;
  slot.powerOn();
  slot.runFor(200);
  slot.terminal.type("power on\r");
  slot.runFor(5000);
  slot.terminal.type("sensors\rpower off --yes\r");
  slot.runFor(5000);
  return { slot, plot };
}

const draw = (options: Partial<SlotOptions> = {}) => (boot(options, true).plot as PowerPlot).draw();

/** The texts in the list of events, in their order; with `bad`, only those that are marked as faults. */
function listed(elements: readonly Element[], bad = false): string[] {
  return elements
    .filter((_, index) => /^\d+\.\d{3} s$/.test(elements[index - 1]?.text ?? ""))
    .filter(({ attributes }) => !bad || attributes.class === "f")
    .map(({ text }) => text);
}

describe("the plot of a run", () => {
  it("does not change the run by a cycle", () => {
    for (const options of [{}, { fault: "brown-out" }, { fault: "pg-5v-glitch", seed: 9 }] as const) {
      const [plain, plotted] = [boot(options, false).slot, boot(options, true).slot];
      assert.equal(plotted.chip.cycles, plain.chip.cycles);
      assert.equal(plotted.chip.nanos, plain.chip.nanos);
      assert.equal(plotted.terminal.text, plain.terminal.text);
      assert.deepEqual(plotted.compute.sent, plain.compute.sent);
      assert.match(plain.terminal.text, /V5 +\d+ mV/);
    }
  });

  it("lists a boot from power-on to off, cause before effect", () => {
    const elements = readSvg(draw());
    assert.deepEqual(listed(elements), [
      "BMC powered",
      "COMPUTE_RUN off",
      "EN_3V3_AUX on",
      "PG_3V3_AUX",
      "EN_5V on",
      "PG_5V",
      "stage reset",
      "COMPUTE_RUN on",
      "stage bootloader",
      "stage kernel",
      "stage log-in prompt",
      "SHUTDOWN_REQ",
      "stage shutting down",
      "stage halted",
      "COMPUTE_RUN off",
      "stage reset",
      "EN_5V off",
      "PG_5V gone",
      "EN_3V3_AUX off",
      "PG_3V3_AUX gone",
      "stage off",
    ]);
    assert.deepEqual(listed(elements, true), []);
    const texts = elements.map(({ text }) => text);
    assert.ok(texts.includes("slot-hat, seed 1") && texts.includes("emulated time, s"));
    for (const heading of ["Power, W", "Voltage, V", "Current, A"])
      assert.ok(texts.includes(heading), heading);
  });

  it("recognises each fault from the signals alone", () => {
    const faults: Record<string, string[]> = {
      "pg-5v-never": ["EN_5V off, never good"],
      "pg-3v3-aux-never": ["EN_3V3_AUX off, never good"],
      // The rail comes back, and the board is switched off before its OS is up.
      "pg-5v-glitch": ["PG_5V lost", "COMPUTE_RUN off, not halted"],
      "pg-5v-lost": ["PG_5V lost", "COMPUTE_RUN off, not halted"],
      // The BMC switches off before power-good is lost.
      "brown-out": ["stage brown-out"],
      absent: [],
    };
    for (const [fault, expected] of Object.entries(faults)) {
      const elements = readSvg(draw({ fault } as Partial<SlotOptions>));
      // A retry that fails is listed again.
      assert.deepEqual([...new Set(listed(elements, true))], expected, fault);
      assert.ok(elements.some(({ text }) => text === `, fault ${fault}`));
    }
  });

  it("an OS that does not halt is a fault once the BMC forces it off; a restart of the BMC is listed", () => {
    const { slot, plot } = boot({ fault: "never-halts" }, true);
    slot.runFor(62_000);
    slot.terminal.type("reboot --yes\r");
    slot.runFor(500);
    const elements = readSvg((plot as PowerPlot).draw());
    assert.deepEqual(listed(elements, true), ["COMPUTE_RUN off, not halted"]);
    assert.equal(listed(elements).at(-1), "BMC restarts itself", slot.describe());
  });

  it("shows the spike of a brown-out, which lasts less than a millisecond", () => {
    const elements = readSvg(draw({ fault: "brown-out" }));
    const summary = elements.find(({ text }) => /^lowest .* W$/.test(text))?.text ?? "";
    const highestW = Number(/highest ([\d.]+) W/.exec(summary)?.[1]);
    assert.ok(highestW > 20 && highestW < 9 * 5.1, `${summary}: the converter limits peaks at 9 A`);
    const [power] = elements.filter(({ attributes }) => attributes.class === "q p");
    const corners = followPath(power?.attributes.d ?? "");
    const highest = Math.min(...corners.map(([, y]) => y));
    // The axis ends at 40 W; the panel is 1080 tenths high.
    assert.ok(
      Math.abs(40 * (1 - highest / 1080) - highestW) < 0.03,
      `drawn at ${highest}, listed ${highestW}`,
    );
    const xs = corners.map(([x]) => x);
    assert.ok(Math.min(...xs) >= 0 && Math.max(...xs) <= 8880, "inside the panel");
  });

  it("is small, and well-formed XML whatever the name of the boot log", () => {
    const { plot } = boot({}, true);
    const svg = (plot as PowerPlot).draw();
    assert.ok(svg.length < 60_000, `${svg.length}`);
    const hostile = drawRun({ ...emptyRun(), subtitle: `</text><script>&"\x00\x1b]\ud800 \u{1f4a9}` });
    const elements = readSvg(hostile);
    assert.ok(!elements.some(({ name }) => name === "script"));
    assert.ok(elements.some(({ text }) => text === `</text><script>&"..]. \u{1f4a9}`));
  });

  it("stays small after a day of power cycles under a wild load", () => {
    const run = { ...emptyRun(), envelope: new Envelope(3) };
    const chronicle = new Chronicle();
    const stages = ["bootloader", "network boot", "kernel", "log-in prompt", "off"] as const;
    for (let index = 0; index < 300_000; index++) {
      const nanos = index * 0.288e9;
      const value = (Math.imul(index, 2654435761) >>> 0) / 2 ** 32;
      run.envelope.add(nanos, [5000 * value, 5100 * (1 - value), 900 * value]);
      if (index % 10 !== 0) continue;
      chronicle.event({ nanos, text: "EN_5V on", isFault: index % 100 === 0 });
      chronicle.stage(nanos, stages[(index / 10) % stages.length] as (typeof stages)[number]);
    }
    const svg = drawRun({
      ...run,
      events: chronicle.events,
      eventsLeftOut: chronicle.leftOut,
      spans: chronicle.spans,
    });
    readSvg(svg);
    assert.ok(svg.length < 100_000, `${svg.length} bytes`);
    assert.match(svg, /and \d+ in between that are not shown/);
  });

  it("can be drawn before anything ran", () => {
    assert.match(drawRun(emptyRun()), /no samples/);
    readSvg(drawRun(emptyRun()));
  });

  it("is saved once, and a failed write gives an error message", () => {
    const { slot, plot } = boot({}, true);
    plot?.save();
    const path = join(folder, "null.svg");
    const first = readFileSync(path, "utf8");
    slot.runFor(100);
    plot?.save();
    assert.equal(readFileSync(path, "utf8"), first);
    const full = new PowerPlot(slot, { path: "/dev/full", fault: null, bootlogName: "" });
    assert.throws(
      () => full.save(),
      (error) =>
        error instanceof PlotError &&
        error.message === "cannot write the plot /dev/full: no space is left on the device",
    );
    full.save();
  });
});

function emptyRun(): Run {
  const nothing = { envelope: new Envelope(3), events: [], eventsLeftOut: 0, spans: [] };
  return { title: "slot-hat, seed 1", fault: null, subtitle: "", ...nothing };
}
