/**
 * Settings over power cuts: saves and erases that are cut anywhere, and the wear of the sectors. A life finds
 * the old or the new settings, never a mix.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { contract } from "../../abi/contract.ts";
import { FlashHost } from "../../simulator/logic-host/flash-host.ts";
import { Random } from "../support/logic.ts";
import {
  change,
  changeAndSave,
  compiledDriver,
  cut,
  DEFAULTS,
  life,
  settingsText,
} from "../support/settings.ts";

const RECORD_BYTES = 128;
const RECORDS_PER_SECTOR = contract.flash.sectorBytes / RECORD_BYTES;
let driver: WebAssembly.Module;

before(async () => {
  driver = await compiledDriver();
});

/** Saves until there are `operations` stages. With `aheadOften` it erases ahead whenever that is wanted. */
function operationsOf(aheadOften: boolean, operations: number): { flash: FlashHost; kept: string }[] {
  const random = new Random(aheadOften ? 3 : 4);
  const flash = new FlashHost();
  const settings = life(driver, flash);
  const stages = [];
  while (stages.length < operations) {
    const stage = new FlashHost();
    stage.copyFrom(flash);
    stages.push({ flash: stage, kept: settingsText(settings) });
    if (aheadOften && settings.eraseAheadWanted()) settings.eraseAhead();
    changeAndSave(settings, random);
  }
  return stages;
}

test("a cut anywhere on the way round all sectors, at every byte near their ends, keeps the old or the new", () => {
  // Every stage is a save, or an erase and a save. The next life skips a record that was cut.
  let cuts = 0;
  for (const ahead of [true, false]) {
    const stages = operationsOf(ahead, 5 * RECORDS_PER_SECTOR);
    for (const [index, stage] of stages.entries()) {
      const isFirstInSector = index % RECORDS_PER_SECTOR <= 1;
      const random = new Random(index);
      for (let at = 0; ; at += isFirstInSector ? 1 : 1 + random.below(32)) {
        const flash = new FlashHost(at);
        flash.copyFrom(stage.flash);
        flash.wreck = at % 2 === 0 ? "orderly" : "scattered";
        flash.cutAt = at;
        const settings = life(driver, flash);
        assert.equal(settingsText(settings), stage.kept);
        let wanted = stage.kept;
        const wasCut = cut(() => {
          if (ahead && settings.eraseAheadWanted()) settings.eraseAhead();
          change(settings, new Random(at + 1));
          wanted = settingsText(settings);
          settings.save(0n, 1);
        });
        flash.cutAt = Number.POSITIVE_INFINITY;
        const next = life(driver, flash);
        const where = `stage ${index}, cut at byte ${at}, erasing ahead ${ahead}`;
        if (!wasCut) {
          assert.equal(settingsText(next), wanted, where);
          break;
        }
        cuts++;
        assert.ok([stage.kept, wanted].includes(settingsText(next)), `${where}: ${settingsText(next)}`);
        if (index > 0) assert.equal(next.isLost(), 0, where);
        const again = changeAndSave(next, random);
        assert.equal(next.mismatches(), 0, `${where}: nothing is programmed over a half-done record`);
        assert.equal(settingsText(life(driver, flash)), again, where);
      }
    }
  }
  assert.ok(cuts > 15_000, `${cuts} cuts`);
});

test("five thousand seeded lives with cuts anywhere, one after the other, against a model", () => {
  let cuts = 0;
  for (let seed = 1; seed <= 250; seed++) {
    const random = new Random(seed);
    const flash = new FlashHost(seed);
    let kept = DEFAULTS;
    for (let lives = 0; lives < 20; lives++) {
      const where = `seed ${seed}, life ${lives}`;
      flash.wreck = random.below(2) === 0 ? "orderly" : "scattered";
      flash.cutAt = flash.steps + random.below(random.below(3) === 0 ? 12_000 : 2000);
      const settings = life(driver, flash);
      assert.equal(settingsText(settings), kept, where);
      let wanted = kept;
      const wasCut = cut(() => {
        for (let turn = 0; turn < 80; turn++) {
          if (random.below(3) === 0 && settings.eraseAheadWanted()) settings.eraseAhead();
          change(settings, random);
          wanted = settingsText(settings);
          if (settings.save(0n, 1)) kept = wanted;
        }
      });
      if (!wasCut) continue;
      cuts++;
      flash.cutAt = Number.POSITIVE_INFINITY;
      const found = settingsText(life(driver, flash));
      assert.ok(found === kept || found === wanted, `${where}: ${found}, not ${kept} or ${wanted}`);
      kept = found;
    }
  }
  assert.ok(cuts > 4000, `${cuts} cuts`);
});

test("a million saves wear the sectors alike", () => {
  const flash = new FlashHost();
  const settings = life(driver, flash);
  const saves = 1_000_000;
  for (let save = 0; save < saves; save++) {
    if (save % 64 === 0 && settings.eraseAheadWanted()) settings.eraseAhead();
    settings.setPowerWanted(save & 1 ? 0 : 1);
    if (settings.save(0n, 1) !== 1) assert.fail(`save ${save}`);
  }
  assert.equal(flash.programs, saves);
  const most = Math.max(...flash.eraseCounts);
  assert.ok(most - Math.min(...flash.eraseCounts) <= 2, `${flash.eraseCounts}`);
  const needed = saves / RECORDS_PER_SECTOR;
  const erased = flash.eraseCounts.reduce((sum, count) => sum + count);
  assert.ok(erased <= needed && erased >= needed - 5, `${erased} erases`);
  assert.equal(settings.failures(), 0);
});
