/**
 * A supply's output voltage over time: a straight ramp, or an exponential towards its target. The curve is a
 * function of time from its last change on, so that nothing has to step it.
 */

/** After so many time constants an exponential is within its last bit of the target. */
const SETTLED_TAUS = 50;

/** Simpson's rule is good to twelve digits over a time constant divided by this. */
const STRAIGHT_PARTS = 50;

interface Segment {
  readonly kind: "ramp" | "settle";
  readonly sinceNanos: number;
  readonly fromMv: number;
  readonly targetMv: number;
  /** For a ramp: the time in which it would move by `slopeMv`. */
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

  /** True if the voltage goes up or stays, false if it goes down. */
  get rising(): boolean {
    return this.#segment.targetMv >= this.#segment.fromMv;
  }

  /**
   * How long from `nanos` on the curve is straight enough to be added up in one piece: for ever once it has
   * settled, to its end on a ramp, else for a small part of its time constant.
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

  /** Starts a straight ramp from the present voltage to `targetMv`, by `slopeMv` in `durationNanos`. */
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

  /**
   * Time from `nanos` until the voltage is at `thresholdMv`; null if it never gets there on its present
   * course.
   */
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
