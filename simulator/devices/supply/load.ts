/** A load at a supply's output: the current it would draw at full voltage, moment by moment. */
export interface Load {
  /** Mean current in mA, on which the supply's limits act. */
  readonly meanMa: number;
  /** The current is constant within steps of this length, counted from time 0. Infinity: it never changes. */
  readonly stepNanos: number;
  /** Current in mA, never negative. The same moment always gives the same value. */
  at(nanos: number): number;
}

export const NO_LOAD: Load = constantLoad(0);

export function constantLoad(ma: number): Load {
  if (!(ma >= 0)) throw new Error(`a load of ${ma} mA: it must be 0 or more`);
  return { meanMa: ma, stepNanos: Number.POSITIVE_INFINITY, at: () => ma };
}
