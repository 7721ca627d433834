/**
 * The compute board. The 5 V rail powers it and COMPUTE_RUN holds it in reset. It boots by printing a log,
 * obeys SHUTDOWN_REQ (gpio-shutdown) once its OS is up, and raises HALTED (gpio-poweroff) when it has
 * stopped. A test can make it misbehave.
 *
 * Losing the rail or the run signal stops it at once, if need be in the middle of a byte. Pulling it out of
 * its slot does the same.
 */

import { SerialTransmitter } from "../serial.ts";
import type { RailLoad } from "../supply/rail-load.ts";
import type { Supply } from "../supply/supply.ts";
import { BIT_NANOS_115200, type Clock, NANOS_PER_MS, type SerialInput, type Signal } from "../world.ts";
import { type BootPlan, type BootStep, planBoot } from "./boot-plan.ts";
import type { ComputeStage } from "./compute-load.ts";
import { Contact } from "./contact.ts";
import { garbledFrame } from "./garbage.ts";
import { COMPLAINS_AFTER_MS, HaltedPin, type HaltedPull } from "./halted-pin.ts";

export type ComputeFault =
  | "never-halts"
  | "never-prints"
  | "garbage"
  | "brown-out"
  | "halted-pull-up"
  | "halted-pull-up-long";

export interface ComputeBoardOptions {
  readonly clock: Clock;
  /** The receiving end of the BMC's UART0. */
  readonly serial: SerialInput;
  readonly supply: Supply;
  /** The board applies the current that it draws through this load. */
  readonly load: RailLoad;
  readonly run: Signal;
  readonly present: Signal | null;
  readonly shutdownRequest: Signal | null;
  readonly halted: Signal | null;
  readonly bootlog: Uint8Array;
  readonly seed: number;
  readonly fault?: ComputeFault;
  /** False for an empty slot. */
  readonly plugged: boolean;
}

/** What the OS prints while it shuts down, each line after a pause. The wording is the project's own. */
const SHUTDOWN_LINES: readonly { readonly afterMs: number; readonly text: string }[] = [
  { afterMs: 40, text: "\n[gpio-shutdown] button pressed, powering off\n" },
  { afterMs: 120, text: "[  OK  ] Stopped Login Console on ttyAMA0.\n" },
  { afterMs: 350, text: "[  OK  ] Stopped Secure Shell Server.\n" },
  { afterMs: 600, text: "[  OK  ] Stopped Rack Workload Agent.\n" },
  { afterMs: 500, text: "[  OK  ] Stopped Network Configuration.\n" },
  { afterMs: 450, text: "[  OK  ] Reached target Unmount All Filesystems.\n" },
];
const HALT_LINES: typeof SHUTDOWN_LINES = [
  { afterMs: 300, text: "[  OK  ] Reached target Power-Off.\n" },
  { afterMs: 700, text: "reboot: Power down\n" },
];
const STUCK_LINES: typeof SHUTDOWN_LINES = [
  { afterMs: 900, text: "[ ***  ] A stop job is running for /srv on the rack's NFS server (no limit)\n" },
];
/** From the order to reboot to the reset: longer than the line takes. Our choice. */
const REBOOT_MS = 10;
const REBOOT_LINE = "reboot: Restarting system\n";
/** What the kernel prints when it has asked for its power to be switched off and still has it. */
const COMPLAINT = "WARNING: power is still on, gpio-poweroff timed out\n";
/** Where HALTED is on a pin with a pull-up: for how long the line is high after each reset of the board. */
const PULLED_UP_MS: Partial<Record<ComputeFault, number>> = {
  "halted-pull-up": 12,
  "halted-pull-up-long": Infinity,
};
/** The board's own power management starts this long after its input is good. Our choice. */
const POWER_UP_MS = 10;
/** From the last printed line to the edge of the HALTED pin. */
const HALT_PIN_MS = 200;
const DRIVER = "compute board";

export class ComputeBoard {
  readonly plan: BootPlan;
  readonly #options: ComputeBoardOptions;
  readonly #clock: Clock;
  readonly #transmitter: SerialTransmitter;
  readonly #presence: Contact | null;
  readonly #faults = new Set<ComputeFault>();
  readonly #listeners: ((byte: number) => void)[] = [];
  readonly #haltedPin: HaltedPin;
  #plugged: boolean;
  #stage: ComputeStage;
  #powered = false;
  #running = false;
  #osUp = false;
  #logBytesOut = 0;
  #framesOut = 0;
  #steps: readonly BootStep[] = [];
  #sent = new Uint8Array(64 * 1024);
  #sentLength = 0;
  #releasedAtNanos: number | null = null;
  #promptAtNanos: number | null = null;
  #timer: { cancel(): void } | null = null;

