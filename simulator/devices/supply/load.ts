/** What hangs at a supply's output: the current it would draw at full voltage, moment by moment. */
export interface Load {
  /** What the supply's limits act on, in mA. */
  readonly meanMa: number;
  /** The current is constant within steps of this length, counted from time 0; Infinity for ever. */
  readonly stepNanos: number;
  /** In mA, never negative, the same whenever the same moment is asked for. */
  at(nanos: number): number;
}

export const NO_LOAD: Load = constantLoad(0);

export function constantLoad(ma: number): Load {
  if (!(ma >= 0)) throw new Error(`a load of ${ma} mA`);
  return { meanMa: ma, stepNanos: Number.POSITIVE_INFINITY, at: () => ma };
}
