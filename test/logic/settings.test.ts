/**
 * Settings over lives of the logic: how often they are saved, and flash that fails or holds garbage. Every
 * life ends its start. Power cuts are in settings-cuts.test.ts.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { contract } from "../../abi/contract.ts";
import { Flash as FlashResult, Signal } from "../../simulator/generated/abi.ts";
import { FlashHost, type FlashOperation } from "../../simulator/logic-host/flash-host.ts";
import { LogicHost, LogicTrap } from "../../simulator/logic-host/logic-host.ts";
import { builtLogic, LogicUnderTest, Random } from "../support/logic.ts";
import { change, changeAndSave, compiledDriver, DEFAULTS, life, settingsText } from "../support/settings.ts";

const { regionBytes, sectorBytes } = contract.flash;
const RECORD_BYTES = 128;
const RECORDS_PER_SECTOR = sectorBytes / RECORD_BYTES;
let driver: WebAssembly.Module;

before(async () => {
  driver = await compiledDriver();
});

test("an empty flash means defaults; saved settings are there in the next life, field by field", () => {
  const flash = new FlashHost();
  const first = life(driver, flash);
  assert.equal(settingsText(first), DEFAULTS);
  assert.equal(first.isLost(), 0);
  assert.equal(first.save(0n, 1), 1);
  assert.equal(flash.steps, 0, "nothing changed, nothing written");
  first.setRestorePolicy(2);
  first.setPowerWanted(1);
  for (let channel = 0; channel < 5; channel++) {
    assert.equal(first.setAdcOffset(channel, channel * 7 - 1024), 1);
    assert.equal(first.setAdcGain(channel, 65_000 + channel), 1);
  }
  assert.equal(first.save(0n, 1), 1);
  assert.equal(flash.programs, 1);
  const second = life(driver, flash);
  assert.equal(settingsText(second), "2 1 -1024 65000 -1017 65001 -1010 65002 -1003 65003 -996 65004");
  assert.deepEqual([second.isDirty(), second.saves(), second.unreadable()], [0, 0, 0]);
  assert.deepEqual(flash.eraseCounts, [0, 0, 0, 0]);
});

test("values out of range are refused and change nothing", () => {
  const settings = life(driver, new FlashHost());
  assert.equal(settings.setRestorePolicy(3), 0);
  assert.equal(settings.setRestorePolicy(-1), 0);
  for (const offset of [-4097, 4097, 2 ** 31 - 1, -(2 ** 31)])
    assert.equal(settings.setAdcOffset(0, offset), 0);
  for (const gain of [0, 58_981, 72_091, -1]) assert.equal(settings.setAdcGain(4, gain), 0);
  for (const channel of [-1, 5]) {
    assert.equal(settings.setAdcOffset(channel, 1), 0);
    assert.equal(settings.setAdcGain(channel, 65_537), 0);
    assert.deepEqual([settings.adcOffset(channel), settings.adcGain(channel)], [0, 65_536]);
  }
  assert.equal(settingsText(settings), DEFAULTS);
  assert.equal(settings.isDirty(), 0);
  assert.deepEqual([settings.setAdcOffset(0, -1024), settings.setAdcGain(4, 72_090)], [1, 1]);
});

test("changes within 100 ms are one save, unless a save is forced", () => {
  const flash = new FlashHost();
  const settings = life(driver, flash);
  assert.equal(settings.deadline_us(), BigInt.asIntN(64, contract.noDeadline));
  const at = (now_us: bigint, policy: number) => {
    settings.setRestorePolicy(policy);
    return settings.save(now_us, 0);
  };
  assert.deepEqual([at(5n, 1), at(6n, 2), at(100_004n, 1)], [1, 0, 0]);
  assert.equal(settings.deadline_us(), 100_005n);
  assert.equal(settings.save(100_005n, 0), 1);
  assert.equal(flash.programs, 2);
  assert.equal(at(100_006n, 0), 0);
  assert.equal(settings.save(100_007n, 1), 1);
  assert.equal(flash.programs, 3);
});

test("constant changes get 256 saves, then one in 10 s; a rest earns them back", () => {
  const flash = new FlashHost();
  const settings = life(driver, flash);
  let policy = 0;
  const savesFrom = (from_us: bigint, to_us: bigint): number => {
    const before = flash.programs;
    for (let now_us = from_us; now_us < to_us; now_us += 100_000n) {
      policy = 1 - policy;
      settings.setRestorePolicy(policy);
      settings.save(now_us, 0);
    }
    return flash.programs - before;
  };
  const first = savesFrom(0n, 100_000_000n);
  assert.ok(first >= 256 && first <= 267, `${first} in the first 100 s`);
  const next = savesFrom(100_000_000n, 1_100_000_000n);
  assert.ok(next >= 99 && next <= 101, `${next} in the next 1000 s`);
  assert.ok(settings.isDirty(), "the last change is still to be saved");
  // More than two hours earn 800 saves, and no more than 256 of them may follow one another.
  const rested = savesFrom(9_000_000_000n, 9_100_000_000n);
  assert.ok(rested >= 256 && rested <= 267, `${rested} in 100 s after hours of rest`);
});

test("forced saves use the credit up, and earn none", () => {
  const settings = life(driver, new FlashHost());
  let policy = 0;
  const saveAt = (now_us: bigint, forced: number) => {
    policy = 1 - policy;
    settings.setRestorePolicy(policy);
    return settings.save(now_us, forced);
  };
  for (let save = 0; save < 300; save++) assert.equal(saveAt(0n, 1), 1);
  assert.equal(settings.deadline_us(), BigInt.asIntN(64, contract.noDeadline), "all is saved");
  assert.equal(saveAt(9_999_999n, 0), 0);
  assert.equal(settings.deadline_us(), 10_000_000n);
  assert.equal(saveAt(10_000_000n, 0), 1);
  assert.equal(saveAt(19_999_999n, 0), 0);
  assert.equal(saveAt(20_000_000n, 0), 1);
});

test("after a failed save the next try comes 10 s later, unless it is forced", () => {
  const flash = new FlashHost();
  const settings = life(driver, flash);
  flash.fault = () => FlashResult.TIMEOUT;
  settings.setRestorePolicy(1);
  assert.equal(settings.save(5n, 0), 0);
  assert.deepEqual([settings.failures(), settings.saves()], [1, 0]);
  assert.equal(settings.deadline_us(), 10_000_005n);
  flash.fault = () => FlashResult.OK;
  assert.equal(settings.save(10_000_004n, 0), 0);
  assert.equal(settings.save(10_000_004n, 1), 1);
  assert.deepEqual([settings.failures(), settings.saves()], [1, 1]);
});

test("each setting set to another value is a change, and set to its own is none", () => {
  const settings = life(driver, new FlashHost());
  const setters = [
    (value: number) => settings.setRestorePolicy(value),
    (value: number) => settings.setPowerWanted(value),
    (value: number) => settings.setAdcOffset(4, value),
    (value: number) => settings.setAdcGain(4, 65_536 + value),
  ];
  for (const [index, set] of setters.entries()) {
    set(0);
    assert.equal(settings.isDirty(), 0, `setter ${index}, the default`);
    set(1);
    assert.equal(settings.isDirty(), 1, `setter ${index}`);
    assert.equal(settings.save(0n, 1), 1);
    set(1);
    assert.equal(settings.isDirty(), 0, `setter ${index}, the same`);
  }
  assert.equal(settings.setRestorePolicy(2), 1, "the last policy there is");
});

test("garbage, an older layout and values out of range are lost, reported and counted", () => {
  const garbage = new FlashHost();
  const random = new Random(9);
  for (let at = 0; at < regionBytes; at++) garbage.bytes[at] = random.below(256);
  const lost = life(driver, garbage);
  assert.deepEqual([settingsText(lost), lost.isLost(), lost.unreadable()], [DEFAULTS, 1, 128]);
  assert.equal(settingsText(life(driver, garbage)), DEFAULTS);
  const kept = changeAndSave(lost, random);
  assert.equal(lost.erases(), 1);
  assert.equal(settingsText(life(driver, garbage)), kept);

  for (const [offset, value, damaged] of [
    [4, 2, 0],
    [4, 0, 0],
    [16, 3, 0],
    [20, 2, 0],
    [24, 4097, 0],
    [60, 58_981, 0],
  ] as const) {
    const flash = new FlashHost();
    changeAndSave(life(driver, flash), random);
    const view = new DataView(flash.bytes.buffer);
    view.setUint32(offset, value, true);
    view.setUint32(124, crcOf(flash.bytes.subarray(0, 124)), true);
    const settings = life(driver, flash);
    assert.deepEqual(
      [settingsText(settings), settings.isLost(), settings.unreadable()],
      [DEFAULTS, 1, damaged],
    );
    const next = changeAndSave(settings, random);
    assert.equal(settingsText(life(driver, flash)), next, "the next record wins");
    assert.equal(flash.eraseCounts[0], 0);
  }
});

/** A second CRC-32, bit by bit from its definition. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}

test("any flipped bit of the newest record makes the one before it count", () => {
  const flash = new FlashHost();
  const random = new Random(5);
  const settings = life(driver, flash);
  const [older] = [changeAndSave(settings, random), changeAndSave(settings, random)];
  for (let bit = 0; bit < RECORD_BYTES * 8; bit++) {
    const turned = new FlashHost();
    turned.copyFrom(flash);
    (turned.bytes[RECORD_BYTES + (bit >> 3)] as number) ^= 1 << (bit & 7);
    const next = life(driver, turned);
    assert.deepEqual([settingsText(next), next.isLost(), next.unreadable()], [older, 0, 1], `bit ${bit}`);
  }
});

test("a record that cannot be programmed is skipped, and a flash that does not answer is left alone", () => {
  const flash = new FlashHost();
  const random = new Random(6);
  const settings = life(driver, flash);
  const kept = changeAndSave(settings, random);
  let bad = 2;
  flash.fault = () => (bad-- > 0 ? FlashResult.MISMATCH : FlashResult.OK);
  const again = changeAndSave(settings, random);
  assert.deepEqual([settings.mismatches(), settings.failures(), flash.programs], [2, 0, 4]);
  assert.notEqual(again, kept);

  flash.fault = () => FlashResult.MISMATCH;
  change(settings, random);
  assert.equal(settings.save(1_000_000n, 0), 0);
  assert.deepEqual([settings.failures(), flash.programs, settings.isDirty()], [1, 7, 1]);
  flash.fault = () => FlashResult.TIMEOUT;
  assert.equal(settings.save(2_000_000n, 0), 0, "not before 10 s have gone");
  assert.equal(flash.programs, 7);
  assert.equal(settings.save(11_000_000n, 0), 0);
  assert.deepEqual([settings.timeouts(), settings.failures(), flash.programs], [1, 2, 8]);
  assert.equal(settingsText(life(driver, flash)), again, "the saved settings are still there");
  flash.fault = () => FlashResult.OK;
  assert.equal(settings.save(21_000_000n, 0), 1);
  assert.equal(settingsText(life(driver, flash)), settingsText(settings));
});

test("a sector that cannot be erased is skipped, and the newest record's sector is never touched", () => {
  const flash = new FlashHost();
  const random = new Random(7);
  const settings = life(driver, flash);
  let newest = 0;
  const operations: FlashOperation[] = [];
  flash.onOperation = (operation) => operations.push(operation);
  flash.fault = ({ kind, offset }) =>
    kind === "erase" && offset === sectorBytes ? FlashResult.MISMATCH : FlashResult.OK;
  for (let save = 0; save < 400; save++) {
    change(settings, random);
    const before = settingsText(life(driver, flash));
    operations.length = 0;
    const isKept = settings.save(0n, 1);
    for (const { kind, offset } of operations) {
      if (kind === "erase") assert.notEqual(offset, newest - (newest % sectorBytes), `save ${save}`);
    }
    assert.ok(operations.filter(({ kind }) => kind === "erase").length <= 1, "one erase a save");
    if (isKept) newest = operations.at(-1)?.offset ?? 0;
    assert.equal(settingsText(life(driver, flash)), isKept ? settingsText(settings) : before, `save ${save}`);
    if (!isKept) assert.equal(settings.save(0n, 1), 1, "the next try goes elsewhere");
    if (!isKept) newest = operations.at(-1)?.offset ?? 0;
  }
  assert.ok(settings.failures() >= 3 && settings.failures() <= 5, `${settings.failures()} failures`);
  assert.ok((flash.eraseCounts[2] as number) >= 3);

  // When every sector but the newest record's has failed, the saved settings stay for ever.
  const last = settingsText(life(driver, flash));
  const held = Math.floor(newest / sectorBytes);
  flash.fault = ({ offset }) =>
    Math.floor(offset / sectorBytes) === held ? FlashResult.OK : FlashResult.MISMATCH;
  let lastKept = last;
  for (let save = 0; save < 100; save++) {
    change(settings, random);
    if (settings.save(0n, 1)) lastKept = settingsText(settings);
  }
  assert.equal(settingsText(life(driver, flash)), lastKept);
  assert.equal(settings.isDirty(), 1);
});

test("erasing ahead is wanted when the next sector is not blank, and not again after it failed", () => {
  const flash = new FlashHost();
  const random = new Random(8);
  const settings = life(driver, flash);
  assert.equal(settings.eraseAheadWanted(), 0, "a new flash is blank");
  for (let save = 0; save < 3 * RECORDS_PER_SECTOR + 1; save++) changeAndSave(settings, random);
  assert.equal(settings.eraseAheadWanted(), 1, "in the last sector the first comes next");
  settings.eraseAhead();
  assert.deepEqual([settings.eraseAheadWanted(), flash.eraseCounts], [0, [1, 0, 0, 0]]);
  settings.eraseAhead();
  assert.equal(settings.erases(), 1, "without need it does nothing");
  for (let save = 0; save < RECORDS_PER_SECTOR; save++) changeAndSave(settings, random);
  assert.equal(settings.erases(), 1, "the saves found it erased");
  assert.equal(settings.eraseAheadWanted(), 1);
  flash.fault = () => FlashResult.TIMEOUT;
  settings.eraseAhead();
  assert.deepEqual([settings.eraseAheadWanted(), settings.timeouts()], [0, 1]);
});

test("the built logic loads its settings at the start, reports lost ones, and shows the state", () => {
  const slot = new LogicUnderTest();
  assert.match(slot.type("status\r"), /settings {5}defaults; 0 saves, 0 failed, 0 erases, 0 unreadable\r\n/);
  const flash = new FlashHost();
  flash.bytes.fill(0x5a);
  const host = new LogicHost(builtLogic(), {}, flash);
  host.start();
  host.receive(1, "status\r");
  host.advance(1000n);
  assert.match(host.sentText(1), /\] settings: defaults, those kept are unreadable\r\n/);
  assert.match(
    host.sentText(1),
    /settings {5}defaults, those kept are unreadable; 0 .*\s+128 unreadable\r\n/,
  );
});

test("the logic erases ahead only when the slot has been off for 10 s", () => {
  const flash = new FlashHost();
  flash.bytes.fill(0x00, sectorBytes, 2 * sectorBytes); // the sector after the one in use
  changeAndSave(life(driver, flash), new Random(1));
  const host = new LogicHost(builtLogic(), {}, flash);
  host.signals = Signal.PRESENT;
  host.start();
  const wait = (ms: number) => host.advance(host.now_us + BigInt(ms) * 1000n);
  wait(5000);
  host.receive(1, "power on\r");
  wait(2);
  host.setInputs(Signal.PG_RAIL_0, Signal.PG_RAIL_0);
  wait(2);
  host.setInputs(Signal.PG_RAIL_1, Signal.PG_RAIL_1);
  wait(60_000);
  assert.deepEqual(flash.eraseCounts, [0, 0, 0, 0], "an erase would hold up a slot that runs");
  host.receive(1, "power force-off --yes\r");
  wait(2);
  host.setInputs(Signal.PG_RAIL_0 | Signal.PG_RAIL_1, 0);
  wait(9900);
  assert.deepEqual(flash.eraseCounts, [0, 0, 0, 0]);
  wait(300);
  assert.deepEqual(flash.eraseCounts, [0, 1, 0, 0]);
  wait(60_000);
  assert.deepEqual(flash.eraseCounts, [0, 1, 0, 0], "once");
});

test("a reboot right after a change keeps it, and a change that must wait says so", () => {
  const flash = new FlashHost();
  const policyAfter = (...lines: string[]) => {
    const host = new LogicHost(builtLogic(), {}, flash);
    host.start();
    host.advance(1000n);
    for (const line of lines) {
      host.receive(1, `${line}\r`);
      host.handle(0);
    }
    host.advance(host.now_us + 5000n);
    return host;
  };
  // The second change comes within the pause after the save of the first one.
  assert.ok(policyAfter("policy always-on", "policy always-off", "reboot --yes").restartRequested);
  assert.match(policyAfter("policy").sentText(1), /policy {7}always-off\r\n/);

  flash.fault = () => FlashResult.MISMATCH;
  const failing = policyAfter("policy last", "policy always-on", "reboot --yes");
  assert.match(failing.sentText(1), /policy always-on\r\nnot saved yet: flash is written in 10 s, /);
  assert.match(failing.sentText(1), /warning: flash does not take the last settings, they are lost\r\n/);
  assert.ok(failing.restartRequested, "the BMC restarts all the same");
  flash.fault = () => FlashResult.OK;
  const again = policyAfter("policy");
  assert.match(again.sentText(1), /policy {7}always-off\r\n/);
  assert.doesNotMatch(again.sentText(1), /not saved yet/);
});

test("flash beyond the logic's part is a trap", () => {
  const flash = new FlashHost();
  const reading = (offset: number, length: number) => {
    const host = new LogicHost(
      driver,
      {
        time_us: () => {
          (host as unknown as { imports(): Record<string, (...parameters: number[]) => number> })
            .imports()
            .flash_read?.(offset, 0, length);
          return 0n;
        },
      },
      flash,
    );
    host.start();
  };
  reading(regionBytes - 4, 4);
  for (const [offset, length] of [
    [regionBytes, 1],
    [regionBytes - 4, 5],
    [-1, 1],
    [-4, 8],
  ] as const)
    assert.throws(() => reading(offset, length), LogicTrap);
});
