/**
 * Random lives of a sequencer. Supplies, the board, the OS and input power mostly behave, users and the
 * policy change their minds, restarts come at any moment, and time passes at random or to the exact
 * microsecond. The invariants are those of the walk. Now and then everything works for a while, and then
 * the slot has to come up.
 *
 * It also tests two assumptions of the walk. A key contains everything that decides anything: a twin
 * restored from the key alone must do the same. And the walk finds every state, if its states are given.
 */

import { Command, Origin, RestorePolicy, State } from "../../../abi/generated/vocabulary.ts";
import { Signal } from "../../../simulator/generated/abi.ts";
import { Random } from "../smbus/random.ts";
import { Dimension, Input, Inputs } from "./inputs.ts";
import { type Invariant, SLOT, type Transition } from "./invariants/meaning.ts";
import { OF_A_REQUEST, type Request } from "./invariants/requests.ts";
import { OF_A_RESTART, type Restart } from "./invariants/restarts.ts";
import { ALWAYS, OF_A_STATE } from "./invariants/states.ts";
import { OF_A_STEP } from "./invariants/steps.ts";
import { Given, isDue, type Life, Machine, TIMERS, View } from "./machine.ts";
import { lifeText, Violation, violation } from "./violation.ts";
import { bound_us, comesOn, well } from "./worlds.ts";

const COMMANDS = Object.values(Command);
const ORIGINS = Object.values(Origin);
const POLICIES = Object.values(RestorePolicy);
/** The words in which a twin must agree. A key does not contain the origin of a state. */
const COMPARED = Object.entries(View).filter(([name]) =>
  ["moved", "state", "next", "tries", "faultReason", "wanted", "outputs", "keyLow", "keyHigh"].includes(name),
);
/** One step in this many is compared with a twin. */
const TWIN_EVERY = 8;

export class RandomRun {
  /** Calls of `step`, `request` and restarts. */
  steps = 0;
  restarts = 0;
  /** How often the slot came on, and how often it came up while everything worked. */
  cameOn = 0;
  recovered = 0;
  readonly #machine: Machine;
  readonly #twin: Machine;
  readonly #random: Random;
  readonly #inputs: Inputs;
  readonly #known: ReadonlyMap<number, number> | null;
  readonly #visited = new Set<number>();
  readonly #seed: number;
  /** The latches before the last transition, if it has just been made. */
  #latchesBefore: number | null = null;
  /** The world misbehaves once in this many times. */
  #nature = 20;

