/** The slot on its bus, its time and the output, for the commands of one run. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { type Chunk, isShared, SharedAddressError, SlotClient, type SmbusBus } from "@racklet/client";
import { Interrupted } from "../runner.ts";
import type { Channel } from "./channels.ts";
import type { Style } from "./show.ts";

/** Carries out a command whose arguments have been read. */
export type Action = (session: Session) => Promise<void>;

/** A bus with its slots and its clock: the emulator's, or a bus of Linux. */
export interface Connection {
  readonly bus: SmbusBus;
  /** The address of slot 0. */
  readonly baseAddress: number;
  /** The columns of a trace; null where the board is not known. */
  readonly channels: readonly Channel[] | null;
  /** Returns once commands can be sent. Throws an error that says why they cannot. */
  start(address: number): Promise<void>;
  /** Lets milliseconds of the slot's time pass. Throws Interrupted after an `interrupt`. */
  pause(ms: number): Promise<void>;
  /** Ends the wait that is going on, and refuses further waits and messages until `resume`. */
  interrupt(): void;
  /** Lets commands wait and send again. */
  resume(): void;
  /** Lets the slot's time pass at the user's pace until the condition holds. */
  idle(isOver: () => boolean): Promise<void>;
}

/**
 * The bus for commands that the user may end: between two messages Node sees signals, keys and a reader of
 * the output that has gone. Most commands never wait otherwise.
 */
export function interruptible(bus: SmbusBus, isInterrupted: () => boolean): SmbusBus {
  const turn = async () => {
    await nextTurn();
    if (isInterrupted()) throw new Interrupted();
  };
  return {
    write: async (address, bytes) => {
      await turn();
      await bus.write(address, bytes);
    },
    read: async (address, sent, length, extra) => {
      await turn();
      return bus.read(address, sent, length, extra);
    },
  };
}

export interface SessionOptions {
  readonly pec: boolean;
  readonly slotId: number;
  readonly colours: boolean;
  readonly write: (text: string) => void;
  /** Prints remarks that are no part of an answer; without it they go where answers go. */
  readonly note?: (line: string) => void;
  /** Prints a document of JSON; without it they go where answers go. */
  readonly document?: (text: string) => void;
}

export class Session {
  readonly connection: Connection;
  readonly client: SlotClient;
  readonly address: number;
  readonly style: Style;
  /** The last chunk of `log` and of `console`, behind which they read on; null before the first time. */
  lastOfLog: Chunk | null = null;
  lastOfConsole: Chunk | null = null;
  readonly #write: (text: string) => void;
  readonly #note: (line: string) => void;
  readonly #document: (text: string) => void;

  constructor(connection: Connection, options: SessionOptions) {
    this.connection = connection;
    this.address = connection.baseAddress + options.slotId;
    this.client = new SlotClient(connection.bus, this.address, { pec: options.pec, verify: true });
    this.style = { colours: options.colours };
    this.#write = options.write;
    this.#note = options.note ?? ((line) => this.say(line));
    this.#document = options.document ?? options.write;
  }

  get bus(): SmbusBus {
    return this.connection.bus;
  }

  start(): Promise<void> {
    return this.connection.start(this.address);
  }

  /** Throws a SharedAddressError where two devices answer: a power command would reach both. */
  async checkAlone(): Promise<void> {
    if (await isShared(this.bus, this.address)) throw new SharedAddressError(this.address);
  }

  pause(ms: number): Promise<void> {
    return this.connection.pause(ms);
  }

  say(...lines: readonly string[]): void {
    for (const line of lines) this.#write(`${line}\n`);
  }

  note(line: string): void {
    this.#note(line);
  }

  /** Prints text as it is, without adding a line end. */
  put(text: string): void {
    this.#write(text);
  }

  /** Prints an answer for programs. */
  document(value: object): void {
    this.#document(`${JSON.stringify(value, null, 2)}\n`);
  }
}
