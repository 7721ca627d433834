/** The demonstration's use of the console: it types a command, waits for its answer, and prints both. */

import type { Runner } from "../../cli/runner.ts";
import { NANOS_PER_MS } from "../devices/world.ts";
import type { Slot } from "../slot/slot.ts";
import type { Transcript } from "./transcript.ts";

export const PROMPT = "bmc> ";
/** An answer is complete when the prompt has come and nothing has followed for this long. */
const QUIET_MS = 30;
/** The longest answer is a screen of help: 0.2 s at 115200 baud. */
const ANSWER_TIMEOUT_MS = 5000;

export class Session {
  readonly slot: Slot;
  readonly runner: Runner;
  readonly transcript: Transcript;
  #lastDataNanos = 0;

  constructor(slot: Slot, runner: Runner, transcript: Transcript) {
    this.slot = slot;
    this.runner = runner;
    this.transcript = transcript;
    slot.terminal.onData((bytes) => {
      this.#lastDataNanos = slot.chip.nanos;
      transcript.console(bytes);
    });
  }

  /** Returns a function that returns everything printed after this point, whenever it is called. */
  mark(): () => string {
    const { terminal } = this.slot;
    const from = terminal.received;
    return () => terminal.text.slice(Math.max(0, from - terminal.discarded));
  }

  get quietMs(): number {
    return (this.slot.chip.nanos - this.#lastDataNanos) / NANOS_PER_MS;
  }

  /** True if the text ends with the prompt and the BMC has stopped printing. */
  atPrompt(text: string): boolean {
    return text.endsWith(PROMPT) && this.quietMs >= QUIET_MS;
  }

  /** Types a line and waits until it is sent. Returns the time at which Enter's stop bit ended. */
  async enter(line: string): Promise<number> {
    const { terminal } = this.slot;
    terminal.type(`${line}\r`);
    await this.runner.until(() => terminal.untyped === 0, ANSWER_TIMEOUT_MS);
    return terminal.lastTypedAtNanos;
  }

  /** Returns the answer to a command, with echo and prompt, or null when the prompt did not come back. */
  async ask(line: string, timeoutMs = ANSWER_TIMEOUT_MS): Promise<string | null> {
    const since = this.mark();
    await this.enter(line);
    const answered = await this.runner.until(
      () => this.atPrompt(since()) && since().includes("\n"),
      timeoutMs,
    );
    return answered ? since() : null;
  }
}
