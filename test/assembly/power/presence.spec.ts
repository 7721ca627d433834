/** Boards and input power that go and come back, and the state that the restore policy then chooses. */
import { NO_DEADLINE, SIGNAL_COMPUTE_RUN, SIGNAL_EN_RAIL_0 } from "../../../assembly/generated/abi";
import { GOOD_AFTER_MS } from "../../../assembly/generated/board";
import {
  Answer,
  Command,
  Origin,
  Reason,
  RestorePolicy,
  State,
} from "../../../assembly/generated/vocabulary";
import { Bench, GOOD, PRESENT, RAILS } from "./bench";

const POLICIES: StaticArray<RestorePolicy> = [
  RestorePolicy.Last,
  RestorePolicy.AlwaysOn,
  RestorePolicy.AlwaysOff,
];

/** A BMC that has just got its own power. */
function begun(policy: RestorePolicy, wanted: bool, slot: u32 = 0): Bench {
  const bench = new Bench();
  bench.sequencer.policy = policy;
  bench.sequencer.slot = slot;
  bench.sequencer.begin(0, wanted);
  return bench;
}

describe("a board pulled out", () => {
  test("takes its rails down, but a contact that bounces does not", () => {
    const bench = Bench.on();
    bench.see(GOOD & ~PRESENT, 1000);
    expect(bench.sequencer.nextDeadline_us()).toBe(bench.now_us + 10000);
    bench.wait(9999);
    bench.see(GOOD, 1);
    bench.see(GOOD & ~PRESENT, 1000);
    bench.wait(9999);
    expect(bench.sequencer.state).toBe(State.On);
    bench.wait(1);
    expect(bench.sequencer.reason).toBe(Reason.Removed);
    expect(bench.sequencer.origin).toBe(Origin.Policy);
    expect(bench.sequencer.outputs & SIGNAL_COMPUTE_RUN).toBe(0);
    bench.see(0, 1000);
    expect(bench.sequencer.state).toBe(State.Off);
    expect(bench.sequencer.faultReason).toBe(Reason.Start, "it is no fault");
  });

  test("does the same while coming up, during a reset and during a power cycle", () => {
    for (let i = 0; i < 3; i++) {
      const bench = i == 0 ? new Bench() : Bench.on();
      if (i == 0) bench.ask(Command.On);
      else bench.ask(i == 1 ? Command.Reset : Command.Cycle);
      if (i != 1) bench.see(PRESENT, 1000);
      bench.see(bench.inputs.signals & ~PRESENT, 1000);
      bench.wait(9999);
      expect(bench.sequencer.state).not.toBe(State.Off);
      bench.wait(1);
      expect(bench.sequencer.outputs & SIGNAL_COMPUTE_RUN).toBe(0);
      bench.see(0, 1000);
      expect(bench.sequencer.state).toBe(State.Off);
      bench.see(PRESENT);
      bench.pass(10000000);
      expect(bench.sequencer.outputs).toBe(0);
    }
  });

  test("is followed by one that comes up by itself under always-on, once it has been there for 500 ms", () => {
    for (let i = 0; i < POLICIES.length; i++) {
      const bench = Bench.on(POLICIES[i]);
      bench.see(0);
      bench.inputs.fell = 0;
      bench.see(GOOD & ~PRESENT, 1000);
      bench.see(0, 1000000);
      bench.wait(1000000);
      expect(bench.sequencer.outputs).toBe(0);
      bench.see(PRESENT, 1000);
      bench.pass(499999);
      expect(bench.sequencer.outputs).toBe(0);
      bench.passWithRails(5000000);
      expect(bench.sequencer.state).toBe(POLICIES[i] == RestorePolicy.AlwaysOn ? State.On : State.Off);
      expect(bench.sequencer.tries).toBe(0);
    }
  });

  test("is followed by one that stays off if it was switched on and off again", () => {
    const bench = new Bench(0);
    bench.sequencer.policy = RestorePolicy.AlwaysOn;
    bench.pass(1000000);
    bench.see(PRESENT, 1000);
    bench.ask(Command.On);
    bench.passWithRails(100000);
    bench.ask(Command.ForceOff);
    bench.passWithRails(10000000);
    expect(bench.sequencer.state).toBe(State.Off);
  });

  test("from a slot that is off: the next board comes up the same way, one that stayed does not", () => {
    for (let i = 0; i < 2; i++) {
      const bench = new Bench();
      bench.sequencer.policy = RestorePolicy.AlwaysOn;
      bench.see(PRESENT, 1000);
      if (i == 0) {
        bench.see(0, 1000);
        bench.pass(500000);
        bench.see(PRESENT, 1000);
        bench.pass(500000);
        expect(bench.sequencer.state).toBe(State.Restoring);
        expect(bench.sequencer.reason).toBe(Reason.Inserted);
        expect(bench.sequencer.origin).toBe(Origin.Policy);
      } else {
        bench.see(0, 1000); // a contact that bounces
        bench.see(PRESENT, 1000);
      }
      bench.passWithRails(5000000);
      expect(bench.sequencer.state).toBe(i == 0 ? State.On : State.Off);
    }
  });
});

