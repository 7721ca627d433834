/**
 * Settings on the image: they survive power cuts at any instant, and the SMBus and the serial lines work
 * while flash is busy. The last tests use a flash that stays busy.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { ENGINES } from "../../../boards/image.ts";
import { readSymbols } from "../../../simulator/tools/elf.ts";
import { TraceRecorder } from "../../../simulator/tools/trace.ts";
import {
  asserted,
  assertNoWarnings,
  buildDirectory,
  command,
  powerUp,
} from "../../support/simulated-slot.ts";
import { busOf, setFlash } from "../smbus/smbus-parked.ts";
import { ADDRESS, hex, SlotBus, SPEEDS } from "../smbus/smbus-slot.ts";
import { buildSettingsImage, REGION, SECTOR_BYTES, SettingsSlot } from "./settings-slot.ts";

before(async () => {
  for (const engine of ENGINES) await buildSettingsImage(engine);
});

const settingsLine = (slot: SettingsSlot) => /settings {5}(.*)\r/.exec(command(slot, "status"))?.[1];

for (const engine of ENGINES) {
  test(`under ${engine} saved settings are there when the supply comes back`, () => {
    const slot = new SettingsSlot({ engine, xipCache: true }).start();
    assert.equal(settingsLine(slot), "defaults; 0 saves, 0 failed, 0 erases, 0 unreadable");
    for (const offset of [-1024, 77, 999]) slot.save(offset);
    slot.order("setRestorePolicy", 2);
    slot.runFor(110);
    assert.equal(settingsLine(slot), "saved; 4 saves, 0 failed, 0 erases, 0 unreadable");
    assert.equal(slot.chip.flash.array.programs, 4);
    slot.start();
    assert.equal(slot.order("adcOffset"), 999);
    assert.equal(slot.order("restorePolicy"), 2);
    assert.equal(settingsLine(slot), "as kept; 0 saves, 0 failed, 0 erases, 0 unreadable");
    assertNoWarnings(slot);
  });
}

test("a save flushes the old contents of flash from the cache", () => {
  const slot = new SettingsSlot({ xipCache: true }).start();
  const systemBus = busOf(slot);
  const read = () => systemBus.load32(0x1000_0000 + REGION) >>> 0;
  const set = systemBus.setXipBytes.bind(systemBus);
  const words: number[] = [];
  let away = false;
  systemBus.setXipBytes = (bytes) => {
    // The read comes right before flash becomes busy, so that nothing can replace the word in the cache.
    if (bytes === 0 && !away) words.push(read());
    if (bytes !== 0 && away) slot.chip.schedule(50_000, () => words.push(read()));
    away = bytes === 0;
    set(bytes);
  };
  slot.save(1);
  assert.deepEqual(words, [0xffff_ffff, 0x0153_4252]);
  assertNoWarnings(slot);
});

test("a save makes flash busy for half a millisecond, an erase for 45 ms, and the pass lasts as long", () => {
  const slot = new SettingsSlot({ xipCache: true }).start();
  slot.soil(1);
  slot.save(1);
  const spans = slot.watchFlashAway();
  const elf = readFileSync(`${buildDirectory("settings-aot")}/firmware.elf`);
  const recorder = new TraceRecorder(slot.chip, readSymbols(elf));
  slot.save(2);
  recorder.stop();
  const saving = recorder.passes.find(({ calls }) => calls.some(({ name }) => name === "flash_program"));
  const pass_us = (saving?.cycles ?? 0) / 125;
  assert.ok(pass_us > 700 && pass_us < 1100, `a pass that saves: ${pass_us} us`);
  const [save] = spans.splice(0) as [number];
  assert.ok(save > 400 && save < 550, `save: ${save} us`);
  slot.order("eraseAhead");
  const [erase] = spans as [number];
  assert.ok(erase > 45_000 && erase < 45_150, `erase: ${erase} us`);
  const longest = Number(/the longest (\d+) us/.exec(command(slot, "status"))?.[1]);
  assert.ok(longest > 45_000 && longest < 47_000, `pass: ${longest} us`);
  assert.equal(slot.chip.flash.array.eraseCounts[REGION / SECTOR_BYTES + 1], 1);
  slot.chip.flash.array.takes = ({ maximumNanos }) => maximumNanos;
  spans.length = 0;
  slot.save(3);
  slot.soil(1);
  slot.start();
  slot.order("eraseAhead");
  const [longestSave, longestErase] = spans.filter((span) => span > 1000) as [number, number];
  assert.ok(longestSave < 3150, `save at its longest: ${longestSave} us`);
  assert.ok(longestErase < 400_150, `erase at its longest: ${longestErase} us`);
  assertNoWarnings(slot);
});

test("power lost while flash is programmed leaves the old or the new setting, and the next save works", () => {
  const outcomes = new Set<number>();
  for (const part of [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999]) {
    const slot = new SettingsSlot({ seed: 1 + Math.round(part * 1000) }).start();
    slot.save(11);
    slot.chip.flash.array.takes = () => 2e6;
    slot.post("setAdcOffset", 22);
    slot.runUntil(() => slot.chip.flash.busy, 500, "the program");
    slot.runFor(2 * part);
    slot.start();
    const found = slot.order("adcOffset");
    assert.ok(found === 11 || found === 22, `cut at ${part}: ${found}`);
    outcomes.add(found);
    slot.save(33);
    slot.start();
    assert.equal(slot.order("adcOffset"), 33);
    assertNoWarnings(slot);
  }
  assert.ok(outcomes.has(11), "some cuts came too early");
});

test("power lost during an erase leaves the saved settings, and the next save works", () => {
  for (const part of [0, 0.2, 0.5, 0.8, 0.999]) {
    const slot = new SettingsSlot({ seed: 1 + Math.round(part * 1000) });
    slot.soil(1);
    slot.start();
    slot.save(11);
    slot.post("eraseAhead");
    slot.runUntil(() => slot.chip.flash.busy, 500, "the erase");
    slot.runFor(45 * part);
    slot.start();
    assert.equal(slot.order("adcOffset"), 11, `cut at ${part}`);
    slot.order("eraseAhead");
    slot.save(22);
    slot.start();
    assert.equal(slot.order("adcOffset"), 22);
    assert.equal(slot.chip.flash.array.eraseCounts[REGION / SECTOR_BYTES + 1], 2);
    assertNoWarnings(slot);
  }
});

test("forty saves pass the end of a sector, and the longest erase causes no restart", () => {
  const slot = new SettingsSlot();
  slot.soil(1);
  slot.start();
  slot.chip.flash.array.takes = ({ maximumNanos }) => maximumNanos;
  for (let save = 1; save <= 40; save++) slot.save(save);
  slot.start();
  assert.equal(slot.order("adcOffset"), 40);
  assert.equal(slot.chip.flash.array.eraseCounts[REGION / SECTOR_BYTES + 1], 1);
  assert.equal(slot.chip.resets.length, 2, "both of them the supply's");
  assertNoWarnings(slot);
});

test("during an erase prepared reads of the SMBus are answered as usual, and writes take effect afterwards", () => {
  for (const hz of SPEEDS) {
    const slot = new SettingsSlot();
    slot.soil(1);
    slot.start();
    slot.save(1);
    slot.smbus.hz = hz;
    const bus = new SlotBus(slot, { address: ADDRESS });
    const names = ["READ_TEMPERATURE_1", "STATUS_WORD", "MFR_MODEL", "OT_FAULT_LIMIT"] as const;
    slot.chip.flash.array.takes = () => 400e6;
    slot.post("eraseAhead");
    slot.runUntil(() => slot.chip.flash.busy, 500, "the erase");
    const before = names.map((name) => hex(bus.bytes(name)));
    let reads = 0;
    const until = slot.chip.nanos + 380e6;
    while (slot.chip.nanos < until) {
      for (const [index, name] of names.entries()) {
        const outcome = bus.done(bus.reading(name));
        assert.ok(slot.chip.flash.busy, "all in the same erase");
        assert.equal(hex(outcome.data), before[index], name);
        assert.ok(outcome.largestStretchNanos <= 1e9 / hz, `${name}: ${outcome.largestStretchNanos} ns`);
        reads++;
      }
      slot.runFor(3);
    }
    assert.ok(reads > 100, `${reads} reads`);
    bus.write("MFR_IDENTIFY", 1);
    assert.equal(asserted(slot, "LED_IDENTIFY"), false);
    slot.runFor(50);
    assert.ok(asserted(slot, "LED_IDENTIFY"), "a write during the erase takes effect afterwards");
    assert.equal(slot.chip.resets.length, 1, slot.describe());
    assertNoWarnings(slot);
  }
});

test("saves lose no byte of the boot log or of the console's input", () => {
  const slot = new SettingsSlot().start();
  powerUp(slot);
  slot.chip.flash.array.takes = ({ maximumNanos }) => maximumNanos;
  let saves = 0;
  while (!slot.compute.bootlogFinished) {
    slot.post("setAdcOffset", ++saves);
    slot.runUntil(() => slot.chip.flash.busy, 1000, "a save");
    slot.runFor(101);
  }
  assert.ok(saves > 30, `${saves} saves`);
  slot.chip.flash.array.takes = () => 3e6;
  slot.post("setAdcOffset", ++saves);
  slot.runUntil(() => slot.chip.flash.busy, 500, "a save");
  slot.terminal.type("status\r");
  const status = slot.expect(/status\r\n[\s\S]*bmc> /, 2000)[0];
  const { length } = slot.compute.sent;
  assert.match(status, new RegExp(`boot log {5}${length} bytes captured, 0 dropped`));
  assert.match(status, /line errors {2}0 overruns, 0 framing, 0 parity/);
  assert.match(status, /console {6}0 bytes lost in, 0 out/);
  const counts = /settings {5}(?:saved|not saved yet); (\d+) saves, 0 failed, \d erases, 0 unreadable/;
  const [, saved] = counts.exec(status) ?? [];
  assert.ok(Number(saved) > saves - 10, `${saved} of ${saves}, some of them two in one`);
  assertNoWarnings(slot);
});

test("the handlers of the serial lines fetch and read nothing from flash", () => {
  const slot = new SettingsSlot().start();
  powerUp(slot);
  const { cpu } = busOf(slot);
  const serial = [16 + 20, 16 + 21];
  const entered = new Map<number, number>();
  let away = false;
  slot.chip.trace = () => {
    const inHandler = serial.includes(cpu.IPSR);
    if (inHandler === away) return;
    setFlash(slot, !inHandler);
    away = inHandler;
    if (inHandler) entered.set(cpu.IPSR, (entered.get(cpu.IPSR) ?? 0) + 1);
  };
  command(slot, "status");
  slot.terminal.type("log -f\r");
  slot.runFor(500);
  for (const exception of serial) assert.ok((entered.get(exception) ?? 0) > 10, `${exception} was traced`);
  assertNoWarnings(slot);
});

test("a save is read back, and a record with a wrong bit is skipped", () => {
  const slot = new SettingsSlot().start();
  const { array } = slot.chip.flash;
  const changed = array.onChange;
  let worn = true;
  array.onChange = (from, beforehand) => {
    changed(from, beforehand);
    if (worn) (array.bytes[from + 60] as number) ^= 4;
    worn = false;
  };
  slot.save(5);
  assert.equal(array.programs, 2);
  assert.equal(settingsLine(slot), "saved; 1 saves, 0 failed, 0 erases, 0 unreadable");
  slot.start();
  assert.equal(slot.order("adcOffset"), 5);
  assert.equal(settingsLine(slot), "as kept; 0 saves, 0 failed, 0 erases, 0 unreadable");
  assertNoWarnings(slot);
});

test("a flash that does not finish is reset, the BMC goes on, and the save is tried again", () => {
  const slot = new SettingsSlot().start();
  slot.save(5);
  slot.chip.flash.array.takes = () => Number.POSITIVE_INFINITY;
  const spans = slot.watchFlashAway();
  slot.order("setAdcOffset", 6);
  slot.runFor(20);
  assert.ok((spans[0] as number) > 10_000 && (spans[0] as number) < 10_400, `${spans} us`);
  assert.equal(settingsLine(slot), "not saved yet; 1 saves, 1 failed, 0 erases, 0 unreadable");
  slot.chip.flash.array.takes = ({ typicalNanos }) => typicalNanos;
  slot.runFor(10_000);
  assert.equal(settingsLine(slot), "saved; 2 saves, 1 failed, 0 erases, 0 unreadable");
  assert.deepEqual(
    slot.chip.log.warnings.map(({ message }) => message),
    ["reset by command in the middle of an operation leaves it half done"],
  );
  assert.equal(slot.chip.resets.length, 1);
  slot.start();
  assert.equal(slot.order("adcOffset"), 6);
});

test("a flash that stays busy causes a restart by the watchdog, and does not affect the compute board", () => {
  for (const [nanos, state] of [
    [1.5e9, "running"],
    [Number.POSITIVE_INFINITY, "boot-rom"],
  ] as const) {
    const slot = new SettingsSlot();
    slot.soil(1);
    slot.start();
    powerUp(slot);
    slot.save(5);
    slot.runFor(1000);
    const edges: string[] = [];
    for (const name of ["EN_3V3_AUX", "EN_5V", "COMPUTE_RUN"])
      slot.signal(name)?.onChange(() => edges.push(name));
    slot.chip.flash.ignoresReset = true;
    slot.chip.flash.array.takes = () => nanos;
    slot.post("eraseAhead");
    slot.runUntil(() => slot.chip.flash.busy, 500, "the erase");
    slot.runFor(3000);
    assert.deepEqual(edges, []);
    assert.ok(slot.compute.running);
    assert.equal(slot.chip.resets.at(-1)?.kind, "watchdog");
    assert.equal(slot.chip.state, state);
    if (state === "boot-rom") continue;
    slot.expect("bmc> ", 1000);
    assert.match(command(slot, "status"), /reset {8}watchdog, the logic hung, 1 restarts/);
    assertNoWarnings(slot);
  }
});
