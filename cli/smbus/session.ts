/**
 * The slot on its bus, its time and the output, for the commands of one run. Emulated time stands still
 * between two messages of the bus; a command calls `pause` to let it pass, at full speed.
 */

import { NoAnswerError, SlotClient, type SmbusBus } from "@racklet/client";
import { SimulatedBus } from "../../simulator/slot/simulated-bus.ts";
import type { Slot } from "../../simulator/slot/slot.ts";
import { Runner } from "../runner.ts";
import type { Style } from "./show.ts";

/** Carries out a command whose arguments have been read. */
export type Action = (session: Session) => Promise<void>;

export interface SessionOptions {
  readonly pec: boolean;
  readonly slotId: number;
  readonly hz: number;
  readonly colours: boolean;
  readonly write: (text: string) => void;
  /** Prints remarks that are no part of an answer; without it they go where answers go. */
  readonly note?: (line: string) => void;
}

/** A BMC that starts well answers within a tenth of this. */
const START_MS = 2000;
const ASK_AGAIN_MS = 5;

export class Session {
  readonly slot: Slot;
  readonly bus: SmbusBus;
  readonly client: SlotClient;
  readonly address: number;
  readonly style: Style;
  /** Where `log` and `console` read on, in bytes since the BMC's start; null before the first time. */
  logPosition: number | null = null;
  consolePosition: number | null = null;
  #runner: Runner;
  readonly #write: (text: string) => void;
  readonly #note: (line: string) => void;

  constructor(slot: Slot, options: SessionOptions) {
    this.slot = slot;
    slot.smbus.hz = options.hz;
    this.#runner = new Runner(slot.chip, "max");
    this.bus = new SimulatedBus(slot);
    this.address = slot.board.smbus.address + options.slotId;
    this.client = new SlotClient(this.bus, this.address, { pec: options.pec, verify: true });
    this.style = { colours: options.colours };
    this.#write = options.write;
    this.#note = options.note ?? ((line) => this.say(line));
  }

  /** Powers the slot and waits until its BMC answers. Throws a NoAnswerError when it does not. */
  async start(): Promise<void> {
    this.slot.powerOn();
    for (let waited = 0; ; waited += ASK_AGAIN_MS) {
      await this.pause(ASK_AGAIN_MS);
      try {
        return await this.bus.write(this.address, new Uint8Array(0));
      } catch (error) {
        if (!(error instanceof NoAnswerError) || waited >= START_MS) throw error;
      }
    }
  }

  /** Lets emulated milliseconds pass. Throws Interrupted after an `interrupt`. */
  async pause(ms: number): Promise<void> {
    await this.#runner.until(() => false, ms);
  }

  /** Ends the wait that is going on, and each further one until `resume`. */
  interrupt(): void {
    this.#runner.interrupt();
  }

  /** Lets commands wait again: a runner stays interrupted, so the next command gets a new one. */
  resume(): void {
    this.#runner = new Runner(this.slot.chip, "max");
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
}
