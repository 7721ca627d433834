/**
 * Writes signals as a VCD file (IEEE 1364, chapter 18) for waveform viewers and protocol decoders: wires for
 * nets and serial lines, reals for voltages and currents, 1 ns per tick.
 *
 * A serial frame is known only when it has ended. The writer therefore holds events back for a while and
 * sorts them. Events older than the window go to the file, so that memory stays bounded.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { fileProblem } from "../../cli/file-problem.ts";

/** A frame at 300 baud takes 33 ms; slower lines do not occur here. */
const WINDOW_NANOS = 50e6;
const WRITE_BYTES = 256 * 1024;

export interface VcdVariable {
  readonly id: string;
  readonly kind: "wire" | "real";
  readonly name: string;
}

/** The file could not be written; the message is for the user. */
export class VcdError extends Error {}

interface Event {
  readonly nanos: number;
  readonly variable: VcdVariable;
  readonly value: number;
}

/** Printable identifier codes from "!" to "~", as short as possible. */
function identifier(index: number): string {
  let code = "";
  for (let rest = index; ; rest = Math.floor(rest / 94) - 1) {
    code += String.fromCharCode(33 + (rest % 94));
    if (rest < 94) return code;
  }
}

export class VcdWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #variables: VcdVariable[] = [];
  readonly #initial = new Map<VcdVariable, number>();
  readonly #written = new Map<VcdVariable, number>();
  #events: Event[] = [];
  #text = "";
  #headerWritten = false;
  #newestNanos = 0;
  #lastTick = -1;
  #closed = false;

  /** Creates or empties the file. This and every method that writes throws a VcdError on failure. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, "w");
    } catch (error) {
      throw this.#problem(error);
    }
  }

  wire(name: string, initial: boolean): VcdVariable {
    return this.#declare("wire", name, initial ? 1 : 0);
  }

  real(name: string, initial: number): VcdVariable {
    return this.#declare("real", name, initial);
  }

  /** Adds an event. Events may come out of order, but never more than the window of 50 ms late. */
  change(variable: VcdVariable, nanos: number, value: number | boolean): void {
    if (this.#closed) return;
    const event = { nanos, variable, value: Number(value) };
    let at = this.#events.length;
    while (at > 0 && (this.#events[at - 1] as Event).nanos > nanos) at--;
    this.#events.splice(at, 0, event);
    if (nanos > this.#newestNanos) {
      this.#newestNanos = nanos;
      if (this.#events.length > 4096) this.#flush(nanos - WINDOW_NANOS);
    }
  }

  /** Adds the bits of one frame: start, eight data bits from the lowest, stop. A break is low throughout. */
  frame(
    variable: VcdVariable,
    startNanos: number,
    bitNanos: number,
    frame: { readonly byte: number; readonly framingError?: boolean; readonly break?: boolean },
  ): void {
    const bits = [0];
    for (let bit = 0; bit < 8; bit++) bits.push(frame.break ? 0 : (frame.byte >> bit) & 1);
    bits.push(frame.break || frame.framingError ? 0 : 1);
    for (const [index, bit] of bits.entries()) {
      if (bit !== bits[index - 1]) this.change(variable, startNanos + index * bitNanos, bit);
    }
    if (bits[9] === 0) this.change(variable, startNanos + 10 * bitNanos, 1);
  }

  /** Writes the events held back and closes the file. Later events are ignored. */
  close(): void {
    if (this.#closed) return;
    this.#flush(Number.POSITIVE_INFINITY);
    this.#write();
    this.#closed = true;
    closeSync(this.#file);
  }

  #declare(kind: VcdVariable["kind"], name: string, initial: number): VcdVariable {
    if (this.#headerWritten) throw new Error(`VCD: "${name}" declared after the first event was written`);
    const variable = { id: identifier(this.#variables.length), kind, name };
    this.#variables.push(variable);
    this.#initial.set(variable, initial);
    return variable;
  }

  #flush(untilNanos: number): void {
    if (!this.#headerWritten) this.#header();
    let count = 0;
    for (const event of this.#events) {
      if (event.nanos > untilNanos) break;
      count++;
      if (this.#written.get(event.variable) === event.value) continue;
      this.#written.set(event.variable, event.value);
      const tick = Math.max(this.#lastTick, Math.round(event.nanos));
      if (tick !== this.#lastTick) this.#text += `#${tick}\n`;
      this.#lastTick = tick;
      this.#text += this.#valueLine(event.variable, event.value);
      if (this.#text.length >= WRITE_BYTES) this.#write();
    }
    this.#events.splice(0, count);
  }

  #header(): void {
    this.#headerWritten = true;
    const declarations = this.#variables.map(({ kind, id, name }) =>
      kind === "wire" ? `$var wire 1 ${id} ${name} $end\n` : `$var real 64 ${id} ${name} $end\n`,
    );
    this.#text += `$version racklet-bmc simulator $end\n$timescale 1 ns $end\n$scope module slot $end\n`;
    this.#text += `${declarations.join("")}$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n`;
    for (const variable of this.#variables) {
      const value = this.#initial.get(variable) ?? 0;
      this.#written.set(variable, value);
      this.#text += this.#valueLine(variable, value);
    }
    this.#text += "$end\n";
    this.#lastTick = 0;
  }

  #valueLine(variable: VcdVariable, value: number): string {
    return variable.kind === "wire" ? `${value}${variable.id}\n` : `r${value} ${variable.id}\n`;
  }

  #write(): void {
    const bytes = Buffer.from(this.#text, "latin1");
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      // A file with a hole in it is of no use. Nothing more is written, and `close` has nothing left to do.
      this.#closed = true;
      closeSync(this.#file);
      throw this.#problem(error);
    }
    this.#text = "";
  }

  #problem(error: unknown): VcdError {
    return new VcdError(`cannot write the VCD file ${this.#path}: ${fileProblem(error)}`);
  }
}
