/**
 * The sequencer alone: what each state asserts, how long it may last, and what becomes of every fault.
 */
import {
  NO_DEADLINE,
  SIGNAL_COMPUTE_RUN,
  SIGNAL_EN_3V3_AUX,
  SIGNAL_EN_5V,
  SIGNAL_HALTED,
  SIGNAL_PG_3V3_AUX,
  SIGNAL_PG_5V,
  SIGNAL_PRESENT,
  SIGNAL_SHUTDOWN_REQ,
} from "../../assembly/generated/abi";
import { Answer, Command, Reason, Sequencer, State } from "../../assembly/sequencer";

const RAILS: u32 = SIGNAL_EN_3V3_AUX | SIGNAL_EN_5V;
const GOOD: u32 = SIGNAL_PG_3V3_AUX | SIGNAL_PG_5V | SIGNAL_PRESENT;

/** Steps until nothing changes any more, as power.ts does. */
function settle(sequencer: Sequencer, now_us: u64, signals: u32, fell: u32 = 0): void {
  for (let i = 0; i < 16; i++) {
    if (!sequencer.step(now_us, signals, i == 0 ? fell : 0)) return;
  }
  throw new Error("does not settle");
}

/** A sequencer brought up the regular way, on since 40 ms. */
function broughtUp(): Sequencer {
  const sequencer = new Sequencer();
  sequencer.adopt(0, SIGNAL_PRESENT);
  sequencer.request(0, Command.On, SIGNAL_PRESENT);
  settle(sequencer, 5000, SIGNAL_PRESENT | SIGNAL_PG_3V3_AUX);
  settle(sequencer, 10000, GOOD);
  settle(sequencer, 40000, GOOD);
  return sequencer;
}

/** The life after a restart: the outputs of the one before, its memory, and the inputs as they are. */
function restarted(before: Sequencer, inputs: u32): Sequencer {
  const after = new Sequencer();
  after.adopt(0, inputs | before.outputs, before.memory());
  return after;
}

/** A sequencer in the state asked for; of two of a kind, `variant` picks rail 0 or 1. */
function lifeInState(state: State, variant: i32): Sequencer {
  if (state == State.Off || state == State.RailUp || state == State.RunDelay) {
    const rising = new Sequencer();
    rising.adopt(0, SIGNAL_PRESENT);
    if (state == State.Off) return rising;
    rising.request(0, Command.On, SIGNAL_PRESENT);
    if (state == State.RailUp && variant % 2 == 1) return rising;
    settle(rising, 5000, SIGNAL_PRESENT | SIGNAL_PG_3V3_AUX);
    if (state == State.RunDelay) settle(rising, 6000, GOOD);
    return rising;
  }
  const sequencer = broughtUp();
  if (state == State.ShuttingDown) sequencer.request(50000, Command.Off, GOOD);
  if (state == State.Resetting) sequencer.request(50000, Command.Reset, GOOD);
  if (state == State.CycleOff) {
    sequencer.request(50000, Command.Cycle, GOOD);
    settle(sequencer, 51000, SIGNAL_PRESENT);
  }
  if (state == State.RailDown) {
    // Faults keep the rail from counting as down at once: 3V3_AUX of the second variant stays up.
    sequencer.request(50000, Command.ForceOff, GOOD);
    if (variant % 2 == 1) settle(sequencer, 51000, GOOD);
  }
  return sequencer;
}

describe("bring-up", () => {
  test("rails come up one by one, each after the power-good before it, COMPUTE_RUN last", () => {
    const sequencer = new Sequencer();
    sequencer.adopt(0, SIGNAL_PRESENT);
    expect(sequencer.outputs).toBe(0);
    expect(sequencer.request(0, Command.On, SIGNAL_PRESENT)).toBe(Answer.Accepted);
    expect(sequencer.outputs).toBe(SIGNAL_EN_3V3_AUX);
    settle(sequencer, 4000, SIGNAL_PRESENT);
    expect(sequencer.outputs).toBe(SIGNAL_EN_3V3_AUX, "no power-good yet");
    settle(sequencer, 5000, SIGNAL_PRESENT | SIGNAL_PG_3V3_AUX);
    expect(sequencer.outputs).toBe(RAILS);
    settle(sequencer, 9000, GOOD);
    expect(sequencer.state).toBe(State.RunDelay);
    expect(sequencer.outputs).toBe(RAILS);
    expect(sequencer.deadline_us).toBe(29000);
    settle(sequencer, 29000, GOOD);
    expect(sequencer.state).toBe(State.On);
    expect(sequencer.outputs).toBe(RAILS | SIGNAL_COMPUTE_RUN);
    expect(sequencer.deadline_us).toBe(NO_DEADLINE);
  });

  test("an empty slot is not powered", () => {
    const sequencer = new Sequencer();
    sequencer.adopt(0, 0);
    expect(sequencer.request(0, Command.On, 0)).toBe(Answer.NotPresent);
    expect(sequencer.outputs).toBe(0);
  });
});

