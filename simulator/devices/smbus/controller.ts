/**
 * A bus controller that works bit by bit on two open-drain nets. It drives them low or lets go of them, waits
 * until SCL is really high, and gives way where another controller's zero beats its one. Protocols say what
 * to send. Faults say how to misbehave.
 *
 * Scheduled actions and the edges of the nets drive it, with two or three actions a bit: SDA changes at
 * tHD;DAT (only if it must), SCL goes up at the end of tLOW, and SCL goes down at the end of tHIGH, where SDA
 * is sampled. Between two steps of a transfer the controller holds SCL low.
 */
import type { Clock, Net } from "../world.ts";
import { BusWatch } from "./bus-watch.ts";
import { busFaultSteps, isBusFault, type SmbusFault, withMessageFault } from "./faults.ts";
import { BusLines } from "./lines.ts";
import { Run } from "./outcome.ts";
import {
  type Ending,
  ending,
  type OutcomeKind,
  type Protocol,
  STOP,
  type Step,
  type Steps,
  stopped,
} from "./steps.ts";
import { type BusTiming, busTiming, TIMEOUT_MAX_NANOS } from "./timing.ts";

export interface SmbusControllerOptions {
  readonly clock: Clock;
  readonly sda: Net;
  readonly scl: Net;
  /** Clock frequency, 10 kHz to 1 MHz. */
  readonly hz: number;
  /** How long SCL may stay low after the controller let go of it. The default is tTIMEOUT. */
  readonly timeoutNanos?: number;
  /** The controller's name as a driver of the nets, for a bus with several controllers. */
  readonly name?: string;
}

/**
 * The controller's phase:
 * - waiting: waits for a free bus
 * - hold, low: SCL is low, before and after SDA changes
 * - rising: the controller let go of SCL, which is not high yet
 * - high: SCL is high, and the pulse decides what follows
 * - start: SDA is low while SCL is still high
 * - holding: a fault keeps SCL low
 * - between: the controller's own edges, which need no reaction
 */
type Phase = "idle" | "waiting" | "between" | "hold" | "low" | "rising" | "high" | "start" | "holding";
type Pulse = "bit" | "restart" | "stop" | "hold";

/** UM10204, 3.1.16: after nine clocks any target is at a bit where it lets go of SDA. */
const RECOVERY_CLOCKS = 9;

export class SmbusController {
  timeoutNanos: number;
  readonly #clock: Clock;
  readonly #lines: BusLines;
  readonly #watch = new BusWatch();
  #hz: number;
  #timing: BusTiming;

  #run: Run | null = null;
  #steps: Steps = stopped("ok", "bus");
  #step: Step = STOP;
  #fault: SmbusFault | null = null;
  /** Clock at which a fault of the bus happens; -1 for no fault, or after it happened. */
  #faultBit = -1;
  /** The part of the transfer that continues when a fault is over. */
  #interrupted: { steps: Steps; step: Step; pulse: Pulse; sda: boolean; highNanos: number } | null = null;
  #recovered = false;
  #recovering = false;

  #phase: Phase = "idle";
  #pulse: Pulse = "bit";
  #pulseSda = true;
  #highNanos = 0;
  #letGoAtNanos = 0;
  #timer: { cancel(): void } | null = null;
  /** Number of bits of the present byte that are done, and their values. */
  #bitsDone = 0;
  #shift = 0;

