/**
 * A slot whose settings a test can change: it runs the image of settings-driver.ts, which has a mailbox for
 * orders in linear memory.
 */
import assert from "node:assert/strict";
import { build } from "../../../scripts/build.ts";
import { Slot, type SlotOptions } from "../../../simulator/slot/slot.ts";
import { DRIVER } from "../../support/settings.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

/** The logic's part of flash (link.ld). */
export const REGION = 0x1f_c000;
export const SECTOR_BYTES = 4096;

const ORDERS = {
  setRestorePolicy: 1,
  eraseAhead: 2,
  setAdcOffset: 3,
  restorePolicy: 4,
  adcOffset: 5,
} as const;
const MARK = Buffer.from("mailbox is here:");

export async function buildSettingsImage(engine: string): Promise<void> {
  const out = buildDirectory(`settings-${engine}`);
  await build({ board: "slot-hat", engine, logic: DRIVER, out, report: "nothing" });
}

export class SettingsSlot extends Slot {
  #mailbox = -1;

  constructor(options: Partial<SlotOptions> & { readonly engine?: string } = {}) {
    super({ directory: buildDirectory(`settings-${options.engine ?? "aot"}`), ...options });
    this.chip.flash.array.takes = ({ typicalNanos }) => typicalNanos;
  }

  /** Switches the supply on, even in the middle of an operation, and waits for the prompt. */
  start(): this {
    this.powerOn();
    this.expect(/type help\r\nbmc> /, 1000); // not an earlier prompt
    this.#mailbox = Buffer.from(this.chip.bus.sram).indexOf(MARK) + MARK.length;
    assert.ok(this.#mailbox > MARK.length, "the mailbox is in linear memory");
    return this;
  }

  /** Puts an order into the mailbox for the next pass, which also saves. */
  post(order: keyof typeof ORDERS, argument = 0): void {
    const { sramView } = this.chip.bus;
    sramView.setUint32(this.#mailbox + 4, argument, true);
    sramView.setUint32(this.#mailbox, ORDERS[order], true);
  }

  /** Posts an order, waits until it is done and returns the answer. */
  order(order: keyof typeof ORDERS, argument = 0): number {
    const { sramView } = this.chip.bus;
    this.post(order, argument);
    // At 0 the pass has begun. The next pass shows that it has ended.
    this.runUntil(() => sramView.getUint32(this.#mailbox, true) === 0, 2000, order);
    this.runFor(1);
    this.runUntil(() => !this.chip.flash.busy, 1000, "flash");
    this.runFor(2);
    return sramView.getInt32(this.#mailbox + 4, true);
  }

  /** Changes a setting, and waits until it is saved. */
  save(offset: number): void {
    this.order("setAdcOffset", offset);
    this.runFor(110);
  }

  /** Records from now on how long flash was busy each time, in microseconds. */
  watchFlashAway(): number[] {
    const bus = this.chip.bus;
    const spans: number[] = [];
    const set = bus.setXipBytes.bind(bus);
    let since: number | null = null;
    bus.setXipBytes = (bytes) => {
      if (bytes === 0) since ??= this.chip.nanos;
      else if (since !== null) {
        spans.push((this.chip.nanos - since) / 1000);
        since = null;
      }
      set(bytes);
    };
    return spans;
  }

  /** Fills a sector, so that it needs an erase. */
  soil(sector: number): void {
    this.chip.flash.bytes.fill(0x12, REGION + sector * SECTOR_BYTES, REGION + (sector + 1) * SECTOR_BYTES);
  }
}
