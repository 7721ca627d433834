/**
 * The run loop: keeps the core and everything else at the same emulated time. The core executes a slice of
 * instructions up to the next alarm, or sleeps up to it; then the alarms that are due fire.
 *
 * Deterministic: same image, same seed, same calls from outside at the same emulated times give
 * the same run to the cycle, however it is cut into slices.
 */
import type { SystemBus } from "./bus.ts";
import type { Clock } from "./clocks/clock.ts";
import type { BootRom } from "./memory/boot-rom.ts";

/** Longest slice without a look at anything else; also keeps cycle counts within small integers. */
const SLICE_CYCLES = 1 << 24;
/** Cycles between two tests of `runUntil`'s condition while no alarm is due. */
const CONDITION_CYCLES = 1024;

export abstract class RunLoop {
  /** Called before each instruction with its address. Set, it selects a loop several times slower. */
  trace?: (pc: number) => void;
  /** A debugger has halted the core: emulated time stands still until it resumes. */
  debuggerHalted = false;
  readonly bus: SystemBus;

  protected readonly clock: Clock;
  protected abstract readonly bootRom: BootRom;
  protected powered = false;
  /** A watchdog that fired during the slice under way; its reset comes at the end of the instruction. */
  protected pendingWatchdog: { forced: boolean } | null = null;

  /** Cycles of clk_sys before the slice under way, asleep or not, and those spent executing. */
  private ticks = 0;
  private executedCycles = 0;
  private inSlice = false;
  /** A single step executes the instruction under a breakpoint too. */
  private stepping = false;
  /**
   * Time is `epochNanos` + (ticks - `epochTicks`) / `hz`: whole cycles since the last change of
   * frequency.
   */
  private epochNanos = 0;
  private epochTicks = 0;
  private hz = 0;

  constructor(bus: SystemBus, clock: Clock) {
    this.bus = bus;
    this.clock = clock;
    if (bus.xipCache) bus.xipCache.now = () => this.ticks + (this.inSlice ? bus.cpu.executed : 0);
    clock.now = () => this.nanosAt(this.ticks + (this.inSlice ? bus.cpu.executed : 0));
    clock.onEarlier = (nanos) => this.shortenSlice(nanos);
    bus.stepOnce = () => this.stepInstruction();
  }

  /** The watchdog's reset, between two instructions. */
  protected abstract watchdogReset(forced: boolean): void;

  get nanos(): number {
    return this.clock.nanos;
  }

  /** Cycles spent executing instructions. */
  get cycles(): number {
    return this.executedCycles + (this.inSlice ? this.bus.cpu.executed : 0);
  }

  schedule(delayNanos: number, action: () => void): { cancel(): void } {
    const alarm = this.clock.createAlarm(action);
    alarm.schedule(delayNanos);
    return alarm;
  }

  private nanosAt(ticks: number): number {
    return this.epochNanos + ((ticks - this.epochTicks) * 1e9) / this.hz;
  }

  /** Cycles after which time has reached `nanos`, counted from the start of the slice; 0 at least. */
  private cyclesUntil(nanos: number): number {
    const cycles =
      Math.ceil(((nanos - this.epochNanos) * this.hz) / 1e9 - 1e-6) - (this.ticks - this.epochTicks);
    // Infinity when there is no alarm at all.
    return Math.max(0, cycles);
  }

  private shortenSlice(nanos: number): void {
    if (this.inSlice) this.bus.cpu.shorten(this.cyclesUntil(nanos));
  }

  /** Sets the frequency at which the run begins, in hertz, before any cycle is counted. */
  protected startAt(hz: number): void {
    this.hz = hz;
  }

  /** clk_sys may have changed: ends the slice, since all cycles of one have the same length. */
  protected clockChanged(): void {
    if (this.bus.clkSys !== this.hz && this.inSlice) this.bus.cpu.requestStop();
  }

  private followClock(): void {
    if (this.bus.clkSys === this.hz) return;
    this.epochNanos = this.nanosAt(this.ticks);
    this.epochTicks = this.ticks;
    this.hz = this.bus.clkSys;
  }

  /** Advances emulated time to `nanos` at least: to the end of the instruction that gets there. */
  runUntilNanos(nanos: number): void {
    this.settle();
    while (this.cyclesUntil(nanos) > 0 && !this.debuggerHalted) this.advance(nanos, SLICE_CYCLES);
  }