  /** `known`: all states that the walk has found. */
  constructor(machine: Machine, seed: number, known: ReadonlyMap<number, number> | null = null) {
    this.#machine = machine;
    this.#twin = new Machine(machine.module);
    this.#random = new Random(seed);
    this.#inputs = new Inputs(machine);
    this.#known = known;
    this.#seed = seed;
    machine.exports.create(this.#random.pick(POLICIES), SLOT);
    machine.exports.begins(this.#random.below(2));
    this.#inputs.setLevels(Signal.PRESENT);
  }

  /** The states that were visited. */
  get visited(): ReadonlySet<number> {
    return this.#visited;
  }

  /** Lets some time pass and does what comes with it. Throws a Violation that names the seed. */
  go(): void {
    const random = this.#random;
    if (random.oneIn(1000)) this.#nature = random.pick([3, 20, 20, 200, 2000]);
    if (random.oneIn(2000)) {
      this.#machine.exports.setPolicy(random.pick(POLICIES));
      this.#machine.exports.shows();
    }
    this.#changeWorld();
    if (random.oneIn(40)) this.#request(random.pick(COMMANDS), random.pick(ORIGINS));
    else if (random.oneIn(300)) this.#restart();
    else this.#pass(this.#duration_us());
    if (random.oneIn(1000)) this.#recover();
  }

  // ------------------------------------------------------------------- the world

  #changeWorld(): void {
    const random = this.#random;
    const { rails, enable } = this.#machine.timing;
    const { values, isPresent, isHalted } = this.#inputs;
    const { outputs } = this.#machine.now;
    const against = () => random.oneIn(this.#nature);
    let levels = 0;
    for (let rail = 0; rail < rails; rail++) {
      const isMeant = (outputs & (enable[rail] as number)) !== 0;
      const isGood = random.oneIn(2) ? isMeant : this.#inputs.isGood(rail);
      if (isGood !== against()) levels |= this.#machine.timing.powerGood[rail] as number;
    }
    if (isPresent !== random.oneIn(isPresent ? this.#nature * 20 : 10)) levels |= Signal.PRESENT;
    const halts = random.oneIn(outputs & Signal.SHUTDOWN_REQ ? 5 : this.#nature * 10);
    if (isHalted ? !random.oneIn(5) : halts) levels |= Signal.HALTED;
    this.#inputs.setLevels(levels);
    values[Dimension.Falls] = against() ? random.below(this.#inputs.sizes[Dimension.Falls] as number) : 0;
    values[Dimension.Tripped] = random.oneIn(this.#nature * 10) ? 1 : 0;
    const isGood = values[Dimension.Input] === Input.Good;
    if (random.oneIn(isGood ? this.#nature * 20 : 5)) values[Dimension.Input] = random.below(3);
    const limits = this.#inputs.sizes[Dimension.Limit] as number;
    values[Dimension.Limit] = random.oneIn(this.#nature * 10) ? random.below(limits) : 0;
    this.#changeRest(isHalted);
  }

  #changeRest(isHalted: boolean): void {
    const random = this.#random;
    const { values } = this.#inputs;
    const isDoubted = values[Dimension.Inhibited] === 1;
    if (random.oneIn(isDoubted ? 10 : this.#nature * 20)) values[Dimension.Inhibited] = isDoubted ? 0 : 1;
    const fed = this.#inputs.sizes[Dimension.Fed] as number;
    if (random.oneIn(50)) values[Dimension.Fed] = random.oneIn(2) ? 0 : random.below(fed);
    values[Dimension.Printed] = random.oneIn(isHalted ? 20 : 4) ? 1 : 0;
  }

  #duration_us(): number {
    const random = this.#random;
    const next_us = this.#machine.now.nextDeadline_us;
    const isWaiting = next_us > 0;
    switch (random.below(8)) {
      case 0:
        return 0;
      case 1:
        return random.below(100);
      case 2:
        return isWaiting ? next_us - 1 : random.below(20_000);
      case 3:
        return (isWaiting ? next_us : 0) + random.below(3);
      case 4:
        return random.below(2_000_000);
      case 5:
        return random.below(20_000);
      default:
        return isWaiting ? next_us : random.below(1000);
    }
  }

  // ------------------------------------------------------------------- calls

  /**
   * Steps as power.ts does: until nothing changes any more. Latched falls are given to the first step only.
   */
  #pass(duration_us: number): void {
    const { exports, now } = this.#machine;
    exports.advance(duration_us);
    for (let call = 0; call < 16; call++) {
      exports.shows();
      const step = this.#transition();
      this.#inputs.give();
      exports.step();
      this.#judge([ALWAYS, OF_A_STEP], step, () => `step after ${duration_us} us`);
      if (this.steps % TWIN_EVERY === 0) this.#compareTwin(step.before);
      if (!now.moved) return;
      this.#inputs.values[Dimension.Falls] = 0;
      this.#inputs.values[Dimension.Tripped] = 0;
      this.#inputs.values[Dimension.Limit] = 0;
      this.#inputs.values[Dimension.Printed] = 0;
    }
    throw this.#violation("does not settle within a pass");
  }

  #request(command: number, origin: number): void {
    const { exports } = this.#machine;
    exports.shows();
    const transition = this.#transition();
    this.#inputs.give();
    const answer = exports.request(command, origin);
    const request: Request = Object.assign(transition, { command, origin, answer });
    this.#judge([ALWAYS, OF_A_REQUEST], request, () => `command ${command}, answered with ${answer}`);
  }

  #restart(): void {
    const random = this.#random;
    const { exports, now, timing } = this.#machine;
    exports.shows();
    const { before } = this.#transition();
    let latches = before.outputs;
    if (this.#latchesBefore !== null && random.oneIn(2)) {
      const first = Signal.COMPUTE_RUN | Signal.SHUTDOWN_REQ;
      const isHalfWay = random.oneIn(2);
      latches = isHalfWay ? (this.#latchesBefore & ~first) | (latches & first) : this.#latchesBefore;
    }
    const isTripped = random.oneIn(4);
    this.#inputs.values[Dimension.Tripped] = isTripped ? 1 : 0;
    if (isTripped) latches &= ~(Signal.COMPUTE_RUN | (timing.enable.at(-1) as number));
    const isKnown = !random.oneIn(4);
    this.#inputs.latches = latches;
    this.#inputs.give();
    exports.create(before.policy, SLOT);
    exports.adopts(isKnown ? before.memory : 0);
    this.restarts++;
    const inputs = this.#inputs;
    const restart: Restart = { timing, inputs, before, after: now, isKnown };
    this.#judge([ALWAYS, OF_A_RESTART], restart, () => `restart, latches 0x${latches.toString(16)}`);
  }

  /** Everything works: the slot must come up if it was to, and in any case after a command. */
  #recover(): void {
    const { exports, now, timing } = this.#machine;
    exports.shows();
    const begin = now.copy();
    this.#inputs.values.fill(0);
    this.#rest();
    if (comesOn(begin) && now.state !== State.On) throw this.#violation(`stays off: ${lifeText(begin)}`);
    for (const command of [Command.ClearFault, Command.On]) {
      this.#inputs.setLevels(well(now.outputs, timing));
      this.#request(command, Origin.Console);
    }
    this.#rest();
    if (now.state !== State.On) throw this.#violation(`does not come on: ${lifeText(begin)}`);
    this.recovered++;
    exports.shows();
  }

  /** Steps until no timer is pending, within the bound. */
  #rest(): void {
    const { now, timing } = this.#machine;
    for (let took_us = 0, next_us = 0; took_us < bound_us(timing); took_us += next_us) {
      // Supplies follow their enables before any time passes.
      let outputs: number;
      do {
        outputs = now.outputs;
        this.#inputs.setLevels(well(outputs, timing));
        this.#pass(next_us);
        next_us = 0;
      } while (now.outputs !== outputs);
      if (now.nextDeadline_us === -1) return;
      next_us = now.nextDeadline_us;
    }
    throw this.#violation("finds no rest in a world that is well");
  }

  // ------------------------------------------------------------------- judging

  #transition(): Transition {
    const { now, timing } = this.#machine;
    this.#inputs.latches = now.outputs;
    return { timing, inputs: this.#inputs, before: now.copy(), after: now };
  }

  #judge<Kind extends Transition>(
    invariants: readonly (readonly Invariant<Kind>[])[],
    transition: Kind,
    what: () => string,
  ): void {
    this.steps++;
    const { before, after } = transition;
    for (const list of [...invariants, OF_A_STATE]) {
      for (const invariant of list) {
        if (!invariant.holds(transition))
          throw this.#violation(violation(invariant, transition, what()).message);
      }
    }
    const { key } = after;
    if (!this.#visited.has(key)) {
      if (this.#known && !this.#known.has(key))
        throw this.#violation(`not found by the walk: ${lifeText(after)}`);
      this.#visited.add(key);
    }
    if (after.state === State.On && before.state !== State.On) this.cameOn++;
    this.#latchesBefore = after.outputs === before.outputs ? null : before.outputs;
  }

  /** The same step, made from the key alone, must have the same result. */
  #compareTwin(before: Life): void {
    const { exports, given, now } = this.#twin;
    let times = 0;
    for (let place = 0; place <= TIMERS; place++) {
      const due_us = place === 0 ? before.deadline_us : before.timer_us(place - 1);
      times |= (isDue(due_us) ? (due_us === 0 ? 1 : 2) : 0) << (2 * place);
    }
    this.#twin.load(before.key, before.outputs, times);
    for (const word of Object.values(Given)) given[word] = this.#machine.given[word] as number;
    exports.step();
    for (const [name, word] of COMPARED) {
      if (now.words[word] === this.#machine.now.words[word]) continue;
      const [one, other] = [lifeText(this.#machine.now), lifeText(now)];
      throw this.#violation(`a key does not say all, ${name}:\n  ${lifeText(before)}\n  ${one}\n  ${other}`);
    }
  }

  #violation(what: string): Violation {
    return new Violation(`seed ${this.#seed}, step ${this.steps}: ${what}`);
  }
}
