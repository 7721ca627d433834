/**
 * The terminal during an interactive run: console output in a scroll region, the status line
 * on the last row. The normal screen is used, not the alternate one, so that what was printed
 * stays in the terminal's own history. Every change of state is undone by `close`.
 */
import { type StatusFacts, statusLine } from "./status-line.ts";

/** The part of a terminal's output stream this needs. */
export interface Output {
  readonly rows?: number | undefined;
  readonly columns?: number | undefined;
  /** False when the terminal cannot take more before its "drain". */
  write(text: string): boolean;
}

/** With fewer rows the console gets all of them. */
const FEWEST_ROWS_WITH_STATUS = 3;
/** What is printed again after a resize: more than any terminal shows. */
const HISTORY_CHARACTERS = 64 * 1024;

const SAVE = "\x1b7";
const RESTORE = "\x1b8";
const REVERSE = "\x1b[7m";
const NORMAL = "\x1b[m";
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";
const WHOLE_REGION = "\x1b[r";
const CLEAR = "\x1b[H\x1b[2J";
const CLEAR_LINE = "\x1b[2K";

export class Screen {
  readonly #output: Output;
  #history = "";
  #rows = 0;
  #columns = 0;
  #shown = "";
  #open = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Makes room for the status line below the cursor, wherever that is. */
  open(): void {
    this.#measure();
    this.#open = true;
    if (!this.#hasStatus) return;
    // A line feed on the last row scrolls; stepping back up leaves the cursor above the status row.
    this.#output.write(`\r\n\x1b[A${SAVE}${this.#region}${RESTORE}`);
  }

  /** Console output, already made safe. False when the terminal wants a pause. */
  print(text: string): boolean {
    this.#history += text;
    if (this.#history.length > 2 * HISTORY_CHARACTERS) {
      this.#history = this.#history.slice(-HISTORY_CHARACTERS);
    }
    return this.#output.write(text);
  }

  /** Draws the status line if it changed. */
  status(facts: StatusFacts): void {
    if (!this.#open || !this.#hasStatus) return;
    const line = statusLine(facts, this.#columns);
    if (line === this.#shown) return;
    this.#shown = line;
    this.#output.write(`${SAVE}${NO_WRAP}\x1b[${this.#rows};1H${REVERSE}${line}${NORMAL}${WRAP}${RESTORE}`);
  }

  /**
   * After a change of size nobody knows where things are: the terminal may have wrapped lines
   * anew or moved them. So the screen is cleared and the end of the history printed again.
   */
  resized(): void {
    if (!this.#open) return;
    const rowsBefore = this.#rows;
    this.#measure();
    const tail = lastRows(this.#history, Math.max(rowsBefore, this.#rows), this.#columns);
    this.#shown = "";
    const region = this.#hasStatus ? this.#region : WHOLE_REGION;
    this.#output.write(`${WHOLE_REGION}${NORMAL}${CLEAR}${region}\x1b[H${tail}`);
  }

  /** Gives the terminal back with the cursor on a fresh line below the output. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    const unmark = this.#hasStatus
      ? `${SAVE}${WHOLE_REGION}\x1b[${this.#rows};1H${CLEAR_LINE}${RESTORE}`
      : "";
    this.#output.write(`${unmark}${NORMAL}${WRAP}\r\n`);
  }

  get #hasStatus(): boolean {
    return this.#rows >= FEWEST_ROWS_WITH_STATUS && this.#columns > 0;
  }

  get #region(): string {
    return `\x1b[1;${this.#rows - 1}r`;
  }

  #measure(): void {
    this.#rows = this.#output.rows ?? 24;
    this.#columns = this.#output.columns ?? 80;
  }
}

/** The end of a text that fills about so many rows of a terminal, beginning with a whole line. */
export function lastRows(text: string, rows: number, columns: number): string {
  const lines = text.split("\n");
  let filled = 0;
  let first = lines.length;
  while (first > 0 && filled < rows) {
    first--;
    filled += Math.max(1, Math.ceil((lines[first] as string).length / Math.max(1, columns)));
  }
  return lines.slice(first).join("\n");
}