describe("faults", () => {
  test("3V3_AUX that never becomes good is blamed at its deadline, and EN_5V is never asserted", () => {
    const sequencer = new Sequencer();
    sequencer.adopt(0, SIGNAL_PRESENT);
    sequencer.request(0, Command.On, SIGNAL_PRESENT);
    settle(sequencer, 49999, SIGNAL_PRESENT);
    expect(sequencer.outputs).toBe(SIGNAL_EN_3V3_AUX);
    settle(sequencer, 50000, SIGNAL_PRESENT);
    expect(sequencer.state).toBe(State.Fault);
    expect(sequencer.outputs).toBe(0);
    expect(sequencer.faultReason).toBe(Reason.PowerGoodTimeout);
    expect(sequencer.faultRail).toBe(0);
  });

  test("5V that never becomes good is blamed, and 3V3_AUX goes down after it", () => {
    const sequencer = new Sequencer();
    sequencer.adopt(0, SIGNAL_PRESENT);
    sequencer.request(0, Command.On, SIGNAL_PRESENT);
    settle(sequencer, 5000, SIGNAL_PRESENT | SIGNAL_PG_3V3_AUX);
    settle(sequencer, 105000, SIGNAL_PRESENT | SIGNAL_PG_3V3_AUX);
    expect(sequencer.faultReason).toBe(Reason.PowerGoodTimeout);
    expect(sequencer.faultRail).toBe(1);
    expect(sequencer.outputs).toBe(0, "3V3_AUX, being disabled last, is off too");
    expect(sequencer.state).toBe(State.RailDown);
    settle(sequencer, 106000, SIGNAL_PRESENT);
    expect(sequencer.state).toBe(State.Fault);
  });

  test("a power-good that drops for less than a pass still switches off", () => {
    const sequencer = broughtUp();
    settle(sequencer, 50000, GOOD, SIGNAL_PG_5V);
    expect(sequencer.faultReason).toBe(Reason.PowerGoodLost);
    expect(sequencer.faultRail).toBe(1);
    expect(sequencer.outputs & SIGNAL_COMPUTE_RUN).toBe(0);
  });

  test("the first of several faults is kept", () => {
    const sequencer = broughtUp();
    settle(sequencer, 50000, SIGNAL_PRESENT | SIGNAL_PG_5V);
    expect(sequencer.faultRail).toBe(0);
    // 5V will not go down: worth a fault of its own, were it the first.
    settle(sequencer, 600000, SIGNAL_PRESENT | SIGNAL_PG_5V);
    expect(sequencer.state).toBe(State.Fault);
    expect(sequencer.faultReason).toBe(Reason.PowerGoodLost);
    expect(sequencer.faultRail).toBe(0);
  });

  test("a rail that stays up after switching off is latched, and the others go down all the same", () => {
    const sequencer = broughtUp();
    sequencer.request(100000, Command.ForceOff, GOOD);
    settle(sequencer, 599999, GOOD);
    expect(sequencer.state).toBe(State.RailDown);
    settle(sequencer, 600000, GOOD);
    expect(sequencer.outputs).toBe(0);
    settle(sequencer, 601000, SIGNAL_PRESENT | SIGNAL_PG_5V);
    expect(sequencer.state).toBe(State.Fault);
    expect(sequencer.faultReason).toBe(Reason.PowerGoodStuck);
    expect(sequencer.faultRail).toBe(1);
  });

  test("a board pulled out takes its rails down, a contact that bounces does not", () => {
    const sequencer = broughtUp();
    settle(sequencer, 50000, GOOD & ~SIGNAL_PRESENT);
    expect(sequencer.nextDeadline_us()).toBe(60000);
    settle(sequencer, 59999, GOOD & ~SIGNAL_PRESENT);
    settle(sequencer, 60000, GOOD);
    settle(sequencer, 61000, GOOD & ~SIGNAL_PRESENT);
    settle(sequencer, 70999, GOOD & ~SIGNAL_PRESENT);
    expect(sequencer.state).toBe(State.On);
    settle(sequencer, 71000, GOOD & ~SIGNAL_PRESENT);
    expect(sequencer.faultReason).toBe(Reason.Removed);
    expect(sequencer.outputs & SIGNAL_COMPUTE_RUN).toBe(0);
  });

  test("a board pulled out in the middle of a power cycle is not powered again", () => {
    const sequencer = broughtUp();
    sequencer.request(100000, Command.Cycle, GOOD);
    settle(sequencer, 101000, SIGNAL_PRESENT);
    expect(sequencer.state).toBe(State.CycleOff);
    settle(sequencer, 200000, 0);
    settle(sequencer, 210000, 0);
    expect(sequencer.state).toBe(State.Fault);
    expect(sequencer.faultReason).toBe(Reason.Removed);
  });

  test("a latched fault ends with power on or power off", () => {
    for (let i = 0; i < 2; i++) {
      const sequencer = broughtUp();
      settle(sequencer, 50000, SIGNAL_PRESENT);
      expect(sequencer.state).toBe(State.Fault);
      sequencer.request(60000, i == 0 ? Command.On : Command.Off, SIGNAL_PRESENT);
      expect(sequencer.faultReason).toBe(Reason.Start);
      expect(sequencer.state).toBe(i == 0 ? State.RailUp : State.Off);
    }
  });
});

