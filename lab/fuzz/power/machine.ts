/**
 * The sequencer by itself, compiled from the source that ships, for millions of steps. The caller sets its
 * inputs, makes one call, and can read and set its whole state.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import type { Board } from "../../../boards/board.ts";
import { boardAssemblyScript } from "../../../scripts/boards.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const ENTRY = "lab/fuzz/power/assembly/index.ts";
const BOARD_FILE = "assembly/generated/board.ts";

/** The words of `view` in lab/fuzz/power/assembly/index.ts. */
export const View = {
  moved: 0,
  state: 1,
  rail: 2,
  next: 3,
  tries: 4,
  faultReason: 5,
  faultRail: 6,
  faultLimit: 7,
  wanted: 8,
  policy: 9,
  haltArmed: 10,
  emptied: 11,
  outputs: 12,
  reason: 13,
  origin: 14,
  /** Microseconds from now; -1: none; less than -1: overdue. */
  deadline_us: 15,
  nextDeadline_us: 16,
  memory: 17,
  latched: 18,
  rail_us: 19,
  keyLow: 20,
  keyHigh: 21,
  /** When each debounced input will have lasted long enough, as `deadline_us`; in the order of `Timer`. */
  due_us: 22,
  /** One bit for each input that has lasted long enough. */
  confirmed: 30,
  sags: 31,
  waiting: 32,
} as const;

/** The debounced inputs. */
export const Timer = {
  /** HALTED low, before it counts. */
  haltLow: 0,
  /** HALTED high with a silent board; and for how much longer if the OS was not asked to shut down. */
  haltSteady: 1,
  haltLasting: 2,
  removed: 3,
  inserted: 4,
  absent: 5,
  inputBack: 6,
  inputGone: 7,
} as const;
export const TIMERS = Object.keys(Timer).length;

/** The words of `given` there: the inputs that the sequencer reads. */
export const Given = {
  signals: 0,
  fell: 1,
  fellFirst: 2,
  tripped: 3,
  inputGood: 4,
  inputLost: 5,
  limit: 6,
  limitRail: 7,
  inhibited: 8,
  fed: 9,
  printed: 10,
} as const;

/** Returns whether a time in microseconds from now is due: neither later nor never. */
export function isDue(from_now_us: number): boolean {
  return from_now_us === 0 || from_now_us < -1;
}

/** The whole of one state, by the names of `View`. */
export class Life {
  constructor(readonly words: Int32Array) {}

  get state(): number {
    return this.words[View.state] as number;
  }
  get rail(): number {
    return this.words[View.rail] as number;
  }
  get next(): number {
    return this.words[View.next] as number;
  }
  get tries(): number {
    return this.words[View.tries] as number;
  }
  get faultReason(): number {
    return this.words[View.faultReason] as number;
  }
  get faultRail(): number {
    return this.words[View.faultRail] as number;
  }
  get faultLimit(): number {
    return this.words[View.faultLimit] as number;
  }
  get sags(): number {
    return this.words[View.sags] as number;
  }
  get waiting(): boolean {
    return this.words[View.waiting] !== 0;
  }
  get moved(): boolean {
    return this.words[View.moved] !== 0;
  }
  get wanted(): boolean {
    return this.words[View.wanted] !== 0;
  }
  get haltArmed(): boolean {
    return this.words[View.haltArmed] !== 0;
  }
  get emptied(): boolean {
    return this.words[View.emptied] !== 0;
  }
  get latched(): boolean {
    return this.words[View.latched] !== 0;
  }
  get policy(): number {
    return this.words[View.policy] as number;
  }
  get outputs(): number {
    return this.words[View.outputs] as number;
  }
  get reason(): number {
    return this.words[View.reason] as number;
  }
  get origin(): number {
    return this.words[View.origin] as number;
  }
  get deadline_us(): number {
    return this.words[View.deadline_us] as number;
  }
  get nextDeadline_us(): number {
    return this.words[View.nextDeadline_us] as number;
  }
  get memory(): number {
    return this.words[View.memory] as number;
  }
  get rail_us(): number {
    return this.words[View.rail_us] as number;
  }
  /** A number for each state that differs by more than time. */
  get key(): number {
    return (this.words[View.keyHigh] as number) * 2 ** 32 + ((this.words[View.keyLow] as number) >>> 0);
  }

  /** Whether the state's deadline has passed. */
  get isLate(): boolean {
    return isDue(this.deadline_us);
  }

  /** Microseconds from now until a timer is due, as `deadline_us`. */
  timer_us(timer: number): number {
    return this.words[View.due_us + timer] as number;
  }

  /** Returns whether a debounced input, asserted now as before, has lasted long enough. */
  isBelieved(timer: number): boolean {
    return this.isConfirmed(timer) || isDue(this.timer_us(timer));
  }

  /** Returns whether a debounced input had lasted long enough at the last step. */
  isConfirmed(timer: number): boolean {
    return (((this.words[View.confirmed] as number) >> timer) & 1) !== 0;
  }

  /** Returns whether a debounced input was asserted at the last step, however long. */
  isAsserted(timer: number): boolean {
    return this.timer_us(timer) !== -1 || this.isBelieved(timer);
  }

  /** The debounced inputs as text: `name due`, with `!` if they have lasted long enough. */
  get timersText(): string {
    return Object.entries(Timer)
      .map(([name, timer]) => {
        return `${name} ${this.timer_us(timer)}${this.isConfirmed(timer) ? "!" : ""}`;
      })
      .join(", ");
  }

  copy(): Life {
    return new Life(this.words.slice());
  }
}

