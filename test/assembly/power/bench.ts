/**
 * A sequencer on the bench: a test sets its inputs and lets time pass, and the bench steps it as power.ts
 * does. Times are those of the reference board.
 */
import {
  SIGNAL_COMPUTE_RUN,
  SIGNAL_EN_RAIL_0,
  SIGNAL_EN_RAIL_1,
  SIGNAL_PG_RAIL_0,
  SIGNAL_PG_RAIL_1,
  SIGNAL_PRESENT,
} from "../../../assembly/generated/abi";
import { Answer, Command, Origin, RestorePolicy, State } from "../../../assembly/generated/vocabulary";
import { adopt } from "../../../assembly/power/adoption";
import { wordOf } from "../../../assembly/power/retained-word";
import { Sequencer } from "../../../assembly/power/sequencer";
import { Inputs } from "../../../assembly/protection/inputs";

export const RAILS: u32 = SIGNAL_EN_RAIL_0 | SIGNAL_EN_RAIL_1;
export const PRESENT: u32 = SIGNAL_PRESENT;
export const AUX: u32 = SIGNAL_PRESENT | SIGNAL_PG_RAIL_0;
export const GOOD: u32 = SIGNAL_PRESENT | SIGNAL_PG_RAIL_0 | SIGNAL_PG_RAIL_1;

const SECOND: u64 = 1000000;

export class Bench {
  sequencer: Sequencer = new Sequencer();
  inputs: Inputs = new Inputs();
  now_us: u64 = 0;

  /** A first life: nothing retained, nothing enabled. */
  constructor(signals: u32 = SIGNAL_PRESENT) {
    this.inputs.signals = signals;
  }

  /** Sets the levels of the inputs, then waits `wait_us`. */
  see(signals: u32, wait_us: u64 = 0): void {
    this.inputs.signals = signals;
    this.wait(wait_us);
  }

  /** Lets time pass in one go, and steps until nothing changes any more. */
  wait(wait_us: u64): void {
    this.now_us += wait_us;
    for (let i = 0; i < 16; i++) {
      const moved = this.sequencer.step(this.now_us, this.inputs);
      this.inputs.fell = this.inputs.fellFirst = 0;
      this.inputs.tripped = this.inputs.printed = false;
      this.inputs.limit = -1;
      if (!moved) return;
    }
    throw new Error("does not settle");
  }

  /** Lets time pass from deadline to deadline, as a host does. */
  pass(pass_us: u64): void {
    const end_us = this.now_us + pass_us;
    this.wait(0);
    for (let i = 0; i < 100; i++) {
      const next_us = this.sequencer.nextDeadline_us();
      if (next_us > end_us) {
        this.wait(end_us - this.now_us);
        return;
      }
      assert(next_us > this.now_us, "time stands still");
      this.wait(next_us - this.now_us);
    }
    throw new Error("wants to be called all the time");
  }

  /** The same with rails that follow their enables at once. */
  passWithRails(pass_us: u64): void {
    const end_us = this.now_us + pass_us;
    for (let i = 0; i < 200; i++) {
      this.followRails();
      this.wait(0);
      const next_us = min(this.sequencer.nextDeadline_us(), end_us);
      if (this.railsFollow()) {
        if (next_us >= end_us) break;
        this.now_us = max(next_us, this.now_us);
      }
    }
    this.now_us = end_us;
    this.wait(0);
  }

  private followRails(): void {
    const others = this.inputs.signals & ~(SIGNAL_PG_RAIL_0 | SIGNAL_PG_RAIL_1);
    const aux = this.sequencer.outputs & SIGNAL_EN_RAIL_0 ? SIGNAL_PG_RAIL_0 : 0;
    const main = this.sequencer.outputs & SIGNAL_EN_RAIL_1 ? SIGNAL_PG_RAIL_1 : 0;
    this.inputs.signals = others | aux | main;
  }

  private railsFollow(): bool {
    const before = this.inputs.signals;
    this.followRails();
    return before == this.inputs.signals;
  }

  ask(command: Command, origin: Origin = Origin.Console): Answer {
    return this.sequencer.request(this.now_us, command, this.inputs, origin);
  }

  /** A slot that has been on for 1 s with HALTED low, so that HALTED counts. */
  static on(policy: RestorePolicy = RestorePolicy.Last): Bench {
    const bench = new Bench();
    bench.sequencer.policy = policy;
    bench.ask(Command.On);
    bench.see(AUX, 5000);
    bench.see(GOOD, 5000);
    bench.wait(20000);
    bench.wait(SECOND);
    assert(bench.sequencer.state == State.On && bench.sequencer.outputs == (RAILS | SIGNAL_COMPUTE_RUN));
    return bench;
  }

  /**
   * A life after a restart, with the latches and the retained word of this one. `latches` differs where a
   * trip released some.
   */
  restarted(
    signals: u32 = this.inputs.signals,
    latches: u32 = this.sequencer.outputs,
    tripped: bool = false,
  ): Bench {
    return this.adopted(signals, latches, wordOf(this.sequencer), tripped);
  }

  adopted(signals: u32, latches: u32, memory: u32, tripped: bool = false): Bench {
    const after = new Bench(signals | latches);
    after.sequencer.policy = this.sequencer.policy;
    after.sequencer.slot = this.sequencer.slot;
    after.inputs.tripped = tripped;
    adopt(after.sequencer, 0, after.inputs, memory);
    after.inputs.tripped = false;
    return after;
  }
}