describe("going down", () => {
  test("graceful: SHUTDOWN_REQ until HALTED, then COMPUTE_RUN, 5V, 3V3_AUX", () => {
    const sequencer = broughtUp();
    expect(sequencer.request(100000, Command.Off, GOOD)).toBe(Answer.Accepted);
    expect(sequencer.outputs).toBe(RAILS | SIGNAL_COMPUTE_RUN | SIGNAL_SHUTDOWN_REQ);
    settle(sequencer, 5000000, GOOD);
    expect(sequencer.state).toBe(State.ShuttingDown);
    settle(sequencer, 6000000, GOOD | SIGNAL_HALTED);
    expect(sequencer.state).toBe(State.ShuttingDown, "not at the first edge, which may be a glitch");
    settle(sequencer, 6010000, GOOD | SIGNAL_HALTED);
    expect(sequencer.reason).toBe(Reason.Halted);
    expect(sequencer.outputs).toBe(SIGNAL_EN_3V3_AUX);
    settle(sequencer, 6011000, SIGNAL_PRESENT | SIGNAL_PG_3V3_AUX);
    expect(sequencer.outputs).toBe(0);
    settle(sequencer, 6012000, SIGNAL_PRESENT);
    expect(sequencer.state).toBe(State.Off);
  });

  test("a board that never halts loses its power at the deadline", () => {
    const sequencer = broughtUp();
    sequencer.request(100000, Command.Off, GOOD);
    settle(sequencer, 60099999, GOOD);
    expect(sequencer.state).toBe(State.ShuttingDown);
    settle(sequencer, 60100000, GOOD);
    expect(sequencer.reason).toBe(Reason.ShutdownTimeout);
    expect(sequencer.state).toBe(State.RailDown);
  });

  test("an OS that halts by itself is switched off, one whose line was high all along is not", () => {
    const sequencer = new Sequencer();
    sequencer.adopt(0, GOOD | RAILS | SIGNAL_COMPUTE_RUN);
    settle(sequencer, 1000, GOOD | SIGNAL_HALTED);
    settle(sequencer, 50000, GOOD | SIGNAL_HALTED);
    expect(sequencer.state).toBe(State.On);
    settle(sequencer, 60000, GOOD);
    settle(sequencer, 61000, GOOD | SIGNAL_HALTED);
    settle(sequencer, 62000, GOOD);
    settle(sequencer, 63000, GOOD | SIGNAL_HALTED);
    settle(sequencer, 72999, GOOD | SIGNAL_HALTED);
    expect(sequencer.state).toBe(State.On, "the line must hold for 10 ms");
    settle(sequencer, 73000, GOOD | SIGNAL_HALTED);
    expect(sequencer.reason).toBe(Reason.Halted);
  });

  test("cycle comes up again after the pause, off in the meantime cancels it", () => {
    for (let i = 0; i < 2; i++) {
      const sequencer = broughtUp();
      sequencer.request(100000, Command.Cycle, GOOD);
      settle(sequencer, 101000, SIGNAL_PRESENT);
      expect(sequencer.state).toBe(State.CycleOff);
      expect(sequencer.outputs).toBe(0);
      if (i == 0) {
        settle(sequencer, 2101000, SIGNAL_PRESENT);
        expect(sequencer.state).toBe(State.RailUp);
        expect(sequencer.outputs).toBe(SIGNAL_EN_3V3_AUX);
      } else {
        expect(sequencer.request(200000, Command.Off, SIGNAL_PRESENT)).toBe(Answer.Accepted);
        expect(sequencer.state).toBe(State.Off);
      }
    }
  });

  test("reset pulses COMPUTE_RUN and leaves the rails", () => {
    const sequencer = broughtUp();
    sequencer.request(100000, Command.Reset, GOOD);
    expect(sequencer.outputs).toBe(RAILS);
    settle(sequencer, 199999, GOOD);
    expect(sequencer.outputs).toBe(RAILS);
    settle(sequencer, 200000, GOOD);
    expect(sequencer.outputs).toBe(RAILS | SIGNAL_COMPUTE_RUN);
  });
});

