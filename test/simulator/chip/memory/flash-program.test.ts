/** Programming and erasing flash over serial commands, as the boot ROM does it (W25Q16JV datasheet, 8). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FlashCommand } from "../../../../simulator/chip/memory/flash-commands.ts";
import { PAD_OD, PAD_PDE } from "../../../../simulator/chip/memory/qspi-pins.ts";
import { XIP_BASE, XIP_NOCACHE_NOALLOC_BASE } from "../../../../simulator/chip/peripherals.ts";
import type { Rp2040 } from "../../../../simulator/chip/rp2040.ts";
import { assemble, ms, result, startChip, uf2 } from "../program.ts";
import { PAD_SD0, parkedChip, SerialFlash } from "./serial-flash.ts";

/** Erase / Program Suspend (8.2.22), which is not modelled. */
const ERASE_SUSPEND = 0x75;
const PLACE = 0x1f_0000;
const SECTOR = 4096;
const BUSY = 1;
const WEL = 2;
const warnings = (chip: Rp2040) => chip.log.warnings.map(({ source, message }) => `${source}: ${message}`);
const range = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => (first + index) & 0xff);

/** In serial mode, with no time lost on operations that are not the matter. */
function serialChip(options = {}): { chip: Rp2040; flash: SerialFlash } {
  const parked = parkedChip(options);
  parked.flash.exitXip();
  return parked;
}

test("the boot ROM's sequence leaves XIP, erases, programs, flushes and comes back, without a warning", () => {
  const { chip, flash } = parkedChip({ xipCache: true });
  flash.exitXip();
  assert.deepEqual(flash.command(FlashCommand.JEDEC_ID, [0, 0, 0]), [0xef, 0x40, 0x15]);
  flash.erase(FlashCommand.SECTOR_ERASE, PLACE);
  flash.waitReady(401_000);
  flash.program(PLACE, range(256));
  flash.waitReady(3_100);
  assert.deepEqual(flash.read(PLACE, 256), range(256));
  flash.flushCache();
  flash.enterXip();
  assert.equal(flash.load(XIP_BASE + PLACE), 0x0302_0100);
  assert.deepEqual(warnings(chip), []);
  assert.equal(chip.flash.array.eraseCounts[PLACE / SECTOR], 1);
  assert.equal(chip.flash.array.programs, 1);
});

test("continuous quad reads end by ones on all lines, pulled up or sent (8.2.34)", () => {
  for (const lastStep of [true, false]) {
    const { chip, flash } = serialChip();
    flash.enterQuadXip();
    assert.ok(chip.flash.continuousRead);
    assert.equal(flash.load(XIP_BASE), new DataView(chip.flash.bytes.buffer).getUint32(0, true));
    flash.exitXip(lastStep);
    assert.deepEqual(
      flash.command(FlashCommand.JEDEC_ID, [0, 0, 0]),
      [0xef, 0x40, 0x15],
      `last step ${lastStep}`,
    );
    assert.deepEqual(warnings(chip), []);
  }
});

test("a command in continuous read mode is taken for an address, and one with the pads off is not sent", () => {
  const { chip, flash } = serialChip();
  flash.enterQuadXip();
  flash.serialMode();
  flash.command(FlashCommand.WRITE_ENABLE);
  assert.match(warnings(chip)[0] as string, /continuous read mode is taken for an address/);
  assert.ok(chip.flash.continuousRead);
  flash.exitXip();
  flash.store(PAD_SD0, PAD_OD | PAD_PDE);
  flash.command(FlashCommand.WRITE_ENABLE);
  flash.store(PAD_SD0, 0x52);
  assert.equal(flash.status & WEL, 0);
  assert.match(warnings(chip)[1] as string, /unknown command 0h/);
});

test("programming clears bits and sets none; only 256 bytes of a page are addressed (8.2.17)", () => {
  const { chip, flash } = serialChip();
  flash.program(PLACE, [0xf0, 0x0f, 0xaa]);
  flash.waitReady(3_100);
  flash.program(PLACE, [0x3c, 0xff, 0xff]);
  flash.waitReady(3_100);
  assert.deepEqual(flash.read(PLACE, 4), [0x30, 0x0f, 0xaa, 0xff]);
  assert.deepEqual(warnings(chip), []);
  flash.program(PLACE + 0x1fe, [1, 2, 3, 4]);
  flash.waitReady(3_100);
  assert.deepEqual(flash.read(PLACE + 0x1fe, 3), [1, 2, 0xff], "the next page is untouched");
  assert.deepEqual(flash.read(PLACE + 0x100, 3), [3, 4, 0xff], "the page begins anew");
  assert.match(warnings(chip)[0] as string, /wraps within its page/);
  flash.program(PLACE + 0x300, range(258));
  flash.waitReady(3_100);
  assert.deepEqual(flash.read(PLACE + 0x300, 4), [0, 1, 2, 3], "of 258 bytes the last 256 count");
  assert.equal(chip.log.warnings.length, 2);
});

