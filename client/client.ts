/**
 * A slot on the SMBus, in the words of its command table: `get("READ_VIN")` is volts, `set("MFR_IDENTIFY",
 * "ON")` checks its words before anything is sent. One call after another goes out, whoever makes them,
 * because a paged command is two messages that belong together. Another controller that writes PAGE
 * meanwhile would break them up: a slot has one client.
 */
import { AbsentError, PageError, type SmbusBus } from "./bus.ts";
import { BLOCK_BYTES, COMMANDS, type CommandName } from "./generated/commands.ts";
import { voutExponent } from "./linear.ts";
import { Messages } from "./messages.ts";
import { isSilence, Refusals, silenceIn, type Written } from "./refusals.ts";
import { type SlotStatus, statusOf } from "./status.ts";
import { type Chunk, readConsole, readLog } from "./stream.ts";
import {
  type CallName,
  type CallOf,
  type Command,
  decodeFields,
  decodeValue,
  encodeFields,
  encodeValue,
  type FieldValues,
  numberOf,
  pageLabel,
  type ReadableName,
  type SendName,
  type Setting,
  type SettingOf,
  ValueError,
  type ValueOf,
  type WritableName,
} from "./values.ts";

export interface ClientOptions {
  /** Default: yes. */
  readonly pec?: boolean;
  /** After every write STATUS_CML and MFR_COUNTERS are read: what was refused throws. Default: no. */
  readonly verify?: boolean;
}

export interface PageOption {
  /** Of a paged command; without it its first. */
  readonly page?: number;
}

