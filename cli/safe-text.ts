/**
 * Makes what comes over a serial line safe for the user's terminal: a compute board must not
 * be able to move the cursor, set the title or answer in the user's place. Printable ASCII,
 * well-formed UTF-8 and line ends pass; of the escape sequences only those a line editor and a
 * boot log's colours need, and only where they are wanted.
 */

const ESC = 0x1b;
/** Longer sequences are nothing that passes anyway. */
const LONGEST_SEQUENCE = 32;
const LONGEST_UTF8 = 4;
/** Erase in line, cursor left and right, column, colours. */
const EDITING_FINALS = new Set([..."KCDGm"].map((final) => final.charCodeAt(0)));
const EDITING_CONTROLS = new Set([0x07, 0x08, 0x09, 0x0a, 0x0d]);
const PLAIN_CONTROLS = new Set([0x09, 0x0a, 0x0d]);

function isString(introducer: number): boolean {
  // DCS, SOS, OSC, PM, APC: text up to a terminator.
  return [0x50, 0x58, 0x5d, 0x5e, 0x5f].includes(introducer);
}

export class SafeText {
  readonly #editing: boolean;
  #state: "text" | "escape" | "sequence" | "string" = "text";
  #sequence: number[] = [];
  #utf8: number[] = [];
  #utf8Length = 0;

  /** "editing" lets the BMC's own line editing through, "plain" nothing but text and line ends. */
  constructor(mode: "editing" | "plain") {
    this.#editing = mode === "editing";
  }

  /** Takes any bytes, cut anywhere, and returns text for the terminal. */
  push(bytes: Uint8Array): string {
    let text = "";
    for (const byte of bytes) text += this.#take(byte);
    return text;
  }

  #take(byte: number): string {
    switch (this.#state) {
      case "text":
        return this.#takeText(byte);
      case "escape":
        return this.#takeEscape(byte);
      case "sequence":
        return this.#takeSequence(byte);
      case "string":
        return this.#takeString(byte);
    }
  }

  #takeText(byte: number): string {
    if (this.#utf8Length > 0) {
      if ((byte & 0xc0) === 0x80) return this.#takeContinuation(byte);
      this.#utf8Length = 0;
      return `.${this.#takeText(byte)}`;
    }
    if (byte === ESC) {
      this.#state = "escape";
      return "";
    }
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
    if (byte < 0x20) {
      const allowed = this.#editing ? EDITING_CONTROLS : PLAIN_CONTROLS;
      return allowed.has(byte) ? String.fromCharCode(byte) : ".";
    }
    const length = byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
    if (length === 0 || byte >= 0xf5) return ".";
    this.#utf8 = [byte];
    this.#utf8Length = length;
    return "";
  }

  #takeContinuation(byte: number): string {
    this.#utf8.push(byte);
    if (this.#utf8.length < Math.min(this.#utf8Length, LONGEST_UTF8)) return "";
    this.#utf8Length = 0;
    const text = Buffer.from(this.#utf8).toString("utf8");
    // U+0080..U+009F are control characters too, and U+FFFD is what a bad sequence becomes.
    return /^[\u0080-\u009f\ufffd]/.test(text) ? "." : text;
  }

  #takeEscape(byte: number): string {
    this.#sequence = [];
    this.#state = byte === 0x5b ? "sequence" : isString(byte) ? "string" : "text";
    return byte < 0x20 && byte !== ESC ? this.#takeText(byte) : "";
  }

  #takeSequence(byte: number): string {
    this.#sequence.push(byte);
    const isFinal = byte >= 0x40 && byte < 0x7f;
    const isParameter = byte >= 0x20 && byte < 0x40;
    if (isParameter && this.#sequence.length < LONGEST_SEQUENCE) return "";
    this.#state = "text";
    if (isFinal && this.#editing && EDITING_FINALS.has(byte))
      return `\x1b[${String.fromCharCode(...this.#sequence)}`;
    // A control byte inside a sequence breaks it off and counts by itself.
    return isFinal || isParameter ? "" : this.#takeText(byte);
  }

  #takeString(byte: number): string {
    // Ends with BEL or ESC \; a line end ends it too, so that an unterminated one hides one line at most.
    if (byte === 0x07) this.#state = "text";
    else if (byte === ESC) this.#state = "escape";
    else if (byte === 0x0a || byte === 0x0d) {
      this.#state = "text";
      return this.#takeText(byte);
    }
    return "";
  }
}

/** A file name, or a sentence that quotes what the user typed, as one line fit for any terminal. */
export function safeLine(text: string): string {
  return new SafeText("plain").push(Buffer.from(text, "utf8")).replace(/[\t\r\n]/g, ".");
}