describe("adoption after a restart", () => {
  test("a slot that was on stays on: the outputs asked for are those found", () => {
    const sequencer = new Sequencer();
    sequencer.adopt(0, GOOD | RAILS | SIGNAL_COMPUTE_RUN);
    expect(sequencer.state).toBe(State.On);
    expect(sequencer.outputs).toBe(RAILS | SIGNAL_COMPUTE_RUN);
  });

  test("every state is taken up where it was, and no output changes", () => {
    const lives: StaticArray<State> = [
      State.Off,
      State.RailUp,
      State.RailUp,
      State.RunDelay,
      State.On,
      State.ShuttingDown,
      State.RailDown,
      State.RailDown,
      State.CycleOff,
      State.Resetting,
    ];
    for (let i = 0; i < lives.length; i++) {
      const before = lifeInState(lives[i], i);
      expect(before.state).toBe(lives[i]);
      const after = restarted(before, GOOD);
      expect(after.state).toBe(before.state);
      expect(after.outputs).toBe(before.outputs);
    }
  });

  test("going down goes on, and a fault stays latched: never up again by itself", () => {
    const before = broughtUp();
    settle(before, 50000, SIGNAL_PRESENT | SIGNAL_PG_3V3_AUX);
    expect(before.state).toBe(State.RailDown);
    expect(before.outputs).toBe(0);
    const after = restarted(before, SIGNAL_PRESENT);
    expect(after.state).toBe(State.Fault);
    expect(after.faultReason).toBe(Reason.PowerGoodLost);
    expect(after.faultRail).toBe(1);
    expect(restarted(after, SIGNAL_PRESENT).state).toBe(State.Fault);
  });

  test("a rail lost during the restart is blamed, not silently brought up again", () => {
    const before = broughtUp();
    for (let i = 0; i < 2; i++) {
      const after = restarted(before, GOOD);
      // Either it is still gone, or it came back and only the latched fall tells.
      settle(after, 1000, i == 0 ? GOOD & ~SIGNAL_PG_5V : GOOD, i == 0 ? 0 : SIGNAL_PG_5V);
      expect(after.faultReason).toBe(Reason.PowerGoodLost);
      expect(after.faultRail).toBe(1);
      expect(after.outputs & SIGNAL_COMPUTE_RUN).toBe(0);
    }
  });

  test("a transition cut short between memory and outputs is completed", () => {
    // Remembered as going down, the outputs still as they were when on.
    const goingDown = broughtUp();
    goingDown.request(100000, Command.ForceOff, GOOD);
    const after = new Sequencer();
    after.adopt(0, GOOD | RAILS | SIGNAL_COMPUTE_RUN, goingDown.memory());
    expect(after.state).toBe(State.RailDown);
    // Remembered as on, COMPUTE_RUN not released yet.
    const released = new Sequencer();
    released.adopt(0, GOOD | RAILS, broughtUp().memory());
    expect(released.state).toBe(State.RunDelay);
  });

  test("with nothing remembered a board that runs is left alone, rails half up go down", () => {
    const running = new Sequencer();
    running.adopt(0, GOOD | RAILS | SIGNAL_COMPUTE_RUN, 0);
    expect(running.state).toBe(State.On);
    const half = new Sequencer();
    half.adopt(0, GOOD | SIGNAL_EN_3V3_AUX, 0);
    expect(half.state).toBe(State.RailDown);
    expect(half.outputs & ~SIGNAL_EN_3V3_AUX).toBe(0);
  });

  test("an OS that halted while the BMC restarted is switched off", () => {
    const before = broughtUp();
    settle(before, 50000, GOOD);
    const after = restarted(before, GOOD | SIGNAL_HALTED);
    settle(after, 0, GOOD | SIGNAL_HALTED);
    settle(after, 10000, GOOD | SIGNAL_HALTED);
    expect(after.reason).toBe(Reason.Halted);
  });
});