export class SlotClient {
  readonly address: number;
  readonly #messages: Messages;
  readonly #refusals: Refusals;
  readonly #verify: boolean;
  /** What PAGE is, as far as we know; null after a failure, when it is asked for. */
  #page: number | null = null;
  readonly #exponents = new Map<number, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(bus: SmbusBus, address: number, options: ClientOptions = {}) {
    this.address = address;
    this.#messages = new Messages(bus, address, options.pec ?? true);
    this.#refusals = new Refusals(this.#messages);
    this.#verify = options.verify ?? false;
  }

  get<N extends ReadableName>(name: N, option: PageOption = {}): Promise<ValueOf<N>> {
    const command: Command = COMMANDS[name];
    return this.#alone(async () => {
      const page = await this.#select(name, command, option);
      const bytes = await this.#read(name, command, page);
      const exponent = command.format === "linear16" ? await this.#exponent(name, page) : 0;
      return decodeValue(command, bytes, exponent) as ValueOf<N>;
    });
  }

  /** Throws a ValueError or LinearError for a value that cannot be, before anything is sent. */
  set<N extends WritableName>(name: N, value: SettingOf<N>, option: PageOption = {}): Promise<void> {
    const command: Command = COMMANDS[name];
    return this.#alone(async () => {
      const page = await this.#select(name, command, option);
      const exponent = command.format === "linear16" ? await this.#exponent(name, page) : 0;
      const data = encodeValue(command, value as Setting, exponent);
      if (data.length > BLOCK_BYTES)
        throw new ValueError(`${name} takes ${BLOCK_BYTES} bytes at once, these are ${data.length}`);
      await this.#verified({ name, where: whereOf(command, page), data }, () =>
        command.write === "block"
          ? this.#messages.writeBlock(command.code, data)
          : this.#messages.write(command.code, data),
      );
      if (name === "PAGE") this.#page = null;
    });
  }

  /** `page` where the command is about one: CLEAR_FAULTS clears the registers of PAGE and the common ones. */
  send(name: SendName, option: PageOption = {}): Promise<void> {
    return this.#alone(async () => {
      if (option.page !== undefined) await this.#turnTo(option.page);
      const written = { name, where: "", data: new Uint8Array(0) };
      await this.#verified(written, () => this.#messages.write(COMMANDS[name].code));
    });
  }

  /** Block write - block read process call. */
  call<N extends CallName>(name: N, sent: CallOf<N>): Promise<ValueOf<N>> {
    const { code, callFields = [], fields = [] }: Command = COMMANDS[name];
    const data = encodeFields(callFields, sent as FieldValues);
    return this.#alone(async () => {
      return decodeFields(fields, await this.#messages.call(code, data)) as ValueOf<N>;
    });
  }

  powerOn(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "ON");
  }

  /** Asks the compute OS to shut down, then the rails go down. */
  powerOff(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "OFF");
  }

  forceOff(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "FORCE_OFF");
  }

  powerCycle(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "CYCLE");
  }

  reset(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "RESET");
  }

  /** All status registers, power state, boot stage and the last power fault; clears nothing. */
  status(): Promise<SlotStatus> {
    return statusOf(this);
  }

  /** The boot log up to its newest byte, from a position on or from the oldest that is kept. */
  log(from?: number): AsyncGenerator<Chunk> {
    return readLog(this, from);
  }

  /** What the BMC's console printed, as `log`. */
  consoleOutput(from?: number): AsyncGenerator<Chunk> {
    return readConsole(this, from);
  }

  // ---------------------------------------------------------------------- one after another

  /** A failure leaves PAGE unknown: nobody can say which of the messages got through. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {
      this.#page = null;
    });
    return done;
  }

  /**
   * What does not exist cannot be refused on the wire: it reads as silence, and STATUS_CML says why. It is
   * asked for twice, because the bit may have stood there before; what the questions left there is cleared.
   */
  async #read(name: CommandName, command: Command, page: number): Promise<Uint8Array> {
    for (let tries = 0; tries < 2; tries++) {
      try {
        const bytes = await this.#ask(command);
        const isSuspect = !this.#messages.pec && isSilence(bytes);
        if (!isSuspect || !(await this.#refusals.takeInvalidCommand())) return bytes;
      } catch (error) {
        if (!silenceIn(error) || !(await this.#refusals.takeInvalidCommand())) throw error;
      }
    }
    throw new AbsentError(this.address, name, whereOf(command, page));
  }

  async #ask(command: Command): Promise<Uint8Array> {
    if (command.read === "block") return this.#messages.readBlock(command.code);
    return this.#messages.read(command.code, command.read === "word" ? 2 : 1);
  }

  /** The page in force for the command, which is one of its own. */
  async #select(name: CommandName, { pages }: Command, { page }: PageOption): Promise<number> {
    if (pages === undefined) return 0;
    const wanted = page ?? pages[0] ?? 0;
    if (!pages.includes(wanted)) {
      throw new ValueError(`${name} has no page ${wanted}; it has ${pages.map(pageLabel).join(" and ")}`);
    }
    await this.#turnTo(wanted);
    return wanted;
  }

  async #turnTo(page: number): Promise<void> {
    const { code } = COMMANDS.PAGE;
    this.#page ??= numberOf(await this.#messages.read(code, 1));
    if (this.#page === page) return;
    // Asked before, so that no write is refused and stays in the status registers.
    if (await this.#refusals.pageIsProtected())
      throw new PageError(this.address, pageLabel(page), this.#page, true);
    await this.#messages.write(code, Uint8Array.of(page));
    // Nothing says on the wire whether it was taken, and what follows must not be of the wrong supply.
    const current = numberOf(await this.#messages.read(code, 1));
    if (current !== page) throw new PageError(this.address, pageLabel(page), current, false);
    this.#page = page;
  }

  /** Of LINEAR16, as VOUT_MODE of the page now selected tells; it never changes. `name` is what it is for. */
  async #exponent(name: CommandName, page: number): Promise<number> {
    const known = this.#exponents.get(page);
    if (known !== undefined) return known;
    const exponent = voutExponent(numberOf(await this.#read(name, COMMANDS.VOUT_MODE, page)));
    this.#exponents.set(page, exponent);
    return exponent;
  }

  #verified(written: Written, write: () => Promise<void>): Promise<void> {
    return this.#verify ? this.#refusals.verified(written, write) : write();
  }
}

/** " on page 1 (3V3_AUX)" of a paged command. */
function whereOf({ pages }: Command, page: number): string {
  return pages === undefined ? "" : ` on page ${pageLabel(page)}`;
}
