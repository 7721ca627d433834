/**
 * Worlds that do not change. In each of them a sequencer must come to rest within a bound and in the right
 * state, whatever state it begins in. The walk's invariants check single steps, these check the long run.
 */

import { Command, Next, Origin, RestorePolicy, State } from "../../../abi/generated/vocabulary.ts";
import { Signal } from "../../../simulator/generated/abi.ts";
import { enables, PATIENCE_US, SLOT } from "./invariants/meaning.ts";
import { Given, type Life, type Machine, Timer, type Timing } from "./machine.ts";
import { lifeText, Violation } from "./violation.ts";

interface World {
  readonly name: string;
  /** Returns the levels of the inputs while these outputs are asserted. */
  levels(outputs: number, timing: Timing): number;
  readonly inputLost?: boolean;
  readonly inhibited?: boolean;
  /** Commands at once, and when it has come to rest. */
  readonly first?: readonly number[];
  readonly later?: readonly number[];
  /** Returns whether this is the right state to rest in, given the state it began in. */
  isRight(begin: Life, end: Life): boolean;
}

/** More calls than any way to rest takes. */
const CALLS = 300;

/**
 * The levels if everything works: power-good of each enabled rail, a board, and an OS that halts on
 * request.
 */
export function well(outputs: number, { enable, powerGood }: Timing): number {
  const good = enable.reduce(
    (mask, bit, rail) => (outputs & bit ? mask | (powerGood[rail] as number) : mask),
    0,
  );
  return good | Signal.PRESENT | (outputs & Signal.SHUTDOWN_REQ ? Signal.HALTED : 0);
}

/** Returns whether a slot comes on if nothing disturbs it. */
export function comesOn(begin: Life): boolean {
  const isForNew = begin.emptied && begin.policy === RestorePolicy.AlwaysOn;
  switch (begin.state) {
    case State.Off:
    case State.ShuttingDown:
      return isForNew;
    case State.Fault:
      return false;
    case State.RailDown:
      if (begin.next === Next.Off) return isForNew;
      return begin.next === Next.NoInput ? isRestored(begin) : begin.next !== Next.Fault;
    case State.NoInput:
      return isRestored(begin) || isForNew;
    case State.RetryPause:
      // The board that was to be tried again is gone. A new board comes up anyway if the policy says so.
      return begin.emptied ? isForNew : !runsOut(begin);
    case State.Restoring:
      return isForNew || (isRestored(begin) && !runsOut(begin));
    default:
      return true;
  }
}

/** A contact that has bounced for the whole patience settles too late, except for a new board. */
function runsOut(begin: Life): boolean {
  return begin.waiting && !begin.isAsserted(Timer.inserted) && begin.policy !== RestorePolicy.AlwaysOn;
}

function isRestored({ policy, wanted }: Life): boolean {
  return policy === RestorePolicy.AlwaysOn || (policy === RestorePolicy.Last && wanted);
}

const isOff = ({ outputs, state }: Life) => outputs === 0 && state !== State.RailDown;

const worldsOf = ({ rails }: Timing): readonly World[] => [
  {
    name: "all is well",
    levels: well,
    isRight: (begin, end) =>
      end.state === (comesOn(begin) ? State.On : begin.latched ? State.Fault : State.Off),
  },
  ...Array.from({ length: rails }, (_, dead) => ({
    name: `rail ${dead} never becomes good`,
    levels: (outputs: number, timing: Timing) => well(outputs, timing) & ~(timing.powerGood[dead] as number),
    isRight: (begin: Life, end: Life) =>
      isOff(end) && end.state === (comesOn(begin) || begin.latched ? State.Fault : end.state),
  })),
  {
    name: "no board, ever",
    levels: (outputs, timing) => well(outputs, timing) & ~Signal.PRESENT,
    isRight: (begin, end) => end.state === (begin.latched ? State.Fault : State.Off),
  },
  {
    name: "no input power, ever",
    levels: well,
    inputLost: true,
    isRight: (begin, end) => end.state === (begin.latched ? State.Fault : State.NoInput),
  },
  {
    name: "a sensor that reads nonsense for ever",
    levels: well,
    inhibited: true,
    isRight: (begin, end) => (begin.outputs === 0 ? isOff(end) : isOff(end) || end.state === State.On),
  },
  {
    name: "force-off, and all is well",
    levels: well,
    first: [Command.ForceOff],
    isRight: (begin, end) => {
      const isPolicys = begin.policy === RestorePolicy.AlwaysOn;
      const mayComeUp =
        isPolicys && (begin.emptied || begin.state === State.NoInput || begin.next === Next.NoInput);
      return mayComeUp || isOff(end);
    },
  },
  {
    name: "a fault cleared and on asked for, and all is well",
    levels: well,
    first: [Command.ClearFault],
    later: [Command.On],
    isRight: (_, end) => end.state === State.On,
  },
];

