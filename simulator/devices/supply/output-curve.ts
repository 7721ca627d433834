/**
 * A supply's output voltage over time: a straight ramp, or an exponential towards where it goes. Known for
 * every moment from its last change on, so that nobody has to step it.
 */

/** By then an exponential is within its last bit of where it goes. */
const SETTLED_TAUS = 50;

/** Parts of a time constant over which Simpson's rule is good to twelve digits. */
const STRAIGHT_PARTS = 50;

interface Segment {
  readonly kind: "ramp" | "settle";
  readonly sinceNanos: number;
  readonly fromMv: number;
  readonly targetMv: number;
  /** Of a ramp: the time it would take for `slopeMv`. */
  readonly tauNanos: number;
  readonly slopeMv: number;
}

export class OutputCurve {
  #segment: Segment = { kind: "settle", sinceNanos: 0, fromMv: 0, targetMv: 0, tauNanos: 1, slopeMv: 0 };

  at(nanos: number): number {
    const { kind, sinceNanos, fromMv, targetMv, tauNanos, slopeMv } = this.#segment;
    const elapsed = nanos - sinceNanos;
    if (kind === "ramp") {
      const moved = fromMv + (slopeMv * elapsed) / tauNanos;
      return slopeMv > 0 ? Math.min(targetMv, moved) : Math.max(targetMv, moved);
    }
    if (elapsed > SETTLED_TAUS * tauNanos) return targetMv;
    return targetMv + (fromMv - targetMv) * Math.exp(-elapsed / tauNanos);
  }

  get targetMv(): number {
    return this.#segment.targetMv;
  }

  /** Whether it goes up or stays, rather than down. */
  get rising(): boolean {
    return this.#segment.targetMv >= this.#segment.fromMv;
  }

  /**
   * How long from `nanos` on the curve is straight enough for whoever adds it up: for ever once it has
   * settled, to its end on a ramp, else a small part of its time constant.
   */
  straightFor(nanos: number): number {
    if (this.isConstant(nanos)) return Number.POSITIVE_INFINITY;
    const { kind, targetMv, tauNanos } = this.#segment;
    if (kind === "ramp") return this.nanosUntil(targetMv, nanos) || Number.POSITIVE_INFINITY;
    return tauNanos / STRAIGHT_PARTS;
  }

  isConstant(nanos: number): boolean {
    const { kind, sinceNanos, fromMv, targetMv, tauNanos } = this.#segment;
    if (fromMv === targetMv) return true;
    if (kind === "ramp") return this.at(nanos) === targetMv;
    return nanos - sinceNanos > SETTLED_TAUS * tauNanos;
  }

  /** From where it is at `nanos`, straight to `targetMv` by `slopeMv` in `durationNanos`. */
  ramp(nanos: number, targetMv: number, slopeMv: number, durationNanos: number): void {
    const fromMv = this.at(nanos);
    const slope = targetMv >= fromMv ? slopeMv : -slopeMv;
    this.#segment = {
      kind: "ramp",
      sinceNanos: nanos,
      fromMv,
      targetMv,
      tauNanos: durationNanos,
      slopeMv: slope,
    };
  }

  settle(nanos: number, targetMv: number, tauNanos: number): void {
    const fromMv = this.at(nanos);
    this.#segment = { kind: "settle", sinceNanos: nanos, fromMv, targetMv, tauNanos, slopeMv: 0 };
  }

  /** Time from `nanos` until it is at `thresholdMv`; null when it never gets there on its present course. */
  nanosUntil(thresholdMv: number, nanos: number): number | null {
    const { kind, sinceNanos, fromMv, targetMv, tauNanos, slopeMv } = this.#segment;
    const gone = nanos - sinceNanos;
    if (kind === "ramp") {
      const reached = slopeMv > 0 ? thresholdMv <= targetMv : thresholdMv >= targetMv;
      return reached ? Math.max(0, ((thresholdMv - fromMv) * tauNanos) / slopeMv - gone) : null;
    }
    const ratio = (fromMv - targetMv) / (thresholdMv - targetMv);
    if (!(ratio > 0) || !Number.isFinite(ratio)) return null;
    return Math.max(0, tauNanos * Math.log(ratio) - gone);
  }
}