  constructor(options: SmbusControllerOptions) {
    this.#clock = options.clock;
    this.#lines = new BusLines(options.clock, options.sda, options.scl, options.name ?? "SMBus controller");
    this.timeoutNanos = options.timeoutNanos ?? TIMEOUT_MAX_NANOS;
    this.#hz = options.hz;
    this.#timing = busTiming(options.hz);
    options.scl.onChange((level) => this.#sclChanged(level));
    options.sda.onChange((level) => this.#sdaChanged(level));
  }

  get hz(): number {
    return this.#hz;
  }

  /** Throws during a transfer. */
  set hz(hz: number) {
    this.setClock(hz);
  }

  /**
   * Sets the speed, and the part of a period for which SCL is low. Without that part it is as in `busTiming`.
   * Throws during a transfer.
   */
  setClock(hz: number, lowShare?: number): void {
    if (this.busy) throw new Error("the SMBus controller's speed cannot change during a transfer");
    this.#timing = busTiming(hz, lowShare);
    this.#hz = hz;
  }

  get timing(): BusTiming {
    return this.#timing;
  }

  get busy(): boolean {
    return this.#run !== null;
  }

  /**
   * Starts a transfer as soon as the bus is free. If both lines are high, the transfer begins with this call.
   */
  begin(protocol: Protocol, fault?: SmbusFault): Run {
    if (this.#run) throw new Error(`${protocol.name}: ${this.#run.protocol} is still under way`);
    this.#fault = fault ?? null;
    this.#steps = fault && !isBusFault(fault) ? withMessageFault(protocol.steps(), fault) : protocol.steps();
    this.#recovered = false;
    this.#recovering = false;
    this.#interrupted = null;
    const run = new Run(protocol.name, this.#clock.nanos);
    this.#run = run;
    this.#awaitBus();
    return run;
  }

  // ---------------------------------------------------------------------- before the START

  /**
   * Starts, recovers the bus, or waits: for SCL, for another controller's STOP, or for a silence which shows
   * that the other controller is gone.
   */
  #awaitBus(): void {
    const { nanos } = this.#clock;
    const run = this.#run as Run;
    const verdict = this.#watch.verdict(nanos, this.#lines.scl, this.#lines.sda);
    if (verdict === "start") {
      this.#start();
    } else if (verdict === "recover") {
      this.#recover();
    } else if (verdict === "low") {
      const deadline = Math.max(this.#watch.lastEdgeNanos, run.startNanos) + this.timeoutNanos;
      if (nanos >= deadline) this.#finish(ending("timeout", "bus"));
      else this.#wait("waiting", deadline - nanos);
    } else {
      this.#wait("waiting", verdict);
    }
  }

  #start(): void {
    const run = this.#run as Run;
    run.startNanos = this.#clock.nanos;
    const fault = this.#fault;
    this.#faultBit = fault && isBusFault(fault) ? fault.bit : -1;
    this.#nextStep(0);
  }

  /**
   * A device holds SDA, and no controller sends clocks. This one sends clocks until SDA is free, then a STOP.
   * It does so once in a transfer.
   */
  #recover(): void {
    if (this.#recovered) {
      this.#finish(ending("timeout", "bus"));
      return;
    }
    this.#recovered = true;
    this.#recovering = true;
    this.#faultBit = -1;
    this.#interrupted = this.#context();
    this.#steps = recovery();
    this.#nextStep(0);
  }

  // ---------------------------------------------------------------------- steps

  #nextStep(answer: number): void {
    const next = this.#steps.next(answer);
    if (next.done) {
      this.#ended(next.value);
      return;
    }
    const step = next.value;
    this.#step = step;
    switch (step.op) {
      case "start":
        if (this.#lines.sclLow) {
          this.#beginPulse("restart", true, this.#timing.startSetup);
        } else {
          this.#lines.driveSda(true);
          this.#wait("start", this.#timing.startHold);
        }
        break;
      case "stop":
        if (!this.#lines.sclLow) this.#lines.driveScl(true);
        this.#beginPulse("stop", false, this.#timing.stopSetup);
        break;
      case "write":
      case "read":
        this.#bitsDone = 0;
        this.#shift = 0;
        this.#nextBit(step);
        break;
      case "bit":
        this.#beginPulse("bit", step.high, this.#timing.high);
        break;
      case "hold-low":
        this.#wait("holding", step.nanos);
        break;
      case "hold-high":
        this.#beginPulse("hold", step.sda, step.nanos);
        break;
      case "let-go":
        this.#phase = "idle";
        this.#lines.letGo();
        this.#watch.freeIn(this.#timing.startSetup, this.#clock.nanos);
        this.#watch.busy = !step.free;
        this.#nextStep(0);
        break;
    }
  }

  #nextBit(step: Step & { op: "write" | "read" }): void {
    const done = this.#bitsDone;
    let sda = true;
    if (step.op === "write") sda = done === 8 || ((step.byte >> (7 - done)) & 1) === 1;
    else if (done === 8) sda = !step.ack;
    this.#beginPulse("bit", sda, this.#timing.high);
  }

  #ended(end: Ending): void {
    const interrupted = this.#interrupted;
    if (this.#recovering && interrupted) {
      this.#recovering = false;
      this.#interrupted = null;
      this.#steps = interrupted.steps;
      (this.#run as Run).forgetClocks();
      this.#awaitBus();
    } else if (end.kind === "resumed" && interrupted) {
      this.#interrupted = null;
      this.#steps = interrupted.steps;
      this.#step = interrupted.step;
      if (!this.#lines.sclLow) this.#lines.driveScl(true);
      this.#beginPulse(interrupted.pulse, interrupted.sda, interrupted.highNanos);
    } else {
      this.#finish(end);
    }
  }

  #context() {
    return {
      steps: this.#steps,
      step: this.#step,
      pulse: this.#pulse,
      sda: this.#pulseSda,
      highNanos: this.#highNanos,
    };
  }

  #finish(end: Ending): void {
    const run = this.#run as Run;
    this.#timer?.cancel();
    this.#phase = "idle";
    this.#lines.letGo();
    this.#run = null;
    run.complete({ ...end, kind: end.kind as OutcomeKind }, this.#clock.nanos);
  }

  // ---------------------------------------------------------------------- one pulse of SCL

  #beginPulse(pulse: Pulse, sda: boolean, highNanos: number): void {
    this.#pulse = pulse;
    this.#pulseSda = sda;
    this.#highNanos = highNanos;
    if ((this.#run as Run).bits === this.#faultBit && this.#strike()) return;
    if (sda === this.#lines.sdaLow) this.#wait("hold", this.#timing.dataHold);
    else this.#wait("low", this.#timing.low);
  }

  #wait(phase: Phase, nanos: number): void {
    this.#phase = phase;
    this.#timer = this.#clock.schedule(nanos, this.#elapsed);
  }

  readonly #elapsed = (): void => {
    switch (this.#phase) {
      case "waiting":
        this.#awaitBus();
        break;
      case "hold":
        this.#lines.driveSda(!this.#pulseSda);
        this.#wait("low", this.#timing.low - this.#timing.dataHold);
        break;
      case "low":
        this.#raise();
        break;
      case "rising":
        this.#timedOut();
        break;
      case "high":
        this.#endPulse();
        break;
      case "start":
        this.#phase = "between";
        this.#lines.driveScl(true);
        this.#nextStep(0);
        break;
      case "holding":
        this.#nextStep(0);
        break;
    }
  };

  #raise(): void {
    this.#phase = "rising";
    this.#timer = null;
    this.#letGoAtNanos = this.#clock.nanos;
    this.#lines.driveScl(false);
    if (this.#phase !== "rising") return;
    // A glitch may have raised SCL already.
    if (this.#lines.scl.level) this.#risen();
    else this.#timer = this.#clock.schedule(this.timeoutNanos, this.#elapsed);
  }

  /** SCL is high, at the expected time or after a device stretched its low period. */
  #risen(): void {
    const stretched = this.#clock.nanos - this.#letGoAtNanos;
    const run = this.#run as Run;
    if (stretched > 0) run.stretches.push({ bit: run.bits, nanos: stretched });
    this.#timer?.cancel();
    this.#wait("high", this.#highNanos);
  }

  #timedOut(): void {
    // SMBus 3.2, AC specifications, tTIMEOUT: the controller stops too, so that all devices start again.
    this.#watch.busy = true;
    this.#finish(ending("timeout", this.#place));
  }