describe("a slot that is off and waits", () => {
  test("for a retry or its turn stops waiting once the board is gone", () => {
    for (let i = 0; i < 2; i++) {
      const bench = i == 0 ? Bench.on() : begun(RestorePolicy.Last, true, 15);
      bench.see(PRESENT, 1000);
      bench.sequencer.tries = 2;
      bench.see(0, 100000);
      bench.pass(499999);
      expect(bench.sequencer.state).toBe(i == 0 ? State.RetryPause : State.Restoring);
      bench.pass(1);
      expect(bench.sequencer.state).toBe(State.Off);
      expect(bench.sequencer.reason).toBe(Reason.NotRestored);
      bench.see(PRESENT);
      bench.passWithRails(100000000);
      expect(bench.sequencer.state).toBe(State.Off, "a new board starts clean");
      expect(bench.sequencer.wanted).toBe(false);
      expect(bench.sequencer.faultReason).toBe(Reason.Start);
      expect(bench.sequencer.tries).toBe(0);
    }
  });

  test("for input power is no longer wanted on once the board is gone", () => {
    for (let i = 0; i < POLICIES.length; i++) {
      const bench = Bench.on(POLICIES[i]);
      bench.inputs.inputGood = false;
      bench.inputs.inputLost = true;
      bench.see(PRESENT, 1000);
      bench.see(0);
      bench.pass(600000);
      bench.see(PRESENT);
      bench.pass(600000);
      bench.inputs.inputLost = false;
      bench.inputs.inputGood = true;
      bench.passWithRails(10000000);
      expect(bench.sequencer.state).toBe(POLICIES[i] == RestorePolicy.AlwaysOn ? State.On : State.Off);
    }
  });

  test("does not power a board whose contact has not settled", () => {
    const bench = begun(RestorePolicy.AlwaysOn, true);
    bench.pass(1200000);
    bench.see(0, 1000); // 300 ms before its turn a contact opens
    bench.see(PRESENT, 1000);
    bench.pass(497000);
    expect(bench.sequencer.outputs).toBe(0, "its turn was 200 ms ago");
    bench.passWithRails(200000);
    expect(bench.sequencer.state).toBe(State.On, "half a second after the contact has settled");
  });
});

