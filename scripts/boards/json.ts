/**
 * A JSON parser that records the position of every value. Board files are written by hand, so every message
 * about one gives line and column. JSON.parse gives no reliable position in Node 20. It also silently takes
 * the last of two equal keys, and in a list of pins that is just the mistake to find.
 */

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface LocatedJson {
  readonly value: JsonValue;
  /** The position of each key or array element, by JSON path as `pathText` writes it. */
  readonly positions: ReadonlyMap<string, Position>;
}

/** The message does not contain the file name; `position` says where in the file. */
export class JsonSyntaxError extends Error {
  readonly position: Position;

  constructor(message: string, position: Position) {
    super(message);
    this.position = position;
  }
}

/** Writes `["signals", "EN_5V", "gpio"]` as `signals.EN_5V.gpio`, and array indices as `rails[0]`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** Deep enough for any board, shallow enough that a file of brackets cannot exhaust the stack. */
const MAXIMUM_DEPTH = 32;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Parses JSON (RFC 8259). A key that occurs twice in one object is an error too. */
export function parseJson(text: string): LocatedJson {
  const reader = new Reader(text);
  return { value: reader.document(), positions: reader.positions };
}

class Reader {
  readonly positions = new Map<string, Position>();
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    // Some editors write a byte order mark first; RFC 8259 allows a parser to ignore it.
    this.text = text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  document(): JsonValue {
    const value = this.value([]);
    this.space();
    if (this.at < this.text.length) this.fail("something follows the end of the document");
    return value;
  }

  private value(path: (string | number)[]): JsonValue {
    this.space();
    if (path.length > MAXIMUM_DEPTH) this.fail(`nested more than ${MAXIMUM_DEPTH} deep`);
    const start = this.text[this.at];
    if (start === undefined) this.fail("the file ends where a value is expected");
    if (start === "{") return this.object(path);
    if (start === "[") return this.array(path);
    if (start === '"') return this.string();
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.text);
    if (number === null) this.fail(`a value is expected, not ${JSON.stringify(start)}`);
    this.at += number[0].length;
    return Number(number[0]);
  }

  private object(path: (string | number)[]): JsonValue {
    const entries = new Map<string, JsonValue>();
    this.at++;
    if (this.next() === "}") {
      this.at++;
      return {};
    }
    for (;;) {
      const start = this.next();
      if (start === "}") this.fail("a comma before the closing brace");
      if (start !== '"') this.fail("a key in double quotes is expected");
      const position = this.position(this.at);
      const key = this.string();
      if (entries.has(key)) this.fail(`the key ${JSON.stringify(key)} is given twice`, position);
      this.positions.set(pathText([...path, key]), position);
      if (this.next() !== ":") this.fail(`a colon is expected after ${JSON.stringify(key)}`);
      this.at++;
      entries.set(key, this.value([...path, key]));
      if (this.separator("}")) return Object.fromEntries(entries);
    }
  }

  private array(path: (string | number)[]): JsonValue {
    const values: JsonValue[] = [];
    this.at++;
    if (this.next() === "]") {
      this.at++;
      return values;
    }
    for (;;) {
      if (this.next() === "]") this.fail("a comma before the closing bracket");
      const step = [...path, values.length];
      this.positions.set(pathText(step), this.position(this.at));
      values.push(this.value(step));
      if (this.separator("]")) return values;
    }
  }

  /** Returns true after the closing bracket, false after a comma. */
  private separator(close: "}" | "]"): boolean {
    const found = this.next();
    if (found !== "," && found !== close) this.fail(`a comma or ${close} is expected`);
    this.at++;
    return found === close;
  }

  private string(): string {
    let result = "";
    for (this.at++; ; ) {
      const character = this.text[this.at];
      if (character === undefined || character < " ") this.fail("a string without its closing quote");
      this.at++;
      if (character === '"') return result;
      if (character !== "\\") result += character;
      else result += this.escape();
    }
  }

  private escape(): string {
    const letter = this.text[this.at] ?? "";
    const hex = this.text.slice(this.at + 1, this.at + 5);
    if (letter === "u" && /^[0-9a-fA-F]{4}$/.test(hex)) {
      this.at += 5;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const meant = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (meant === undefined) this.fail("an unknown escape in a string");
    this.at++;
    return meant;
  }

  private next(): string | undefined {
    this.space();
    return this.text[this.at];
  }

  private space(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? "")) this.at++;
  }

  private position(at: number): Position {
    const before = this.text.slice(0, at);
    return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
  }

  private fail(message: string, position = this.position(this.at)): never {
    throw new JsonSyntaxError(message, position);
  }
}