  #endPulse(): void {
    this.#phase = "between";
    const run = this.#run as Run;
    const level = this.#lines.sda.level;
    switch (this.#pulse) {
      case "bit":
        this.#sampled(level);
        break;
      case "restart":
        if (!level) {
          this.#lost();
          return;
        }
        run.bits++;
        this.#lines.driveSda(true);
        this.#wait("start", this.#timing.startHold);
        break;
      case "stop":
        run.bits++;
        this.#lines.driveSda(false);
        this.#lines.sclLow = false;
        // If another device keeps SDA low, there was no STOP. The next transfer finds the bus like this and
        // recovers it.
        this.#watch.freeIn(this.#timing.busFree, this.#clock.nanos);
        this.#watch.busy = !this.#lines.sda.level;
        this.#nextStep(this.#watch.busy ? 0 : 1);
        break;
      case "hold":
        run.bits++;
        this.#nextStep(0);
        break;
    }
  }

  #sampled(level: boolean): void {
    const run = this.#run as Run;
    const step = this.#step;
    if (step.op === "bit") {
      run.bits++;
      this.#lines.driveScl(true);
      this.#nextStep(Number(level));
      return;
    }
    if (step.op !== "write" && step.op !== "read") throw new Error(`a bit in the middle of ${step.op}`);
    const ours = step.op === "write" ? this.#bitsDone < 8 : this.#bitsDone === 8;
    // UM10204, 3.1.8: a controller that sends a one and sees a zero has lost arbitration. This holds for the
    // bits of a byte it writes and for the ACK of a byte it reads.
    if (ours && this.#pulseSda && !level) {
      this.#lost();
      return;
    }
    run.bits++;
    this.#lines.driveScl(true);
    if (this.#bitsDone < 8) {
      this.#shift = (this.#shift << 1) | Number(level);
      this.#bitsDone++;
      this.#nextBit(step);
    } else if (step.op === "read") {
      this.#nextStep(this.#shift);
    } else if (level && !step.goOn) {
      this.#steps = stopped("nack", step.at);
      this.#nextStep(0);
    } else {
      this.#nextStep(level ? 0 : 1);
    }
  }

  #lost(): void {
    (this.#run as Run).bits++;
    this.#watch.busy = true;
    this.#finish(ending("arbitration-lost", this.#place));
  }

  get #place(): Ending["at"] {
    const step = this.#step;
    if (this.#recovering) return "bus";
    if (step.op === "write" || step.op === "read") return step.at;
    return step.op === "start" || step.op === "stop" ? step.op : "data";
  }

  // ---------------------------------------------------------------------- faults

  /** Lets the fault happen. Returns true if the fault takes over; with a glitch the transfer goes on. */
  #strike(): boolean {
    this.#faultBit = -1;
    const fault = this.#fault;
    if (!fault || !isBusFault(fault)) return false;
    if (fault.kind === "glitch-scl" || fault.kind === "glitch-sda") {
      const line = fault.kind === "glitch-scl" ? "scl" : "sda";
      const awaited = () => this.#phase === "rising";
      const period = this.#timing.low + this.#timing.high;
      this.#clock.schedule(fault.point * period, () => this.#lines.glitch(line, fault.nanos, awaited));
      return false;
    }
    const inByte = this.#step.op === "write" || this.#step.op === "read";
    const dataBitsLeft = inByte ? 8 - this.#bitsDone : 0;
    const steps = busFaultSteps(fault, { sda: this.#pulseSda, dataBitsLeft, inByte, place: this.#place });
    if (!steps) return false;
    this.#interrupted = this.#context();
    this.#steps = steps;
    this.#nextStep(0);
    return true;
  }

  // ---------------------------------------------------------------------- edges

  #sclChanged(level: boolean): void {
    this.#watch.lastEdgeNanos = this.#clock.nanos;
    if (this.#lines.glitching) return;
    if (level) {
      if (this.#phase === "rising") this.#risen();
      else if (this.#phase === "waiting") this.#reconsider();
      return;
    }
    // UM10204, 3.1.7: the first controller that pulls SCL low ends the high period for all.
    if (this.#phase !== "high" && this.#phase !== "start") return;
    this.#timer?.cancel();
    if (this.#phase === "high" && this.#pulse !== "bit") this.#lost();
    else this.#elapsed();
  }

  #sdaChanged(level: boolean): void {
    const { nanos } = this.#clock;
    this.#watch.lastEdgeNanos = nanos;
    if (!this.#lines.scl.level || this.#lines.glitching) return;
    if (this.#phase === "high") {
      if (this.#pulse === "bit") (this.#run as Run).disturbances++;
    } else if (this.#phase === "idle" || this.#phase === "waiting") {
      if (level) this.#watch.freeIn(this.#timing.busFree, nanos);
      else this.#watch.started(nanos);
      if (level && this.#phase === "waiting") this.#reconsider();
    }
  }

  #reconsider(): void {
    this.#timer?.cancel();
    this.#awaitBus();
  }
}

/**
 * Frees the bus. Each clock is a STOP if SDA lets it be one. Nine clocks and one STOP behind them would not
 * do: the falling edge before the STOP makes a sending target put out its next bit, which may be a zero
 * again.
 */
function* recovery(): Steps {
  for (let clock = 0; clock < RECOVERY_CLOCKS; clock++) {
    if (yield STOP) break;
  }
  return ending("ok", "bus");
}
