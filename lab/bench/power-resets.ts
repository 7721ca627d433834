/**
 * Resets the BMC by its watchdog at random moments of every state of the power sequence. The enables must
 * not change while the BMC restarts, and the restarted BMC must adopt the state that the slot was in. The
 * reset comes unannounced from the watchdog itself, as after a hang.
 */
import { Slot } from "../../simulator/slot/slot.ts";

/** The pins that keep the compute board powered. */
const POWER_PINS = ["EN_3V3_AUX", "EN_5V", "COMPUTE_RUN"] as const;
/**
 * Three failures without a minute between them lead to the minimal state, so a slot allows only two resets.
 */
const RESETS_A_SLOT = 2;
const WATCHDOG_CTRL = 0x4005_8000;
const WATCHDOG_TRIGGER = 0x8000_0000;
/** The first pass comes 20 ms after the reset. Our choice: the pins are watched ten times as long. */
const STARTING_MS = 200;
export interface ResetFigures {
  readonly resets: number;
  /** Edges on an enable or COMPUTE_RUN while the BMC restarted. */
  readonly glitches: number;
  /** Adopted states that differed from the one before, or that did not end as it would have. */
  readonly wrong: number;
  /** The number of resets in each state. */
  readonly states: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** How to bring a slot near a state, and the state in which it must end after a reset there. */
interface Scenario {
  readonly name: string;
  readonly fault?: string;
  /** Typed one after the other, each with the time to let pass after it. */
  readonly steps: readonly (readonly [line: string, ms: number])[];
  /** The reset comes within this time after the last step. */
  readonly withinMs: number;
  /**
   * Before the last step, press the reset button, which releases everything, so that the restore policy
   * applies.
   */
  readonly pressRun?: boolean;
  /** The time after the second reset within which the slot must reach its final state. */
  readonly settleMs: number;
  /** The final state as `status` shows it. */
  readonly ends: RegExp;
}

const ON = /^on,/;
const OFF = /^off,/;
const UP: Scenario["steps"] = [["power on", 100]];

const SCENARIOS: readonly Scenario[] = [
  { name: "off", steps: [["status", 100]], withinMs: 50, settleMs: 50, ends: OFF },
  { name: "coming up", steps: [["power on", 0]], withinMs: 45, settleMs: 250, ends: ON },
  { name: "on", steps: UP, withinMs: 400, settleMs: 50, ends: ON },
  {
    name: "shutting down",
    steps: [...UP, ["power off --yes", 5]],
    withinMs: 300,
    settleMs: 50,
    ends: /^shutting down,/,
  },
  {
    name: "going down",
    steps: [...UP, ["power force-off --yes", 0]],
    withinMs: 160,
    settleMs: 600,
    ends: OFF,
  },
  { name: "in a cycle", steps: [...UP, ["power cycle --yes", 0]], withinMs: 2300, settleMs: 2600, ends: ON },
  { name: "resetting", steps: [...UP, ["power reset --yes", 0]], withinMs: 110, settleMs: 250, ends: ON },
  {
    name: "retrying",
    fault: "pg-5v-never",
    steps: [["power on", 120]],
    withinMs: 1300,
    settleMs: 50,
    ends: /^(off, to be tried again|coming up|going down),/,
  },
  {
    name: "latched",
    fault: "pg-3v3-aux-never",
    steps: [["power on", 33_000]],
    withinMs: 100,
    settleMs: 50,
    ends: /^off \(fault\),/,
  },
  {
    name: "restoring",
    steps: [["policy always-on", 200]],
    pressRun: true,
    withinMs: 1500,
    settleMs: 1900,
    ends: ON,
  },
];
/** Latching takes half a minute of emulated time, so this scenario gets fewer resets. */
const RARE = new Map([["latched", 20]]);

/** xorshift32 */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }

  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
}

/** Brings a slot into a scenario and resets it, then resets it again in the state it has reached by then. */
class ResetRun {
  readonly slot: Slot;
  readonly scenario: Scenario;
  glitches = 0;
  wrong = 0;
  resets = 0;
  readonly states: string[] = [];
  readonly problems: string[] = [];
  readonly #random: Random;

