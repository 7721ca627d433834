/** Faults: which cause is reported, when the slot is tried again, and when a fault is latched. */

import {
  NO_DEADLINE,
  SIGNAL_COMPUTE_RUN,
  SIGNAL_EN_RAIL_0,
  SIGNAL_PG_RAIL_0,
  SIGNAL_PG_RAIL_1,
} from "../../../assembly/generated/abi";
import { Answer, Command, Origin, Reason, State } from "../../../assembly/generated/vocabulary";
import { wordOf } from "../../../assembly/power/retained-word";
import { AUX, Bench, GOOD, PRESENT, RAILS } from "./bench";

/** How long a power-on without a command waits for a temporary obstacle. */
const PATIENCE_US: u64 = 60000000;

/** A slot whose 5V fails again and again until the fault is latched. */
function latched(): Bench {
  const bench = Bench.on();
  for (let i = 0; i < 3; i++) {
    bench.see(PRESENT, 1000);
    bench.passWithRails(26000000);
    expect(bench.sequencer.state).toBe(State.On);
  }
  bench.see(AUX, 1000);
  bench.see(PRESENT, 1000);
  expect(bench.sequencer.state).toBe(State.Fault);
  return bench;
}

describe("the reported cause", () => {
  test("3V3_AUX that never becomes good is reported at its deadline, and EN_5V is never asserted", () => {
    const bench = new Bench();
    bench.ask(Command.On);
    bench.wait(49999);
    expect(bench.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
    bench.wait(1);
    expect(bench.sequencer.state).toBe(State.RetryPause);
    expect(bench.sequencer.outputs).toBe(0);
    expect(bench.sequencer.faultReason).toBe(Reason.PowerGoodTimeout);
    expect(bench.sequencer.faultRail).toBe(0);
    expect(bench.sequencer.fault_us).toBe(50000);
    expect(bench.sequencer.origin).toBe(Origin.Fault);
  });

  test("5V that never becomes good is reported, and 3V3_AUX goes down after it", () => {
    const bench = new Bench();
    bench.ask(Command.On);
    bench.see(AUX, 5000);
    bench.wait(99999);
    expect(bench.sequencer.state).toBe(State.RailUp);
    bench.wait(1);
    expect(bench.sequencer.faultReason).toBe(Reason.PowerGoodTimeout);
    expect(bench.sequencer.faultRail).toBe(1);
    expect(bench.sequencer.outputs).toBe(0, "5V is gone at once, so 3V3_AUX is disabled as well");
    expect(bench.sequencer.state).toBe(State.RailDown);
    bench.see(PRESENT, 1000);
    expect(bench.sequencer.state).toBe(State.RetryPause);
  });

  test("a power-good that drops for less than a pass still switches off", () => {
    const bench = Bench.on();
    bench.inputs.fell = SIGNAL_PG_RAIL_1;
    bench.wait(1000);
    expect(bench.sequencer.reason).toBe(Reason.PowerGoodLost);
    expect(bench.sequencer.faultRail).toBe(1);
    expect(bench.sequencer.outputs & SIGNAL_COMPUTE_RUN).toBe(0);
  });

  test("of rails that fail together the one that fell first is the cause", () => {
    for (let first = 0; first < 2; first++) {
      const bench = Bench.on();
      bench.inputs.fell = SIGNAL_PG_RAIL_1 | SIGNAL_PG_RAIL_0;
      bench.inputs.fellFirst = first == 0 ? SIGNAL_PG_RAIL_0 : SIGNAL_PG_RAIL_1;
      bench.see(PRESENT, 1000);
      expect(bench.sequencer.faultReason).toBe(Reason.PowerGoodLost);
      expect(bench.sequencer.faultRail).toBe(first);
    }
  });

  test("of rails that fell in an unknown order the one that the others depend on is the cause", () => {
    const bench = Bench.on();
    bench.inputs.fell = SIGNAL_PG_RAIL_1 | SIGNAL_PG_RAIL_0;
    bench.see(PRESENT, 1000);
    expect(bench.sequencer.faultRail).toBe(0);
  });

  test("a rail that need not be good yet is not a cause", () => {
    const bench = new Bench();
    bench.ask(Command.On);
    bench.see(AUX, 1000);
    bench.inputs.fell = bench.inputs.fellFirst = SIGNAL_PG_RAIL_1; // rings while it ramps
    bench.wait(1000);
    expect(bench.sequencer.state).toBe(State.RailUp);
    expect(bench.sequencer.outputs).toBe(RAILS);
    bench.inputs.fell = SIGNAL_PG_RAIL_0;
    bench.wait(1000);
    expect(bench.sequencer.faultRail).toBe(0);
  });

  test("an over-current is the cause, not the power-good that goes because of it", () => {
    const bench = Bench.on();
    bench.inputs.tripped = true;
    bench.inputs.fell = bench.inputs.fellFirst = SIGNAL_PG_RAIL_1;
    bench.see(AUX, 20);
    expect(bench.sequencer.faultReason).toBe(Reason.Overcurrent);
    expect(bench.sequencer.faultRail).toBe(1);
    expect(bench.sequencer.origin).toBe(Origin.Fault);
    expect(bench.sequencer.outputs).toBe(0, "5V is gone already");
  });

  test("an over-current reported within a millisecond explains the loss of 5V, and nothing else", () => {
    for (let i = 0; i < 4; i++) {
      const bench = Bench.on();
      // In time, too late, with another rail, with another fault.
      if (i == 3) bench.inputs.limit = 17;
      bench.inputs.limitRail = 1;
      bench.see(i == 2 ? GOOD & ~SIGNAL_PG_RAIL_0 : i == 3 ? GOOD : AUX, 100);
      const before = wordOf(bench.sequencer);
      const reason = bench.sequencer.faultReason;
      expect(bench.sequencer.attributeToTrip(bench.now_us + (i == 1 ? 1001 : 1000))).toBe(i == 0);
      expect(bench.sequencer.faultReason).toBe(i == 0 ? Reason.Overcurrent : reason);
      if (i > 0) expect(wordOf(bench.sequencer)).toBe(before);
      expect(bench.sequencer.state).toBe(State.RailDown);
    }
    expect(Bench.on().sequencer.attributeToTrip(0)).toBe(false, "there is no fault to attribute");
  });

  test("a limit is a fault of its rail, or of the first rail if it concerns all", () => {
    for (let rail = -1; rail < 2; rail++) {
      const bench = Bench.on();
      bench.inputs.limit = 17;
      bench.inputs.limitRail = rail;
      bench.wait(1000);
      expect(bench.sequencer.state).toBe(State.RailDown);
      expect(bench.sequencer.faultReason).toBe(Reason.Limit);
      expect(bench.sequencer.faultRail).toBe(max(rail, 0));
      expect(bench.sequencer.faultLimit).toBe(17);
    }
  });

  test("the first of several faults is kept", () => {
    const bench = Bench.on();
    bench.see(PRESENT | SIGNAL_PG_RAIL_1, 1000);
    expect(bench.sequencer.faultRail).toBe(0);
    // 5V does not go down. This would be a fault of its own if it were the first, and it prevents a retry.
    bench.wait(500000);
    expect(bench.sequencer.state).toBe(State.Fault);
    expect(bench.sequencer.faultReason).toBe(Reason.PowerGoodLost);
    expect(bench.sequencer.faultRail).toBe(0);
  });

  test("a rail that stays up after switching off is latched, and the others go down all the same", () => {
    const bench = Bench.on();
    bench.ask(Command.ForceOff);
    bench.wait(499999);
    expect(bench.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0);
    bench.wait(1);
    expect(bench.sequencer.outputs).toBe(0);
    bench.see(PRESENT | SIGNAL_PG_RAIL_1, 1000);
    expect(bench.sequencer.state).toBe(State.Fault);
    expect(bench.sequencer.faultReason).toBe(Reason.PowerGoodStuck);
    expect(bench.sequencer.faultRail).toBe(1);
    expect(bench.sequencer.reason).toBe(Reason.PowerGoodStuck);
    expect(bench.sequencer.origin).toBe(Origin.Fault, "no command asked for that");
  });

  test("but not one whose rail is fed from outside: a cycle goes on, and comes up again", () => {
    for (let fed: u32 = 0; fed < 2; fed++) {
      const bench = Bench.on();
      bench.inputs.fed = fed ? SIGNAL_PG_RAIL_1 : SIGNAL_PG_RAIL_0;
      bench.ask(Command.Cycle);
      bench.wait(499999);
      expect(bench.sequencer.outputs).toBe(SIGNAL_EN_RAIL_0, "power-good may still go");
      bench.wait(1);
      bench.see(PRESENT | SIGNAL_PG_RAIL_1, 1000);
      expect(bench.sequencer.state).toBe(fed ? State.CycleOff : State.Fault);
      if (!fed) continue;
      bench.wait(2000000);
      expect(bench.sequencer.reason).toBe(Reason.CycleWaited);
      bench.see(GOOD, 1000);
      bench.wait(20000);
      expect(bench.sequencer.state).toBe(State.On);
    }
  });
});

describe("trying again", () => {
  test("three times, after 1, 5 and 25 s, then the fault is latched", () => {
    const bench = new Bench();
    bench.ask(Command.On);
    const pauses: StaticArray<u64> = [1000000, 5000000, 25000000];
    for (let i = 0; i < pauses.length; i++) {
      bench.wait(50000); // 3V3_AUX does not come
      expect(bench.sequencer.state).toBe(State.RetryPause);
      expect(bench.sequencer.isLatched()).toBe(false);
      bench.wait(pauses[i] - 1);
      expect(bench.sequencer.outputs).toBe(0);
      bench.wait(1);
      expect(bench.sequencer.state).toBe(State.RailUp);
      expect(bench.sequencer.reason).toBe(Reason.Retried);
      expect(bench.sequencer.origin).toBe(Origin.Policy);
      expect(bench.sequencer.tries).toBe(i + 1);
    }
    bench.wait(50000);
    expect(bench.sequencer.state).toBe(State.Fault);
    expect(bench.sequencer.origin).toBe(Origin.Fault);
    bench.wait(1000000000);
    expect(bench.sequencer.state).toBe(State.Fault);
    expect(bench.sequencer.outputs).toBe(0);
    expect(bench.sequencer.nextDeadline_us()).toBe(NO_DEADLINE);
    expect(bench.sequencer.wanted).toBe(false, "nor after an outage of the BMC");
    bench.ask(Command.ClearFault);
    expect(bench.sequencer.tries).toBe(0);
  });

  test("a slot that was on for a minute has all tries again, a shorter time does not count", () => {
    for (let i = 0; i < 2; i++) {
      const bench = Bench.on();
      bench.see(PRESENT, 1000);
      bench.passWithRails(1000000 + 30000);
      expect(bench.sequencer.state).toBe(State.On);
      expect(bench.sequencer.tries).toBe(1);
      bench.wait(i == 0 ? 59000000 : 60000000);
      expect(bench.sequencer.state).toBe(State.On);
      expect(bench.sequencer.tries).toBe(1 - i);
      bench.see(PRESENT, 100);
      expect(bench.sequencer.state).toBe(State.RetryPause);
      expect(bench.sequencer.deadline_us - bench.now_us).toBe(i == 0 ? 5000000 : 1000000);
    }
  });

  test("a retry needs a board, input power and plausible sensors", () => {
    for (let i = 0; i < 2; i++) {
      const bench = Bench.on();
      bench.see(PRESENT, 1000);
      expect(bench.sequencer.state).toBe(State.RetryPause);
      if (i == 0) bench.see(0);
      else bench.inputs.inhibited = true;
      bench.pass(10000000);
      expect(bench.sequencer.outputs).toBe(0);
      expect(bench.sequencer.state).toBe(i == 0 ? State.Off : State.RetryPause);
      bench.pass(PATIENCE_US);
      expect(bench.sequencer.outputs).toBe(0);
      expect(bench.sequencer.state).toBe(i == 0 ? State.Off : State.Fault);
      expect(bench.sequencer.faultReason).toBe(i == 0 ? Reason.Start : Reason.PowerGoodLost);
      expect(bench.sequencer.reason).toBe(Reason.NotRestored);
    }
  });

  test("a retry waits until sensors are plausible and limits are kept again", () => {
    const bench = Bench.on();
    bench.see(PRESENT, 1000);
    bench.inputs.inhibited = true;
    bench.pass(50000000);
    expect(bench.sequencer.state).toBe(State.RetryPause);
    bench.inputs.inhibited = false;
    bench.passWithRails(100000);
    expect(bench.sequencer.state).toBe(State.On);
    expect(bench.sequencer.tries).toBe(1);
  });

  test("a fault on the way to off is recorded, and not tried again", () => {
    const bench = Bench.on();
    bench.ask(Command.Off);
    expect(bench.sequencer.state).toBe(State.ShuttingDown);
    bench.inputs.tripped = true;
    bench.wait(0);
    expect(bench.sequencer.faultReason).toBe(Reason.Overcurrent);
    bench.passWithRails(40000000);
    expect(bench.sequencer.state).toBe(State.Off);
    expect(bench.sequencer.wanted).toBe(false);
  });

  test("off ends the retries, on tries at once and with all tries", () => {
    for (let i = 0; i < 2; i++) {
      const bench = Bench.on();
      bench.see(PRESENT, 1000);
      expect(bench.ask(i == 0 ? Command.Off : Command.On)).toBe(Answer.Accepted);
      expect(bench.sequencer.state).toBe(i == 0 ? State.Off : State.RailUp);
      expect(bench.sequencer.faultReason).toBe(Reason.Start);
      expect(bench.sequencer.tries).toBe(0);
    }
  });

  test("off while the slot goes down with a fault ends in off", () => {
    const bench = Bench.on();
    bench.see(AUX, 1000);
    expect(bench.sequencer.state).toBe(State.RailDown);
    expect(bench.ask(Command.Off, Origin.Smbus)).toBe(Answer.Accepted);
    bench.see(PRESENT, 1000);
    expect(bench.sequencer.state).toBe(State.Off);
    expect(bench.sequencer.origin).toBe(Origin.Smbus);
  });
});

describe("the latch", () => {
  test("only clearing the fault lets the slot come up again", () => {
    const bench = latched();
    expect(bench.ask(Command.On)).toBe(Answer.Faulted);
    expect(bench.ask(Command.Cycle)).toBe(Answer.AlreadyOff);
    expect(bench.ask(Command.Reset)).toBe(Answer.AlreadyOff);
    expect(bench.ask(Command.Off)).toBe(Answer.AlreadyOff);
    expect(bench.ask(Command.ForceOff)).toBe(Answer.AlreadyOff);
    bench.inputs.inputLost = true;
    bench.pass(1000000);
    bench.inputs.inputLost = false;
    bench.see(0);
    bench.pass(1000000);
    bench.see(PRESENT);
    bench.pass(1000000);
    expect(bench.sequencer.isLatched()).toBe(true);
    expect(bench.sequencer.faultReason).toBe(Reason.PowerGoodLost);
    expect(bench.sequencer.faultRail).toBe(1);
    expect(bench.ask(Command.ClearFault, Origin.Smbus)).toBe(Answer.Accepted);
    expect(bench.sequencer.state).toBe(State.Off);
    expect(bench.sequencer.reason).toBe(Reason.FaultCleared);
    expect(bench.sequencer.origin).toBe(Origin.Smbus);
    expect(bench.sequencer.tries).toBe(0);
    expect(bench.ask(Command.On)).toBe(Answer.Accepted);
  });

  test("a fault cleared while the rails still go down ends in off", () => {
    const bench = latched();
    bench.ask(Command.ClearFault);
    bench.ask(Command.On);
    bench.passWithRails(1000000);
    bench.ask(Command.ForceOff);
    bench.see(GOOD, 500000); // 5V is stuck
    expect(bench.sequencer.state).toBe(State.RailDown);
    expect(bench.sequencer.isLatched()).toBe(true);
    expect(bench.ask(Command.On)).toBe(Answer.Faulted);
    expect(bench.ask(Command.ClearFault)).toBe(Answer.Accepted);
    expect(bench.sequencer.isLatched()).toBe(false);
    bench.see(PRESENT, 1000);
    expect(bench.sequencer.state).toBe(State.Off);
  });

  test("without a fault, or while a retry is due, there is nothing to clear", () => {
    const bench = Bench.on();
    expect(bench.ask(Command.ClearFault)).toBe(Answer.NoFault);
    bench.see(PRESENT, 1000);
    expect(bench.sequencer.state).toBe(State.RetryPause);
    expect(bench.ask(Command.ClearFault)).toBe(Answer.NoFault);
    expect(bench.sequencer.state).toBe(State.RetryPause);
  });
});