test("nothing is written without WEL, which ends with every operation (8.2.1, 8.2.2)", () => {
  const { chip, flash } = serialChip();
  flash.at(FlashCommand.PAGE_PROGRAM, PLACE, [0]);
  flash.at(FlashCommand.SECTOR_ERASE, 0);
  flash.command(FlashCommand.WRITE_ENABLE);
  assert.equal(flash.status, WEL);
  flash.command(FlashCommand.WRITE_DISABLE);
  assert.equal(flash.status, 0);
  flash.at(FlashCommand.PAGE_PROGRAM, PLACE, [0]);
  assert.deepEqual(
    warnings(chip),
    ["page program", "erase 20h", "page program"].map(
      (what) => `FLASH: ${what} without write enable is ignored`,
    ),
  );
  flash.program(PLACE, [0x55]);
  assert.equal(flash.status, BUSY | WEL);
  flash.waitReady(3_100);
  assert.equal(flash.status, 0);
  assert.deepEqual(flash.read(PLACE, 1), [0x55]);
});

test("right after power-on nothing can be write enabled (tPUW, 9.4)", () => {
  const { chip } = serialChip();
  // On its pins, since the boot ROM takes longer than that before a program can send commands.
  const enable = () => {
    chip.flash.select();
    chip.flash.exchange(0x06);
    chip.flash.deselect();
  };
  chip.powerOn();
  enable();
  assert.match(warnings(chip)[0] as string, /within 5 ms of power-on/);
  chip.runUntilNanos(chip.nanos + ms(5.1));
  enable();
  assert.equal(chip.log.warnings.length, 1);
});

test("while busy only the status is read; anything else is ignored and a warning", () => {
  const { chip, flash } = serialChip();
  flash.erase(FlashCommand.SECTOR_ERASE, PLACE);
  assert.deepEqual(flash.command(FlashCommand.JEDEC_ID, [0, 0, 0]), [0xff, 0xff, 0xff]);
  assert.deepEqual(flash.read(0, 2), [0xff, 0xff]);
  flash.command(FlashCommand.WRITE_ENABLE);
  flash.command(ERASE_SUSPEND);
  assert.deepEqual(
    warnings(chip),
    ["9f", "3", "6", "75"].map((code) => `FLASH: command ${code}h while busy is ignored`),
  );
  flash.select(0);
  flash.enterXip();
  flash.load(XIP_BASE);
  assert.match(warnings(chip)[4] as string, /XIP: read at 0x10000000: the flash is busy/);
  flash.serialMode();
  flash.waitReady(401_000);
});

test("each operation takes between its typical and its longest time, another each time (9.6)", () => {
  const durations = (code: number, limitUs: number) => {
    const { flash } = serialChip({ seed: code + 1 });
    return Array.from({ length: 6 }, () => {
      if (code === 0x02) flash.program(PLACE, [0]);
      else flash.erase(code, PLACE);
      return flash.waitReady(limitUs);
    });
  };
  for (const [code, typical, maximum] of [
    [0x02, 400, 3_000],
    [FlashCommand.SECTOR_ERASE, 45_000, 400_000],
    [FlashCommand.BLOCK_ERASE_32K, 120_000, 1_600_000],
    [FlashCommand.BLOCK_ERASE_64K, 150_000, 2_000_000],
  ] as const) {
    const taken = durations(code, maximum + 100);
    for (const us of taken) assert.ok(us >= typical - 50, `${code.toString(16)}h: ${us} us`);
    assert.ok(new Set(taken.map(Math.round)).size > 3, `${taken}`);
    assert.deepEqual(durations(code, maximum + 100), taken, "the same seed, the same times");
  }
});

