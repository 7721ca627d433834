/**
 * The exhaustive walk. It begins with the initial states of a slot, and applies every input at every
 * moment, every command from every origin, every change of policy and every restart of the BMC, until it
 * has reached all states.
 *
 * Time appears only as which of the pending timers are due, in all combinations. Real clocks allow fewer,
 * so an invariant that holds here holds for every sequence of times. It also makes the number of states
 * finite.
 */

import { Command, Origin, RestorePolicy } from "../../../abi/generated/vocabulary.ts";
import { Signal } from "../../../simulator/generated/abi.ts";
import { Inputs } from "./inputs.ts";
import { EXPLAINED_US, OF_AN_EXPLANATION, UNEXPLAINED } from "./invariants/explanations.ts";
import { type Invariant, SLOT, type Transition } from "./invariants/meaning.ts";
import { OF_A_REQUEST, type Request } from "./invariants/requests.ts";
import { OF_A_RESTART, type Restart } from "./invariants/restarts.ts";
import { ALWAYS, OF_A_STATE } from "./invariants/states.ts";
import { OF_A_STEP } from "./invariants/steps.ts";
import { type Machine, TIMERS } from "./machine.ts";
import { Violation, violation } from "./violation.ts";

export interface Walked {
  readonly states: number;
  /** The calls that were made and checked. Each stands for all values of the inputs that were not read. */
  readonly transitions: number;
  /** The same, with every combination of inputs counted. */
  readonly combinations: number;
  readonly restarts: number;
}

/**
 * More states than there are: a board with three rails has 49,023. If a state grew with time, the walk would
 * exceed any number.
 */
export const STATES_LIMIT = 200_000;

const DUE_CLASSES = [0, 1, 2];

// What must hold after each kind of call. In one list each, because the walk checks them by the million.
const STEP = [...ALWAYS, ...OF_A_STEP];
const REQUEST = [...ALWAYS, ...OF_A_REQUEST];
const EXPLANATION = [...ALWAYS, ...OF_AN_EXPLANATION];
const LATE_EXPLANATION = [...ALWAYS, ...UNEXPLAINED];
const RESTART = [...ALWAYS, ...OF_A_RESTART];

export class Walk {
  readonly #machine: Machine;
  readonly #inputs: Inputs;
  readonly #limit: number;
  /** The keys of states, with the outputs they assert. */
  readonly outputs = new Map<number, number>();
  readonly #pending: number[] = [];
  /** The latches that a restart may find, for each remembered state. */
  readonly #restarts = new Map<number, Set<number>>();
  readonly #pendingRestarts: [number, number][] = [];
  #transitions = 0;
  #combinations = 0;
  #restarted = 0;

  readonly #report: (found: Violation) => void;

  /**
   * If there are more states than `limit`, the walk is taken for endless. The first violation ends it,
   * unless the caller collects them.
   */
  constructor(
    machine: Machine,
    limit: number,
    report = (found: Violation): void => {
      throw found;
    },
  ) {
    this.#report = report;
    this.#machine = machine;
    this.#inputs = new Inputs(machine);
    this.#limit = limit;
  }

  /** Throws a Violation with the whole sequence of steps if an invariant does not hold. */
  run(visit: (key: number, outputs: number) => void = () => {}): Walked {
    const { exports } = this.#machine;
    for (const policy of Object.values(RestorePolicy)) {
      for (const wanted of [0, 1]) {
        exports.create(policy, SLOT);
        exports.begins(wanted);
        this.#found();
      }
    }
    for (;;) {
      const key = this.#pending.pop();
      const restart = key === undefined ? this.#pendingRestarts.pop() : undefined;
      if (key !== undefined) {
        this.#from(key);
        visit(key, this.outputs.get(key) as number);
      } else if (restart) this.#restart(...restart);
      else break;
    }
    return {
      states: this.outputs.size,
      transitions: this.#transitions,
      combinations: this.#combinations,
      restarts: this.#restarted,
    };
  }