  constructor(directory: string, scenario: Scenario, seed: number) {
    this.scenario = scenario;
    this.#random = new Random(seed);
    const { fault } = scenario;
    this.slot = new Slot({ directory, seed, ...(fault ? { fault } : {}) });
  }

  run(): void {
    const { slot, scenario } = this;
    slot.powerOn();
    slot.expect("bmc> ", 1000);
    for (const [line, ms] of scenario.steps) {
      slot.terminal.type(`${line}\r`);
      // Wait until the line is executed: a reset before that would discard the command.
      slot.expect(`${line}\r\n`, 1000);
      slot.runFor(ms);
    }
    if (scenario.pressRun) {
      slot.chip.pressRun();
      slot.expect(/type help\r\nbmc> /, 1000); // the prompt after the reset, not an earlier one
    }
    slot.runFor((this.#random.below(1_000_000) / 1_000_000) * scenario.withinMs);
    for (let count = 0; count < RESETS_A_SLOT; count++) {
      this.#reset();
      slot.runFor((this.#random.below(1000) / 1000) * 40);
    }
    this.#judgeEnd();
  }

  #levels(): string {
    return POWER_PINS.map((name) => (this.slot.signal(name)?.asserted ? "1" : "0")).join("");
  }

  #reset(): void {
    const { slot } = this;
    const before = this.#levels();
    this.states.push(before);
    const restarts = slot.chip.resets.length;
    const edges: string[] = [];
    let away = true;
    for (const name of POWER_PINS) {
      slot.signal(name)?.onChange((level) => {
        if (away) edges.push(`${name} went ${level ? "on" : "off"} at ${slot.chip.nanos} ns`);
      });
    }
    slot.chip.bus.writeUint32(WATCHDOG_CTRL, WATCHDOG_TRIGGER);
    slot.runUntil(() => slot.chip.resets.length > restarts, 10, "the watchdog's reset");
    // Until the logic has reported the adopted state, no pin may change.
    const said = slot.terminal.received;
    slot.runUntil(
      () => slot.terminal.text.slice(Math.max(0, said - slot.terminal.discarded)).includes("help\r\n"),
      STARTING_MS,
      "the restarted logic",
    );
    away = false;
    this.resets++;
    if (edges.length === 0) return;
    this.glitches += edges.length;
    this.problems.push(`${this.scenario.name}, seed ${slot.seed}: ${edges.join(", ")}\n${slot.describe()}`);
  }

  /** Checks the final state, once everything has had its time. */
  #judgeEnd(): void {
    const { slot, scenario } = this;
    slot.runFor(scenario.settleMs);
    slot.terminal.type("status\r");
    slot.runFor(60);
    const status = /power {8}([^\r]*)\r\n/.exec(slot.terminal.text.slice(-3000))?.[1] ?? "no answer";
    if (scenario.ends.test(status)) return;
    this.wrong++;
    this.problems.push(
      `${scenario.name}, seed ${slot.seed}: ended "${status}", not ${scenario.ends}\n${slot.describe()}`,
    );
  }
}

/** Makes this many resets. Calls `progress` with the number made so far. */
export function measureResets(
  directory: string,
  resets: number,
  seed: number,
  progress: (done: number) => void,
): ResetFigures {
  const random = new Random(seed);
  const states: Record<string, number> = {};
  const problems: string[] = [];
  let [done, glitches, wrong] = [0, 0, 0];
  while (done < resets) {
    const scenario = SCENARIOS[random.below(SCENARIOS.length)] as Scenario;
    const rarity = RARE.get(scenario.name) ?? 1;
    if (random.below(rarity) !== 0) continue;
    const run = new ResetRun(directory, scenario, 1 + random.below(2 ** 31 - 2));
    run.run();
    done += run.resets;
    glitches += run.glitches;
    wrong += run.wrong;
    states[scenario.name] = (states[scenario.name] ?? 0) + run.resets;
    problems.push(...run.problems.slice(0, 10 - problems.length));
    progress(done);
  }
  return { resets: done, glitches, wrong, states, problems };
}