test("an erase sets everything of its sector or block, and counts for each sector (8.2.18 to 21)", () => {
  const { chip, flash } = serialChip();
  chip.flash.array.takes = ({ typicalNanos }) => typicalNanos;
  const { bytes } = chip.flash;
  for (const [code, size] of [
    [FlashCommand.SECTOR_ERASE, 4096],
    [FlashCommand.BLOCK_ERASE_32K, 32_768],
    [FlashCommand.BLOCK_ERASE_64K, 65_536],
  ] as const) {
    bytes.fill(0x11, PLACE - 65_536, PLACE + 131_072 - 65_536);
    flash.erase(code, PLACE + size - 1);
    flash.waitReady(151_000);
    assert.ok(bytes.subarray(PLACE, PLACE + size).every((byte) => byte === 0xff));
    assert.equal(bytes[PLACE - 1], 0x11);
    if (PLACE + size < PLACE + 65_536) assert.equal(bytes[PLACE + size], 0x11);
  }
  const { eraseCounts } = chip.flash.array;
  assert.deepEqual(
    [...eraseCounts.subarray(PLACE / SECTOR - 1, PLACE / SECTOR + 9)],
    [0, 3, 2, 2, 2, 2, 2, 2, 2, 1],
  );
  flash.command(FlashCommand.WRITE_ENABLE);
  flash.command(FlashCommand.CHIP_ERASE);
  flash.waitReady(5_001_000);
  assert.ok(bytes.every((byte) => byte === 0xff));
  flash.command(FlashCommand.WRITE_ENABLE);
  flash.command(FlashCommand.SECTOR_ERASE, [0, 0]);
  assert.match(warnings(chip)[0] as string, /erase 20h with 2 bytes behind it is ignored/);
});

const popcount = (bytes: Uint8Array) =>
  bytes.reduce((sum, byte) => sum + [...byte.toString(2)].filter((digit) => digit === "1").length, 0);

test("power lost in a program leaves some of its bits programmed, more the later", () => {
  const programmed: number[] = [];
  for (const part of [0, 0.25, 0.5, 0.75, 0.999]) {
    const { chip, flash } = serialChip();
    chip.flash.array.takes = () => 10e6;
    chip.flash.bytes.fill(0xf7, PLACE, PLACE + 256);
    flash.program(PLACE, new Array(128).fill(0x0f));
    chip.runUntilNanos(chip.nanos + part * 10e6);
    chip.powerOn();
    const left = chip.flash.bytes.slice(PLACE, PLACE + 256);
    assert.ok(left.subarray(0, 128).every((byte) => (byte & 0x07) === 0x07 && !(byte & 0x08)));
    assert.ok(left.subarray(128).every((byte) => byte === 0xf7));
    programmed.push(128 * 7 - popcount(left.subarray(0, 128)));
    chip.runUntilNanos(chip.nanos + ms(20));
    flash.exitXip();
    assert.equal(flash.status, 0, "what was under way is forgotten");
    assert.deepEqual(warnings(chip), []);
  }
  assert.deepEqual(
    programmed,
    [...programmed].sort((one, other) => one - other),
  );
  assert.ok(programmed[0] === 0 || (programmed[0] as number) < 20, `${programmed}`);
  assert.ok((programmed[2] as number) > 200 && (programmed[2] as number) < 320, `${programmed}`);
  assert.ok((programmed[4] as number) > 500, `${programmed}`);
});

test("power lost in an erase leaves a mix in its sector and nothing else", () => {
  const left = [0, 0.2, 0.5, 0.7, 0.95].map((part) => {
    const { chip, flash } = serialChip({ seed: 7 });
    chip.flash.array.takes = () => 100e6;
    const around = chip.flash.bytes.subarray(PLACE - SECTOR, PLACE + 2 * SECTOR);
    around.fill(0x33);
    flash.erase(FlashCommand.SECTOR_ERASE, PLACE);
    chip.runUntilNanos(chip.nanos + part * 100e6);
    chip.powerOn();
    assert.ok(around.subarray(0, SECTOR).every((byte) => byte === 0x33));
    assert.ok(around.subarray(2 * SECTOR).every((byte) => byte === 0x33));
    return around.slice(SECTOR, 2 * SECTOR);
  });
  const unlike = (bytes: Uint8Array, byte: number) => bytes.filter((one) => one !== byte).length;
  const [first, early, middle, late, last] = left as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  assert.ok(unlike(first, 0x33) > 0 && unlike(first, 0x33) < SECTOR, "some pages not begun");
  assert.ok(popcount(early) < SECTOR * 3 && unlike(early, 0) > 0);
  assert.ok(popcount(middle) < popcount(late) && popcount(late) < popcount(last));
  assert.ok(unlike(last, 0xff) > 0, "not yet done");
});

