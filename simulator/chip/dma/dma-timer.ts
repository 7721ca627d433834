/**
 * A pacing timer of the DMA (datasheet 2.5.5.1): X requests every Y cycles of clk_sys, each at the end
 * of the cycle in which the sum of X reaches Y.
 */
export class PacingTimer {
  /** TIMERn: X in the upper half, Y in the lower. */
  value = 0;
  private sinceNanos = 0;

  reset(): void {
    this.value = 0;
  }

  set(value: number, nanos: number): void {
    this.value = value;
    this.sinceNanos = nanos;
  }

  /** Time of the first request after `nanos`; null when there is none. */
  next(nanos: number, hz: number): number | null {
    const x = this.value >>> 16;
    const y = this.value & 0xffff;
    if (x === 0 || y === 0) return null;
    const rate = Math.min(1, x / y);
    // A thousandth of a cycle keeps rounding from giving the same request twice.
    const cycles = ((nanos - this.sinceNanos) * hz) / 1e9 + 1e-3;
    let request = Math.floor(cycles * rate) + 1;
    while (Math.ceil(request / rate - 1e-9) <= cycles) request++;
    return this.sinceNanos + (Math.ceil(request / rate - 1e-9) * 1e9) / hz;
  }
}
