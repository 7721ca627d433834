/** A restarted BMC adopts the outputs that it finds, with the word that it has retained. */
import {
  SIGNAL_COMPUTE_RUN,
  SIGNAL_EN_RAIL_0,
  SIGNAL_HALTED,
  SIGNAL_PG_RAIL_1,
  SIGNAL_SHUTDOWN_REQ,
} from "../../../assembly/generated/abi";
import { Command, Origin, Reason, State } from "../../../assembly/generated/vocabulary";
import { AUX, Bench, GOOD, PRESENT, RAILS } from "./bench";

const STATES = 12;

/** A bench in the given state. States about a rail exist for both rails. */
function inState(state: State, rail: i32 = 0): Bench {
  if (state == State.Off || state == State.RailUp || state == State.RunDelay) {
    const rising = new Bench();
    if (state == State.Off) return rising;
    rising.ask(Command.On);
    if (state == State.RailUp && rail == 0) return rising;
    rising.see(AUX, 5000);
    if (state == State.RunDelay) rising.see(GOOD, 1000);
    return rising;
  }
  if (state == State.Restoring) {
    const waiting = new Bench();
    waiting.sequencer.begin(0, true);
    return waiting;
  }
  const bench = Bench.on();
  if (state == State.ShuttingDown) bench.ask(Command.Off);
  if (state == State.Resetting) bench.ask(Command.Reset);
  if (state == State.RailDown) {
    bench.ask(Command.ForceOff);
    if (rail == 0) bench.see(AUX, 1000);
  }
  if (state == State.CycleOff) {
    bench.ask(Command.Cycle);
    bench.see(PRESENT, 1000);
  }
  if (state == State.NoInput) {
    bench.inputs.inputLost = true;
    bench.see(PRESENT, 1000);
  }
  if (state == State.RetryPause) bench.see(PRESENT, 1000);
  if (state == State.Fault) {
    bench.ask(Command.ForceOff);
    bench.wait(500000); // 5V is stuck
    bench.see(PRESENT, 1000);
  }
  return bench;
}

describe("a restart", () => {
  test("continues every state where it was, and changes no output", () => {
    for (let state: State = 0; state < STATES; state++) {
      for (let rail = 0; rail < 2; rail++) {
        const before = inState(state, rail);
        expect(before.sequencer.state).toBe(state);
        const after = before.restarted();
        // When the last rail is disabled, there is nothing left to wait for.
        const isOver = state == State.RailDown && rail == 0;
        expect(after.sequencer.state).toBe(isOver ? State.Off : state);
        expect(after.sequencer.outputs).toBe(before.sequencer.outputs);
        expect(after.sequencer.wanted).toBe(before.sequencer.wanted);
        expect(after.sequencer.tries).toBe(before.sequencer.tries);
        expect(after.sequencer.faultReason).toBe(before.sequencer.faultReason);
        expect(after.sequencer.isLatched()).toBe(before.sequencer.isLatched());
        expect(after.sequencer.origin).toBe(Origin.Bmc);
        const isAdopted = after.sequencer.state != State.Off || isOver;
        expect(after.sequencer.reason).toBe(isAdopted ? Reason.Adopted : Reason.Start);
      }
    }
  });

  test("finds a trip of the fast path in every state with power, and handles it as without a restart", () => {
    for (let state: State = 0; state < STATES; state++) {
      const before = inState(state, 1);
      const outputs = before.sequencer.outputs;
      if (outputs == 0 || state == State.RailDown) continue;
      // The trip has deasserted EN_5V and COMPUTE_RUN, and 5V's power-good is gone.
      const after = before.restarted(AUX, outputs & SIGNAL_EN_RAIL_0, true);
      expect(after.sequencer.state).toBe(State.RailDown);
      expect(after.sequencer.faultReason).toBe(Reason.Overcurrent);
      expect(after.sequencer.faultRail).toBe(1);
      expect(after.sequencer.origin).toBe(Origin.Fault);
      expect(after.sequencer.outputs & ~SIGNAL_EN_RAIL_0).toBe(0);
      after.see(AUX, 1000);
      after.see(PRESENT, 1000);
      // A slot that was going off goes off, and there is no retry.
      expect(after.sequencer.state).toBe(state == State.ShuttingDown ? State.Off : State.RetryPause);
    }
  });

  test("a trip of a slot that was switched off since has no effect", () => {
    const before = Bench.on();
    before.ask(Command.ForceOff);
    before.see(PRESENT, 1000);
    const after = before.restarted(PRESENT, 0, true);
    expect(after.sequencer.state).toBe(State.Off);
    after.passWithRails(100000000);
    expect(after.sequencer.state).toBe(State.Off);
  });

  test("a trip after the last try is latched", () => {
    const before = Bench.on();
    before.sequencer.tries = 3;
    const after = before.restarted(AUX, SIGNAL_EN_RAIL_0, true);
    expect(after.sequencer.isLatched()).toBe(true);
  });

  test("a rail lost meanwhile is reported, not silently brought up again", () => {
    for (let i = 0; i < 2; i++) {
      const after = Bench.on().restarted();
      // Power-good is still gone, or it came back and only the latched fall shows the loss.
      after.inputs.fell = after.inputs.fellFirst = i == 0 ? 0 : SIGNAL_PG_RAIL_1;
      after.see(i == 0 ? GOOD & ~SIGNAL_PG_RAIL_1 : GOOD, 1000);
      expect(after.sequencer.faultReason).toBe(Reason.PowerGoodLost);
      expect(after.sequencer.faultRail).toBe(1);
      expect(after.sequencer.outputs & SIGNAL_COMPUTE_RUN).toBe(0);
    }
  });

  test("going down continues to the same end", () => {
    const before = Bench.on();
    before.see(AUX, 1000);
    expect(before.sequencer.state).toBe(State.RailDown);
    const after = before.restarted(PRESENT);
    expect(after.sequencer.state).toBe(State.RetryPause);
    expect(after.sequencer.faultReason).toBe(Reason.PowerGoodLost);
    expect(after.sequencer.faultRail).toBe(1);
  });

  test("limits and tries are remembered", () => {
    const before = Bench.on();
    before.sequencer.tries = 2;
    before.inputs.limit = 23;
    before.inputs.limitRail = 1;
    before.wait(1000);
    before.see(PRESENT, 1000);
    const after = before.restarted();
    expect(after.sequencer.faultReason).toBe(Reason.Limit);
    expect(after.sequencer.faultLimit).toBe(23);
    expect(after.sequencer.faultRail).toBe(1);
    expect(after.sequencer.tries).toBe(2);
    expect(after.sequencer.deadline_us).toBe(25000000, "the third pause, from its beginning");
  });

  test("a pause shorter than the time to judge a sensor is lengthened", () => {
    const before = Bench.on();
    before.see(PRESENT, 1000);
    expect(before.sequencer.deadline_us - before.now_us).toBe(1000000);
    expect(before.restarted().sequencer.deadline_us).toBe(1500000);
  });

  test("an OS that halted meanwhile is switched off, one whose line was always high is not", () => {
    for (let i = 0; i < 2; i++) {
      const before = i == 0 ? Bench.on() : new Bench().restarted(GOOD, RAILS | SIGNAL_COMPUTE_RUN);
      const after = before.restarted(GOOD | SIGNAL_HALTED);
      after.pass(2050000);
      expect(after.sequencer.state).toBe(i == 0 ? State.RailDown : State.On);
    }
  });
});

