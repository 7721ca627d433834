/**
 * A simulated slot that runs on while clients come and go. Its time passes as fast as the user's, and faster
 * while a client waits for emulated time. A message on the bus is carried out at once and as a whole, between
 * two steps of the run, so that messages of several clients never mix.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Interrupted, Runner, type Speed } from "../../cli/runner.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { faultsOf, INPUT_PART, LOAD_PART, PLUG_PART } from "../devices/faults.ts";
import { NANOS_PER_MS, NANOS_PER_SECOND } from "../devices/world.ts";
import { SimulatedBus } from "../slot/simulated-bus.ts";
import type { Slot } from "../slot/slot.ts";
import { type FaultList, RequestError, type SlotFacts } from "./protocol.ts";

/** Bytes that may wait to be typed at the console: as many as half of the UART's FIFO. */
const TYPED_AHEAD_BYTES = 16;
/** A BMC that starts well answers within half of this. */
const START_MS = 300;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

interface Pause {
  readonly untilNanos: number;
  readonly over: () => void;
}

export class ServedSlot {
  readonly slot: Slot;
  readonly bus: SimulatedBus;
  readonly #speed: Speed;
  readonly #stepListeners: (() => void)[] = [];
  readonly #pauses = new Set<Pause>();
  #loadMa: number | null = null;
  #isOver = false;
  /** Ends a nap of the run, because there is something to do. */
  #wake: () => void = () => undefined;

  constructor(slot: Slot, speed: Speed) {
    this.slot = slot;
    this.bus = new SimulatedBus(slot);
    this.#speed = speed;
  }

  // ---------------------------------------------------------------------- time

  /** Switches the slot's BMC on and runs until it answers on the bus, as fast as it can. */
  async start(): Promise<void> {
    this.slot.powerOn();
    await this.#runner("max").until(() => this.#step(), START_MS);
  }

  /** Runs the slot until `end`. */
  async run(): Promise<void> {
    const paced = this.#runner(this.#speed);
    const fast = this.#runner("max");
    while (!this.#isOver) {
      await paced.until(() => this.#step() || this.#pauses.size > 0, FOREVER_MS);
      await fast.until(() => this.#step() || this.#pauses.size === 0, FOREVER_MS);
    }
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /**
   * Lets emulated time pass as fast as it can. Returns when it is over, or when `isGone` aborts because the
   * client that waits has left.
   */
  async pause(ms: number, isGone: AbortSignal): Promise<void> {
    if (isGone.aborted) return;
    await new Promise<void>((resolve) => {
      const pause: Pause = {
        untilNanos: this.slot.chip.nanos + ms * NANOS_PER_MS,
        over: () => {
          this.#pauses.delete(pause);
          isGone.removeEventListener("abort", pause.over);
          resolve();
        },
      };
      isGone.addEventListener("abort", pause.over);
      this.#pauses.add(pause);
      this.#wake();
    });
    if (this.#isOver) throw new Interrupted();
  }

  #runner(speed: Speed): Runner {
    const wall = { now: () => performance.now(), sleep: (ms: number) => this.#nap(ms) };
    return new Runner(this.slot.chip, speed, () => false, wall);
  }

  /** Calls the listener again and again while time passes. */
  onStep(listener: () => void): void {
    this.#stepListeners.push(listener);
  }

  /** True if the run is over. */
  #step(): boolean {
    const { nanos } = this.slot.chip;
    for (const pause of [...this.#pauses]) {
      if (this.#isOver || nanos >= pause.untilNanos - 1) pause.over();
    }
    for (const listener of this.#stepListeners) listener();
    return this.#isOver;
  }

  async #nap(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#isOver || this.#pauses.size > 0) return;
    await Promise.race([sleep(ms), woken]);
  }

  // ---------------------------------------------------------------------- what can be seen

  facts(clients: number): SlotFacts {
    const { chip, compute, supplies, computeRail, input, faults, smbusAlert } = this.slot;
    const output = supplies[computeRail];
    const rails = Object.values(supplies).map((supply) => ({
      name: supply.name,
      enabled: supply.enabled,
      power_good: supply.powerGood,
      mv: Math.round(supply.millivolts),
    }));
    const anyRail = Object.values(supplies).some((supply) => supply.outputGood);
    return {
      emulated_s: chip.nanos / NANOS_PER_SECOND,
      power: compute.running ? "on" : compute.powered ? "reset" : anyRail ? "rails" : "off",
      stage: compute.stage,
      board_plugged: compute.plugged,
      output_mv: Math.round(output?.millivolts ?? 0),
      output_ma: Math.round(output?.milliamperes ?? 0),
      rails,
      input_mv: Math.round(input.millivolts),
      supply_mv: input.nominalMv,
      load_ma: this.#loadMa,
      faults: faults.names,
      alert: smbusAlert?.asserted ?? null,
      chip: chip.state,
      strict_warnings: chip.log.total,
      clients,
    };
  }

  faults(): FaultList {
    const known = Object.entries(faultsOf(this.slot.board));
    return {
      in_force: this.slot.faults.names,
      known: known.map(([name, { description }]) => ({ name, description })),
    };
  }

  // ---------------------------------------------------------------------- what can be done to it

  /** Lets the fault happen now and returns its description. */
  injectFault(name: string): string {
    const { part, description } = refused(() => this.slot.faults.inject(name));
    // The fault has replaced the current that "load" had set.
    if (part === LOAD_PART) this.#loadMa = null;
    return description;
  }

  /** Takes back one fault, or all with the name "all". Returns those that were in force. */
  clearFaults(name: string): string[] {
    const names = name === "all" ? this.slot.faults.names : [name];
    refused(() => {
      for (const one of names) this.slot.faults.clear(one);
    });
    return names;
  }

  plug(plugged: boolean): void {
    const { compute } = this.slot;
    this.#expectFree(PLUG_PART);
    if (compute.plugged === plugged)
      throw new RequestError(
        "refused",
        plugged ? "a compute board is plugged in already" : "no compute board is plugged in: plug one first",
      );
    if (plugged) compute.plug();
    else compute.unplug();
  }

  /** Sets the rack's supply, in mV. */
  supply(mv: number): void {
    this.#expectFree(INPUT_PART);
    this.slot.input.setNominal(mv);
  }

  /** Replaces the compute board's current; null lets it draw its own. */
  load(ma: number | null): void {
    this.#expectFree(LOAD_PART);
    this.slot.load.override(ma);
    this.#loadMa = ma;
  }

  /** Presses RUN, or takes the BMC's own supply away for a moment. */
  restartBmc(kind: "reset" | "power-cycle"): void {
    if (kind === "reset") this.slot.chip.pressRun();
    else this.slot.powerOn();
  }

  /** Types at the BMC's console as many of the bytes as fit now. Returns their number. */
  type(bytes: Uint8Array): number {
    const { terminal } = this.slot;
    const taken = bytes.subarray(0, Math.max(0, TYPED_AHEAD_BYTES - terminal.untyped));
    if (taken.length > 0) terminal.type(taken);
    return taken.length;
  }

  #expectFree(part: string): void {
    const { faults } = this.slot;
    if (!faults.holds(part)) return;
    const acting = faults.names.find((name) => faultsOf(this.slot.board)[name]?.part === part);
    throw new RequestError("refused", `the fault ${acting} has ${part}: clear it first, or wait for its end`);
  }
}

/** Does what a mistake of the user can prevent, and reports it as a refusal. */
function refused<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new RequestError("refused", error.message);
  }
}
