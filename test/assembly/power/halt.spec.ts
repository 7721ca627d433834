/**
 * When HALTED means that the compute OS has halted: a pin with a pull-up is high while the board boots, and
 * that must neither switch the slot off nor hide a real halt.
 */
import { SIGNAL_HALTED } from "../../../assembly/generated/abi";
import { Command, Reason, State } from "../../../assembly/generated/vocabulary";
import { AUX, Bench, GOOD } from "./bench";

const HALTED: u32 = GOOD | SIGNAL_HALTED;
const MS: u64 = 1000;

/** A slot whose board was released from reset just now. */
function released(): Bench {
  const bench = new Bench();
  bench.ask(Command.On);
  bench.see(AUX, 5 * MS);
  bench.see(GOOD, 5 * MS);
  bench.wait(20 * MS);
  assert(bench.sequencer.state == State.On);
  return bench;
}

/** The board prints a line each `every_us` for `for_us`. */
function print(bench: Bench, for_us: u64, every_us: u64): void {
  for (let past_us: u64 = 0; past_us < for_us; past_us += every_us) {
    bench.inputs.printed = true;
    bench.pass(every_us);
  }
}

describe("a pin with a pull-up", () => {
  test("that is high for some time after release does not switch the slot off", () => {
    for (let high_ms: u64 = 12; high_ms <= 30000; high_ms *= 5) {
      const bench = released();
      bench.pass(3 * MS); // low, until the board's own supplies are up
      bench.see(HALTED);
      bench.pass(high_ms * MS);
      expect(bench.sequencer.state).toBe(State.On, high_ms.toString());
      bench.see(GOOD);
      bench.pass(1000 * MS);
      bench.see(HALTED);
      bench.pass(2050 * MS);
      expect(bench.sequencer.reason).toBe(Reason.Halted, "a real halt later is seen");
    }
  });

  test("is not armed by lows that last less than a second", () => {
    const bench = released();
    for (let time = 0; time < 10; time++) {
      bench.see(GOOD);
      bench.pass(999 * MS);
      bench.see(HALTED);
      bench.pass(100 * MS);
    }
    bench.pass(60000 * MS);
    expect(bench.sequencer.state).toBe(State.On);
  });

  test("that is high for 12 ms while the OS reboots does not switch the slot off", () => {
    const bench = Bench.on();
    bench.see(HALTED);
    bench.pass(12 * MS);
    bench.see(GOOD);
    bench.pass(5000 * MS);
    expect(bench.sequencer.state).toBe(State.On);
    expect(bench.sequencer.wanted).toBe(true);
  });

  test("that is high from a reboot until the new kernel starts is no halt, if the boot loader prints", () => {
    const bench = Bench.on();
    bench.see(HALTED);
    bench.pass(1500 * MS);
    print(bench, 500 * MS, 10 * MS);
    bench.pass(30000 * MS); // the boot loader waits for the network
    expect(bench.sequencer.state).toBe(State.On);
    bench.see(GOOD);
    bench.pass(1000 * MS);
    bench.see(HALTED);
    bench.pass(2050 * MS);
    expect(bench.sequencer.reason).toBe(Reason.Halted);
  });

  test("that is high again before a second has passed does not count after a reset", () => {
    const bench = Bench.on();
    bench.ask(Command.Reset);
    bench.pass(100 * MS);
    bench.see(HALTED);
    bench.pass(60000 * MS);
    expect(bench.sequencer.state).toBe(State.On);
  });
});

describe("a board that was asked to shut down", () => {
  test("has halted when HALTED was high for 50 ms: within the first pulse of gpio-poweroff", () => {
    const bench = Bench.on();
    bench.ask(Command.Off);
    print(bench, 3000 * MS, 100 * MS);
    bench.see(HALTED);
    bench.pass(49 * MS);
    expect(bench.sequencer.state).toBe(State.ShuttingDown);
    bench.pass(1 * MS);
    expect(bench.sequencer.reason).toBe(Reason.Halted);
  });

  test("has not halted while it prints, and has 50 ms after its last line", () => {
    const bench = Bench.on();
    bench.ask(Command.Off);
    bench.see(HALTED);
    print(bench, 2000 * MS, 40 * MS);
    expect(bench.sequencer.state).toBe(State.ShuttingDown);
    bench.pass(9 * MS);
    expect(bench.sequencer.state).toBe(State.ShuttingDown);
    bench.pass(1 * MS);
    expect(bench.sequencer.reason).toBe(Reason.Halted);
  });

  test("loses its power at once if it has said so already", () => {
    const bench = Bench.on();
    bench.see(HALTED);
    bench.pass(500 * MS);
    bench.ask(Command.Off);
    bench.pass(0);
    expect(bench.sequencer.reason).toBe(Reason.Halted);
  });

  test("is not hurried by a HALTED that was never low, or that counts no longer", () => {
    for (let i = 0; i < 2; i++) {
      const bench = i == 0 ? released() : Bench.on();
      bench.see(HALTED);
      bench.pass(100 * MS);
      bench.inputs.printed = true; // a boot loader, long after the edge
      bench.pass(0);
      bench.ask(Command.Off);
      bench.pass(59999 * MS);
      expect(bench.sequencer.state).toBe(State.ShuttingDown);
      bench.pass(1 * MS);
      expect(bench.sequencer.reason).toBe(Reason.ShutdownTimeout);
    }
  });

  test("whose line was low for a second has halted when it is high", () => {
    const bench = released();
    bench.see(HALTED);
    bench.pass(1000 * MS);
    bench.ask(Command.Off);
    bench.pass(1000 * MS);
    bench.see(GOOD);
    bench.pass(1000 * MS);
    bench.see(HALTED);
    bench.pass(50 * MS);
    expect(bench.sequencer.reason).toBe(Reason.Halted);
  });
});

describe("a halt that the OS was not asked for", () => {
  test("is believed when HALTED was high and the board silent for 2.05 s", () => {
    const bench = Bench.on();
    bench.inputs.printed = true; // the last bytes of "Power down" arrive after the edge
    bench.see(HALTED);
    bench.pass(10 * MS);
    bench.inputs.printed = true;
    bench.pass(2049 * MS);
    expect(bench.sequencer.state).toBe(State.On);
    bench.pass(1 * MS);
    expect(bench.sequencer.reason).toBe(Reason.Halted);
  });

  test("is not believed of a board that goes on printing", () => {
    const bench = Bench.on();
    bench.see(HALTED);
    print(bench, 60000 * MS, 700 * MS);
    bench.pass(60000 * MS);
    expect(bench.sequencer.state).toBe(State.On);
    expect(bench.sequencer.wanted).toBe(true);
  });
});