describe("input power", () => {
  test("takes everything down at once when it is lost, which is no fault", () => {
    const bench = Bench.on();
    bench.inputs.inputGood = false;
    bench.wait(1000);
    expect(bench.sequencer.state).toBe(State.On, "between the limits it is left alone");
    bench.inputs.inputLost = true;
    bench.wait(1000);
    expect(bench.sequencer.reason).toBe(Reason.InputLost);
    expect(bench.sequencer.origin).toBe(Origin.Policy);
    expect(bench.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
    bench.see(PRESENT, 1000);
    expect(bench.sequencer.state).toBe(State.NoInput);
    expect(bench.sequencer.faultReason).toBe(Reason.Start);
    expect(bench.sequencer.wanted).toBe(true);
    expect(bench.ask(Command.On)).toBe(Answer.NoInput);
  });

  test("is the cause, not the rails that fail because of it", () => {
    const bench = Bench.on();
    bench.inputs.inputGood = false;
    bench.inputs.inputLost = true;
    bench.inputs.fell = bench.inputs.fellFirst = GOOD & ~PRESENT;
    bench.see(PRESENT, 1000);
    expect(bench.sequencer.state).toBe(State.NoInput);
    expect(bench.sequencer.faultReason).toBe(Reason.Start);
  });

  test("counts as lost after 10 ms when nothing is enabled", () => {
    const bench = new Bench();
    bench.inputs.inputGood = false;
    bench.inputs.inputLost = true;
    bench.wait(1000);
    bench.wait(9999);
    expect(bench.sequencer.state).toBe(State.Off);
    bench.wait(1);
    expect(bench.sequencer.state).toBe(State.NoInput);
    expect(bench.sequencer.reason).toBe(Reason.InputLost);
  });

  test("must be good for a second without a break when it returns; then the policy decides", () => {
    for (let policy = 0; policy < POLICIES.length; policy++) {
      for (let wanted = 0; wanted < 2; wanted++) {
        const bench = new Bench();
        bench.sequencer.policy = POLICIES[policy];
        bench.sequencer.wanted = wanted == 1;
        bench.inputs.inputGood = false;
        bench.inputs.inputLost = true;
        bench.pass(1000000);
        expect(bench.sequencer.state).toBe(State.NoInput);
        expect(bench.sequencer.nextDeadline_us()).toBe(NO_DEADLINE);
        bench.inputs.inputLost = false;
        bench.wait(10000000);
        expect(bench.sequencer.state).toBe(State.NoInput, "between the limits is not good");
        bench.inputs.inputGood = true;
        bench.wait(1000);
        bench.wait(999999);
        bench.inputs.inputGood = false;
        bench.wait(1);
        bench.inputs.inputGood = true;
        bench.wait(1);
        bench.wait(999999);
        expect(bench.sequencer.state).toBe(State.NoInput);
        bench.wait(1);
        expect(bench.sequencer.reason).toBe(Reason.InputBack);
        expect(bench.sequencer.origin).toBe(Origin.Policy);
        const comesUp =
          POLICIES[policy] == RestorePolicy.AlwaysOn ||
          (POLICIES[policy] == RestorePolicy.Last && wanted == 1);
        expect(bench.sequencer.state).toBe(comesUp ? State.Restoring : State.Off);
        bench.passWithRails(10000000);
        expect(bench.sequencer.state).toBe(comesUp ? State.On : State.Off);
      }
    }
  });

  test("that sags soon after each power-on makes the slot wait longer and longer", () => {
    const bench = begun(RestorePolicy.AlwaysOn, true);
    bench.passWithRails(3000000);
    expect(bench.sequencer.state).toBe(State.On);
    // The settling time and the turn, then the pauses of a fault in addition.
    const waits_ms: StaticArray<u64> = [2500, 3500, 7500, 27500, 27500];
    for (let i = 0; i < waits_ms.length; i++) {
      bench.inputs.inputGood = false;
      bench.inputs.inputLost = true;
      bench.passWithRails(200000);
      expect(bench.sequencer.state).toBe(State.NoInput);
      bench.inputs.inputGood = true;
      bench.inputs.inputLost = false;
      bench.wait(0);
      const since_us = bench.now_us;
      bench.passWithRails(waits_ms[i] * 1000 - 1);
      expect(bench.sequencer.outputs).toBe(0);
      bench.passWithRails(100000);
      expect(bench.sequencer.state).toBe(State.On);
      expect((bench.sequencer.entered_us - since_us) / 1000).toBeGreaterThanOrEqual(waits_ms[i]);
    }
    bench.passWithRails(<u64>GOOD_AFTER_MS * 1000);
    expect(bench.sequencer.sags).toBe(0, "it was good for long enough");
  });

  test("leaves no deadline pending when it is gone", () => {
    for (let i = 0; i < 3; i++) {
      const bench = i == 0 ? begun(RestorePolicy.AlwaysOn, true) : new Bench();
      bench.pass(1000000);
      // A board is pulled out just before, or the input power sags just before the slot's turn.
      if (i == 1) bench.see(0, 1000);
      else bench.pass(495000);
      bench.inputs.inputGood = false;
      bench.inputs.inputLost = true;
      bench.wait(0);
      bench.pass(10000000);
      expect(bench.sequencer.state).toBe(State.NoInput);
      expect(bench.sequencer.nextDeadline_us()).toBe(NO_DEADLINE);
    }
  });

  test("remembers an off that comes while it is gone", () => {
    const bench = Bench.on();
    bench.inputs.inputGood = false;
    bench.inputs.inputLost = true;
    bench.see(PRESENT, 1000);
    expect(bench.ask(Command.Off)).toBe(Answer.Accepted);
    expect(bench.sequencer.state).toBe(State.NoInput);
    bench.inputs.inputLost = false;
    bench.inputs.inputGood = true;
    bench.pass(20000000);
    expect(bench.sequencer.state).toBe(State.Off);
  });

  test("ends a power cycle when it is lost during the cycle", () => {
    const bench = Bench.on();
    bench.ask(Command.Cycle);
    bench.see(PRESENT, 1000);
    bench.inputs.inputLost = true;
    bench.wait(1000);
    expect(bench.sequencer.state).toBe(State.NoInput);
  });
});

describe("a power-on without a command", () => {
  test("after a cycle or a pause does not come while a sensor reads nonsense", () => {
    for (let i = 0; i < 2; i++) {
      const bench = Bench.on();
      if (i == 0) bench.ask(Command.Cycle);
      bench.see(PRESENT, 1000);
      expect(bench.sequencer.state).toBe(i == 0 ? State.CycleOff : State.RetryPause);
      bench.inputs.inhibited = true;
      bench.pass(50000000);
      expect(bench.sequencer.outputs).toBe(0);
      expect(bench.sequencer.state).toBe(i == 0 ? State.CycleOff : State.RetryPause);
      bench.pass(20000000);
      expect(bench.sequencer.outputs).toBe(0);
      expect(bench.sequencer.state).toBe(i == 0 ? State.Off : State.Fault);
      expect(bench.sequencer.reason).toBe(Reason.NotRestored);
      expect(bench.sequencer.origin).toBe(Origin.Policy);
    }
  });

  test("after a cycle or a pause waits for input power that is not good", () => {
    for (let i = 0; i < 4; i++) {
      const bench = Bench.on();
      if (i % 2 == 0) bench.ask(Command.Cycle);
      bench.see(PRESENT, 1000);
      bench.wait(i % 2 == 0 ? 1999999 : 999999);
      // The input is between the limits, or just lost.
      bench.inputs.inputGood = false;
      bench.inputs.inputLost = i >= 2;
      bench.wait(1);
      expect(bench.sequencer.outputs).toBe(0);
      expect(bench.sequencer.state).toBe(State.NoInput);
      expect(bench.sequencer.reason).toBe(Reason.InputLost);
      bench.inputs.inputGood = true;
      bench.inputs.inputLost = false;
      bench.passWithRails(10000000);
      expect(bench.sequencer.state).toBe(State.On);
    }
  });
});

describe("power coming to the BMC itself", () => {
  test("the policy decides by the state before", () => {
    for (let policy = 0; policy < POLICIES.length; policy++) {
      for (let wanted = 0; wanted < 2; wanted++) {
        const bench = begun(POLICIES[policy], wanted == 1);
        expect(bench.sequencer.outputs).toBe(0);
        expect(bench.sequencer.reason).toBe(Reason.Start);
        expect(bench.sequencer.origin).toBe(Origin.Policy);
        bench.passWithRails(5000000);
        const comesUp =
          POLICIES[policy] == RestorePolicy.AlwaysOn ||
          (POLICIES[policy] == RestorePolicy.Last && wanted == 1);
        expect(bench.sequencer.state).toBe(comesUp ? State.On : State.Off);
      }
    }
  });

  test("the policy at the time of the slot's turn counts", () => {
    const bench = begun(RestorePolicy.AlwaysOn, false);
    bench.pass(1000000);
    bench.sequencer.policy = RestorePolicy.AlwaysOff;
    bench.passWithRails(3000000);
    expect(bench.sequencer.state).toBe(State.Off);
    expect(bench.sequencer.reason).toBe(Reason.NotRestored);
  });

  test("a slot that the policy has switched on counts as wanted", () => {
    const bench = begun(RestorePolicy.AlwaysOn, false);
    bench.passWithRails(3000000);
    expect(bench.sequencer.state).toBe(State.On);
    expect(bench.sequencer.wanted).toBe(true);
  });

  test("slots take turns, half a second apart", () => {
    for (let slot: u32 = 0; slot < 16; slot++) {
      const bench = begun(RestorePolicy.AlwaysOn, false, slot);
      const turn_us: u64 = 1500000 + 500000 * slot;
      bench.pass(turn_us - 1);
      expect(bench.sequencer.outputs).toBe(0);
      bench.pass(1);
      expect(bench.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
      expect(bench.sequencer.reason).toBe(Reason.Restored);
      expect(bench.sequencer.origin).toBe(Origin.Policy);
    }
  });

  test("on and off are accepted while a slot waits for its turn", () => {
    for (let i = 0; i < 3; i++) {
      const bench = begun(RestorePolicy.Last, true, 3);
      bench.wait(1000000);
      if (i == 0) expect(bench.ask(Command.On)).toBe(Answer.Accepted);
      else expect(bench.ask(i == 1 ? Command.Off : Command.ForceOff)).toBe(Answer.Accepted);
      expect(bench.sequencer.state).toBe(i == 0 ? State.RailUp : State.Off);
      expect(bench.sequencer.wanted).toBe(i == 0);
      bench.passWithRails(20000000);
      expect(bench.sequencer.state).toBe(i == 0 ? State.On : State.Off);
    }
  });

  test("a sensor that reads nonsense or a missing board prevents the power-on", () => {
    for (let i = 0; i < 2; i++) {
      const bench = begun(RestorePolicy.AlwaysOn, true);
      if (i == 0) bench.inputs.inhibited = true;
      else bench.see(0);
      bench.pass(70000000);
      expect(bench.sequencer.state).toBe(State.Off);
      expect(bench.sequencer.reason).toBe(Reason.NotRestored);
      expect(bench.sequencer.origin).toBe(Origin.Policy);
    }
  });

  test("without input power the slot waits for it", () => {
    const bench = begun(RestorePolicy.AlwaysOn, true);
    bench.inputs.inputGood = false;
    bench.pass(10000000);
    expect(bench.sequencer.state).toBe(State.NoInput);
    bench.inputs.inputGood = true;
    bench.passWithRails(10000000);
    expect(bench.sequencer.outputs).toBe(RAILS | SIGNAL_COMPUTE_RUN);
  });
});