/** Returns the sum of all waits on a way to rest. */
export function bound_us(timing: Timing): number {
  const sum = (list: readonly number[]) => list.reduce((total, each) => total + each, 0);
  const { shutdownTimeout_us, resetPulse_us, cycleOff_us, settle_us, stagger_us, goodAfter_us } = timing;
  const once = shutdownTimeout_us + resetPulse_us + cycleOff_us + settle_us + SLOT * stagger_us + 2_000_000;
  const rails = sum(timing.powerGoodTimeout_us) + sum(timing.dischargeTimeout_us) + timing.runDelay_us;
  return (
    once + goodAfter_us + sum(timing.retryPause_us) + PATIENCE_US + (timing.retryPause_us.length + 1) * rails
  );
}

export class Worlds {
  readonly #machine: Machine;
  readonly #bound_us: number;
  readonly #worlds: readonly World[];
  /** The longest way to rest, by the name of the world. */
  readonly longest_us = new Map<string, number>();

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#bound_us = bound_us(machine.timing);
    this.#worlds = worldsOf(machine.timing);
  }

  /** Throws a Violation if a world does not bring the state of this key to rest in the right state. */
  visit(key: number, outputs: number): void {
    for (const world of this.#worlds) this.#live(world, key, outputs);
  }

  #live(world: World, key: number, outputs: number): void {
    const { exports, now } = this.#machine;
    this.#machine.load(key, outputs, 0);
    exports.shows();
    const begin = now.copy();
    this.#give(world);
    for (const command of world.first ?? []) exports.request(command, Origin.Console);
    let took_us = this.#rest(world, begin);
    this.#give(world);
    for (const command of world.later ?? []) exports.request(command, Origin.Console);
    if (world.later) took_us += this.#rest(world, begin);
    if (!world.isRight(begin, now)) throw this.#violation(world, begin, "came to rest in the wrong place");
    this.longest_us.set(world.name, Math.max(took_us, this.longest_us.get(world.name) ?? 0));
  }

  /** Steps until no timer is pending. Returns how long that took. */
  #rest(world: World, begin: Life): number {
    const { exports, now, timing } = this.#machine;
    const rises = world.inhibited && begin.outputs === 0 ? enables(timing, timing.rails) : 0;
    let took_us = 0;
    for (let call = 0; call < CALLS; call++) {
      this.#give(world);
      if (exports.step()) continue;
      if (now.outputs & rises) throw this.#violation(world, begin, "power came");
      if (now.nextDeadline_us === -1) return took_us;
      took_us += now.nextDeadline_us;
      if (took_us > this.#bound_us) break;
      exports.advance(now.nextDeadline_us);
    }
    throw this.#violation(world, begin, `no rest within ${this.#bound_us / 1e6} s`);
  }

  #give(world: World): void {
    const { given, now, timing } = this.#machine;
    given.fill(0);
    given[Given.signals] = world.levels(now.outputs, timing) | now.outputs;
    given[Given.inputLost] = world.inputLost ? 1 : 0;
    given[Given.inputGood] = world.inputLost ? 0 : 1;
    given[Given.limit] = -1;
    given[Given.inhibited] = world.inhibited ? 1 : 0;
  }

  #violation(world: World, begin: Life, what: string): Violation {
    const { now } = this.#machine;
    return new Violation(
      `broken: ${world.name}: ${what}\n  begin: ${lifeText(begin)}\n  end:   ${lifeText(now)}`,
    );
  }
}
