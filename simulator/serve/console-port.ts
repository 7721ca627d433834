/**
 * A console of the slot on a socket, byte for byte as on a serial cable. Each terminal that attaches sees
 * what is printed from then on. A terminal that does not read loses output, and is shown how much; it holds
 * up neither the slot nor other terminals.
 */
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { LIMITS } from "./protocol.ts";

export interface ConsoleOptions {
  /** Types at the console as many of the bytes as fit now, and returns their number. */
  readonly type: (bytes: Uint8Array) => number;
  readonly report: (event: string) => void;
  /** In the reports: "the BMC's console". */
  readonly name: string;
}

export class ConsolePort {
  readonly listener: NetServer;
  readonly #options: ConsoleOptions;
  readonly #lines = new Set<Line>();
  #printed: number[] = [];

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.listener = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  get attached(): number {
    return this.#lines.size;
  }

  /** The slot has printed a byte. */
  print(byte: number): void {
    if (this.#lines.size > 0) this.#printed.push(byte);
  }

  /** Passes on what was printed and typed since the last call. */
  step(): void {
    if (this.#printed.length > 0) {
      const bytes = Buffer.from(this.#printed);
      this.#printed = [];
      for (const line of this.#lines) line.print(bytes);
    }
    for (const line of this.#lines) line.type(this.#options.type);
  }

  close(): void {
    this.listener.close();
    for (const line of this.#lines) line.end();
  }

  /** Ends the connections that are still there. */
  destroy(): void {
    for (const line of this.#lines) line.destroy();
  }

  #accept(socket: Socket): void {
    // A connection may break at any time; "close" follows.
    socket.on("error", () => undefined);
    const { name, report } = this.#options;
    if (this.#lines.size >= LIMITS.terminals) {
      socket.end(`${LIMITS.terminals} terminals are on ${name} already: close one of them first\r\n`);
      return;
    }
    const line = new Line(socket);
    this.#lines.add(line);
    report(`a terminal is on ${name} (${this.attached} now)`);
    socket.on("close", () => {
      this.#lines.delete(line);
      report(`a terminal left ${name} (${this.attached} now)`);
    });
  }
}

/** The line to one terminal. */
class Line {
  readonly #socket: Socket;
  #lost = 0;
  /** Keys that wait; no more are read meanwhile. */
  #keys: Buffer = Buffer.alloc(0);
  /** True when no more keys will come. */
  #isEnding = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#keys = bytes;
      socket.pause();
    });
    socket.on("drain", () => this.#showGap());
    socket.on("end", () => this.#hangUpLater());
  }

  print(bytes: Buffer): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    // After a loss the terminal first has to read all that waits, and then sees what is missing.
    if (this.#lost > 0 || socket.writableLength + bytes.length > LIMITS.unreadBytes)
      this.#lost += bytes.length;
    else socket.write(bytes);
  }

  #showGap(): void {
    if (this.#lost === 0) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.#socket.write(`\r\n[${lost} bytes are missing: this terminal did not read them]\r\n`);
  }

  type(type: (bytes: Uint8Array) => number): void {
    if (this.#keys.length === 0) return;
    this.#keys = this.#keys.subarray(type(this.#keys));
    if (this.#keys.length === 0) this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
    this.#socket.setTimeout(LIMITS.unreadMs, () => this.#socket.destroy());
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** A program that has sent all it has may still want to read the answer. */
  #hangUpLater(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const timer = setTimeout(() => this.end(), LIMITS.unreadMs);
    this.#socket.on("close", () => clearTimeout(timer));
  }
}
