/**
 * The sequencer's way up and down: the outputs of each state, how long it may last, and which origin it has.
 */
import {
  NO_DEADLINE,
  SIGNAL_COMPUTE_RUN,
  SIGNAL_EN_RAIL_0,
  SIGNAL_HALTED,
  SIGNAL_SHUTDOWN_REQ,
} from "../../../assembly/generated/abi";
import { Answer, Command, Origin, Reason, State } from "../../../assembly/generated/vocabulary";
import { AUX, Bench, GOOD, PRESENT, RAILS } from "./bench";

describe("coming up", () => {
  test("rails come up one by one, each after the power-good before it, COMPUTE_RUN last", () => {
    const bench = new Bench();
    const sequencer = bench.sequencer;
    expect(sequencer.outputs).toBe(0);
    expect(bench.ask(Command.On, Origin.Smbus)).toBe(Answer.Accepted);
    expect(sequencer.reason).toBe(Reason.OnRequested);
    expect(sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
    bench.wait(4000);
    expect(sequencer.outputs).toBe(SIGNAL_EN_RAIL_0, "no power-good yet");
    bench.see(AUX, 1000);
    expect(sequencer.reason).toBe(Reason.RailGood);
    expect(sequencer.rail_us).toBe(5000);
    expect(sequencer.outputs).toBe(RAILS);
    bench.see(GOOD, 4000);
    expect(sequencer.rail_us).toBe(4000);
    expect(sequencer.state).toBe(State.RunDelay);
    expect(sequencer.outputs).toBe(RAILS);
    expect(sequencer.deadline_us).toBe(29000);
    bench.wait(19999);
    expect(sequencer.outputs).toBe(RAILS);
    bench.wait(1);
    expect(sequencer.state).toBe(State.On);
    expect(sequencer.reason).toBe(Reason.RunReleased);
    expect(sequencer.origin).toBe(
      Origin.Smbus,
      "a transition that a command causes has the command's origin",
    );
    expect(sequencer.outputs).toBe(RAILS | SIGNAL_COMPUTE_RUN);
    expect(sequencer.deadline_us).toBe(NO_DEADLINE);
    expect(sequencer.wanted).toBe(true);
  });

  test("on is refused without a board, without input power, and with a sensor that reads nonsense", () => {
    const bench = new Bench(0);
    expect(bench.ask(Command.On)).toBe(Answer.NotPresent);
    bench.see(PRESENT);
    bench.inputs.inputGood = false;
    expect(bench.ask(Command.On)).toBe(Answer.NoInput);
    bench.inputs.inputGood = true;
    bench.inputs.inhibited = true;
    expect(bench.ask(Command.On)).toBe(Answer.Inhibited);
    expect(bench.sequencer.state).toBe(State.Off);
    expect(bench.sequencer.outputs).toBe(0);
    expect(bench.sequencer.wanted).toBe(false);
  });

  test("on is refused while the slot comes up, is on, or goes down", () => {
    const bench = Bench.on();
    expect(bench.ask(Command.On)).toBe(Answer.AlreadyOn);
    bench.ask(Command.ForceOff);
    expect(bench.ask(Command.On)).toBe(Answer.Busy);
    bench.see(PRESENT, 1000);
    expect(bench.ask(Command.On)).toBe(Answer.Accepted);
    expect(bench.ask(Command.On)).toBe(Answer.Busy);
  });
});

describe("going down", () => {
  test("graceful: SHUTDOWN_REQ until HALTED, then COMPUTE_RUN, 5V, 3V3_AUX", () => {
    const bench = Bench.on();
    const sequencer = bench.sequencer;
    expect(bench.ask(Command.Off, Origin.Smbus)).toBe(Answer.Accepted);
    expect(sequencer.reason).toBe(Reason.ShutdownRequested);
    expect(sequencer.outputs).toBe(RAILS | SIGNAL_COMPUTE_RUN | SIGNAL_SHUTDOWN_REQ);
    expect(sequencer.wanted).toBe(false);
    expect(bench.ask(Command.Off)).toBe(Answer.Busy);
    bench.wait(5000000);
    bench.see(GOOD | SIGNAL_HALTED, 1000);
    bench.wait(49999);
    expect(sequencer.state).toBe(State.ShuttingDown, "not at the first edge, which may be a glitch");
    bench.wait(1);
    expect(sequencer.reason).toBe(Reason.Halted);
    expect(sequencer.origin).toBe(Origin.Smbus);
    expect(sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
    bench.see(AUX, 1000);
    expect(sequencer.reason).toBe(Reason.RailDown);
    expect(sequencer.rail_us).toBe(1000);
    expect(sequencer.outputs).toBe(0);
    expect(sequencer.state).toBe(State.RailDown);
    bench.see(PRESENT, 1000);
    expect(sequencer.state).toBe(State.Off);
    expect(sequencer.origin).toBe(Origin.Smbus);
  });

  test("a board that never halts loses its power at the deadline", () => {
    const bench = Bench.on();
    bench.ask(Command.Off);
    bench.wait(59999999);
    expect(bench.sequencer.state).toBe(State.ShuttingDown);
    bench.wait(1);
    expect(bench.sequencer.reason).toBe(Reason.ShutdownTimeout);
    expect(bench.sequencer.state).toBe(State.RailDown);
  });

  test("force-off does not wait for the OS, even during a shutdown", () => {
    for (let i = 0; i < 2; i++) {
      const bench = Bench.on();
      if (i == 1) bench.ask(Command.Off);
      expect(bench.ask(Command.ForceOff, Origin.Smbus)).toBe(Answer.Accepted);
      expect(bench.sequencer.reason).toBe(Reason.ForceOffRequested);
      expect(bench.sequencer.origin).toBe(Origin.Smbus);
      expect(bench.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
      bench.see(PRESENT, 1000);
      expect(bench.sequencer.state).toBe(State.Off);
      expect(bench.ask(Command.ForceOff)).toBe(Answer.AlreadyOff);
      expect(bench.ask(Command.Off)).toBe(Answer.AlreadyOff);
    }
  });

  test("off while coming up goes down without asking an OS", () => {
    const bench = new Bench();
    bench.ask(Command.On);
    bench.see(AUX, 1000);
    expect(bench.ask(Command.Off)).toBe(Answer.Accepted);
    expect(bench.sequencer.reason).toBe(Reason.OffRequested);
    expect(bench.sequencer.state).toBe(State.RailDown);
    expect(bench.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0, "5V first");
    bench.see(PRESENT, 1000);
    expect(bench.sequencer.state).toBe(State.Off);
  });

  test("an OS that halts by itself is switched off, and the slot no longer counts as wanted", () => {
    const bench = Bench.on();
    // The pulse of gpio-poweroff, and then the line stays high.
    bench.see(GOOD | SIGNAL_HALTED);
    bench.pass(100000);
    bench.see(GOOD);
    bench.pass(100000);
    bench.see(GOOD | SIGNAL_HALTED);
    bench.pass(2049999);
    expect(bench.sequencer.state).toBe(State.On);
    bench.pass(1);
    expect(bench.sequencer.reason).toBe(Reason.Halted);
    expect(bench.sequencer.origin).toBe(Origin.Compute);
    expect(bench.sequencer.wanted).toBe(false);
  });

  test("a cycle comes up again after the pause, and off in the meantime cancels it", () => {
    for (let i = 0; i < 3; i++) {
      const bench = Bench.on();
      expect(bench.ask(Command.Cycle, Origin.Smbus)).toBe(Answer.Accepted);
      expect(bench.sequencer.reason).toBe(Reason.CycleRequested);
      // While the rails go down, or when they are down.
      if (i == 1) expect(bench.ask(Command.Off)).toBe(Answer.Accepted);
      bench.see(PRESENT, 1000);
      expect(bench.sequencer.outputs).toBe(0);
      if (i == 0) {
        expect(bench.sequencer.state).toBe(State.CycleOff);
        bench.wait(1999999);
        expect(bench.sequencer.outputs).toBe(0);
        bench.wait(1);
        expect(bench.sequencer.reason).toBe(Reason.CycleWaited);
        expect(bench.sequencer.origin).toBe(Origin.Smbus);
        expect(bench.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
        expect(bench.sequencer.wanted).toBe(true);
      } else {
        if (i == 2) expect(bench.ask(Command.Off)).toBe(Answer.Accepted);
        expect(bench.sequencer.state).toBe(State.Off);
        expect(bench.sequencer.origin).toBe(Origin.Console);
        expect(bench.sequencer.wanted).toBe(false);
      }
    }
  });

  test("cycle and reset need a slot that is on", () => {
    const bench = new Bench();
    expect(bench.ask(Command.Cycle)).toBe(Answer.AlreadyOff);
    expect(bench.ask(Command.Reset)).toBe(Answer.AlreadyOff);
    bench.ask(Command.On);
    expect(bench.ask(Command.Cycle)).toBe(Answer.Busy);
    expect(bench.ask(Command.Reset)).toBe(Answer.Busy);
  });

  test("reset pulses COMPUTE_RUN and leaves the rails", () => {
    const bench = Bench.on();
    expect(bench.ask(Command.Reset)).toBe(Answer.Accepted);
    expect(bench.sequencer.reason).toBe(Reason.ResetRequested);
    expect(bench.sequencer.outputs).toBe(RAILS);
    bench.wait(99999);
    expect(bench.sequencer.outputs).toBe(RAILS);
    bench.wait(1);
    expect(bench.sequencer.reason).toBe(Reason.ResetDone);
    expect(bench.sequencer.outputs).toBe(RAILS | SIGNAL_COMPUTE_RUN);
  });
});
