/**
 * The terminal during an interactive run. The console's output is in a scroll region. Below it are a panel,
 * where there is room, and the status line on the last row. The screen is the normal one, not the alternate
 * one, so that the output stays in the terminal's own history. `close` undoes every change of the terminal's
 * state.
 *
 * Nothing stands beside the console. Few terminals have left and right margins (DECSLRM), and without them
 * each line feed would scroll the neighbouring text as well, and into the history. Below the console nothing
 * moves.
 */
import { type StatusFacts, statusLine } from "./status-line.ts";

/** The part of a terminal's output stream that the screen needs. */
export interface Output {
  readonly rows?: number | undefined;
  readonly columns?: number | undefined;
  /** True while the terminal has not taken everything that was written. */
  readonly writableNeedDrain?: boolean;
  /** Returns false when the terminal cannot take more before its "drain". */
  write(text: string): boolean;
}

/** Rows above the status line. */
export interface Panel {
  /** Number of rows in a terminal of this size; 0 for none. */
  rows(terminalRows: number, terminalColumns: number): number;
  /**
   * Draws `rows` rows, each exactly as wide as the terminal. The only escape sequences in them are colours.
   */
  draw(rows: number, columns: number): readonly string[];
}

/** With fewer rows the console gets all of them. */
const FEWEST_ROWS_WITH_STATUS = 3;
/** The part of the output that is printed again after a resize: more than any terminal shows. */
const HISTORY_CHARACTERS = 64 * 1024;

const SAVE = "\x1b7";
const RESTORE = "\x1b8";
const REVERSE = "\x1b[7m";
const NORMAL = "\x1b[m";
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";
const WHOLE_REGION = "\x1b[r";
const CLEAR = "\x1b[H\x1b[2J";
const CLEAR_BELOW = "\x1b[J";

export class Screen {
  readonly #output: Output;
  readonly #panel: Panel | null;
  #history = "";
  #rows = 0;
  #columns = 0;
  #panelRows = 0;
  /** The present contents of the rows below the scroll region. */
  #shown: string[] = [];
  #open = false;

  constructor(output: Output, panel: Panel | null = null) {
    this.#output = output;
    this.#panel = panel;
  }

  /** Makes room below the cursor, wherever the cursor is. */
  open(): void {
    this.#measure();
    this.#open = true;
    if (!this.#hasStatus) return;
    // Line feeds on the last row scroll. Moving back up leaves the cursor above the reserved rows.
    const { reserved } = this;
    this.#output.write(`${"\r\n".repeat(reserved)}\x1b[${reserved}A${SAVE}${this.#region}${RESTORE}`);
  }

  /** Rows below the scroll region. */
  get reserved(): number {
    return this.#hasStatus ? this.#panelRows + 1 : 0;
  }

  /** Prints console output that is already safe. Returns false when the terminal needs a pause. */
  print(text: string): boolean {
    this.#history += text;
    if (this.#history.length > 2 * HISTORY_CHARACTERS) {
      this.#history = this.#history.slice(-HISTORY_CHARACTERS);
    }
    return this.#output.write(text);
  }

  /**
   * Draws the rows below the console that have changed, unless the terminal is still busy with earlier
   * output.
   */
  status(facts: StatusFacts): void {
    if (!this.#open || !this.#hasStatus || this.#output.writableNeedDrain) return;
    const panel = this.#panelRows > 0 ? (this.#panel?.draw(this.#panelRows, this.#columns) ?? []) : [];
    const lines = [...panel, `${REVERSE}${statusLine(facts, this.#columns)}`];
    const first = this.#rows - lines.length + 1;
    const changed = lines.flatMap((line, index) =>
      line === this.#shown[index] ? [] : [`\x1b[${first + index};1H${NORMAL}${line}${NORMAL}`],
    );
    this.#shown = lines;
    if (changed.length > 0) this.#output.write(`${SAVE}${NO_WRAP}${changed.join("")}${WRAP}${RESTORE}`);
  }

  /**
   * Repaints after a change of size. The terminal may have wrapped or moved lines, so that their positions
   * are unknown. The screen is therefore cleared, and the end of the history printed again.
   */
  resized(): void {
    if (!this.#open) return;
    const rowsBefore = this.#rows;
    this.#measure();
    const tail = lastRows(this.#history, Math.max(rowsBefore, this.#rows), this.#columns);
    this.#shown = [];
    const region = this.#hasStatus ? this.#region : WHOLE_REGION;
    this.#output.write(`${WHOLE_REGION}${NORMAL}${CLEAR}${region}\x1b[H${tail}`);
  }

  /** Gives the terminal back with the cursor on an empty line below the output. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    const unmark = this.#hasStatus
      ? `${SAVE}${NORMAL}${WHOLE_REGION}\x1b[${this.#rows - this.reserved + 1};1H${CLEAR_BELOW}${RESTORE}`
      : "";
    this.#output.write(`${unmark}${NORMAL}${WRAP}\r\n`);
  }

  get #hasStatus(): boolean {
    return this.#rows >= FEWEST_ROWS_WITH_STATUS && this.#columns > 0;
  }

  get #region(): string {
    return `\x1b[1;${this.#rows - this.reserved}r`;
  }

  #measure(): void {
    this.#rows = this.#output.rows ?? 24;
    this.#columns = this.#output.columns ?? 80;
    this.#panelRows = this.#panel?.rows(this.#rows, this.#columns) ?? 0;
  }
}

/** Returns the end of a text that fills about this many rows of a terminal, beginning with a whole line. */
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
