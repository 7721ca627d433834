/**
 * The strict log of a machine: everything silicon would have suffered in silence.
 *
 * rp2040js reports trouble through its logger and, in a few places, straight through
 * `console.warn` and `console.error`. Both end here, so that a test can insist on an empty
 * list and the terminal stays with whoever owns it. Nothing is ever printed.
 */

export interface StrictWarning {
  /** Emulated time in nanoseconds. */
  readonly time: number;
  /** Datasheet name of the block that complains. */
  readonly source: string;
  readonly message: string;
}

/** A firmware that trips over the same thing in a loop must not fill the memory of its test. */
const KEPT_WARNINGS = 1000;

export class StrictLog {
  readonly warnings: StrictWarning[] = [];
  /** All warnings ever, those beyond the kept ones included. */
  total = 0;

  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  warn(source: string, message: string): void {
    this.total++;
    if (this.warnings.length < KEPT_WARNINGS) this.warnings.push({ time: this.now(), source, message });
  }

  error(source: string, message: string): void {
    this.warn(source, message);
  }

  info(_source: string, _message: string): void {}
  debug(_source: string, _message: string): void {}

  /** Runs `action` while the direct console calls of rp2040js (its sio.js and gpio-pin.js) land here. */
  capture<Result>(action: () => Result): Result {
    const { warn, error } = console;
    console.warn = (...parts: unknown[]) => this.warn("rp2040js", parts.join(" "));
    console.error = (...parts: unknown[]) => this.warn("rp2040js", parts.join(" "));
    try {
      return action();
    } finally {
      console.warn = warn;
      console.error = error;
    }
  }
}