describe("a transition cut short between memory and outputs", () => {
  test("going down is completed", () => {
    const before = Bench.on();
    before.ask(Command.ForceOff);
    const after = before.restarted(GOOD, RAILS | SIGNAL_COMPUTE_RUN);
    expect(after.sequencer.state).toBe(State.RailDown);
    expect(after.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
  });

  test("a reset and a shutdown asked for are carried out", () => {
    for (let i = 0; i < 2; i++) {
      const before = Bench.on();
      before.ask(i == 0 ? Command.Reset : Command.Off);
      const after = before.restarted(GOOD, RAILS | SIGNAL_COMPUTE_RUN);
      expect(after.sequencer.state).toBe(before.sequencer.state);
      expect(after.sequencer.outputs).toBe(before.sequencer.outputs);
    }
  });

  test("COMPUTE_RUN that was not released yet waits once more", () => {
    const after = Bench.on().restarted(GOOD, RAILS);
    expect(after.sequencer.state).toBe(State.RunDelay);
    after.wait(20000);
    expect(after.sequencer.state).toBe(State.On);
  });

  test("rails that were not enabled yet are enabled", () => {
    const first = new Bench();
    first.ask(Command.On);
    const second = first.restarted(PRESENT, 0);
    expect(second.sequencer.state).toBe(State.RailUp);
    expect(second.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
    second.see(AUX, 1000);
    expect(second.sequencer.outputs).toBe(RAILS);
    const third = second.restarted(AUX, SIGNAL_EN_RAIL_0);
    expect(third.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
    third.wait(1000);
    expect(third.sequencer.outputs).toBe(RAILS);
  });
});

describe("with nothing remembered", () => {
  test("a board that runs is left alone, and counts as wanted", () => {
    const after = new Bench().adopted(GOOD, RAILS | SIGNAL_COMPUTE_RUN, 0);
    expect(after.sequencer.state).toBe(State.On);
    expect(after.sequencer.outputs).toBe(RAILS | SIGNAL_COMPUTE_RUN);
    expect(after.sequencer.wanted).toBe(true);
  });

  test("a board that was asked to shut down gets its time, and does not count as wanted", () => {
    const after = new Bench().adopted(GOOD, RAILS | SIGNAL_COMPUTE_RUN | SIGNAL_SHUTDOWN_REQ, 0);
    expect(after.sequencer.state).toBe(State.ShuttingDown);
    expect(after.sequencer.wanted).toBe(false);
  });

  test("rails half up go down", () => {
    const after = new Bench().adopted(GOOD, SIGNAL_EN_RAIL_0, 0);
    expect(after.sequencer.state).toBe(State.RailDown);
    expect(after.sequencer.outputs & ~SIGNAL_EN_RAIL_0).toBe(0);
    after.see(PRESENT, 1000);
    expect(after.sequencer.state).toBe(State.Off);
  });

  test("a trip is latched, because it is unknown if a retry is due", () => {
    const after = new Bench().adopted(AUX, SIGNAL_EN_RAIL_0, 0, true);
    expect(after.sequencer.isLatched()).toBe(true);
    expect(after.sequencer.faultReason).toBe(Reason.Overcurrent);
    expect(after.sequencer.faultRail).toBe(1);
    after.see(PRESENT, 1000);
    expect(after.sequencer.state).toBe(State.Fault);
  });
});
