/**
 * The possible states of the power sequence, after "Power" in docs/smbus.md. The model knows neither
 * time-outs nor ramps. It keeps the set of possible states: time adds to it, and every read removes some.
 * The effect of a command is exact.
 */

/** Values of MFR_POWER_STATE. */
const OFF = 0;
const RAIL_UP = 1;
const RUN_DELAY = 2;
const ON = 3;
const SHUTTING_DOWN = 4;
const RAIL_DOWN = 5;
const CYCLE_OFF = 6;
const RESETTING = 7;
const FAULT = 8;
const RETRY_PAUSE = 9;
const NO_INPUT = 10;
const RESTORING = 11;
const VISIBLE = 12;
/** As RAIL_DOWN, but with another end: a cycle's pause, a retry's pause, a latched fault, no input. */
const CYCLING_DOWN = 12;
const RETRYING_DOWN = 13;
const LATCHING_DOWN = 14;
const FAILING_DOWN = 15;
const STATES = 16;

const set = (...states: readonly number[]) => states.reduce((all, state) => all | (1 << state), 0);

const ANYWHERE = (1 << STATES) - 1;
const GOING_DOWN = set(RAIL_DOWN, CYCLING_DOWN, RETRYING_DOWN, LATCHING_DOWN, FAILING_DOWN);
const UP = set(RUN_DELAY, ON, SHUTTING_DOWN, RESETTING);
const DOWN = set(OFF, FAULT, RETRY_PAUSE, NO_INPUT, RESTORING);
const LATCHED = set(FAULT, LATCHING_DOWN);

const SUPPLIED = [RAIL_UP, RUN_DELAY, ON, SHUTTING_DOWN, RESETTING];

/** The states that may follow by themselves, whatever supplies and compute OS do. */
const NEXT: readonly (readonly number[])[] = [
  /* OFF */ [],
  /* RAIL_UP */ [RUN_DELAY],
  /* RUN_DELAY */ [ON],
  /* ON */ [],
  /* SHUTTING_DOWN */ [],
  /* RAIL_DOWN */ [OFF],
  /* CYCLE_OFF */ [RAIL_UP, OFF],
  /* RESETTING */ [ON],
  /* FAULT */ [],
  /* RETRY_PAUSE */ [RAIL_UP],
  /* NO_INPUT */ [OFF],
  /* RESTORING */ [RAIL_UP],
  /* CYCLING_DOWN */ [CYCLE_OFF],
  /* RETRYING_DOWN */ [RETRY_PAUSE],
  /* LATCHING_DOWN */ [FAULT],
  /* FAILING_DOWN */ [NO_INPUT],
];

/** Beyond one of these limits input or temperature inhibits power-on. */
export const INHIBITING = ["VIN_OV_FAULT_LIMIT", "OT_FAULT_LIMIT", "UT_FAULT_LIMIT"];

/** What the world makes possible meanwhile. */
export interface Circumstances {
  readonly now_us: number;
  /** Input power may be too low. */
  readonly inputMayFail: boolean;
  /** One of the INHIBITING limits may be exceeded. */
  readonly inhibited: boolean;
  /** Every sensor has been plausible for long enough to be trusted. */
  readonly sane: boolean;
  /** A power-good may have stayed asserted for too long. */
  readonly mayStick: boolean;
}

export type PowerCommand = "on" | "off" | "force-off" | "cycle" | "reset" | "clear";
export type PowerOutcome = "done" | "busy" | "failed";

/** The conditions for power-on, in one of the possible worlds. */
interface Conditions {
  readonly present: boolean;
  readonly inputGood: boolean;
  readonly sane: boolean;
}