test("a reset by command ends an operation, half done, and is itself obeyed after 30 us (8.2.33, 9.6)", () => {
  const { chip, flash } = serialChip();
  chip.flash.bytes.fill(0, PLACE, PLACE + SECTOR);
  chip.flash.array.takes = () => Number.POSITIVE_INFINITY;
  flash.erase(FlashCommand.SECTOR_ERASE, PLACE);
  flash.wait(500_000);
  assert.equal(flash.status, BUSY | WEL);
  flash.command(FlashCommand.ENABLE_RESET);
  flash.command(FlashCommand.RESET_DEVICE);
  flash.wait(31);
  assert.equal(flash.status, 0);
  assert.deepEqual(warnings(chip), [
    "FLASH: reset by command in the middle of an operation leaves it half done",
  ]);
  chip.flash.array.takes = () => 1000;
  flash.program(0, [0]);
  assert.deepEqual(
    flash.command(FlashCommand.JEDEC_ID, [0, 0, 0]),
    [0xef, 0x40, 0x15],
    "and goes on as before",
  );
  chip.flash.ignoresReset = true;
  chip.flash.array.takes = () => Number.POSITIVE_INFINITY;
  flash.program(PLACE, [0]);
  flash.command(FlashCommand.ENABLE_RESET);
  flash.command(FlashCommand.RESET_DEVICE);
  flash.wait(100);
  assert.equal(flash.status & BUSY, BUSY);
});

test("the cache gives what it has until FLUSH, whatever flash has become (2.6.3.2)", () => {
  const { chip, flash } = parkedChip({ xipCache: true });
  // The core reads: only it goes through the cache.
  const read = (address: number) =>
    (chip.bus as unknown as { load32(at: number): number }).load32(address) >>> 0;
  chip.flash.array.takes = () => 1000;
  const [changed, unread] = [XIP_BASE + PLACE, XIP_BASE + PLACE + 4];
  assert.equal(read(changed), 0xffff_ffff);
  flash.exitXip();
  flash.program(PLACE, [1, 2, 3, 4, 5, 6, 7, 8]);
  flash.waitReady(100);
  flash.select(0);
  flash.enterXip();
  assert.equal(read(unread), 0x0807_0605, "not cached before");
  assert.equal(read(XIP_NOCACHE_NOALLOC_BASE + PLACE), 0x0403_0201, "past the cache");
  assert.deepEqual(warnings(chip), []);
  assert.equal(read(changed), 0xffff_ffff);
  assert.match(
    warnings(chip)[0] as string,
    /the cache has not been flushed since flash changed at 0x101f0000/,
  );
  flash.flushCache();
  assert.equal(read(changed), 0x0403_0201);
  assert.equal(chip.log.warnings.length, 1);
});

test("a larger flash says its size, and takes the same commands", () => {
  const { chip, flash } = serialChip({ flashBytes: 16 << 20 });
  assert.deepEqual(flash.command(FlashCommand.JEDEC_ID, [0, 0, 0]), [0xef, 0x40, 0x18]);
  assert.deepEqual(flash.command(FlashCommand.RELEASE_POWER_DOWN, [0, 0, 0, 0]).at(-1), 0x17);
  flash.program(0xff_ff00, [7]);
  flash.waitReady(3_100);
  assert.equal(chip.flash.bytes[0xff_ff00], 7);
  assert.deepEqual(warnings(chip), []);
});

test("the boot ROM waits for a busy flash, but not for ever", () => {
  for (const [nanos, state] of [
    [400e6, "running"],
    [700e6, "boot-rom"],
  ] as const) {
    const image = uf2(assemble("main:\n put results, 0x1234\n b ."));
    const chip = startChip("", { image });
    chip.runUntilNanos(ms(20));
    chip.bus.sram.fill(0);
    const flash = new SerialFlash(chip);
    chip.flash.array.takes = () => nanos;
    // The core cannot run from flash meanwhile; this test does not look at what it does.
    flash.exitXip();
    flash.erase(FlashCommand.SECTOR_ERASE, PLACE);
    chip.pressRun();
    chip.runUntilNanos(chip.nanos + ms(650));
    assert.equal(chip.state, state);
    assert.equal(result(chip), state === "running" ? 0x1234 : 0);
  }
});
