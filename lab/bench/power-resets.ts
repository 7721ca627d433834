/**
 * Watchdog resets at random moments of every state of the power sequence: the enables must not move while
 * nobody is there, and what the restarted BMC adopts must be what the slot was in. The reset comes from the
 * watchdog itself, out of the blue, as after a hang.
 */
import { type FaultName, faultNamed } from "../../simulator/devices/faults.ts";
import { Slot } from "../../simulator/slot/slot.ts";

/** Pins that hold the compute board's power. */
const POWER_PINS = ["EN_3V3_AUX", "EN_5V", "COMPUTE_RUN"] as const;
/** Three failures without a minute between them end in the minimal state: a slot is good for two. */
const RESETS_A_SLOT = 2;
const WATCHDOG_CTRL = 0x4005_8000;
const WATCHDOG_TRIGGER = 0x8000_0000;
/** From the reset to the first pass: 20 ms; to be looked at for this long. */
const STARTING_MS = 200;
export interface ResetFigures {
  readonly resets: number;
  /** Edges on an enable or COMPUTE_RUN while the BMC was away. */
  readonly glitches: number;
  /** Adopted states that were not the one before, or did not end where that one would have. */
  readonly wrong: number;
  /** How often each state was hit. */
  readonly states: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** How to get a slot near a state, and where it must end after a reset there. */
interface Scenario {
  readonly name: string;
  readonly fault?: FaultName;
  /** Typed one after the other, each with the time to let pass after it. */
  readonly steps: readonly (readonly [line: string, ms: number])[];
  /** The reset comes within this time after the last step. */
  readonly withinMs: number;
  /** The reset button, which lets everything go, before the last of it: the restore policy is at work. */
  readonly pressRun?: boolean;
  /** So long after the second reset it must have got to where it was going, */
  readonly settleMs: number;
  /** which is this state, in the words of `status`. */
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
/** Latching takes half a minute of emulated time, so it gets fewer of the resets. */
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

/** One slot brought into a scenario and reset; then once more, wherever it is by then. */
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
    this.slot = new Slot({ directory, seed, ...(fault && faultNamed(fault) ? { fault } : {}) });
  }

  run(): void {
    const { slot, scenario } = this;
    slot.powerOn();
    slot.expect("bmc> ", 1000);
    for (const [line, ms] of scenario.steps) {
      slot.terminal.type(`${line}\r`);
      // Typed is not taken: a reset before that makes it a command nobody gave.
      slot.expect(`${line}\r\n`, 1000);
      slot.runFor(ms);
    }
    if (scenario.pressRun) {
      slot.machine.pressRun();
      slot.expect(/type help\r\nbmc> /, 1000); // the new one's prompt, not one from before
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
    const restarts = slot.machine.resets.length;
    const edges: string[] = [];
    let away = true;
    for (const name of POWER_PINS) {
      slot.signal(name)?.onChange((level) => {
        if (away) edges.push(`${name} went ${level ? "on" : "off"} at ${slot.machine.nanos} ns`);
      });
    }
    slot.machine.mcu.writeUint32(WATCHDOG_CTRL, WATCHDOG_TRIGGER);
    slot.runUntil(() => slot.machine.resets.length > restarts, 10, "the watchdog's reset");
    // Until the logic has said where it is, nobody may touch a pin.
    const said = slot.terminal.received;
    slot.runUntil(
      () => slot.terminal.text.slice(Math.max(0, said - slot.terminal.discarded)).includes(", type help"),
      STARTING_MS,
      "the restarted logic",
    );
    away = false;
    this.resets++;
    if (edges.length === 0) return;
    this.glitches += edges.length;
    this.problems.push(`${this.scenario.name}, seed ${slot.seed}: ${edges.join(", ")}\n${slot.describe()}`);
  }

  /** Where it ends: asked once everything has had its time. */
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

/** So many resets; `progress` is told how many there have been. */
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