  #from(key: number): void {
    const machine = this.#machine;
    const { exports, now } = machine;
    const outputs = this.outputs.get(key) as number;
    this.#inputs.latches = outputs;
    for (const times of this.#times(key, outputs)) {
      const step = this.#transition(key, outputs, times, {});
      this.#explore(
        STEP,
        step,
        () => `step with timers ${times.toString(4)} due`,
        () => {
          machine.load(key, outputs, times);
          exports.step();
        },
      );
    }
    for (const command of Object.values(Command)) {
      for (const origin of Object.values(Origin)) {
        const about = { command, origin, answer: 0 };
        const request: Request = Object.assign(this.#transition(key, outputs, 0, about), about);
        this.#explore(
          REQUEST,
          request,
          () => `command ${command} of origin ${origin}, answered with ${request.answer}`,
          () => {
            machine.load(key, outputs, 0);
            (request as { answer: number }).answer = exports.request(command, origin);
          },
        );
      }
    }
    for (const policy of Object.values(RestorePolicy)) {
      machine.load(key, outputs, 0);
      exports.setPolicy(policy);
      exports.shows();
      this.#found();
    }
    for (const ago_us of [0, EXPLAINED_US, EXPLAINED_US + 1]) {
      const transition = this.#transition(key, outputs, 0, {});
      this.#explore(
        ago_us > EXPLAINED_US ? LATE_EXPLANATION : EXPLANATION,
        transition,
        () => `a trip is heard of ${ago_us} us after the fault`,
        () => {
          machine.load(key, outputs, 0);
          exports.explains(ago_us);
        },
      );
    }
    machine.load(key, outputs, 0);
    exports.shows();
    this.#interrupted(now.key, outputs);
  }

  #restart(key: number, latches: number): void {
    const machine = this.#machine;
    const { exports, timing } = machine;
    const outputs = this.outputs.get(key) as number;
    const released = Signal.COMPUTE_RUN | (timing.enable.at(-1) as number);
    for (const isKnown of [true, false]) {
      for (const tripped of [false, true]) {
        this.#inputs.latches = tripped ? latches & ~released : latches;
        const restart: Restart = Object.assign(this.#transition(key, outputs, 0, {}), { isKnown });
        const { memory, policy } = restart.before;
        this.#explore(
          RESTART,
          restart,
          () => `restart, ${isKnown ? "" : "nothing "}known, latches 0x${this.#inputs.latches.toString(16)}`,
          () => {
            exports.create(policy, SLOT);
            exports.adopts(isKnown ? memory : 0);
          },
          tripped ? 1 : 0,
        );
        this.#restarted++;
      }
    }
  }

  #transition(key: number, outputs: number, times: number, about: object): Transition {
    const { machine, inputs } = { machine: this.#machine, inputs: this.#inputs };
    machine.load(key, outputs, times);
    machine.exports.shows();
    return Object.assign(
      { timing: machine.timing, inputs, before: machine.now.copy(), after: machine.now },
      about,
    );
  }

  /**
   * All combinations of pending timers that are due or not; for the state's own deadline also whether it is
   * late.
   */
  *#times(key: number, outputs: number): Generator<number> {
    this.#machine.load(key, outputs, 0);
    this.#machine.exports.shows();
    const { now } = this.#machine;
    const pending = [now.deadline_us, ...Array.from({ length: TIMERS }, (_, timer) => now.timer_us(timer))];
    const places = pending.flatMap((due_us, place) => (due_us === -1 ? [] : [place]));
    for (let choice = 0; choice < DUE_CLASSES.length ** places.length; choice++) {
      let rest = choice;
      let times = 0;
      for (const place of places) {
        times |= (rest % DUE_CLASSES.length) << (2 * place);
        rest = Math.floor(rest / DUE_CLASSES.length);
      }
      yield times;
    }
  }

  /** Calls `act` with every value of every input that it, or an invariant, reads. */
  #explore<Kind extends Transition>(
    invariants: readonly Invariant<Kind>[],
    transition: Kind,
    what: () => string,
    act: () => void,
    tripped?: number,
  ): void {
    const inputs = this.#inputs;
    inputs.values.fill(0);
    let fixed = 0;
    if (tripped !== undefined) fixed = inputs.fixTripped(tripped);
    const total = inputs.combinations(fixed);
    const from = (assigned: number, covered: number): void => {
      inputs.give();
      act();
      for (let index = 0; index < invariants.length; index++) {
        const invariant = invariants[index] as Invariant<Kind>;
        if (!invariant.holds(transition)) this.#report(violation(invariant, transition, what()));
      }
      const open = inputs.asked & ~assigned;
      if (open === 0) {
        this.#transitions++;
        this.#combinations += covered;
        this.#found(transition);
        return;
      }
      const dimension = 31 - Math.clz32(open & -open);
      const size = inputs.sizes[dimension] as number;
      for (let value = 0; value < size; value++) {
        inputs.values[dimension] = value;
        from(assigned | (1 << dimension), covered / size);
      }
      inputs.values[dimension] = 0;
    };
    from(fixed, total);
  }

  /** Records the state that the last call led to. */
  #found(by?: Transition): void {
    const { now, timing } = this.#machine;
    const { key, outputs } = now;
    if (!this.outputs.has(key)) {
      const transition = by ?? { timing, inputs: this.#inputs, before: now, after: now };
      for (const invariant of OF_A_STATE) {
        if (!invariant.holds(transition)) this.#report(violation(invariant, transition, "reached"));
      }
      this.outputs.set(key, outputs);
      this.#pending.push(key);
      if (this.outputs.size > this.#limit)
        throw new Violation(`more than ${this.#limit} states: the space does not close`);
    }
    const { latches } = this.#inputs;
    if (!by || latches === outputs) return;
    // The reset and the shutdown request come first, then the enables (power.ts).
    const first = Signal.COMPUTE_RUN | Signal.SHUTDOWN_REQ;
    this.#interrupted(key, latches);
    this.#interrupted(key, (latches & ~first) | (outputs & first));
  }

  #interrupted(key: number, latches: number): void {
    const known = this.#restarts.get(key) ?? new Set();
    if (known.has(latches)) return;
    this.#restarts.set(key, known.add(latches));
    this.#pendingRestarts.push([key, latches]);
  }
}
