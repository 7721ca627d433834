/** The printed form of the demonstration: headings, emulated time in the margin, safe text. */
import { SafeText } from "../../cli/safe-text.ts";

const BOLD = "\x1b[1m";
const DIM = "\x1b[2m";
const NORMAL = "\x1b[0m";
const MARGIN = 10;

export class Transcript {
  readonly #write: (text: string) => void;
  readonly #colours: boolean;
  readonly #nanos: () => number;
  #line = "";
  #lineNanos = 0;
  #returned = false;
  #safe = new SafeText("plain");

  constructor(options: { write: (text: string) => void; colours: boolean; nanos: () => number }) {
    this.#write = options.write;
    this.#colours = options.colours;
    this.#nanos = options.nanos;
  }

  heading(text: string): void {
    this.endLine();
    this.#write(`\n${this.#paint(BOLD, `== ${text} ==`)}\n\n`);
  }

  /** Prints a sentence of the demonstration itself. */
  say(text: string): void {
    this.endLine();
    this.#write(`${" ".repeat(MARGIN)}  ${text}\n`);
  }

  /**
   * Takes bytes from the console as they arrive. A complete line is printed with the time at which it began.
   */
  console(bytes: Uint8Array): void {
    for (const character of this.#safe.push(bytes)) {
      if (character === "\n") this.#printLine();
      else if (character === "\r") this.#returned = true;
      else this.#append(character);
    }
  }

  /** Prints the beginning of a line that is not complete, for example a prompt. */
  endLine(): void {
    if (this.#line !== "") this.#printLine();
  }

  /** After a carriage return without a line feed the line starts again, as on a terminal. */
  #append(character: string): void {
    if (this.#returned) this.#line = "";
    this.#returned = false;
    if (this.#line === "") this.#lineNanos = this.#nanos();
    this.#line += character;
  }

  #printLine(): void {
    const seconds = (this.#line === "" ? this.#nanos() : this.#lineNanos) / 1e9;
    const margin = this.#line === "" ? "" : `${this.#paint(DIM, seconds.toFixed(3).padStart(MARGIN))}  `;
    this.#write(`${margin}${this.#line}\n`);
    this.#line = "";
    this.#returned = false;
  }

  #paint(style: string, text: string): string {
    return this.#colours ? `${style}${text}${NORMAL}` : text;
  }
}
