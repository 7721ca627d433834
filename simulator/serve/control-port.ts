/**
 * The control socket: requests come in as lines of JSON, each gets one answer, in order. Every client is
 * served one request at a time, and between two requests the others have their turn. A client that sends too
 * much, or does not read its answers, waits without holding up the slot or the others.
 */
import { once } from "node:events";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Interrupted } from "../../cli/runner.ts";
import { Arguments } from "./arguments.ts";
import { Lines } from "./lines.ts";
import { type Answer, type Greeting, LIMITS, type Refusal, RequestError } from "./protocol.ts";
import { carryOut, type Server } from "./requests.ts";

export class ControlPort {
  readonly listener: NetServer;
  readonly #server: Server;
  readonly #greeting: () => Greeting;
  readonly #clients = new Set<Client>();

  constructor(server: Server, greeting: () => Greeting) {
    this.#server = server;
    this.#greeting = greeting;
    this.listener = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  get attached(): number {
    return this.#clients.size;
  }

  /** Stops accepting clients and ends all connections, once they have the answers that are under way. */
  close(): void {
    this.listener.close();
    for (const client of this.#clients) client.close();
  }

  /** Ends the connections that are still there. */
  destroy(): void {
    for (const client of this.#clients) client.destroy();
  }

  #accept(socket: Socket): void {
    // A connection may break at any time; "close" follows.
    socket.on("error", () => undefined);
    if (this.#clients.size >= LIMITS.clients) {
      const message = `${LIMITS.clients} clients are attached already: end one of them first`;
      socket.end(lineOf({ id: null, error: { kind: "full", message } }));
      return;
    }
    // A client that only looks whether the server is there deserves no line, and one that leaves neither.
    socket.once("data", () => this.#server.report(`a client attached (${this.attached} now)`));
    const client = new Client(socket, this.#server);
    this.#clients.add(client);
    socket.write(lineOf(this.#greeting()));
    socket.on("close", () => this.#clients.delete(client));
  }
}

class Client {
  readonly #socket: Socket;
  readonly #server: Server;
  readonly #lines = new Lines(LIMITS.requestBytes);
  readonly #waiting: (string | null)[] = [];
  readonly #gone = new AbortController();
  #isServing = false;
  /** True when no more requests will come. */
  #isEnding = false;

  constructor(socket: Socket, server: Server) {
    this.#socket = socket;
    this.#server = server;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("end", () => this.close());
    socket.on("close", () => this.#gone.abort());
  }

  /** Answers what has come, and ends. */
  close(): void {
    this.#isEnding = true;
    this.#serve();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    for (const line of this.#lines.push(chunk)) this.#waiting.push(line);
    if (this.#waiting.length > LIMITS.waiting) this.#socket.pause();
    this.#serve();
  }

  /** Answers the requests that wait, one after the other. */
  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#waiting.length > 0 && !this.#gone.signal.aborted) {
      const answer = await this.#answer(this.#waiting.shift() as string | null);
      if (this.#socket.writable) this.#socket.write(lineOf(answer));
      await this.#drained();
      if (this.#waiting.length <= LIMITS.waiting) this.#socket.resume();
      await nextTurn();
    }
    this.#isServing = false;
    if (this.#isEnding && !this.#socket.writableEnded) this.#end();
  }

  /** A peer that never reads its last answers and never closes must not be kept for ever. */
  #end(): void {
    this.#socket.end();
    this.#socket.setTimeout(LIMITS.unreadMs, () => this.#socket.destroy());
  }

  async #drained(): Promise<void> {
    const socket = this.#socket;
    if (socket.writableLength < LIMITS.unreadBytes) return;
    const timer = setTimeout(() => socket.destroy(), LIMITS.unreadMs);
    await once(socket, "drain", { signal: this.#gone.signal }).catch(() => undefined);
    clearTimeout(timer);
  }

  async #answer(line: string | null): Promise<Answer> {
    let id: number | null = null;
    try {
      const request = readRequest(line);
      ({ id } = request);
      return { id, result: await carryOut(request.name, request.given, this.#server, this.#gone.signal) };
    } catch (error) {
      if (error instanceof BadLineError) id = error.id;
      return { id, error: this.#refusal(error) };
    }
  }

  #refusal(error: unknown): Refusal {
    if (error instanceof RequestError) return { kind: error.kind, message: error.message };
    if (error instanceof Interrupted) return { kind: "ended", message: "the server has ended" };
    const { message } = error as Error;
    this.#server.report(`a request failed: ${message.split("\n")[0]}`);
    return { kind: "internal", message: `the emulator failed: ${message}` };
  }
}

class BadLineError extends RequestError {
  readonly id: number | null;

  constructor(message: string, id: number | null = null) {
    super("bad-request", `${message}; a request looks like {"id":1,"do":"status"}`);
    this.id = id;
  }
}

function readRequest(line: string | null): { id: number; name: string; given: Arguments } {
  if (line === null) throw new BadLineError(`a line of more than ${LIMITS.requestBytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BadLineError("this line is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BadLineError("this line is no object");
  const { id, do: name, ...rest } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(id)) throw new BadLineError('"id" is missing, or no whole number');
  if (typeof name !== "string") throw new BadLineError('"do" is missing, or no text', id as number);
  return { id: id as number, name, given: new Arguments(rest) };
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