interface Exports extends WebAssembly.Exports {
  memory: WebAssembly.Memory;
  viewAddress(): number;
  givenAddress(): number;
  railEnable(rail: number): number;
  railPowerGood(rail: number): number;
  railPowerGoodTimeout_ms(rail: number): number;
  railDischargeTimeout_ms(rail: number): number;
  retryPauses(): number;
  retryPause_ms(tries: number): number;
  create(policy: number, slot: number): void;
  setPolicy(policy: number): void;
  begins(wanted: number): void;
  adopts(memory: number): void;
  request(command: number, origin: number): number;
  step(): number;
  explains(ago_us: number): number;
  advance(by_us: number): void;
  askedFields(): number;
  shows(): void;
  loadKey(low: number, high: number, outputs: number, times: number): void;
}

/** The values from the board file, and signal masks. */
export interface Timing {
  readonly rails: number;
  /** The rail that feeds the compute board, which an over-current is blamed on. */
  readonly computeRail: number;
  readonly enable: readonly number[];
  readonly powerGood: readonly number[];
  readonly powerGoodTimeout_us: readonly number[];
  readonly dischargeTimeout_us: readonly number[];
  readonly retryPause_us: readonly number[];
  readonly runDelay_us: number;
  readonly resetPulse_us: number;
  readonly cycleOff_us: number;
  readonly shutdownTimeout_us: number;
  readonly goodAfter_us: number;
  readonly settle_us: number;
  readonly stagger_us: number;
}

/**
 * Turns the fields of Inputs into calls of lab/fuzz/power/assembly/given.ts, which records which were read.
 */
function askingInputs(source: string): string {
  const from = source.indexOf("export class Inputs {");
  const to = source.indexOf("\n}", from);
  let field = 0;
  const questions = source.slice(from, to).replace(/^ {2}(\w+): (u32|i32|bool) = .*;$/gm, (_, name, type) => {
    if (Object.keys(Given)[field] !== name) throw new Error(`the sequencer's inputs have no ${name} here`);
    return `  get ${name}(): ${type} { return <${type}>given(${field++}); }`;
  });
  if (field !== Object.keys(Given).length) throw new Error("the sequencer's inputs are others than here");
  const asking = 'import { given } from "../../lab/fuzz/power/assembly/given";';
  return `${asking}\n${source.slice(0, from)}${questions}${source.slice(to)}`;
}

/**
 * Throws an Error with the compiler's message. `change` edits the sequencer's source, to test the
 * invariants.
 */
export async function compileSequencer(
  board: Board,
  change = (source: string) => source,
): Promise<WebAssembly.Module> {
  let binary: Uint8Array | null = null;
  // Its own options: the project's configuration would compile the whole logic.
  const options = [ENTRY, "--outFile", "sequencer.wasm", "-O3", "--runtime", "stub", "--use", "abort="];
  const { error, stderr } = await asc.main(options, {
    readFile: async (name, base) => {
      const path = name.replaceAll("\\", "/");
      if (path.endsWith("asconfig.json")) return null;
      if (path.endsWith(BOARD_FILE)) return boardAssemblyScript(board);
      const text = await readFile(join(base === "." ? PROJECT : base, name), "utf8").catch(() => null);
      if (text !== null && path.endsWith("assembly/protection/inputs.ts")) return askingInputs(text);
      return text !== null && path.endsWith("assembly/power/sequencer.ts") ? change(text) : text;
    },
    writeFile: (name, contents) => {
      if (name.endsWith(".wasm")) binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`the sequencer does not compile:\n${stderr.toString()}`);
  return new WebAssembly.Module(binary);
}

export class Machine {
  readonly exports: Exports;
  /** The state after the last call. */
  readonly now: Life;
  readonly given: Int32Array;
  readonly timing: Timing;

  constructor(readonly module: WebAssembly.Module) {
    this.exports = new WebAssembly.Instance(module, {}).exports as Exports;
    const { memory } = this.exports;
    this.now = new Life(new Int32Array(memory.buffer, this.exports.viewAddress(), 40));
    this.given = new Int32Array(memory.buffer, this.exports.givenAddress(), 16);
    this.timing = this.#timing();
  }

  #timing(): Timing {
    const constant = (name: string) => (this.exports[name] as WebAssembly.Global).value as number;
    const { railEnable, railPowerGood, railPowerGoodTimeout_ms, railDischargeTimeout_ms } = this.exports;
    const rails = Array.from({ length: constant("RAIL_COUNT") }, (_, rail) => rail);
    const tries = Array.from({ length: this.exports.retryPauses() }, (_, number) => number);
    return {
      rails: rails.length,
      computeRail: constant("COMPUTE_RAIL"),
      enable: rails.map((rail) => railEnable(rail)),
      powerGood: rails.map((rail) => railPowerGood(rail)),
      powerGoodTimeout_us: rails.map((rail) => railPowerGoodTimeout_ms(rail) * 1000),
      dischargeTimeout_us: rails.map((rail) => railDischargeTimeout_ms(rail) * 1000),
      retryPause_us: tries.map((number) => this.exports.retryPause_ms(number) * 1000),
      runDelay_us: constant("RUN_DELAY_MS") * 1000,
      resetPulse_us: constant("RESET_PULSE_MS") * 1000,
      cycleOff_us: constant("CYCLE_OFF_MS") * 1000,
      shutdownTimeout_us: constant("SHUTDOWN_TIMEOUT_MS") * 1000,
      goodAfter_us: constant("GOOD_AFTER_MS") * 1000,
      settle_us: constant("RESTORE_SETTLE_MS") * 1000,
      stagger_us: constant("RESTORE_STAGGER_MS") * 1000,
    };
  }

  /** Restores the state of a key; see lab/fuzz/power/assembly/index.ts. */
  load(key: number, outputs: number, times: number): void {
    this.exports.loadKey(key >>> 0, Math.floor(key / 2 ** 32), outputs, times);
  }
}
