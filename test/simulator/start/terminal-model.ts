/**
 * A model of a terminal after ECMA-48 and the VT100's manual, as far as a screen with a scroll region needs
 * it. It has no left and right margins: a line feed at the bottom margin moves whole rows, as on most
 * terminals.
 */

interface Cursor {
  row: number;
  column: number;
  /** True after a character went into the last column; the next one goes to the next row. */
  wrapPending: boolean;
  attributes: string;
}

const TOKEN = /\x1b\[([?0-9;]*)([A-Za-z])|\x1b([78])|([\x00-\x1f])|([^\x00-\x1f])/gu;

export class TerminalModel {
  rows: number;
  columns: number;
  writableNeedDrain = false;
  top = 0;
  bottom: number;
  wraps = true;
  cursor: Cursor = { row: 0, column: 0, wrapPending: false, attributes: "" };
  /** Rows that scrolled out at the top. */
  readonly history: string[] = [];
  #cells: string[][];
  #saved: Cursor = { ...this.cursor };

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
    this.bottom = rows - 1;
    this.#cells = this.#blank();
  }

  write(text: string): boolean {
    let read = 0;
    for (const [token, parameters = "", final, save, control, character] of text.matchAll(TOKEN)) {
      read += token.length;
      if (final !== undefined) this.#sequence(parameters, final);
      else if (save === "7") this.#saved = { ...this.cursor };
      else if (save === "8") this.cursor = { ...this.#saved };
      else if (control !== undefined) this.#control(control);
      else this.#put(character as string);
    }
    if (read !== text.length) throw new Error(`unknown sequence in ${JSON.stringify(text)}`);
    return true;
  }

  /** Changes the size and fills the screen with "~", so that the program must draw everything again. */
  resize(rows: number, columns: number): void {
    this.rows = rows;
    this.columns = columns;
    [this.top, this.bottom] = [0, rows - 1];
    this.#cells = this.#blank().map((row) => row.fill("~"));
    this.cursor = { ...this.cursor, row: rows - 1, column: 0 };
  }

  row(index: number): string {
    return (this.#cells[index] as string[]).join("");
  }

  #blank(): string[][] {
    return Array.from({ length: this.rows }, () => this.#blankRow());
  }

  #blankRow(): string[] {
    return Array.from({ length: this.columns }, () => " ");
  }

  #control(control: string): void {
    if (control === "\r") [this.cursor.column, this.cursor.wrapPending] = [0, false];
    else if (control === "\n") this.#lineFeed();
    else throw new Error(`control ${control.charCodeAt(0)}`);
  }

  #lineFeed(): void {
    this.cursor.wrapPending = false;
    if (this.cursor.row !== this.bottom) {
      this.cursor.row = Math.min(this.rows - 1, this.cursor.row + 1);
      return;
    }
    const [gone] = this.#cells.splice(this.top, 1);
    if (this.top === 0) this.history.push((gone as string[]).join(""));
    this.#cells.splice(this.bottom, 0, this.#blankRow());
  }

  #put(character: string): void {
    const { cursor } = this;
    if (cursor.wrapPending && this.wraps) {
      cursor.column = 0;
      this.#lineFeed();
    }
    (this.#cells[cursor.row] as string[])[cursor.column] = character;
    if (cursor.column < this.columns - 1) cursor.column++;
    else cursor.wrapPending = true;
  }

  #sequence(parameters: string, final: string): void {
    const { cursor } = this;
    const [first = 0, second = 0] = parameters.split(";").map(Number);
    if (final === "m") cursor.attributes = parameters === "" || parameters === "0" ? "" : parameters;
    else if (final === "H") this.#moveTo(Math.max(1, first) - 1, Math.max(1, second) - 1);
    else if (final === "A") this.#moveTo(Math.max(0, cursor.row - Math.max(1, first)), cursor.column);
    else if (final === "r") {
      [this.top, this.bottom] = [Math.max(1, first) - 1, (second || this.rows) - 1];
      this.#moveTo(0, 0);
    } else if (final === "J") {
      const from = parameters === "2" ? 0 : cursor.row;
      if (from > 0 && cursor.column > 0) throw new Error("erasing from the middle of a row");
      for (let row = from; row < this.rows; row++) this.#cells[row] = this.#blankRow();
    } else if (parameters === "?7") this.wraps = final === "h";
    else throw new Error(`sequence CSI ${parameters}${final}`);
  }

  #moveTo(row: number, column: number): void {
    this.cursor.row = Math.min(row, this.rows - 1);
    this.cursor.column = Math.min(column, this.columns - 1);
    this.cursor.wrapPending = false;
  }
}
