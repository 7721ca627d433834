/**
 * The other end of a served slot's control socket, for command lines, tests and programs: connects, checks
 * who answers, and sends one request after another. Every wait has a deadline.
 */
import { lstatSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { safeLine } from "../../cli/safe-text.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { isAlive } from "./claim.ts";
import { Lines } from "./lines.ts";
import { folderProblem, knownNames, type Place, placeOf } from "./place.ts";
import { type Answer, type Greeting, LIMITS, PROTOCOL, RequestError } from "./protocol.ts";

/** A live server greets at once. */
const GREETING_MS = 5000;
/** The longest request is a pause, and a busy machine emulates at a fraction of real time. */
const ANSWER_MS = 120_000;

/** The connection to the served slot is gone, or the server does not answer. */
export class ServedSlotLostError extends Error {}

interface Waiting {
  readonly resolve: (result: object) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class ServedClient {
  readonly place: Place;
  readonly greeting: Greeting;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #lost: Error | null = null;

  private constructor(place: Place, greeting: Greeting, socket: Socket) {
    this.place = place;
    this.greeting = greeting;
    this.#socket = socket;
  }

  /**
   * Connects to the slot that is served under this name or path. Throws a UsageError that says which slots
   * there are where this one is not served.
   */
  static async connect(nameOrPath?: string): Promise<ServedClient> {
    const place = placeOf(nameOrPath);
    const problem = folderProblem(place.folder);
    if (lstatSync(place.control, { throwIfNoEntry: false }) === undefined) throw await notServed(place);
    if (problem !== null) throw new UsageError(problem);
    const socket = connect(place.control);
    const lines = new Lines(LIMITS.answerBytes);
    return await new Promise<ServedClient>((resolve, reject) => {
      let client: ServedClient | null = null;
      const fail = (error: Error) => {
        clearTimeout(timer);
        socket.destroy();
        if (client === null) reject(error);
        else client.#fail(error);
      };
      const timer = setTimeout(() => fail(silent(place)), GREETING_MS);
      socket.on("error", async ({ code }: NodeJS.ErrnoException) =>
        fail(code === "ECONNREFUSED" || code === "ENOENT" ? await notServed(place) : ended(place)),
      );
      socket.on("close", (hadError) => {
        if (!hadError) fail(ended(place));
      });
      socket.on("data", (chunk: Buffer) => {
        for (const line of lines.push(chunk)) {
          const value = objectOf(line);
          if (value === null) return fail(noServer(place));
          if (client !== null) client.#take(value as unknown as Answer);
          else {
            const refusal = refusalOfGreeting(value, place);
            if (refusal !== null) return fail(refusal);
            clearTimeout(timer);
            client = new ServedClient(place, value as unknown as Greeting, socket);
            resolve(client);
          }
        }
      });
    });
  }

  /**
   * Sends a request and returns its result. Throws a RequestError where it was refused, and a
   * ServedSlotLostError where the server ends or does not answer.
   */
  ask(request: string, given: object = {}): Promise<object> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#fail(silent(this.place));
        this.#socket.destroy();
      }, ANSWER_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.write(`${JSON.stringify({ ...given, id, do: request })}\n`);
    });
  }

  /** Ends the connection. Requests without an answer fail. */
  close(): void {
    this.#fail(ended(this.place));
    this.#socket.destroy();
  }

  #take(answer: Answer): void {
    const waiting = answer.id === null ? undefined : this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id as number);
    clearTimeout(waiting.timer);
    if ("error" in answer) waiting.reject(new RequestError(answer.error.kind, answer.error.message));
    else waiting.resolve(answer.result);
  }

  #fail(error: Error): void {
    this.#lost ??= error;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}

function called({ name }: Place): string {
  return safeLine(name);
}

async function notServed(place: Place): Promise<UsageError> {
  const others = await servedNames();
  const hint = others.length > 0 ? `; served are ${others.join(", ")}` : "";
  return new UsageError(
    `no slot is served as ${called(place)} in ${safeLine(place.folder)}${hint}; ` +
      `to serve one: npm start -- --serve ${called(place)}`,
  );
}

/** Names of the slots that are served now, other than by a path. */
export async function servedNames(): Promise<string[]> {
  const names = knownNames();
  const alive = await Promise.all(names.map((name) => isAlive(placeOf(name).control)));
  return names.filter((_, index) => alive[index]);
}

function ended(place: Place): ServedSlotLostError {
  return new ServedSlotLostError(`the slot served as ${called(place)} has ended; start it again to go on`);
}

function silent(place: Place): ServedSlotLostError {
  return new ServedSlotLostError(
    `the slot served as ${called(place)} does not answer: its server may be stopped (Ctrl-Z) or overloaded; ` +
      "continue it, or end it and start another",
  );
}

function noServer(place: Place): UsageError {
  return new UsageError(
    `what answers at ${safeLine(place.control)} is no served slot; use another name or path`,
  );
}

function objectOf(line: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function refusalOfGreeting(value: Record<string, unknown>, place: Place): Error | null {
  const { error, program, protocol } = value as { error?: { message?: string } } & Partial<Greeting>;
  if (error !== undefined) return new ServedSlotLostError(safeLine(`${error.message}`));
  if (program !== "racklet-bmc") return noServer(place);
  if (protocol === PROTOCOL) return null;
  return new UsageError(
    `the slot served as ${called(place)} speaks version ${protocol} of the protocol, and this program version ` +
      `${PROTOCOL}: start it again from the same checkout`,
  );
}
