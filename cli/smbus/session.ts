/**
 * What the commands work with: the slot on its bus, emulated time that can be let pass, and where output
 * goes. Time stands still between two messages; only `pause` lets it pass, at full speed or as it passes
 * outside.
 */

import { NoAnswerError, SlotClient, type SmbusBus } from "@racklet/client";
import { SimulatedBus } from "../../simulator/slot/simulated-bus.ts";
import type { Slot } from "../../simulator/slot/slot.ts";
import { Runner } from "../runner.ts";
import type { Style } from "./show.ts";

export interface SessionOptions {
  readonly pec: boolean;
  readonly slotId: number;
  readonly hz: number;
  readonly colours: boolean;
  readonly write: (text: string) => void;
  /** Remarks that are no part of an answer; left out, they go where answers go. */
  readonly note?: (line: string) => void;
}

/** A BMC is at its prompt within a tenth of this. */
const START_MS = 2000;
const ASK_AGAIN_MS = 5;

export class Session {
  readonly slot: Slot;
  readonly bus: SmbusBus;
  readonly client: SlotClient;
  readonly address: number;
  readonly style: Style;
  /** Where the next look at the boot log and at the console's output begins; null before the first. */
  logPosition: number | null = null;
  consolePosition: number | null = null;
  #runner: Runner;
  readonly #write: (text: string) => void;
  readonly #note: (line: string) => void;

  constructor(slot: Slot, options: SessionOptions) {
    this.slot = slot;
    slot.smbus.hz = options.hz;
    this.#runner = new Runner(slot.machine, "max");
    this.bus = new SimulatedBus(slot);
    this.address = slot.board.smbus.address + options.slotId;
    this.client = new SlotClient(this.bus, this.address, { pec: options.pec, verify: true });
    this.style = { colours: options.colours };
    this.#write = options.write;
    this.#note = options.note ?? ((line) => this.say(line));
  }

  /** Power, then until the BMC answers. Throws its NoAnswerError when it does not. */
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

  /** Emulated milliseconds. Throws Interrupted after an `interrupt`. */
  async pause(ms: number): Promise<void> {
    await this.#runner.until(() => false, ms);
  }

  /** Ends what is waiting, and every wait after it until `resume`. */
  interrupt(): void {
    this.#runner.interrupt();
  }

  /** A runner that was interrupted stays so; the next command has one of its own. */
  resume(): void {
    this.#runner = new Runner(this.slot.machine, "max");
  }

  say(...lines: readonly string[]): void {
    for (const line of lines) this.#write(`${line}\n`);
  }

  note(line: string): void {
    this.#note(line);
  }

  /** Text as it is, without a line end of ours. */
  put(text: string): void {
    this.#write(text);
  }
}
