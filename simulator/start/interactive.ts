/**
 * `npm start` in a terminal: the BMC's console as if a serial cable were plugged in, with a status line below
 * it, and a panel above that if there is one. Keys go to the BMC unchanged, even Ctrl-C; only Ctrl-] belongs
 * to this program. However the run ends, the terminal gets its own mode back.
 */
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Interrupted, type Runner } from "../../cli/runner.ts";
import { SafeText } from "../../cli/safe-text.ts";
import { NANOS_PER_SECOND } from "../devices/world.ts";
import type { Slot } from "../slot/slot.ts";
import { type Panel, Screen } from "./screen.ts";
import type { StatusFacts } from "./status-line.ts";
import { Typist } from "./typist.ts";

const STATUS_INTERVAL_MS = 200;
/** Emulated time between two looks at keys and output: one row of text at 115200 baud. */
const STEP_MS = 5;
const PASTE_STEP_MS = 1;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** Runs until the user leaves; returns the exit status. */
export async function interact(
  slot: Slot,
  runner: Runner,
  isHeld: () => boolean,
  panel: Panel | null,
): Promise<number> {
  const session = new Interaction(slot, runner, isHeld, panel);
  return session.run();
}

class Interaction {
  readonly #slot: Slot;
  readonly #runner: Runner;
  readonly #isHeld: () => boolean;
  readonly #screen: Screen;
  readonly #typist: Typist;
  readonly #safe = new SafeText("editing");
  #output = "";
  #exitStatus = 0;
  #paceMark = { wallMs: performance.now(), nanos: 0 };
  #restored = false;

  constructor(slot: Slot, runner: Runner, isHeld: () => boolean, panel: Panel | null) {
    this.#screen = new Screen(process.stdout, panel);
    this.#slot = slot;
    this.#runner = runner;
    this.#isHeld = isHeld;
    this.#typist = new Typist(slot.terminal, () => slot.chip.nanos);
    slot.terminal.onData((bytes) => {
      this.#output += this.#safe.push(bytes);
    });
  }

  async run(): Promise<number> {
    const listeners = this.#listen();
    const statusTimer = setInterval(() => this.#screen.status(this.#facts()), STATUS_INTERVAL_MS);
    try {
      this.#takeTerminal();
      this.#slot.powerOn();
      await this.#loop();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    } finally {
      clearInterval(statusTimer);
      listeners();
      this.#giveTerminalBack();
    }
    return this.#exitStatus;
  }

  async #loop(): Promise<void> {
    for (;;) {
      // A paste that waits also needs time to pass, so that it gets a turn after each step.
      await this.#runner.until(() => this.#output !== "", this.#typist.waiting > 0 ? PASTE_STEP_MS : STEP_MS);
      this.#typist.step();
      if (this.#output !== "") await this.#print();
      // At full speed the keyboard must still get its turn.
      await nextTurn();
    }
  }

  /** Waits for a slow terminal instead of piling up output. Emulated time waits too. */
  async #print(): Promise<void> {
    const text = this.#output;
    this.#output = "";
    if (this.#screen.print(text)) return;
    while (process.stdout.writableNeedDrain && !this.#runner.interrupted) {
      const drained = new AbortController();
      const timer = setTimeout(() => drained.abort(), 100);
      await once(process.stdout, "drain", { signal: drained.signal }).catch(() => undefined);
      clearTimeout(timer);
    }
  }

  #facts(): StatusFacts {
    const { chip, supplies, compute } = this.#slot;
    const rail = supplies["5V"];
    const wallMs = performance.now();
    const wallSeconds = (wallMs - this.#paceMark.wallMs) / 1000;
    const pace = wallSeconds > 0 ? (chip.nanos - this.#paceMark.nanos) / NANOS_PER_SECOND / wallSeconds : 0;
    this.#paceMark = { wallMs, nanos: chip.nanos };
    const anyRail = Object.values(supplies).some((supply) => supply.outputGood);
    return {
      power: compute.running ? "on" : compute.powered ? "reset" : anyRail ? "rails" : "off",
      millivolts: rail?.millivolts ?? 0,
      milliamperes: rail?.milliamperes ?? 0,
      plugged: compute.plugged,
      stage: compute.stage,
      emulatedSeconds: chip.nanos / NANOS_PER_SECOND,
      pace,
      held: this.#isHeld(),
    };
  }

  #takeTerminal(): void {
    process.stdin.setRawMode(true);
    process.stdin.resume();
    this.#screen.open();
  }

  #giveTerminalBack(): void {
    if (this.#restored) return;
    this.#restored = true;
    if (this.#output !== "") this.#screen.print(this.#output);
    this.#screen.close();
    // After a hang-up the terminal may be gone already.
    try {
      process.stdin.setRawMode(false);
    } catch {
      return;
    }
    process.stdin.pause();
  }

  /** Listens to keys, size changes and signals. Returns a function that stops listening. */
  #listen(): () => void {
    const leave = (status: number) => {
      this.#exitStatus = status;
      this.#runner.interrupt();
    };
    const onKeys = (bytes: Buffer) => {
      if (this.#typist.press(bytes)) leave(0);
    };
    const onEnd = () => leave(0);
    const onResize = () => {
      this.#screen.resized();
      this.#screen.status(this.#facts());
    };
    const onExit = () => this.#giveTerminalBack();
    // A terminal that is gone must not cause a crash on the way out.
    const onError = () => leave(128 + SIGNAL_NUMBERS.SIGHUP);
    const onSignal = SIGNALS.map((name) => ({ name, leave: () => leave(128 + SIGNAL_NUMBERS[name]) }));
    process.stdin.on("data", onKeys).on("end", onEnd).on("error", onError);
    process.stdout.on("resize", onResize).on("error", onError);
    process.on("exit", onExit);
    for (const signal of onSignal) process.on(signal.name, signal.leave);
    return () => {
      process.stdin.off("data", onKeys).off("end", onEnd);
      process.stdout.off("resize", onResize);
      process.off("exit", onExit);
      for (const signal of onSignal) process.off(signal.name, signal.leave);
    };
  }
}
