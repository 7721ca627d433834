/**
 * The strict log of a chip: every misuse that silicon would have accepted in silence.
 *
 * rp2040js reports trouble through its logger and, in a few places, straight through `console.warn` and
 * `console.error`. Both end here, so that a test can insist on an empty list and the terminal shows the
 * firmware's console alone. The log prints nothing.
 */

export interface StrictWarning {
  /** Emulated time in nanoseconds. */
  readonly time: number;
  /** Datasheet name of the peripheral that complains. */
  readonly source: string;
  readonly message: string;
}

/** A firmware that repeats a mistake in a loop must not fill the memory of its test. */
const KEPT_WARNINGS = 1000;

export class StrictLog {
  readonly warnings: StrictWarning[] = [];
  /** Number of all warnings, also of those that were not kept. */
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

  /** Runs `action` and records what rp2040js (its sio.js and gpio-pin.js) prints on the console meanwhile. */
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
