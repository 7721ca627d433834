/**
 * Makes the bytes of a serial line safe for the user's terminal: a compute board must not be able to move the
 * cursor, set the title or make the terminal answer in the user's name. Printable ASCII, well-formed UTF-8
 * and line ends pass. Of the escape sequences only those of a line editor and of colours pass, in editing
 * mode.
 */

const BEL = 0x07;
const BACKSPACE = 0x08;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const ESC = 0x1b;
/** Behind ESC, begins a control sequence, which ends with a letter. */
const CONTROL_SEQUENCE = "[".charCodeAt(0);
/** Behind ESC, begins a string up to a terminator: DCS, SOS, OSC, PM and APC in this order. */
const STRINGS = new Set([..."PX]^_"].map((introducer) => introducer.charCodeAt(0)));
/** No sequence that passes is longer. */
const LONGEST_SEQUENCE = 32;
const LONGEST_UTF8 = 4;
/** Erase in line, cursor left and right, column, colours. */
const EDITING_FINALS = new Set([..."KCDGm"].map((final) => final.charCodeAt(0)));
const EDITING_CONTROLS = new Set([BEL, BACKSPACE, TAB, LINE_FEED, CARRIAGE_RETURN]);
const PLAIN_CONTROLS = new Set([TAB, LINE_FEED, CARRIAGE_RETURN]);

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
    this.#state = byte === CONTROL_SEQUENCE ? "sequence" : STRINGS.has(byte) ? "string" : "text";
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
    // A control byte inside a sequence ends it and is handled as one outside.
    return isFinal || isParameter ? "" : this.#takeText(byte);
  }

  #takeString(byte: number): string {
    // BEL or ESC \ end a string. A line end does too, so that one without its end hides one line at most.
    if (byte === BEL) this.#state = "text";
    else if (byte === ESC) this.#state = "escape";
    else if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
      this.#state = "text";
      return this.#takeText(byte);
    }
    return "";
  }
}

/** Makes one line, safe for any terminal, of a file name or of a sentence that quotes the user. */
export function safeLine(text: string): string {
  return new SafeText("plain").push(Buffer.from(text, "utf8")).replace(/[\t\r\n]/g, ".");
}
