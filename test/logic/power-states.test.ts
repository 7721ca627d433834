/**
 * The SMBus agrees with the table of states (abi/vocabulary.ts) in every state there is: OPERATION reads ON
 * while the slot is powered, and STATUS_WORD reports OFF for each rail that is not. Linux and rack software
 * go by both.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { State } from "../../abi/generated/vocabulary.ts";
import { powerStates } from "../../abi/vocabulary.ts";
import { Signal } from "../../simulator/generated/abi.ts";
import { RUNNING } from "../support/codes.ts";
import {
  OPERATION,
  PAGE,
  POWER_COMMAND,
  POWER_STATE,
  SmbusSlot,
  STATUS_WORD,
} from "../support/smbus-logic.ts";

const OFF_BIT = 0x40;
/** The enables of the reference board by page: page 0 is the 5 V rail. */
const ENABLE_OF_PAGE = [Signal.EN_RAIL_1, Signal.EN_RAIL_0] as const;
const COMMANDS = { cycle: 4, reset: 5 } as const;

/** A slot that is looked at after every millisecond and every write. */
class WatchedSlot extends SmbusSlot {
  readonly seen = new Set<number>();

  /** Reads power state, OPERATION and both pages' STATUS_WORD, and compares them with the table. */
  look(): void {
    const state = powerStates[this.byte(POWER_STATE)];
    assert.ok(state);
    const { name, traits } = state;
    this.seen.add(state.value);
    assert.equal(this.byte(OPERATION), traits.powered ? 0x80 : 0x00, `OPERATION in ${name}`);
    // Independent of the table: ON without a single rail enabled would be a lie.
    const isAnyEnabled = ENABLE_OF_PAGE.some((enable) => this.asserted(enable));
    if (!isAnyEnabled) assert.equal(this.byte(OPERATION), 0x00, `no rail is enabled in ${name}`);
    for (const [page, enable] of ENABLE_OF_PAGE.entries()) {
      this.write(PAGE, page);
      const isOff = (this.word(STATUS_WORD) & OFF_BIT) !== 0;
      assert.equal(isOff, !this.asserted(enable), `OFF of page ${page} in ${name}`);
      if (traits.off) assert.ok(isOff, `page ${page} is off in ${name}`);
      if (traits.on) assert.ok(!isOff, `page ${page} is on in ${name}`);
    }
  }

  watch(ms: number, isGood = true): void {
    for (let passed = 0; passed < ms; passed++) {
      if (isGood) this.live(1);
      else this.wait(1);
      this.look();
    }
  }
}

test("OPERATION and STATUS_WORD follow the table in every power state", () => {
  const slot = new WatchedSlot();
  slot.look();
  slot.write(OPERATION, 0x80);
  slot.watch(60); // RAIL_UP, RUN_DELAY, ON
  slot.supplies(RUNNING);
  slot.watch(200);
  slot.write(POWER_COMMAND, COMMANDS.reset);
  slot.watch(120); // RESETTING
  slot.write(POWER_COMMAND, COMMANDS.cycle);
  slot.look(); // RAIL_DOWN
  slot.supplies({});
  slot.watch(2100); // CYCLE_OFF
  slot.supplies(RUNNING);
  slot.watch(300);
  slot.write(OPERATION, 0x40);
  slot.watch(20); // SHUTTING_DOWN
  slot.write(OPERATION, 0x00);
  slot.supplies({});
  slot.watch(100); // OFF
  slot.write(OPERATION, 0x80);
  slot.watch(31_300, false); // RETRY_PAUSE three times, then FAULT: power-good does not come
  slot.supplies({ vin_mv: 5000 });
  slot.write(0xdd); // MFR_FAULT_CLEAR
  slot.watch(300); // NO_INPUT
  slot.write(0xdc, 1); // the policy always-on
  slot.supplies({});
  slot.watch(1300); // RESTORING
  const missing = Object.entries(State).filter(([, value]) => !slot.seen.has(value));
  assert.deepEqual(missing, [], "every state was seen");
});
