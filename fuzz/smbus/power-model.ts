/**
 * Where the power sequence may be. The model does not know time-outs or ramps: it keeps the set of states
 * that are possible, which time widens and every look at the slot narrows. What a command does is exact.
 */

/** Values of MFR_POWER_STATE, and one more: going down in the middle of a power cycle. */
const OFF = 0;
const RAIL_UP = 1;
const RUN_DELAY = 2;
const ON = 3;
const SHUTTING_DOWN = 4;
const RAIL_DOWN = 5;
const CYCLE_OFF = 6;
const RESETTING = 7;
const FAULT = 8;
const CYCLING_DOWN = 9;
const STATES = 10;

const ANYWHERE = (1 << STATES) - 1;

/** What may follow by itself, faults and the compute OS included. */
const NEXT: readonly (readonly number[])[] = [
  /* OFF */ [],
  /* RAIL_UP */ [RUN_DELAY, RAIL_DOWN],
  /* RUN_DELAY */ [ON, RAIL_DOWN],
  /* ON */ [RAIL_DOWN],
  /* SHUTTING_DOWN */ [RAIL_DOWN],
  /* RAIL_DOWN */ [OFF, FAULT],
  /* CYCLE_OFF */ [RAIL_UP, FAULT],
  /* RESETTING */ [ON, RAIL_DOWN],
  /* FAULT */ [],
  /* CYCLING_DOWN */ [CYCLE_OFF, FAULT, RAIL_DOWN],
];

const CLOSURE = NEXT.map((_, state) => {
  let reached = 1 << state;
  for (let before = 0; before !== reached; ) {
    before = reached;
    for (let each = 0; each < STATES; each++) {
      if (reached & (1 << each)) for (const next of NEXT[each] as number[]) reached |= 1 << next;
    }
  }
  return reached;
});

export type PowerCommand = "on" | "off" | "force-off" | "cycle" | "reset";
export type PowerOutcome = "done" | "busy" | "failed";

/** What a command does in one state: the next state, or why not. */
function follow(state: number, command: PowerCommand, present: boolean): number | "busy" | "failed" {
  const isOff = state === OFF || state === FAULT;
  switch (command) {
    case "on":
      if (state === ON) return ON;
      if (!isOff) return "busy";
      return present ? RAIL_UP : "failed";
    case "off":
      if (isOff) return OFF;
      if (state === ON) return SHUTTING_DOWN;
      if (state === SHUTTING_DOWN || state === RAIL_DOWN) return "busy";
      return state === CYCLE_OFF ? OFF : RAIL_DOWN;
    case "force-off":
      if (isOff) return state;
      if (state === RAIL_DOWN) return "busy";
      return state === CYCLE_OFF ? OFF : RAIL_DOWN;
    case "cycle":
      if (isOff) return "failed";
      return state === ON ? CYCLING_DOWN : "busy";
    case "reset":
      if (isOff) return "failed";
      return state === ON ? RESETTING : "busy";
  }
}

export class PowerModel {
  /** Bit set of states. */
  possible = 1 << OFF;
  /** Whether a compute board is in the slot; null: contacts bounce. */
  present: boolean | null = true;

  clone(): PowerModel {
    const copy = new PowerModel();
    copy.possible = this.possible;
    copy.present = this.present;
    return copy;
  }

  /** Time passes. True if a power fault is possible in it. */
  elapse(): boolean {
    let widened = 0;
    for (let state = 0; state < STATES; state++) {
      if (this.possible & (1 << state)) widened |= CLOSURE[state] as number;
    }
    this.possible = widened;
    return (widened & ~((1 << OFF) | (1 << FAULT))) !== 0;
  }

  /** Somebody typed power commands on the console. */
  anywhere(): void {
    this.possible = ANYWHERE;
  }

  /** A power-good went away while the slot surely was on. */
  supplyFailed(): void {
    this.possible = (1 << RAIL_DOWN) | (1 << FAULT);
  }

  /** The outcomes a command may have now; afterwards the states that fit them are possible. */
  request(command: PowerCommand): PowerOutcome[] {
    const outcomes = new Set<PowerOutcome>();
    let after = 0;
    for (let state = 0; state < STATES; state++) {
      if (!(this.possible & (1 << state))) continue;
      for (const present of this.present === null ? [false, true] : [this.present]) {
        const next = follow(state, command, present);
        outcomes.add(typeof next === "number" ? "done" : next);
        after |= 1 << (typeof next === "number" ? next : state);
      }
    }
    this.possible = after;
    return [...outcomes];
  }

  /** MFR_POWER_STATE was read. */
  observe(value: number): string | null {
    const seen = value === RAIL_DOWN ? (1 << RAIL_DOWN) | (1 << CYCLING_DOWN) : value < 9 ? 1 << value : 0;
    if (!(this.possible & seen)) return `power state ${value}, possible are ${this}`;
    this.possible &= seen;
    return null;
  }

  /** OPERATION was read: 80h while on or coming up. */
  observeOperation(value: number): string | null {
    const either = (1 << SHUTTING_DOWN) | (1 << CYCLE_OFF);
    const on = (1 << RAIL_UP) | (1 << RUN_DELAY) | (1 << ON) | (1 << RESETTING) | either;
    const seen = value === 0x80 ? on : value === 0 ? ANYWHERE & ~on : 0;
    const fits = this.possible & (value === 0 ? seen | either : seen);
    if (!fits) return `OPERATION reads ${value}, possible power states are ${this}`;
    this.possible = fits;
    return null;
  }

  /** Whether supplies are enabled: true or false for both, null where that is not known. */
  get enabled(): boolean | null {
    const all = (1 << RUN_DELAY) | (1 << ON) | (1 << SHUTTING_DOWN) | (1 << RESETTING);
    if (!(this.possible & ~all)) return true;
    return this.possible & ~((1 << OFF) | (1 << CYCLE_OFF) | (1 << FAULT)) ? null : false;
  }

  get surelyOn(): boolean {
    return this.possible === 1 << ON;
  }

  get maybeOn(): boolean {
    return (this.possible & (1 << ON)) !== 0;
  }

  /** Whether a fault is latched; null where that is not known. */
  get faulted(): boolean | null {
    if (this.possible === 1 << FAULT) return true;
    const fresh = (1 << OFF) | (1 << ON) | (1 << RAIL_UP) | (1 << RUN_DELAY) | (1 << CYCLE_OFF);
    return this.possible & ~fresh ? null : false;
  }

  toString(): string {
    return Array.from({ length: STATES }, (_, state) => state)
      .filter((state) => this.possible & (1 << state))
      .join(" ");
  }
}
