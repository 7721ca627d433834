/**
 * The faults that a slot has now. Several can be in force at once, and each can be taken back while the slot
 * runs. A fault that was asked for at the start comes some time after power-good; one that is injected later
 * happens at once.
 */
import type { Board } from "../../boards/board.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { type Fault, type FaultTargets, faultNamed } from "../devices/faults.ts";
import type { Supply } from "../devices/supply/supply.ts";
import { type Clock, NANOS_PER_MS } from "../devices/world.ts";

export interface FaultySlot extends FaultTargets {
  readonly chip: Clock;
  readonly board: Board;
  readonly supplies: Readonly<Record<string, Supply>>;
  readonly computeRail: string;
}

interface InForce {
  readonly fault: Fault;
  /** False while a mishap is still to come. */
  happened: boolean;
}

export class SlotFaults {
  readonly #slot: FaultySlot;
  readonly #inForce = new Map<string, InForce>();

  constructor(slot: FaultySlot) {
    this.#slot = slot;
  }

  /** Names of the faults in force, in the order in which they came. */
  get names(): string[] {
    return [...this.#inForce.keys()];
  }

  /** True if a fault in force acts on this part. */
  holds(part: string): boolean {
    return [...this.#inForce.values()].some(({ fault }) => fault.part === part);
  }

  /**
   * For a slot that has never been switched on: the fault's mishap happens some time after the compute
   * board's supply has come up first. A fault "absent" is the slot's own matter, which plugs the board.
   */
  expect(name: string): void {
    const entry = this.#enter(name);
    const { mishap } = entry.fault;
    if (mishap === undefined) return;
    let seen = false;
    this.#slot.supplies[this.#slot.computeRail]?.onOutput((good) => {
      if (good && !seen)
        this.#slot.chip.schedule(mishap.afterMs * NANOS_PER_MS, () => this.#happen(name, entry));
      seen ||= good;
    });
  }

  /**
   * Lets the fault happen now. Throws a UsageError for a fault that the board cannot have, that is in force
   * already, or that contradicts one in force.
   */
  inject(name: string): Fault {
    const entry = this.#enter(name);
    if (entry.fault.absent) this.#slot.compute.unplug();
    this.#happen(name, entry);
    return entry.fault;
  }

  /** Takes the fault back. Throws a UsageError where it is not in force. */
  clear(name: string): void {
    const entry = this.#inForce.get(name);
    if (entry === undefined) {
      faultNamed(name, this.#slot.board);
      const { names } = this;
      const instead = names.length > 0 ? `in force: ${names.join(", ")}` : "no fault is in force";
      throw new UsageError(`${name} is not in force; ${instead}`);
    }
    this.#inForce.delete(name);
    const { rail, compute, mishap, absent } = entry.fault;
    if (rail) this.#setRail(rail.name);
    if (compute) this.#slot.compute.setFault(compute, false);
    if (absent) this.#slot.compute.plug();
    if (entry.happened) mishap?.takenBack(this.#slot);
  }

  #enter(name: string): InForce {
    const fault = faultNamed(name, this.#slot.board);
    if (this.#inForce.has(name)) throw new UsageError(`${name} is in force already`);
    for (const [other, { fault: its }] of this.#inForce) {
      if (its.part === fault.part)
        throw new UsageError(`${name} contradicts ${other}, which is in force: clear ${other} first`);
    }
    const entry = { fault, happened: false };
    this.#inForce.set(name, entry);
    if (fault.rail) this.#setRail(fault.rail.name);
    if (fault.compute) this.#slot.compute.setFault(fault.compute, true);
    return entry;
  }

  #happen(name: string, entry: InForce): void {
    const { mishap } = entry.fault;
    // It may have been taken back before it happened.
    if (mishap === undefined || this.#inForce.get(name) !== entry) return;
    entry.happened = true;
    mishap.happens(this.#slot);
    if (mishap.lastsMs === undefined) return;
    this.#slot.chip.schedule(mishap.lastsMs * NANOS_PER_MS, () => {
      if (this.#inForce.get(name) === entry) this.#inForce.delete(name);
    });
  }

  /** Gives the supply all faults in force of its power-good. */
  #setRail(name: string): void {
    const { board, supplies } = this.#slot;
    const timeoutMs = board.rails.find((rail) => rail.name === name)?.power_good_timeout_ms ?? 0;
    const faults = [...this.#inForce.values()].flatMap(({ fault }) =>
      fault.rail?.name === name ? [fault.rail.supply(timeoutMs)] : [],
    );
    supplies[name]?.setFault(Object.assign({}, ...faults));
  }
}