/** Returns the next state after a command in a state, or the reason for a refusal. */
function follow(state: number, command: PowerCommand, world: Conditions): number | "busy" | "failed" {
  const isDown = (DOWN & (1 << state)) !== 0;
  switch (command) {
    case "on":
      if (state === ON) return ON;
      if (LATCHED & (1 << state)) return "failed";
      if (!isDown) return "busy";
      return world.present && world.inputGood && world.sane && state !== NO_INPUT ? RAIL_UP : "failed";
    case "off":
      if (state === ON) return SHUTTING_DOWN;
      return state === SHUTTING_DOWN ? "busy" : goOff(state);
    case "force-off":
      return goOff(state);
    case "cycle":
      if (isDown) return "failed";
      return state === ON ? CYCLING_DOWN : "busy";
    case "reset":
      if (isDown) return "failed";
      return state === ON ? RESETTING : "busy";
    case "clear":
      return state === FAULT ? OFF : state === LATCHING_DOWN ? RAIL_DOWN : state;
  }
}

function goOff(state: number): number | "busy" {
  switch (state) {
    case OFF:
    case FAULT:
    case NO_INPUT:
      return state;
    case RETRY_PAUSE:
    case RESTORING:
    case CYCLE_OFF:
      return OFF;
    case RAIL_DOWN:
    case LATCHING_DOWN:
    case FAILING_DOWN:
      return "busy";
    default:
      return RAIL_DOWN;
  }
}

/** The three pauses between retries. No fault is latched because of its retries before they are over. */
const TRIES_US = 31_000_000;
const LAST = 0;
const ALWAYS_ON = 1;
export const ALWAYS_OFF = 2;

export class PowerModel {
  /** A bit set of states. */
  possible = 1 << OFF;
  /** Whether a compute board is in the slot; null while its contacts bounce. */
  present: boolean | null = true;
  /** MFR_RESTORE_POLICY. */
  policy = LAST;
  /** The board has not been in the slot all the time. */
  #wasAbsent = false;
  /** The last time at which the next try would certainly have been the first. */
  #fresh_us = 0;

  clone(): PowerModel {
    const copy = new PowerModel();
    copy.possible = this.possible;
    copy.present = this.present;
    copy.policy = this.policy;
    copy.#wasAbsent = this.#wasAbsent;
    copy.#fresh_us = this.#fresh_us;
    return copy;
  }

  /** Lets time pass. Returns true if a power fault is possible in it. */
  elapse(circumstances: Circumstances): boolean {
    if (this.present !== true) this.#wasAbsent = true;
    for (let before = 0; before !== this.possible; ) {
      before = this.possible;
      for (let state = 0; state < STATES; state++) {
        if (before & (1 << state)) this.possible |= this.#after(state, circumstances);
      }
    }
    return (this.possible & ~DOWN) !== 0;
  }

