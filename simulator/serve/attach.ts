/**
 * `npm start -- --attach`: the console of a served slot in this terminal, with the status line that an
 * interactive run has. Ctrl-] leaves, and the slot runs on.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { SafeText } from "../../cli/safe-text.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { NANOS_PER_MS } from "../devices/world.ts";
import { Screen } from "../start/screen.ts";
import type { StatusFacts } from "../start/status-line.ts";
import { Typist } from "../start/typist.ts";
import { ServedClient, ServedSlotLostError } from "./client.ts";
import type { SlotFacts } from "./protocol.ts";

const STATUS_INTERVAL_MS = 200;
/** A paste goes on at this pace. */
const TYPING_INTERVAL_MS = 5;
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Longer than any prompt. */
const TAIL_CHARACTERS = 64;

/** Runs until the user leaves or the server ends; returns the exit status. */
export async function attach(nameOrPath: string): Promise<number> {
  if (!(process.stdin.isTTY && process.stdout.isTTY))
    throw new UsageError(
      "--attach needs a terminal; a program connects to the socket of the console, see docs/serve.md",
    );
  const client = await ServedClient.connect(nameOrPath);
  try {
    const line = connect(client.place.console);
    await once(line, "connect").catch(() => {
      throw new ServedSlotLostError("the console does not answer, although the slot does; try again");
    });
    return await new Attachment(client, line).run();
  } finally {
    client.close();
  }
}

class Attachment {
  readonly #client: ServedClient;
  readonly #line: Socket;
  readonly #screen = new Screen(process.stdout);
  readonly #safe = new SafeText("editing");
  readonly #typist: Typist;
  #received = 0;
  #tail = "";
  #shown: { facts: SlotFacts; atMs: number } | null = null;
  #isAsking = false;
  #isLeaving = false;
  #leave: (status: number) => void = () => undefined;

  constructor(client: ServedClient, line: Socket) {
    this.#client = client;
    this.#line = line;
    const attachment = this;
    this.#typist = new Typist(
      {
        get received() {
          return attachment.#received;
        },
        // The server types at the line's pace, and reads no more than that.
        untyped: 0,
        endsWith: (text) => this.#tail.endsWith(text),
        type: (bytes) => line.write(bytes),
        stopTyping: () => undefined,
      },
      () => performance.now() * NANOS_PER_MS,
    );
  }

  async run(): Promise<number> {
    const over = new Promise<number>((resolve) => {
      this.#leave = resolve;
    });
    const status = setInterval(() => void this.#showStatus(), STATUS_INTERVAL_MS);
    const typing = setInterval(() => this.#typist.step(), TYPING_INTERVAL_MS);
    this.#listen();
    process.stdin.setRawMode(true);
    process.stdin.resume();
    this.#screen.open();
    const { board, name } = this.#client.greeting;
    this.#print(Buffer.from(`[${board}, served as ${name}; Enter shows a prompt, Ctrl-] leaves]\r\n`));
    try {
      return await over;
    } finally {
      this.#isLeaving = true;
      clearInterval(status);
      clearInterval(typing);
      this.#line.destroy();
      this.#screen.close();
      giveTerminalBack();
    }
  }

  #listen(): void {
    const leave = this.#leave;
    this.#line.on("data", (bytes: Buffer) => this.#print(bytes));
    this.#line.on("error", () => undefined);
    this.#line.on("close", () => {
      if (this.#isLeaving) return;
      this.#print(Buffer.from("\r\n[the server has ended]\r\n"));
      leave(1);
    });
    process.stdin.on("data", (keys: Buffer) => {
      if (this.#typist.press(keys)) leave(0);
    });
    process.stdin.on("end", () => leave(0)).on("error", () => leave(SIGNALS.SIGHUP));
    process.stdout.on("resize", () => this.#screen.resized()).on("error", () => leave(SIGNALS.SIGHUP));
    for (const [signal, status] of Object.entries(SIGNALS)) process.on(signal, () => leave(status));
  }

  /** Prints what the console sent. A slow terminal stops the line, and the server drops what is too much. */
  #print(bytes: Buffer): void {
    this.#received += bytes.length;
    this.#tail = (this.#tail + bytes.toString("latin1")).slice(-TAIL_CHARACTERS);
    if (this.#screen.print(this.#safe.push(bytes))) return;
    this.#line.pause();
    process.stdout.once("drain", () => this.#line.resume());
  }

  async #showStatus(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const facts = (await this.#client.ask("status").catch(() => null)) as SlotFacts | null;
    this.#isAsking = false;
    if (facts === null) return;
    const atMs = performance.now();
    const before = this.#shown ?? { facts, atMs: atMs - 1 };
    this.#shown = { facts, atMs };
    const shown: StatusFacts = {
      power: facts.power,
      millivolts: facts.output_mv,
      milliamperes: facts.output_ma,
      plugged: facts.board_plugged,
      stage: facts.stage,
      emulatedSeconds: facts.emulated_s,
      pace: ((facts.emulated_s - before.facts.emulated_s) * 1000) / (atMs - before.atMs),
      held: false,
    };
    this.#screen.status(shown);
  }
}

function giveTerminalBack(): void {
  // After a hang-up the terminal may be gone already.
  try {
    process.stdin.setRawMode(false);
  } catch {
    return;
  }
  process.stdin.pause();
}
