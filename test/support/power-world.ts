/**
 * The power-related world around the logic in Node: supplies that follow their enables or fail to, the
 * converter's codes of them, and a board, an OS and an input that come and go. A test sets each of them by
 * name.
 */
import { Event, ResetCause, Signal } from "../../simulator/generated/abi.ts";
import { LogicHost } from "../../simulator/logic-host/logic-host.ts";
import { builtLogic } from "./logic.ts";

export const GOOD = Signal.PG_RAIL_0 | Signal.PG_RAIL_1;
export const ENABLES = Signal.EN_RAIL_0 | Signal.EN_RAIL_1;

/** Converter codes of the reference board: 12 V, 11.1 V and 9.9 V of input. */
const INPUT_CODES = { good: 1861, between: 1722, lost: 1536 } as const;
const V5_CODE = 3165;
const V3V3_CODE = 2048;
const I5_CODE = 620;
/** Beyond 5.5 A. */
const OVERCURRENT_CODE = 3600;
const CHANNEL = { vin: 0, v5: 1, i5: 2, v3v3: 3 } as const;
/** The world follows the outputs after each call of the logic, and after this time at the latest. */
const FOLLOWS_US = 20_000n;

export type Rail = "well" | "dead" | "stuck";

export class PowerWorld {
  host: LogicHost;
  readonly rails: Rail[] = ["well", "well"];
  input: keyof typeof INPUT_CODES = "good";
  private readonly module = builtLogic();

  constructor() {
    this.host = new LogicHost(this.module);
    this.host.signals = Signal.PRESENT;
    this.host.start();
  }

  asserted(signal: number): boolean {
    return (this.host.signals & signal) !== 0;
  }

  /** The fields of the word that the sequencer keeps over restarts. */
  get remembered(): { state: number; tries: number; wanted: boolean } {
    const word = this.host.retained[0] ?? 0;
    return { state: word & 0x1f, tries: (word >> 22) & 7, wanted: (word & (1 << 26)) !== 0 };
  }

  /** Lets time pass. Calls `check` whenever the world has followed. */
  wait(ms: number, check: () => void = () => {}): void {
    const end_us = this.host.now_us + BigInt(ms * 1000);
    while (this.host.now_us < end_us) {
      this.follow();
      const { now_us, deadline_us } = this.host;
      const next_us = [now_us + FOLLOWS_US, end_us, deadline_us > now_us ? deadline_us : end_us];
      this.host.advance(next_us.reduce((least, each) => (each < least ? each : least)));
      check();
    }
  }

  /** Lets each supply follow its enable, unless it is dead or stuck, and updates the converter's codes. */
  follow(): void {
    const { host } = this;
    const lines = [
      [Signal.EN_RAIL_0, Signal.PG_RAIL_0],
      [Signal.EN_RAIL_1, Signal.PG_RAIL_1],
    ] as const;
    for (const [rail, [enable, powerGood]] of lines.entries()) {
      const kind = this.rails[rail];
      const isGood = kind === "stuck" || (kind === "well" && this.asserted(enable));
      if (isGood !== this.asserted(powerGood)) host.setInputs(powerGood, isGood ? powerGood : 0);
    }
    // A stuck sensor keeps showing the same code.
    if (!host.converter.silent.has(CHANNEL.vin)) host.setCode(CHANNEL.vin, INPUT_CODES[this.input]);
    host.setCode(CHANNEL.v5, this.asserted(Signal.PG_RAIL_1) ? V5_CODE : 0);
    host.setCode(CHANNEL.v3v3, this.asserted(Signal.PG_RAIL_0) ? V3V3_CODE : 0);
    host.setCode(CHANNEL.i5, this.asserted(Signal.PG_RAIL_1) ? I5_CODE : 0);
  }

  /** Drops power-good and restores it before the logic can see it. */
  glitch(powerGood: number): void {
    if (!this.asserted(powerGood)) return;
    this.host.setInputs(powerGood, 0);
    this.host.setInputs(powerGood, powerGood);
  }

  surge(): void {
    this.host.setCode(CHANNEL.i5, OVERCURRENT_CODE);
    this.host.setCode(CHANNEL.i5, 0);
  }

  /** Makes the sensor of the input show no noise any more, or show it again. */
  freezeInputSensor(isFrozen: boolean): void {
    if (isFrozen) this.host.converter.silent.add(CHANNEL.vin);
    else this.host.converter.silent.delete(CHANNEL.vin);
  }

  /** Simulates a watchdog reset: outputs, inputs and the retained words stay. */
  restart(): void {
    const before = this.host;
    const after = new LogicHost(this.module);
    after.now_us = before.now_us;
    after.signals = before.signals;
    after.fell = before.fell;
    after.retained = before.retained;
    after.system.reset_cause = ResetCause.HANG;
    after.converter.codes = [...before.converter.codes];
    for (const channel of before.converter.silent) after.converter.silent.add(channel);
    Object.assign(after.converter.trip, before.converter.trip);
    this.host = after;
    after.start();
    if (after.converter.trip.tripped) after.handle(Event.OVERCURRENT);
  }
}