  constructor(options: ComputeBoardOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.plan = planBoot(options.bootlog);
    if (options.fault) this.#faults.add(options.fault);
    this.#transmitter = new SerialTransmitter({
      clock: options.clock,
      input: options.serial,
      bitNanos: BIT_NANOS_115200,
      shape: (byte) => this.#shape(byte),
      onSent: (byte) => this.#byteSent(byte),
    });
    const { clock, present, seed, plugged } = options;
    this.#haltedPin = new HaltedPin({
      clock,
      signal: options.halted,
      driver: DRIVER,
      pull: () => pullOf(this.#faults),
    });
    this.#plugged = plugged;
    this.#stage = plugged ? "off" : "absent";
    this.#presence = present
      ? new Contact({ clock, signal: present, driver: DRIVER, seed, closed: plugged })
      : null;
    options.supply.onOutput((good) => this.#railChanged(good));
    options.run.onChange(() => this.#runChanged());
    options.shutdownRequest?.onChange(() => this.#maybeShutDown());
    if (options.supply.outputGood) this.#railChanged(true);
  }

  /** True while the board is in its slot. PRESENT# follows some milliseconds later. */
  get plugged(): boolean {
    return this.#plugged;
  }

  /**
   * Pulls the board out of its slot. Power and lines are cut at once, and the contact of PRESENT# bounces.
   */
  unplug(): void {
    if (!this.#plugged) return;
    this.#plugged = this.#powered = false;
    this.#presence?.move(false);
    this.#stop("absent", "high");
  }

  /** Plugs the board into its slot, with or without power there. */
  plug(): void {
    if (this.#plugged) return;
    this.#plugged = true;
    this.#presence?.move(true);
    this.#enter("off");
    if (this.#options.supply.outputGood) this.#railChanged(true);
  }

  /** Lets the board have a fault beside those that it has, or takes it back. The board stays where it is. */
  setFault(fault: ComputeFault, inForce: boolean): void {
    if (inForce) this.#faults.add(fault);
    else this.#faults.delete(fault);
  }

  /** Calls the listener with each byte that the board has put on its console's wire. */
  onByte(listener: (byte: number) => void): void {
    this.#listeners.push(listener);
  }

  /** The name of the board's present stage. */
  get stage(): ComputeStage {
    return this.#stage;
  }

  get powered(): boolean {
    return this.#powered;
  }

  /** True while the board is powered and released from reset. */
  get running(): boolean {
    return this.#running;
  }

  /** True while the OS listens to SHUTDOWN_REQ, even when the console shows nothing. */
  get osUp(): boolean {
    return this.#osUp;
  }

  get halted(): boolean {
    return this.#stage === "halted";
  }

  /** Exactly the bytes that the board put on the wire since it was last powered. */
  get sent(): Uint8Array {
    return this.#sent.slice(0, this.#sentLength);
  }

  get sentBytes(): number {
    return this.#sentLength;
  }

  /** True when the board has sent its whole boot log since it last left reset. */
  get bootlogFinished(): boolean {
    return this.#running && !this.#mute && this.#logBytesOut >= this.#options.bootlog.length;
  }

  /** True when the board has sent a legible log-in prompt since it last left reset. */
  get loginPromptReached(): boolean {
    return this.#promptAtNanos !== null && !this.#mute && !this.#faults.has("garbage");
  }

  /** The time at which the board last left reset with its rail up; null before the first time. */
  get releasedAtNanos(): number | null {
    return this.#releasedAtNanos;
  }

  get loginPromptAtNanos(): number | null {
    return this.loginPromptReached ? this.#promptAtNanos : null;
  }

  /** Current drawn from the 5 V supply now, in mA. */
  get currentMa(): number {
    return this.#options.load.computeMa(this.#clock.nanos);
  }

  get #mute(): boolean {
    return this.#faults.has("never-prints");
  }

  #enter(stage: ComputeStage): void {
    if (this.#stage === stage) return;
    this.#stage = stage;
    this.#options.load.enter(stage);
  }

  /**
   * The board starts after a delay, so that a rail that comes back for a moment only, as in a brown-out, does
   * not start it.
   */
  #railChanged(good: boolean): void {
    if (!this.#plugged) return;
    if (good) this.#wait(POWER_UP_MS * NANOS_PER_MS, () => this.#powerUp());
    else this.#powerLost();
  }

  #powerUp(): void {
    this.#powered = true;
    this.#sentLength = 0;
    this.#runChanged();
  }

  #powerLost(): void {
    this.#powered = false;
    this.#stop("off", "low");
  }

  #runChanged(): void {
    if (!this.#powered) return;
    const released = this.#options.run.asserted;
    if (released && !this.#running) this.#boot();
    else if (!released) this.#stop("reset", "high");
  }

  #stop(stage: ComputeStage, line: "high" | "low"): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#transmitter.cut(line);
    this.#running = false;
    this.#osUp = false;
    this.#promptAtNanos = null;
    this.#haltedPin.release();
    this.#enter(stage);
  }

  /**
   * The board boots again by itself, as after `reboot` or a panic. The BMC has no part in it; HALTED does
   * what its pin does in a reset.
   */
  reboot(): void {
    if (!this.#running) return;
    const said = this.#osUp ? REBOOT_LINE : "";
    this.#osUp = false;
    this.#promptAtNanos = null;
    this.#logBytesOut = 0;
    this.#transmitter.clear();
    this.#enter("shutting down");
    this.#transmitter.send(Buffer.from(said, "latin1"));
    this.#wait(REBOOT_MS * NANOS_PER_MS, () => this.#boot(true));
  }

  #boot(isReboot = false): void {
    this.#running = true;
    this.#releasedAtNanos = this.#clock.nanos;
    this.#logBytesOut = 0;
    this.#haltedPin.reset(isReboot);
    this.#enter("bootloader");
    this.#steps = this.plan.steps;
    this.#scheduleStep(0);
  }

  /** Schedules one step. It begins at its own time or when the wire is free, whichever is later. */
  #scheduleStep(index: number): void {
    const step = this.#steps[index];
    if (!step) return;
    const startNanos = (this.#releasedAtNanos as number) + step.startNanos;
    this.#wait(Math.max(0, startNanos - this.#clock.nanos), () => {
      if (!this.#osUp) this.#enterBootStage(step);
      this.#transmitter.send(this.#options.bootlog.subarray(step.offset, step.offset + step.length));
      this.#scheduleStep(index + 1);
    });
  }

  #enterBootStage(step: BootStep): void {
    const browningOut = this.#faults.has("brown-out") && step.stage === "kernel";
    if (step.stage === "userspace" || step.stage === "log-in prompt") this.#haltedPin.takenByKernel();
    this.#enter(browningOut ? "brown-out" : step.stage);
  }

  #shape(byte: number) {
    if (this.#mute) return null;
    const index = this.#framesOut++;
    if (this.#faults.has("garbage")) return garbledFrame(this.#options.seed, index, byte);
    return { byte, bitNanos: BIT_NANOS_115200 };
  }

  #byteSent(byte: number): void {
    if (!this.#mute) this.#record(byte);
    if (!this.#mute) for (const listener of this.#listeners) listener(byte);
    if (this.#stage !== "shutting down") this.#logBytesOut++;
    this.#maybeComeUp();
  }

  #record(byte: number): void {
    if (this.#sentLength === this.#sent.length) {
      const larger = new Uint8Array(this.#sent.length * 2);
      larger.set(this.#sent);
      this.#sent = larger;
    }
    this.#sent[this.#sentLength++] = byte;
  }

  /**
   * The OS is up once the board has sent the prompt. With a log that contains no prompt the OS never comes
   * up.
   */
  #maybeComeUp(): void {
    const { promptEnd } = this.plan;
    if (this.#osUp || promptEnd === null || this.#logBytesOut < promptEnd) return;
    this.#osUp = true;
    this.#promptAtNanos = this.#clock.nanos;
    this.#enter("log-in prompt");
    this.#maybeShutDown();
  }

  #maybeShutDown(): void {
    if (this.#options.shutdownRequest?.asserted) this.powerOff();
  }

  /** The OS shuts down, if it is up: because of SHUTDOWN_REQ, or because a user of the OS wants it. */
  powerOff(): void {
    if (!this.#osUp || this.#stage !== "log-in prompt") return;
    this.#enter("shutting down");
    this.#transmitter.clear();
    const neverHalts = this.#faults.has("never-halts");
    const lines = [...SHUTDOWN_LINES, ...(neverHalts ? STUCK_LINES : HALT_LINES)];
    this.#printShutdown(lines, 0, neverHalts ? () => undefined : () => this.#halt());
  }

  #printShutdown(lines: typeof SHUTDOWN_LINES, index: number, whenDone: () => void): void {
    const line = lines[index];
    if (!line) {
      whenDone();
      return;
    }
    this.#wait(line.afterMs * NANOS_PER_MS, () => {
      this.#transmitter.send(Buffer.from(line.text, "latin1"));
      this.#printShutdown(lines, index + 1, whenDone);
    });
  }

  #halt(): void {
    this.#wait(HALT_PIN_MS * NANOS_PER_MS, () => {
      this.#enter("halted");
      this.#haltedPin.powerOff();
      this.#wait(COMPLAINS_AFTER_MS * NANOS_PER_MS, () =>
        this.#transmitter.send(Buffer.from(COMPLAINT, "latin1")),
      );
    });
  }

  /** The board does one thing after another, so one timer is enough. */
  #wait(delayNanos: number, action: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.schedule(delayNanos, action);
  }
}

function pullOf(faults: ReadonlySet<ComputeFault>): HaltedPull {
  for (const fault of faults) {
    const highMs = PULLED_UP_MS[fault];
    if (highMs !== undefined) return { pull: "up", highMs };
  }
  return { pull: "down" };
}