  /**
   * Runs until `condition` holds, or `limitNanos` of emulated time (absolute) has come. True when it
   * holds.
   */
  runUntil(condition: () => boolean, limitNanos: number): boolean {
    while (!condition()) {
      if (this.cyclesUntil(limitNanos) === 0 || this.debuggerHalted) return false;
      this.advance(limitNanos, CONDITION_CYCLES);
    }
    return true;
  }

  /** One slice of instructions or of sleep, then the alarms that are due. */
  private advance(untilNanos: number, mostCycles: number): void {
    if (!this.powered) throw new Error("the chip runs before power-on");
    this.settle();
    const cycles = this.cyclesUntil(Math.min(untilNanos, this.clock.next));
    if (cycles > 0) {
      const executed = this.coreSleeps() ? 0 : this.runSlice(Math.min(cycles, mostCycles));
      if (executed === 0 && this.coreSleeps()) this.sleep(untilNanos);
    }
    this.settle();
  }

  /**
   * The core is asleep, in ROM or locked up: nothing happens before the next alarm. This loop fires the
   * alarms that the converter and the DMA have every microsecond, until another alarm is due or the core may
   * wake. It does not overtake an alarm that is due at the same time: the two fire in their order.
   */
  private sleep(untilNanos: number): void {
    const { clock, bus } = this;
    for (;;) {
      const { first } = clock;
      const next = first === null ? Number.POSITIVE_INFINITY : first.nanos;
      this.ticks += this.cyclesUntil(Math.min(untilNanos, next));
      if (first === null || !first.frequent || this.cyclesUntil(next) > 0) return;
      clock.quietUntil = Math.min(untilNanos, clock.nextOrdinary);
      clock.fire(first);
      clock.quietUntil = 0;
      if (bus.cpu.mayWake || bus.clkSys !== this.hz || this.pendingWatchdog) return;
    }
  }

  private coreSleeps(): boolean {
    const { cpu } = this.bus;
    return this.bootRom.running || cpu.lockedUp || cpu.waiting;
  }

  /** Follows a change of clk_sys, fires the alarms that are due, resets after a watchdog, wakes the core. */
  private settle(): void {
    const { cpu } = this.bus;
    this.followClock();
    // An alarm is due if it needs no further cycle. This is the arithmetic that ends a slice: with another
    // one, rounding could leave an alarm one picosecond away for ever.
    for (let { first } = this.clock; first && this.cyclesUntil(first.nanos) === 0; { first } = this.clock) {
      this.clock.fire(first);
      this.followClock();
    }
    if (this.pendingWatchdog) {
      const { forced } = this.pendingWatchdog;
      this.pendingWatchdog = null;
      this.watchdogReset(forced);
      this.followClock();
    }
    if (cpu.waiting && !this.bootRom.running) cpu.wake();
  }

  private runSlice(cycles: number): number {
    const { cpu, breakpoints } = this.bus;
    this.inSlice = true;
    let executed: number;
    try {
      const slow = this.trace || (breakpoints.size > 0 && !this.stepping);
      executed = slow ? this.runTraced(cycles) : cpu.run(cycles);
    } finally {
      this.inSlice = false;
      this.ticks += cpu.executed;
      this.executedCycles += cpu.executed;
      cpu.executed = 0;
    }
    return executed;
  }

  private runTraced(cycles: number): number {
    const { bus, stepping } = this;
    return bus.cpu.runTraced(cycles, (pc) => {
      // The breakpoint asks for a stop: the instruction is not executed now, so it is not traced either.
      if (!stepping && bus.breakpoints.has(pc)) bus.onBreak(0);
      else this.trace?.(pc);
    });
  }

  /** For the debugger: one instruction, with the time it takes; a sleeping core is waited for. */
  stepInstruction(): void {
    const { cpu } = this.bus;
    const before = this.executedCycles;
    this.stepping = true;
    for (let events = 0; events < 10_000 && this.executedCycles === before; events++) {
      this.settle();
      if (!this.coreSleeps()) {
        this.runSlice(1);
      } else {
        if (cpu.lockedUp || this.clock.next === Number.POSITIVE_INFINITY) break;
        this.ticks += this.cyclesUntil(this.clock.next);
      }
    }
    this.stepping = false;
    this.settle();
  }
}
