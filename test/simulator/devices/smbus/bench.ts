/** A bus without a chip: two wires, a controller, and plain targets. */
import { SmbusController } from "../../../../simulator/devices/smbus/controller.ts";
import type { SmbusFault } from "../../../../simulator/devices/smbus/faults.ts";
import type { Outcome, Run } from "../../../../simulator/devices/smbus/outcome.ts";
import type { Protocol } from "../../../../simulator/devices/smbus/steps.ts";
import { PlainTarget } from "../../../../simulator/devices/smbus/target.ts";
import { FakeClock, FakeWire } from "../fakes.ts";

export const ADDRESS = 0x42;

export interface Bench {
  readonly clock: FakeClock;
  readonly sda: FakeWire;
  readonly scl: FakeWire;
  readonly alert: FakeWire;
  readonly controller: SmbusController;
  readonly target: PlainTarget;
  newTarget(address: number): PlainTarget;
  newController(name: string, hz?: number): SmbusController;
  /** Runs until all of these transfers are over. */
  finish(runs: readonly Run[], limitMs?: number): Outcome[];
  transfer(protocol: Protocol, fault?: SmbusFault, limitMs?: number): Outcome;
}

export function smbusBench(
  options: { hz?: number; stretchNanos?: number; timeoutNanos?: number } = {},
): Bench {
  const clock = new FakeClock();
  const [sda, scl, alert] = [new FakeWire(clock), new FakeWire(clock), new FakeWire(clock)] as const;
  const { hz = 100_000, stretchNanos = 0, timeoutNanos } = options;
  const bus = { clock, sda, scl };
  const newController = (name: string, ownHz = hz) =>
    new SmbusController({ ...bus, name, hz: ownHz, ...(timeoutNanos ? { timeoutNanos } : {}) });
  const newTarget = (address: number) => new PlainTarget({ ...bus, address, alert, stretchNanos });
  const controller = newController("controller");
  const target = newTarget(ADDRESS);
  const finish = (runs: readonly Run[], limitMs = 200) => {
    clock.runUntil(() => runs.every((run) => run.done), limitMs);
    return runs.map((run) => run.outcome);
  };
  const transfer = (protocol: Protocol, fault?: SmbusFault, limitMs?: number) =>
    finish([controller.begin(protocol, fault)], limitMs)[0] as Outcome;
  return { clock, sda, scl, alert, controller, target, newTarget, newController, finish, transfer };
}