  #after(state: number, { now_us, inputMayFail, inhibited, sane, mayStick }: Circumstances): number {
    let next = set(...(NEXT[state] as number[]));
    const mayLatch = mayStick || now_us - this.#fresh_us >= TRIES_US;
    // Faults, halted or pulled out.
    if (SUPPLIED.includes(state)) next |= set(RETRYING_DOWN, RAIL_DOWN) | (mayLatch ? set(LATCHING_DOWN) : 0);
    if (GOING_DOWN & (1 << state) && mayStick) next |= set(LATCHING_DOWN);
    if (inputMayFail && SUPPLIED.includes(state)) next |= set(FAILING_DOWN);
    if (inputMayFail && (DOWN | set(CYCLE_OFF)) & (1 << state) && state !== FAULT) next |= set(NO_INPUT);
    const isHindered = this.present !== true || this.#wasAbsent || inhibited || !sane;
    if (isHindered && (state === RETRY_PAUSE || state === RESTORING)) next |= set(OFF);
    const mayBeRestored = this.policy === ALWAYS_ON || (this.policy === LAST && state === NO_INPUT);
    if (mayBeRestored && (state === NO_INPUT || (state === OFF && this.#wasAbsent))) next |= set(RESTORING);
    return next;
  }

  /** A user has typed power commands on the console. */
  anywhere(): void {
    this.possible = ANYWHERE;
  }

  /** A power-good was deasserted while the slot was certainly on. */
  supplyFailed({ now_us, mayStick }: Circumstances): void {
    this.possible = set(RETRYING_DOWN, RETRY_PAUSE);
    if (mayStick || now_us - this.#fresh_us >= TRIES_US) this.possible |= LATCHED;
  }

  /** No power-good was asserted in any of the tries. */
  triedInVain(): void {
    this.possible = set(FAULT);
  }

  /** Input power failed for a moment while the slot was certainly on. */
  inputFailed(): void {
    this.possible = set(FAILING_DOWN, NO_INPUT);
  }

  /** The outcomes a command may have now; afterwards the states that fit them are possible. */
  request(command: PowerCommand, { now_us, inputMayFail, inhibited, sane }: Circumstances): PowerOutcome[] {
    const outcomes = new Set<PowerOutcome>();
    let after = 0;
    const isFirst = command === "on" && !(this.possible & ~DOWN);
    for (let state = 0; state < STATES; state++) {
      if (!(this.possible & (1 << state))) continue;
      for (const world of worlds(this.present, inputMayFail, sane && !inhibited)) {
        const next = follow(state, command, world);
        outcomes.add(typeof next === "number" ? "done" : next);
        after |= 1 << (typeof next === "number" ? next : state);
      }
    }
    this.possible = after;
    if (isFirst && outcomes.size === 1 && outcomes.has("done")) this.#fresh_us = now_us;
    return [...outcomes];
  }

  /** MFR_POWER_STATE was read. */
  observe(value: number): string | null {
    const seen = value === RAIL_DOWN ? GOING_DOWN : value < VISIBLE ? 1 << value : 0;
    if (!(this.possible & seen)) return `power state ${value}, possible are ${this}`;
    this.possible &= seen;
    return null;
  }

  /** OPERATION was read: 80h while on or coming up. */
  observeOperation(value: number): string | null {
    const either = set(SHUTTING_DOWN, CYCLE_OFF);
    const on = set(RAIL_UP, RUN_DELAY, ON, RESETTING) | either;
    const seen = value === 0x80 ? on : value === 0 ? ANYWHERE & ~on : 0;
    const fits = this.possible & (value === 0 ? seen | either : seen);
    if (!fits) return `OPERATION reads ${value}, possible power states are ${this}`;
    this.possible = fits;
    return null;
  }

  /** Whether supplies are enabled: true or false for both, null if unknown. */
  get enabled(): boolean | null {
    if (!(this.possible & ~UP)) return true;
    return this.possible & ~(DOWN | set(CYCLE_OFF)) ? null : false;
  }

  get surelyOn(): boolean {
    return this.possible === 1 << ON;
  }

  get surelyComingUp(): boolean {
    return this.possible === 1 << RAIL_UP;
  }

  /** Whether limits of the outputs may be checked. */
  get maybeOn(): boolean {
    return (this.possible & set(ON, SHUTTING_DOWN, RESETTING)) !== 0;
  }

  get maybeWithoutInput(): boolean {
    return (this.possible & set(NO_INPUT)) !== 0;
  }

  /** Whether a fault is latched; null if unknown. */
  get faulted(): boolean | null {
    if (!(this.possible & ~LATCHED)) return true;
    return this.possible & LATCHED ? null : false;
  }

  get key(): string {
    return `${this.possible}/${this.policy}/${this.#wasAbsent}/${this.#fresh_us}`;
  }

  toString(): string {
    return Array.from({ length: STATES }, (_, state) => state)
      .filter((state) => this.possible & (1 << state))
      .join(" ");
  }
}

/** Returns every possible world. */
function worlds(present: boolean | null, inputMayFail: boolean, isSane: boolean): Conditions[] {
  const either = (isCertain: boolean) => (isCertain ? [true] : [true, false]);
  const presents = present === null ? [true, false] : [present];
  return presents.flatMap((there) =>
    either(!inputMayFail).flatMap((inputGood) =>
      either(isSane).map((sane) => ({ present: there, inputGood, sane })),
    ),
  );
}
